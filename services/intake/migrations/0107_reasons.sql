-- Why a reply was given up, or what it lacks.
do $$
declare slot text;
begin
    foreach slot in array array['reports_a', 'reports_b'] loop
        execute format('alter table %I.replies add column reason text', slot);
    end loop;
end $$;
