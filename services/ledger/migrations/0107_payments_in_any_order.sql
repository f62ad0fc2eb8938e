-- A rebuild may put a payment down before the one that bounced ahead of it is marked as returned. That a hold has one
-- payment on its way at most is the fund's law, not the read model's.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('drop index %I.payments_division_hold_id_idx1', slot);
    end loop;
end $$;
