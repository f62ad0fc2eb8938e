-- The cases whose advance was paused or resumed by somebody: their deadline is for the clocks to say.
do $$
declare slot text;
begin
    foreach slot in array array['caseload_a', 'caseload_b'] loop
        execute format($ddl$
            alter table %1$I.cases add was_paused boolean not null default false;
            create index on %1$I.cases (township) where was_paused and relieved_at is null and given_up_at is null;
        $ddl$, slot);
    end loop;
end $$;
