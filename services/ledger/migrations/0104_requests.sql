-- Requests for more money (补充申请) join the journal, which is built anew for them.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format($ddl$
            create table %1$I.requests (
                division         text   not null,
                request_id       text   not null,
                fund_id          text   not null,
                place            text   not null check (starts_with(place, division)),
                cause            text   not null,
                amount_fen       bigint not null check (amount_fen > 0),
                case_id          text,
                hold_id          text,
                township         text,
                due_at           timestamptz,
                figures          text   not null,
                standing         text   not null
                                 check (standing in ('drafted', 'submitted', 'granted', 'arrived', 'declined')),
                submitted_by     text,
                arrived_fen      bigint not null,
                position         bigint not null,
                declined_by      text,
                declined_because text,
                primary key (division, request_id),
                check ((standing = 'declined') = (declined_by is not null))
            );
            create table %1$I.request_steps (
                division   text   not null,
                request_id text   not null,
                step       text   not null
                           check (step in ('township_leader', 'county_civil_affairs', 'county_finance', 'arrived')),
                by         text,
                amount_fen bigint not null check (amount_fen > 0),
                opinion    text,
                document   text,
                move_id    text,
                voucher    text,
                at         timestamptz not null,
                position   bigint not null,
                primary key (division, request_id, step, position)
            );
            -- A second line: nobody signs a request twice.
            create unique index on %1$I.request_steps (division, request_id, by) where by is not null;
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
