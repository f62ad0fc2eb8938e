-- name: open_logs
insert into log_heads (division, position, hash, recorded_at)
select * from unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[])
on conflict do nothing

-- name: lock
select division, position, hash, recorded_at from log_heads
where division = any($1::text[]) order by division for update

-- name: heads
select division, position, hash, recorded_at from log_heads order by division

-- What a batch may need to know, as rows of kind, division, key, value, position, digest, outcome;
-- a look is one statement of those parts that it asks for. Each row is looked up by itself, through an index: a plan made
-- while a table was small would read all of it, and be kept while it grows.
-- name: look_handled
select 'handled', h.division, w.command_id::text, null, 0::bigint, h.digest, h.outcome
from unnest($1::uuid[]) as w (command_id)
cross join lateral (select * from handled where command_id = w.command_id offset 0) h

-- name: look_claims
select 'claim', w.division, w.key, c.stream, 0::bigint, null::bytea, null::bytea
from unnest($1::text[], $2::text[]) as w (division, key)
cross join lateral (select stream from claims where division = w.division and key = w.key offset 0) c

-- name: look_followed
select 'followed', w.division, w.source, null, f.position, null::bytea, null::bytea
from unnest($1::text[], $2::text[]) as w (source, division)
cross join lateral (select position from followed where source = w.source and division = w.division offset 0) f

-- name: look_parked
select 'parked', w.division, w.source, w.subject, 0::bigint, null::bytea, null::bytea
from unnest($1::text[], $2::text[], $3::text[]) as w (source, division, subject)
cross join lateral (
    select 1 from dead_letters
    where source = w.source and division = w.division and subject = w.subject and settled is null
    order by position limit 1
) d

-- name: load
select f.* from unnest($1::text[], $2::text[], $3::int[]) as w (division, stream, version)
cross join lateral (
    select * from facts
    where division = w.division and stream = w.stream and version > w.version order by version
) f

-- name: snapshots
select s.* from unnest($1::text[], $2::text[]) as w (division, stream) join snapshots s using (division, stream)

-- name: keep
insert into snapshots as s (division, stream, version, shape, state) values ($1, $2, $3, $4, $5)
on conflict (division, stream) do update set version = excluded.version, shape = excluded.shape, state = excluded.state
where s.version < excluded.version or s.shape <> excluded.shape

-- name: read
select * from facts where division = $1 and position > $2 and position <= $3 order by position limit $4

-- name: written
select distinct stream, name from facts where division = $1 and position > $2 and position <= $3

-- name: gaps
select g.source, g.division, coalesce(f.position, 0), g.lacks from gaps g left join followed f using (source, division)
where coalesce(f.position, 0) <= g.lacks order by g.source, g.division

-- What a batch may write; an append is one statement of those parts that it has.
-- name: facts
insert into facts select * from unnest($1::fact_row[])

-- name: handled
insert into handled select * from unnest($1::handled_row[])

-- name: taken
insert into claims select * from unnest($1::text[], $2::text[], $3::text[])
on conflict (division, key) do update set stream = excluded.stream

-- name: freed
delete from claims c using unnest($1::text[], $2::text[], $3::text[]) as w (division, key, stream)
where c.division = w.division and c.key = w.key and c.stream = w.stream

-- name: advanced
insert into followed as f (source, division, position)
select source, division, position from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
    as w (source, division, expected, position)
on conflict (source, division) do update set position = excluded.position
where f.position = any (
    select w.expected from unnest($1::text[], $2::text[], $3::bigint[]) as w (source, division, expected)
    where w.source = f.source and w.division = f.division)
returning 1

-- name: buried
insert into dead_letters (source, division, position, subject, name, reason, parked, headers, body, recorded_at)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                     $7::boolean[], $8::bytea[], $9::bytea[], $10::timestamptz[])
on conflict do nothing

-- name: stopped
insert into gaps as g select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (source, division) do update set lacks = excluded.lacks where g.lacks < excluded.lacks

-- name: moved
update log_heads h set position = w.position, hash = w.hash, recorded_at = w.recorded_at
from unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[], $5::bigint[])
    as w (division, position, hash, recorded_at, expected)
where h.division = w.division and h.position = w.expected
returning 1
