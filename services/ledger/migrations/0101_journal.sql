-- Ledger's read model: the funds, their journal, holds and payments. Twice, for blue and green.
-- The checks are a second line that trusts no code of ours: what would overdraw a fund stops the view instead.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('create schema %I', slot);
        execute format('grant usage on schema %I to {app}', slot);
        execute format($ddl$
            create table %1$I.funds (
                fund_id       text    primary key,
                division      text    not null,
                place         text    not null check (starts_with(place, division)),
                year          integer not null,
                book_fen      bigint  not null check (book_fen >= 0),
                reserved_fen  bigint  not null check (reserved_fen >= 0),
                available_fen bigint  not null generated always as (book_fen - reserved_fen) stored
                                      check (available_fen >= 0),
                position      bigint  not null
            );
            create index on %1$I.funds (division, year);
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
                primary key (fund_id, position, line),
                check ((debit_fen = 0) <> (credit_fen = 0))
            );
            create unique index on %1$I.entries (fund_id, date_trunc('month', dated::timestamp), number, line);
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
                              check (standing in ('short', 'reserved', 'instructed', 'received', 'voided')),
                available_fen bigint check (available_fen >= 0),
                shortfall_fen bigint check (shortfall_fen > 0),
                position      bigint not null,
                primary key (division, hold_id),
                check ((standing = 'short') = (decided_by is null)),
                check ((standing = 'short') = (shortfall_fen is not null))
            );
            create index on %1$I.holds (hold_id);
            create index on %1$I.holds (case_id);
            create table %1$I.payments (
                division      text   not null,
                payment_id    text   not null,
                hold_id       text   not null,
                amount_fen    bigint not null check (amount_fen > 0),
                method        text   not null,
                payee_ref     text   not null,
                instructed_by text   not null,
                standing      text   not null check (standing in ('instructed', 'received', 'returned')),
                received_at   timestamptz,
                evidence      text,
                reason        text,
                position      bigint not null,
                primary key (division, payment_id)
            );
            create index on %1$I.payments (payment_id);
            create index on %1$I.payments (division, hold_id);
            create unique index on %1$I.payments (division, hold_id) where standing <> 'returned';
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
