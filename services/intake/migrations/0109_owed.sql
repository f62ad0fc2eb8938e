-- What is owed is looked through vendor by vendor, the oldest first, a page at a time.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format($ddl$
            create index on %1$I.replies (vendor, prepared_at, reply_id) where state = 'owed'
        $ddl$, slot);
    end loop;
end $$;
