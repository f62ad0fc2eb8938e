-- The facts of these streams that were recorded by a moment, in whichever log they are.
-- name: of_streams
select f.* from log_heads h cross join lateral (
    select * from facts where division = h.division and stream = any($1::text[])
) f where f.recorded_at <= $2 order by f.division, f.position

-- Of these streams, what is about one case.
-- name: of_case
select f.* from log_heads h cross join lateral (
    select * from facts where division = h.division and stream = any($1::text[])
) f
where f.recorded_at <= $2 and convert_from(f.data, 'UTF8')::jsonb ->> 'case_id' = $3
order by f.division, f.position
