-- What the full header of a ledger (明细账) also says: what struck the household, and how many papers hang on a voucher.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('alter table %I.holds add column cause text', slot);
        execute format('alter table %I.payments add column attachments integer check (attachments >= 0)', slot);
    end loop;
end $$;
