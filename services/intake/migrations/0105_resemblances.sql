-- By what a report may be found again, one row a report: each sign that alone can lead to another has an index.
-- A village leads to nobody, because thousands share it; it only weighs.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            drop table %1$I.likenesses;
            create table %1$I.likenesses (
                report_id   text        primary key,
                cause       text        not null,
                reported_at timestamptz not null,
                name        uuid,
                sound       uuid,
                phone       uuid,
                phone_tail  uuid,
                home        uuid,
                village     uuid
            );
            create index on %1$I.likenesses (name, reported_at) where name is not null;
            create index on %1$I.likenesses (sound, reported_at) where sound is not null;
            create index on %1$I.likenesses (phone, reported_at) where phone is not null;
            create index on %1$I.likenesses (phone_tail, reported_at) where phone_tail is not null;
            create index on %1$I.likenesses (home, reported_at) where home is not null;
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
