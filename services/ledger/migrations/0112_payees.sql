-- For which case a payee is registered, and in what relation to the household: what is shown of payees, masked.
do $$
declare slot text;
begin
    foreach slot in array array['bank_a', 'bank_b'] loop
        execute format('alter table %I.payees add column division text, add column case_id text', slot);
        execute format('create index on %I.payees (division, case_id)', slot);
    end loop;
end $$;
