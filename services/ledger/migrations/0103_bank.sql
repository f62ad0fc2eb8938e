-- Ledger's second read model: bank accounts, their statements and lines, what matches, and what does not. Twice, for
-- blue and green. The checks are a second line that trusts no code of ours.
do $$
declare slot text;
begin
    foreach slot in array array['bank_a', 'bank_b'] loop
        execute format('create schema %I', slot);
        execute format('grant usage on schema %I to {app}', slot);
        execute format($ddl$
            create table %1$I.accounts (
                account_id  text   primary key,
                division    text   not null,
                place       text   not null check (starts_with(place, division)),
                bank        text   not null,
                other_fen   bigint not null,
                position    bigint not null,
                opening_fen bigint,
                closing_fen bigint,
                through     date
            );
            create table %1$I.statements (
                account_id   text    not null,
                statement_id text    not null,
                file_name    text    not null,
                sha256       text    not null,
                layout       text    not null,
                opening_fen  bigint  not null,
                closing_fen  bigint  not null,
                first_day    date    not null,
                last_day     date    not null,
                lines        integer not null,
                imported_by  text    not null,
                division     text    not null,
                position     bigint  not null,
                primary key (account_id, statement_id),
                unique (account_id, sha256)
            );
            create table %1$I.lines (
                account_id   text    not null,
                line_id      text    not null,
                statement_id text    not null,
                ordinal      bigint  not null,
                row          integer not null,
                day          date    not null,
                booked_at    timestamptz,
                amount_fen   bigint  not null check (amount_fen <> 0),
                balance_fen  bigint  not null,
                serial       text    not null,
                numbers      text[]  not null,
                kind         text,
                position     bigint  not null,
                match_id     text,
                primary key (account_id, line_id),
                unique (account_id, ordinal)
            );
            create index on %1$I.lines (account_id, match_id);
            create index on %1$I.lines (account_id, day);
            create table %1$I.payees (
                payee_ref text primary key,
                name      text,
                account   text
            );
            create table %1$I.legs (
                leg_id     text   primary key,
                payment_id text   not null,
                way        text   not null check (way in ('paid', 'returned')),
                division   text   not null,
                fund_id    text   not null,
                place      text   not null,
                amount_fen bigint not null,
                day        date   not null,
                number     text,
                name       text,
                account    text,
                standing   text   not null check (standing in ('instructed', 'received', 'returned')),
                payee_ref  text   not null,
                batch      text,
                serial     text,
                failed     boolean not null default false
            );
            create index on %1$I.legs (place, day);
            create index on %1$I.legs (payment_id);
            create table %1$I.batches (
                batch_id     text primary key,
                fund_id      text not null,
                place        text not null,
                batch_number text not null,
                division     text not null
            );
            create table %1$I.book (
                fund_id    text    not null,
                place      text    not null,
                position   bigint  not null,
                line       integer not null,
                dated      date    not null,
                amount_fen bigint  not null,
                leg_id     text,
                summary    text    not null,
                primary key (fund_id, position, line)
            );
            create index on %1$I.book (place, dated);
            create index on %1$I.book (leg_id);
            create table %1$I.matches (
                account_id  text   not null,
                match_id    text   not null,
                rule        text   not null,
                evidence    text[] not null,
                amount_fen  bigint not null,
                made_by     text   not null,
                proposed_by text,
                position    bigint not null,
                active      boolean not null,
                primary key (account_id, match_id)
            );
            create table %1$I.matched_legs (
                account_id text not null,
                match_id   text not null,
                leg_id     text primary key
            );
            create index on %1$I.matched_legs (account_id, match_id);
            create table %1$I.tasks (
                account_id   text   not null,
                exception_id text   not null,
                kind         text   not null,
                amount_fen   bigint not null,
                since        date   not null,
                standing     text   not null check (standing in
                             ('open', 'assigned', 'proposed', 'explained', 'other_business', 'cleared')),
                owner        text,
                treatment    text,
                reason       text,
                clears_by    date,
                proposed_by  text,
                position     bigint not null,
                primary key (account_id, exception_id)
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
