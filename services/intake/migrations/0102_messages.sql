-- A report is found by its id alone: the first fact of its stream tells the log.
create index facts_by_stream on facts (stream) where version = 1;

-- Work orders by number, terms, and what was said about a report later.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            alter table %1$I.reports
                add column order_number       text,
                add column previous_report_id text,
                add column terms              jsonb   not null default '[]',
                add column returns            integer not null default 0,
                add column urged              integer not null default 0,
                add column supervised         integer not null default 0;
            create index on %1$I.reports (vendor, order_number) where order_number is not null;
            create table %1$I.messages (
                report_id   text        not null,
                kind        text        not null,
                at          timestamptz not null,
                detail      jsonb       not null,
                position    bigint      not null
            );
            create index on %1$I.messages (report_id, position);
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
