-- Relief's read model: the household relief chain, by the person's pseudonym. Twice, for blue and green.
do $$
declare slot text;
begin
    foreach slot in array array['chain_a', 'chain_b'] loop
        execute format('create schema %I', slot);
        execute format('grant usage on schema %I to {app}', slot);
        execute format($ddl$
            create table %1$I.links (
                case_id   text primary key,
                county    text not null,
                township  text not null,
                cause     text not null,
                opened_as text,
                person    text,
                repeats   text
            );
            create index on %1$I.links (person);
            create table %1$I.helps (
                case_id     text        not null,
                decision_id text        not null,
                payment_id  text        not null,
                amount_fen  bigint      not null,
                at          timestamptz not null,
                primary key (case_id, decision_id, payment_id)
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
