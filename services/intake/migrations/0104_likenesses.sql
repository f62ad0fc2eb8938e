-- By what a report may be found again, unread: keyed digests of names, sounds, phones, homes, villages.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            create table %1$I.likenesses (
                key         text        not null,
                kind        text        not null,
                report_id   text        not null,
                division    text        not null,
                cause       text        not null,
                reported_at timestamptz not null
            );
            create index on %1$I.likenesses (key, reported_at);
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
