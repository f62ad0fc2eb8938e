-- The last position of a log that was recorded before a moment.
-- name: before
select coalesce(max(position), 0) from facts where division = $1 and recorded_at < $2

-- name: public_after
select count(*) from facts where division = $1 and position > $2 and public
