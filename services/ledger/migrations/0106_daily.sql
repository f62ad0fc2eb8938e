-- What each account of a fund moved on a day, by source: a balance as of any day is a sum over days, not over entries.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format($ddl$
            create table %1$I.daily (
                fund_id    text   not null,
                account    text   not null,
                source     text   not null,
                dated      date   not null,
                debit_fen  bigint not null,
                credit_fen bigint not null,
                primary key (fund_id, account, source, dated)
            )
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on %I.daily to {app}', slot);
    end loop;
end $$;
