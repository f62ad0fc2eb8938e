-- name: open_logs
insert into log_heads (division, position, hash, recorded_at)
select * from unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[])
on conflict do nothing

-- name: lock
select division, position, hash, recorded_at from log_heads
where division = any($1::text[]) order by division for update

-- name: heads
select division, position, hash, recorded_at from log_heads order by division

-- What a batch needs to know, in one answer: rows of kind, division, key, value.
-- name: look
select 'handled' as kind, division, command_id::text as key, null as value, 0::bigint as position, digest, outcome
from handled where command_id = any($1::uuid[])
union all
select 'claim', c.division, c.key, c.stream, 0, null, null
from unnest($2::text[], $3::text[]) as w (division, key) join claims c using (division, key)
union all
select 'followed', f.division, f.source, null, f.position, null, null
from unnest($4::text[], $5::text[]) as w (source, division) join followed f using (source, division)
union all
select distinct 'parked', d.division, d.source, d.subject, 0::bigint, null::bytea, null::bytea
from unnest($6::text[], $7::text[], $8::text[]) as w (source, division, subject)
join dead_letters d using (source, division, subject) where d.settled is null

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

-- One statement for all that a batch writes. It fails unless every head and every followed row moved from where it was
-- believed to be: fewer moved than sent means that somebody else was there first.
-- name: append
with new_facts as (
    insert into facts
    select * from unnest(
        $1::text[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::int[], $7::uuid[], $8::uuid[],
        $9::timestamptz[], $10::timestamptz[], $11::bytea[], $12::bytea[], $13::boolean[], $14::bytea[])
), new_handled as (
    insert into handled
    select * from unnest($15::uuid[], $16::text[], $17::bytea[], $18::bytea[], $19::timestamptz[])
), taken as (
    insert into claims select * from unnest($20::text[], $21::text[], $22::text[])
    on conflict (division, key) do update set stream = excluded.stream
), freed as (
    delete from claims c using unnest($23::text[], $24::text[], $25::text[]) as w (division, key, stream)
    where c.division = w.division and c.key = w.key and c.stream = w.stream
), advanced as (
    insert into followed as f (source, division, position)
    select source, division, position from unnest($26::text[], $27::text[], $28::bigint[], $29::bigint[])
        as w (source, division, expected, position)
    on conflict (source, division) do update set position = excluded.position
    where f.position = any (
        select w.expected from unnest($26::text[], $27::text[], $28::bigint[]) as w (source, division, expected)
        where w.source = f.source and w.division = f.division)
    returning 1
), buried as (
    insert into dead_letters (source, division, position, subject, name, reason, parked, headers, body, recorded_at)
    select * from unnest($30::text[], $31::text[], $32::bigint[], $33::text[], $34::text[], $35::text[],
                         $36::boolean[], $37::bytea[], $38::bytea[], $39::timestamptz[])
    on conflict do nothing
), moved as (
    update log_heads h set position = w.position, hash = w.hash, recorded_at = w.recorded_at
    from unnest($40::text[], $41::bigint[], $42::bytea[], $43::timestamptz[], $44::bigint[])
        as w (division, position, hash, recorded_at, expected)
    where h.division = w.division and h.position = w.expected
    returning 1
)
select fence((select count(*) from moved) = $45 and (select count(*) from advanced) = $46)
