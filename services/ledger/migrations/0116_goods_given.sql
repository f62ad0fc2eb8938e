-- What households were given in goods: few lines, which a usage table must find among all.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('create index on %I.entries (fund_id, coalesce(happened_on, dated)) where account = ''301''', slot);
    end loop;
end $$;
