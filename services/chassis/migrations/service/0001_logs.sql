-- One gap-free, hash-chained log per division, and what is written in the same transaction with it.
-- Runs as the owner; {app} is the application's role, which can neither change nor delete what has happened.

create table log_heads (
    division    text        primary key,
    position    bigint      not null check (position >= 0),
    hash        bytea       not null check (length(hash) = 32),
    recorded_at timestamptz not null
);

create table facts (
    division       text        not null references log_heads,
    position       bigint      not null check (position > 0),
    stream         text        not null,
    version        integer     not null check (version > 0),
    name           text        not null,
    schema_version integer     not null,
    fact_id        uuid        not null,
    command_id     uuid        not null,
    occurred_at    timestamptz not null,
    recorded_at    timestamptz not null,
    meta           bytea       not null,
    data           bytea       not null,
    public         boolean     not null,
    hash           bytea       not null check (length(hash) = 32),
    primary key (division, position)
);
create unique index facts_stream on facts (division, stream, version);
create index facts_public on facts (division, position) where public;
-- Written in order of time, so a block range index finds "as of" for next to nothing.
create index facts_recorded on facts using brin (recorded_at);

-- The stored bytes are what was hashed; people and read models look at them as jsonb.
create view facts_readable as
select division, position, stream, version, name, schema_version, fact_id, command_id, occurred_at, recorded_at,
       convert_from(meta, 'UTF8')::jsonb as meta, convert_from(data, 'UTF8')::jsonb as data, public
from facts;

create table handled (
    command_id  uuid        not null,
    division    text        not null,
    digest      bytea       not null,
    outcome     bytea       not null,
    recorded_at timestamptz not null,
    primary key (command_id, recorded_at)
) partition by range (recorded_at);
create table handled_rest partition of handled default;

-- Run at every migration and every few hours: partitions for this month and the next two, none older than 400 days.
-- Rows that came while a month had no partition stay in the rest; that month is then simply kept there.
-- The definer's rights let the application extend its table without being able to alter anything.
create function keep_handled_partitions() returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    month date := date_trunc('month', now() at time zone 'UTC')::date;
    part  record;
begin
    perform pg_advisory_xact_lock(hashtext('keep_handled_partitions'));
    for i in 0..2 loop
        if to_regclass('handled_' || to_char(month, 'YYYYMM')) is null
           and not exists (select from handled_rest where recorded_at >= month::timestamp at time zone 'UTC'
                           and recorded_at < (month + interval '1 month') at time zone 'UTC') then
            execute format(
                'create table %I partition of handled for values from (%L) to (%L)',
                'handled_' || to_char(month, 'YYYYMM'), month::timestamp at time zone 'UTC',
                (month + interval '1 month') at time zone 'UTC');
            execute format('create trigger immutable before update or delete or truncate on %I '
                'for each statement execute function refuse_change()', 'handled_' || to_char(month, 'YYYYMM'));
        end if;
        month := (month + interval '1 month')::date;
    end loop;
    for part in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'handled'::regclass and c.relname ~ '^handled_\d{6}$'
          and to_date(right(c.relname, 6), 'YYYYMM') < now() - interval '431 days'
    loop
        execute format('drop table %I', part.relname);
    end loop;
end $$;

-- States of long streams, to spare a start the folding; never the truth, and free to be deleted.
create table snapshots (
    division text    not null,
    stream   text    not null,
    version  integer not null,
    shape    text    not null,
    state    bytea   not null,
    primary key (division, stream)
);

create table claims (
    division text not null,
    key      text not null,
    stream   text not null,
    primary key (division, key)
);

create table followed (
    source   text   not null,
    division text   not null,
    position bigint not null,
    primary key (source, division)
);

create table dead_letters (
    source      text        not null,
    division    text        not null,
    position    bigint      not null,
    subject     text        not null,
    name        text        not null,
    reason      text        not null,
    parked      boolean     not null,
    headers     bytea       not null,
    body        bytea       not null,
    recorded_at timestamptz not null,
    settled     text        check (settled in ('replayed', 'discarded')),
    settled_by  text,
    settled_at  timestamptz,
    primary key (source, division, position)
);
create index dead_letters_open on dead_letters (source, division, subject, position) where settled is null;

-- Where the relay has published to: position of the last fact looked at, and of the last public one sent.
create table relay_cursors (
    division        text   primary key,
    position        bigint not null,
    public_position bigint not null
);

-- A projection's cursor lives beside its rows, per slot: one is read, the other can be rebuilt (blue and green).
create table projection_cursors (
    name     text   not null,
    slot     text   not null check (slot in ('a', 'b')),
    division text   not null,
    position bigint not null,
    primary key (name, slot, division)
);
create table projection_slots (
    name text    primary key,
    slot text    not null check (slot in ('a', 'b')),
    version integer not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'facts are never changed or deleted' using errcode = 'restrict_violation';
end $$;
create trigger immutable before update or delete or truncate on facts
    for each statement execute function refuse_change();
create trigger immutable before update or delete or truncate on handled
    for each statement execute function refuse_change();
create trigger immutable before update or delete or truncate on handled_rest
    for each statement execute function refuse_change();

-- A log's head only moves forward, whoever moves it.
create function refuse_going_back() returns trigger language plpgsql as $$
begin
    if tg_op <> 'UPDATE' or new.division <> old.division or new.position <= old.position then
        raise exception 'a log only grows' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger only_forward before update or delete on log_heads
    for each row execute function refuse_going_back();

select keep_handled_partitions();

revoke all on all tables in schema public from public;
revoke create on schema public from public;
grant usage on schema public to {app};
grant select, insert on facts, handled to {app};
grant select on facts_readable to {app};
grant select, insert, update on log_heads, followed, relay_cursors, projection_cursors, projection_slots to {app};
grant delete on projection_cursors, relay_cursors to {app};
grant select, insert, update, delete on claims, snapshots to {app};
grant select, insert, update (settled, settled_by, settled_at) on dead_letters to {app};
revoke execute on function keep_handled_partitions() from public;
grant execute on function keep_handled_partitions() to {app};
