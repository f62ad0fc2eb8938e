-- A sequence of the library counts from 0 or from 1, its stream always from 1. So bounds on versions are asked one
-- wider than the library's, and cut to measure where the library's own count is known.

-- name: events
select * from facts
where division = $1 and stream = $2 and version > $3::bigint and version <= $4::bigint + 1
order by version limit $5

-- name: events_backwards
select * from facts
where division = $1 and stream = $2 and version > $3::bigint and version <= $4::bigint + 1
order by version desc limit $5

-- name: notifications
select * from facts
where division = $1 and position > $2 and position <= $3
  and (cardinality($4::text[]) = 0
       or case name when 'library.event' then convert_from(data, 'UTF8')::jsonb ->> 'topic' else name end = any ($4))
order by position limit $5

-- name: position
select position from log_heads where division = $1 and position > 0

-- name: tracked
select position from followed where division = $1 and source = $2

-- Whether a command has written the event with this number in the library's count, and where.
-- name: written
select max(position) as position from facts
where division = $1 and stream = $2 and version between $3::bigint and $3::bigint + 1 and command_id = $4
having max(position) is not null
