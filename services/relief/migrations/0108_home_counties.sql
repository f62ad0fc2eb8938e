-- Which county of the hukou (户籍地) was told of a case elsewhere, and what it has answered.
do $$
declare slot text;
begin
    foreach slot in array array['chain_a', 'chain_b'] loop
        execute format($ddl$
            create table %1$I.homes (
                case_id     text        not null,
                home_county text        not null,
                told_at     timestamptz not null,
                answer      text,
                primary key (case_id, home_county)
            );
            create index on %1$I.homes (home_county);
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on %I.homes to {app}', slot);
    end loop;
end $$;
