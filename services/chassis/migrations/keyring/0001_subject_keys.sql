-- The key database: one wrapped key per data subject, and the erasures, which outlive every restore.
-- Runs as the owner; {app} is the application's role, which can make keys and destroy them, and nothing else.

create table subject_keys (
    subject      text        primary key check (length(subject) between 1 and 128),
    key_id       text        not null unique check (length(key_id) between 1 and 64),
    master_id    text        not null check (length(master_id) <= 64),
    wrapped      bytea,
    created_at   timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((wrapped is null) = (destroyed_at is not null)),
    check (wrapped is null or master_id <> '')
);

create table erasures (
    subject      text        primary key check (length(subject) between 1 and 128),
    destroyed_at timestamptz not null,
    reason       text        not null check (reason ~ '^[a-z][a-z0-9_]*$' and length(reason) <= 64),
    actor        text        not null check (length(actor) between 1 and 64)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is never %d', tg_table_name, lower(tg_op) using errcode = 'restrict_violation';
end $$;
create trigger kept before delete or truncate on subject_keys
    for each statement execute function refuse_change();
create trigger kept before update or delete or truncate on erasures
    for each statement execute function refuse_change();

-- A live key can be destroyed, or wrapped anew under another master key. Nothing brings a destroyed one back.
create function refuse_all_but_destroying_and_rewrapping() returns trigger language plpgsql as $$
begin
    if (new.subject, new.key_id, new.created_at) is distinct from (old.subject, old.key_id, old.created_at) then
        raise exception 'a key stays its subject''s' using errcode = 'restrict_violation';
    elsif old.wrapped is null then
        raise exception 'a destroyed key stays destroyed' using errcode = 'restrict_violation';
    elsif new.wrapped is not null and (new.wrapped = old.wrapped or new.master_id = old.master_id) then
        raise exception 'a key is only wrapped anew under another master key' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger only_destroyed_or_rewrapped before update on subject_keys
    for each row execute function refuse_all_but_destroying_and_rewrapping();

revoke all on all tables in schema public from public;
revoke create on schema public from public;
grant usage on schema public to {app};
grant select, insert on subject_keys, erasures to {app};
-- Without master_id: the application can destroy a key, only the owner can wrap it anew.
grant update (wrapped, destroyed_at) on subject_keys to {app};
