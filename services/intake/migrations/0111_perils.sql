-- Reports of life in danger (危及生命), and whether somebody on duty was reached about them.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            create table %1$I.perils (
                report_id   text        primary key,
                recorded_at timestamptz not null,
                reached     boolean     not null default false
            );
            create index on %1$I.perils (recorded_at) where not reached;
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on %I.perils to {app}', slot);
    end loop;
end $$;
