-- The feed of a sender's replies, receivers that are gone, and transfers that the other county has not yet taken.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            alter table %1$I.reports add column transfer_open boolean not null default false;
            create index on %1$I.reports (recorded_at) where transfer_open;
            alter table %1$I.replies add column recorded_at timestamptz not null default now();
            create index on %1$I.replies (vendor, division, position);
            create table %1$I.receivers (
                vendor  text        primary key,
                gone_at timestamptz not null
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
