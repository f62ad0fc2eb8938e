-- The journal as it is since funds have sources, terms, months and acts by hand: built anew from the facts.
-- The checks are a second line that trusts no code of ours: what would overdraw a source stops the view instead.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('drop schema %I cascade', slot);
        execute format('create schema %I', slot);
        execute format('grant usage on schema %I to {app}', slot);
        execute format($ddl$
            create table %1$I.funds (
                fund_id        text    primary key,
                division       text    not null,
                place          text    not null check (starts_with(place, division)),
                year           integer not null,
                mode           text    not null default 'preallocated',
                quota_fen      bigint  not null default 0 check (quota_fen >= 0),
                retained_fen   bigint  not null default 0 check (retained_fen >= 0),
                draw_order     text[]  not null default '{}',
                alert_permille integer not null default 0,
                is_low         boolean not null default false,
                position       bigint  not null
            );
            create index on %1$I.funds (division, year);
            create table %1$I.pots (
                fund_id  text   not null,
                source   text   not null,
                book_fen bigint not null check (book_fen >= 0),
                held_fen bigint not null check (held_fen >= 0),
                free_fen bigint not null generated always as (book_fen - held_fen) stored check (free_fen >= 0),
                primary key (fund_id, source)
            );
            create table %1$I.quotas (
                fund_id   text   not null,
                township  text   not null,
                quota_fen bigint not null check (quota_fen >= 0),
                primary key (fund_id, township)
            );
            create table %1$I.entries (
                fund_id     text    not null,
                position    bigint  not null,
                line        integer not null,
                dated       date    not null,
                number      integer not null check (number > 0),
                summary     text    not null,
                account     text    not null,
                debit_fen   bigint  not null check (debit_fen >= 0),
                credit_fen  bigint  not null check (credit_fen >= 0),
                balance_fen bigint  not null,
                case_id     text,
                about       text,
                word        text    not null,
                source      text,
                functional  text,
                economic    text,
                towards     text,
                basis       text    not null,
                made_by     text,
                signed_by   text,
                happened_on date,
                reverses    text,
                primary key (fund_id, position, line),
                check ((debit_fen = 0) <> (credit_fen = 0)),
                check (account not in ('100', '101', '140', '150', '160') or balance_fen >= 0)
            );
            create unique index on %1$I.entries (fund_id, date_trunc('month', dated::timestamp), word, number, line);
            create index on %1$I.entries (fund_id, dated);
            create table %1$I.balances (
                fund_id     text   not null,
                account     text   not null,
                balance_fen bigint not null,
                primary key (fund_id, account)
            );
            create table %1$I.holds (
                division      text   not null,
                hold_id       text   not null,
                fund_id       text   not null,
                place         text   not null check (starts_with(place, division)),
                case_id       text   not null,
                correlation   text   not null,
                amount_fen    bigint not null check (amount_fen > 0),
                decided_by    text,
                standing      text   not null
                              check (standing in ('short', 'committed', 'reserved', 'instructed', 'received', 'voided')),
                available_fen bigint check (available_fen >= 0),
                shortfall_fen bigint check (shortfall_fen > 0),
                position      bigint not null,
                expires_at    timestamptz,
                primary key (division, hold_id),
                check ((standing = 'short') = (decided_by is null)),
                check ((standing = 'short') = (shortfall_fen is not null))
            );
            create index on %1$I.holds (hold_id);
            create index on %1$I.holds (case_id);
            create index on %1$I.holds (fund_id, standing);
            create index on %1$I.holds (expires_at) where standing = 'reserved';
            create table %1$I.hold_draws (
                division   text   not null,
                hold_id    text   not null,
                source     text   not null,
                amount_fen bigint not null check (amount_fen >= 0),
                primary key (division, hold_id, source)
            );
            create table %1$I.payments (
                division       text   not null,
                payment_id     text   not null,
                hold_id        text   not null,
                amount_fen     bigint not null check (amount_fen > 0),
                method         text   not null,
                payee_ref      text   not null,
                instructed_by  text   not null,
                payment_number text,
                standing       text   not null check (standing in ('instructed', 'received', 'returned', 'suspended')),
                papers         text   not null default 'unfiled',
                received_at    timestamptz,
                evidence       text,
                handed_by      text,
                reason         text,
                position       bigint not null,
                primary key (division, payment_id)
            );
            create index on %1$I.payments (payment_id);
            create index on %1$I.payments (division, hold_id);
            create unique index on %1$I.payments (division, hold_id) where standing = 'instructed';
            create table %1$I.transfers (
                division     text   not null,
                transfer_id  text   not null,
                from_fund_id text   not null,
                to_fund_id   text   not null,
                source       text   not null,
                amount_fen   bigint not null check (amount_fen > 0),
                document     text   not null,
                in_transit   boolean not null,
                position     bigint not null,
                primary key (division, transfer_id)
            );
            create table %1$I.recoveries (
                division     text    not null,
                recovery_id  text    not null,
                fund_id      text    not null,
                payment_id   text    not null,
                case_id      text    not null,
                ordered_fen  bigint  not null check (ordered_fen > 0),
                received_fen bigint  not null default 0 check (received_fen between 0 and ordered_fen),
                waived       boolean not null default false,
                position     bigint  not null,
                primary key (division, recovery_id)
            );
            create table %1$I.stock (
                fund_id  text    not null,
                batch_id text    not null,
                item     text    not null,
                quantity integer not null check (quantity >= 0),
                cost_fen bigint  not null check (cost_fen >= 0),
                primary key (fund_id, batch_id)
            );
            create table %1$I.acts (
                division    text   not null,
                fund_id     text   not null,
                act_id      text   not null,
                kind        text   not null,
                told        text   not null,
                document    text   not null,
                proposed_by text   not null,
                standing    text   not null default 'proposed',
                settled_by  text   check (standing <> 'approved' or settled_by <> proposed_by),
                position    bigint not null,
                primary key (division, act_id)
            );
            create table %1$I.months (
                fund_id  text   not null,
                month    text   not null,
                standing text   not null check (standing in ('adjusting', 'checked', 'closed', 'reopened')),
                seal     text,
                by       text   not null,
                position bigint not null,
                primary key (fund_id, month, position)
            );
            create table %1$I.leavings (
                fund_id    text    not null,
                round      integer not null,
                how        text    not null,
                source     text    not null,
                amount_fen bigint  not null,
                primary key (fund_id, round, source)
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
-- What the cursors have read is gone with the old tables.
delete from projection_cursors where name = 'journal';
delete from projection_slots where name = 'journal';
