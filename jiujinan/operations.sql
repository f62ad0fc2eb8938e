-- The last position of each log that was recorded before a moment.
-- name: before
select h.division, coalesce((
    select f.position from facts f where f.division = h.division and f.recorded_at < $1
    order by f.position desc limit 1), 0) as position
from log_heads h order by h.division

-- name: public_after
select count(*) from facts where division = $1 and position > $2 and public
