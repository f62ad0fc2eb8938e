-- By when rules must have been published to bind a case's two clocks: when it was known that one was over, or was judged.
do $$
declare slot text;
begin
    foreach slot in array array['caseload_a', 'caseload_b'] loop
        execute format($ddl$
            alter table %1$I.cases
                add judged_from_report_at     timestamptz,
                add judged_from_acceptance_at timestamptz,
                add helped_known_at           timestamptz,
                add given_up_known_at         timestamptz,
                add report_bound_by timestamptz not null generated always as (coalesce(
                    least(judged_from_report_at, coalesce(helped_known_at, given_up_known_at)), 'infinity')) stored,
                add acceptance_bound_by timestamptz not null generated always as (coalesce(
                    least(judged_from_acceptance_at, coalesce(helped_known_at, given_up_known_at)), 'infinity')) stored;
        $ddl$, slot);
    end loop;
end $$;
