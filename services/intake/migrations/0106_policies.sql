-- The policy sets that were heard, as they were published.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            create table %1$I.policies (
                division        text    not null,
                position        bigint  not null,
                document        jsonb   not null,
                primary key (division, position)
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
