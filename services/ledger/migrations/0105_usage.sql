-- Whose household a hold is for, and whether the county's own fund pays it beside a township's quota (区审批).
alter table journal_a.holds add column used_by text, add column by_county boolean not null default false;
alter table journal_b.holds add column used_by text, add column by_county boolean not null default false;
