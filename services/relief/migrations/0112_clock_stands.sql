-- Where each clock stands, for the figures: kept beside the scheduler's agenda, and as worthless without the logs. The
-- totals are the sums over all stands, and change with them.
create table clock_stands (
    division    text        not null,
    case_id     text        not null,
    clock       text        not null,
    subject     text        not null,
    due_at      timestamptz not null,
    is_open     boolean     not null,
    met         boolean     not null,
    missed      boolean     not null,
    bucket      smallint    not null,
    elapsed_ppm bigint      not null,
    primary key (division, case_id, clock, subject)
);
create index clock_stands_open on clock_stands (clock, due_at) where is_open;
create table clock_totals (
    clock       text     not null,
    met         boolean  not null,
    missed      boolean  not null,
    bucket      smallint not null,
    clocks      bigint   not null,
    elapsed_ppm bigint   not null,
    primary key (clock, met, missed, bucket)
);
grant select, insert, update, delete on clock_stands, clock_totals to {app};
alter table clock_edition add judged_until timestamptz;
-- Every case is looked at once more, so that the stands are there.
update clock_edition set edition = 0;
delete from clock_positions;
delete from clock_looks;
