-- What of a claim relief has waived or offset.
do $$
declare slot text;
begin
    foreach slot in array array['journal_a', 'journal_b'] loop
        execute format('alter table %I.recoveries add column ended_fen bigint not null default 0 check (ended_fen >= 0)', slot);
    end loop;
end $$;
