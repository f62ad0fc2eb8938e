-- A thing in a case (an approval, an instalment) has one next step.
-- name: step
insert into next_steps (case_id, about, step, due_on) values ($1, $2, $3, $4)
on conflict (case_id, about) do update
set step = excluded.step, due_on = coalesce(excluded.due_on, next_steps.due_on)

-- What was let go for good has no step any more.
-- name: step_again
update next_steps set step = $3 where case_id = $1 and about = $2

-- name: step_done
delete from next_steps where case_id = $1 and about = $2

-- name: steps_done
delete from next_steps where case_id = $1 and step = any($2)
