-- Intake's read model: what became of each report, and which replies are still owed. Twice, for blue and green.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format('create schema %I', slot);
        execute format('grant usage on schema %I to {app}', slot);
        execute format($ddl$
            create table %1$I.reports (
                report_id       text        primary key,
                division        text        not null,
                township        text,
                channel         text        not null,
                vendor          text        not null,
                status          text        not null,
                case_id         text,
                first_report_id text,
                missing         text[]      not null,
                reported_at     timestamptz not null,
                recorded_at     timestamptz not null,
                position        bigint      not null
            );
            create index on %1$I.reports (case_id);
            create table %1$I.replies (
                reply_id    text        primary key,
                report_id   text        not null,
                division    text        not null,
                vendor      text        not null,
                kind        text        not null,
                document    text        not null,
                state       text        not null,
                prepared_at timestamptz not null,
                position    bigint      not null,
                attempts    integer     not null
            );
            create index on %1$I.replies (report_id, position) where state = 'owed';
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
