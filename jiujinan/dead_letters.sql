-- name: letters
select source, division, position, subject, name, reason, parked, headers, body, recorded_at,
       settled, settled_by, settled_at
from dead_letters where settled is null or $1 order by source, division, position

-- name: letter
select source, division, position, subject, name, reason, parked, headers, body, recorded_at,
       settled, settled_by, settled_at
from dead_letters where source = $1 and division = $2 and position = $3

-- The first open letter of a subject: the others wait for it.
-- name: next_of
select source, division, position, subject, name, reason, parked, headers, body, recorded_at,
       settled, settled_by, settled_at
from dead_letters where source = $1 and division = $2 and subject = $3 and settled is null order by position limit 1

-- What is heard meanwhile is parked behind open letters under this lock.
-- name: lock
select position from log_heads where division = $1 for update

-- name: settle
update dead_letters set settled = $4, settled_by = $5, settled_at = $6
where source = $1 and division = $2 and position = $3 and settled is null
returning true
