-- Relief's read model: every case with its clocks' times, and what is still to be done in it. Twice, for blue and green.
do $$
declare slot text;
begin
    foreach slot in array array['caseload_a', 'caseload_b'] loop
        execute format('create schema %I', slot);
        execute format('grant usage on schema %I to {app}', slot);
        execute format($ddl$
            create table %1$I.cases (
                case_id       text        primary key,
                division      text        not null,
                county        text        not null,
                township      text        not null,
                cause         text        not null,
                urgency       text        not null,
                persons       integer     not null,
                identity      text        not null,
                reports       integer     not null default 1,
                reported_at   timestamptz not null,
                accepted_at   timestamptz,
                contact_tried boolean     not null default false,
                relieved_at   timestamptz,
                closed_at     timestamptz,
                given_up_at   timestamptz
            );
            create index on %1$I.cases (township)
                where closed_at is null or (relieved_at is null and given_up_at is null);
            create table %1$I.decisions (
                case_id     text    not null,
                decision_id text    not null,
                amount_fen  bigint  not null,
                has_goods   boolean not null,
                standing    text    not null default 'awaiting',
                primary key (case_id, decision_id)
            );
            create table %1$I.reliefs (
                case_id     text        not null,
                decision_id text        not null,
                payment_id  text        not null,
                at          timestamptz not null,
                recorded_at timestamptz not null,
                came_back   boolean     not null default false,
                primary key (case_id, decision_id, payment_id)
            );
            create table %1$I.debts (
                case_id text   not null,
                debt_id text   not null,
                due_on  date   not null,
                missing text[] not null,
                primary key (case_id, debt_id)
            );
            create index on %1$I.debts (case_id) where missing <> '{}';
        $ddl$, slot);
        execute format('grant select, insert, update, delete, truncate on all tables in schema %I to {app}', slot);
    end loop;
end $$;
