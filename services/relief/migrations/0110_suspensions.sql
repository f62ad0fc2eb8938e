-- The townships whose right to help first (先行救助权) their county has suspended.
do $$
declare slot text;
begin
    foreach slot in array array['caseload_a', 'caseload_b'] loop
        execute format($ddl$
            create table %1$I.suspensions (
                township     text        primary key,
                reason       text        not null,
                document     text        not null,
                suspended_at timestamptz not null,
                suspended_by text        not null
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on %I.suspensions to {app}', slot);
    end loop;
end $$;
