-- name: logs
select division, position from log_heads order by division

-- Whose envelopes lie in a part of a log, and which keys they name.
-- name: envelopes
select distinct envelope ->> 'subject' as subject, envelope ->> 'key_id' as key_id
from facts_readable, jsonb_path_query(data, '$.** ? (exists (@.box) && exists (@.key_id))') as envelope
where division = $1 and position > $2 and position <= $3
