-- The lines of vouchers go to the journal as whole rows: an array for each of their 21 columns cost the driver twice as much.
create type posted_line as (
    fund_id text, position bigint, line integer, dated date, number integer, summary text, account text,
    debit_fen bigint, credit_fen bigint, case_id text, about text, word text, source text, functional text, economic text,
    towards text, basis text, made_by text, signed_by text, happened_on date, reverses text
);
