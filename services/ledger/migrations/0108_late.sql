-- What was booked in a later month than it happened in: few lines, which a month as corrected must find among all.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('create index on %I.entries (fund_id, happened_on) where happened_on is not null', slot);
    end loop;
end $$;
