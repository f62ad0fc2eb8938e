-- What a county's list of cases is filtered by: through which channels a case was reported, who took it on, its type of relief.
do $$
declare slot text;
begin
    foreach slot in array array['caseload_a', 'caseload_b'] loop
        execute format($ddl$
            alter table %1$I.cases
                add channels    text[] not null default '{}',
                add handler     text,
                add relief_type text;
            create index on %1$I.cases (township, reported_at);
            create index on %1$I.cases (handler, reported_at);
        $ddl$, slot);
    end loop;
end $$;
