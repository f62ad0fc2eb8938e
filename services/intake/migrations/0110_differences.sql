-- What two accounts of a report differ in, until a person has settled it.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            create table %1$I.differences (
                report_id     text        not null,
                supplement_id text        not null,
                about         text        not null,
                known         text        not null,
                told          text        not null,
                told_by       text        not null,
                told_at       timestamptz not null,
                primary key (report_id, supplement_id)
            )
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
