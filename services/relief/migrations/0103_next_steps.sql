-- What is to be done next about each thing in a case: an approval to sign, an instalment to pay, something to look at.
do $$
declare slot text;
begin
    foreach slot in array array['caseload_a', 'caseload_b'] loop
        execute format($ddl$
            create table %1$I.next_steps (
                case_id text not null,
                about   text not null,
                step    text not null,
                due_on  date,
                primary key (case_id, about)
            );
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
