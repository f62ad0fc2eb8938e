-- How far an exception that nobody has settled in time has gone (逾期升级), and those that may still go further.
do $$
declare slot text;
begin
    foreach slot in array array['bank_a', 'bank_b'] loop
        execute format('alter table %I.tasks add escalated text check (escalated in (''warned'', ''county''))', slot);
        execute format($ddl$
            create index on %I.tasks (since, account_id, exception_id)
            where standing not in ('other_business', 'cleared') and escalated is distinct from 'county'
        $ddl$, slot);
    end loop;
end $$;
