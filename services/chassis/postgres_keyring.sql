-- Keys that another transaction is just making are in neither branch: ask once more.
-- name: keys
with wanted as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as w (subject, key_id, master_id, wrapped)
), made as (
    insert into subject_keys (subject, key_id, master_id, wrapped)
    select * from wanted where not exists (select from subject_keys k where k.subject = wanted.subject)
    order by subject
    on conflict do nothing
    returning subject, key_id, master_id, wrapped
)
select subject, key_id, master_id, wrapped from made
union all
select subject, key_id, master_id, wrapped from subject_keys where subject = any($1::text[])

-- name: destroy
with destroyed as (
    update subject_keys set wrapped = null, destroyed_at = $2 where subject = $1 and wrapped is not null
    returning subject
), remembered as (
    insert into erasures (subject, destroyed_at, reason, actor) select subject, $2, $3, $4 from destroyed
    on conflict do nothing
)
select exists (select from destroyed)

-- name: erasures
select subject, destroyed_at, reason, actor from erasures order by destroyed_at, subject

-- A subject that the backup does not know gets a destroyed key that never was, so that nobody makes it a living one.
-- name: replay
with listed as (
    select distinct on (subject) * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[])
        as l (subject, destroyed_at, reason, actor)
    order by subject, destroyed_at
), remembered as (
    insert into erasures (subject, destroyed_at, reason, actor) select * from listed
    on conflict do nothing
), destroyed as (
    insert into subject_keys as k (subject, key_id, master_id, destroyed_at)
    select subject, replace(gen_random_uuid()::text, '-', ''), '', destroyed_at from listed
    on conflict (subject) do update set wrapped = null, destroyed_at = excluded.destroyed_at
    where k.wrapped is not null
    returning 1
)
select count(*) from destroyed

-- name: not_under
select subject, key_id, master_id, wrapped from subject_keys
where wrapped is not null and master_id <> $1 and subject > $2 order by subject limit $3

-- name: key_ids
select subject, case when wrapped is not null then key_id end as key_id from subject_keys where subject = any($1::text[])

-- name: left
select count(*) from subject_keys where wrapped is not null and master_id <> $1

-- A key that was destroyed meanwhile is left alone.
-- name: rewrap
with rewrapped as (
    update subject_keys k set master_id = w.master_id, wrapped = w.wrapped
    from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as w (subject, key_id, master_id, wrapped)
    where k.subject = w.subject and k.wrapped is not null and k.master_id <> w.master_id
    returning 1
)
select count(*) from rewrapped
