-- The lines of an account with the full header (明细账): the voucher's other accounts and budget codes, and what of the
-- payment, the hold and the papers stands behind it.
-- name: lines
select e.dated, e.word, e.number, e.summary, e.account, e.debit_fen, e.credit_fen, e.reverses is not null as in_red,
       e.case_id, e.towards, e.basis, e.signed_by, e.made_by, whole.against, whole.functional, whole.economic,
       p.method, p.payee_ref, p.papers, p.received_at, p.attachments,
       coalesce(h.cause, (select max(o.cause) from holds o where o.case_id = e.case_id and o.division = h.division)) as cause
from entries e
join lateral (
    select array_agg(distinct o.account order by o.account) filter (where o.account <> e.account) as against,
           max(o.functional) as functional, max(o.economic) as economic
    from entries o where o.fund_id = e.fund_id and o.position = e.position
) whole on true
left join payments p on p.division = left(e.fund_id, 6) and p.payment_id = split_part(e.about, ':', 1)
left join holds h on h.division = p.division and h.hold_id = p.hold_id
where e.fund_id = $1 and e.account = $2 and e.dated between $3 and $4
order by e.dated, e.word, e.number, e.line

-- What an account moved in each month of the years that a span of days lies in, up to its last day; what was taken back
-- (红字) lessens the side on which it stood.
-- name: months
select date_trunc('month', dated::timestamp)::date as month,
       sum(case when reverses is null then debit_fen else -credit_fen end)::bigint as debit_fen,
       sum(case when reverses is null then credit_fen else -debit_fen end)::bigint as credit_fen
from entries
where fund_id = $1 and account = $2 and dated >= date_trunc('year', $3::date::timestamp) and dated <= $4
group by 1 order by 1

-- What each account moved in a span of days (科目余额表), debit positive.
-- name: accounts
select account, coalesce(sum(debit_fen - credit_fen) filter (where dated < $2), 0)::bigint as opening_fen,
       coalesce(sum(debit_fen) filter (where dated >= $2), 0)::bigint as debit_fen,
       coalesce(sum(credit_fen) filter (where dated >= $2), 0)::bigint as credit_fen,
       sum(debit_fen - credit_fen)::bigint as closing_fen
from daily where fund_id = $1 and dated <= $3 group by account order by account

-- What came into bank and box and went out, by source (资金来源收支表).
-- name: sources
select source, coalesce(sum(debit_fen - credit_fen) filter (where dated < $2), 0)::bigint as opening_fen,
       coalesce(sum(debit_fen) filter (where dated >= $2), 0)::bigint as in_fen,
       coalesce(sum(credit_fen) filter (where dated >= $2), 0)::bigint as out_fen,
       sum(debit_fen - credit_fen)::bigint as closing_fen
from daily where fund_id = $1 and dated <= $3 and account in ('100', '101') and source <> ''
group by source order by source

-- The payments of a span of days, and earlier ones whose papers are not settled yet (核销), with their vouchers.
-- name: settlement
with vouchers as (
    select distinct on (about) about, word, number from entries
    where fund_id = $1 and case_id is not null and line = 1 order by about, position desc
)
select v.word, v.number, h.case_id, p.amount_fen, p.papers, p.received_at
from payments p join holds h using (division, hold_id) left join vouchers v on v.about = p.payment_id
where h.fund_id = $1 and p.standing = 'received' and (p.received_at at time zone 'Asia/Shanghai')::date <= $3
      and ((p.received_at at time zone 'Asia/Shanghai')::date >= $2 or p.papers in ('unfiled', 'filed'))
order by p.received_at, p.payment_id
