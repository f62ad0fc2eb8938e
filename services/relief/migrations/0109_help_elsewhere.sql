-- What others gave a person, in the household relief chain: told by themselves, or as the result of a case's referral.
do $$
declare slot text;
begin
    foreach slot in array array['chain_a', 'chain_b'] loop
        execute format($ddl$
            create table %1$I.elsewhere (
                grant_id     text primary key,
                person       text,
                case_id      text,
                scheme       text not null,
                organisation text not null,
                cause        text,
                given_on     date,
                amount_fen   bigint,
                reference    text not null default ''
            );
            create index on %1$I.elsewhere (person);
            create index on %1$I.elsewhere (case_id);
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
