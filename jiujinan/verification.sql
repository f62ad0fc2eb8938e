-- name: logs
select division, position from log_heads order by division

-- name: head
select division, position, hash, recorded_at from log_heads where division = $1

-- A log in order; "framed" is all that its hash covers but the hash before it, in the very bytes that the chain hashes.
-- Putting them together here leaves the reader one call per fact.
-- name: walk
select position, stream, version,
       int4send(octet_length(division)) || convert_to(division, 'UTF8') || '\x00000008'::bytea || int8send(position)
       || int4send(octet_length(stream)) || convert_to(stream, 'UTF8') || '\x00000008'::bytea || int8send(version)
       || int4send(octet_length(name)) || convert_to(name, 'UTF8') || '\x00000004'::bytea || int4send(schema_version)
       || '\x00000010'::bytea || uuid_send(fact_id) || '\x00000010'::bytea || uuid_send(command_id)
       || '\x00000008'::bytea || int8send((extract(epoch from occurred_at) * 1000000)::bigint)
       || '\x00000008'::bytea || int8send((extract(epoch from recorded_at) * 1000000)::bigint)
       || int4send(length(meta)) || meta || int4send(length(data)) || data as framed,
       hash
from facts where division = $1 order by position

-- How far the service's own relay and read models have seen each log.
-- name: seen
select division, max(position) as position
from (select division, position from relay_cursors union all select division, position from projection_cursors) c
group by division

-- How far another service has followed each log.
-- name: followed
select division, position from followed where source = $1
