-- What the read models write of many facts at once goes to them as whole rows: of an array for each column the driver
-- asks, element by element, whether it is an array itself.
create type fund_touched as (fund_id text, division text, position bigint);
create type pots_moved as (
    fund_id text, source text, division text, hold_id text, book_fen bigint, held_fen bigint
);
create type hold_drawn as (division text, hold_id text, source text, amount_fen bigint);
create type hold_reserved as (
    division text, hold_id text, fund_id text, place text, case_id text, correlation text, amount_fen bigint,
    decided_by text, expires_at timestamptz, position bigint, used_by text, by_county boolean, cause text
);
create type hold_standing as (division text, hold_id text, standing text, position bigint);
create type payment_instructed as (
    division text, payment_id text, hold_id text, amount_fen bigint, method text, payee_ref text, instructed_by text,
    payment_number text, position bigint
);
create type payment_received as (
    division text, payment_id text, received_at timestamptz, evidence text, amount_fen bigint, attachments integer,
    position bigint
);
create type payment_standing as (payment_id text, standing text);
create type payment_legs as (
    payment_id text, division text, fund_id text, place text, amount_fen bigint, day date, number text, payee_ref text
);
create type payee_told as (payee_ref text, name text, account text, division text, case_id text);
create type line_booked as (
    fund_id text, place text, position bigint, line integer, dated date, amount_fen bigint, about text, summary text,
    voucher text
);
create type statement_line as (
    account_id text, line_id text, statement_id text, ordinal bigint, row integer, day date, booked_at timestamptz,
    amount_fen bigint, balance_fen bigint, serial text, numbers text[], kind text, position bigint, match_id text
);
create type match_made as (
    account_id text, match_id text, rule text, evidence text, amount_fen bigint, made_by text, proposed_by text,
    position bigint
);
create type part_matched as (account_id text, part_id text, match_id text);
create type task_opened as (
    account_id text, exception_id text, kind text, amount_fen bigint, since date, position bigint
);
