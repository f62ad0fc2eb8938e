-- Under which voucher the books know what the bank has not shown yet (未达账项).
do $$
declare slot text;
begin
    foreach slot in array array['bank_a', 'bank_b'] loop
        execute format('alter table %I.book add column voucher text not null default %L', slot, '');
    end loop;
end $$;
