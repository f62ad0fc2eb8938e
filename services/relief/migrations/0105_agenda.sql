-- The scheduler's agenda: how far it has heard each log, under how many published rules, and when each case is due.
create table clock_edition (
    is_only boolean primary key default true check (is_only),
    edition bigint not null
);
insert into clock_edition (edition) values (0);
create table clock_positions (
    division text primary key,
    position bigint not null
);
create table clock_looks (
    division text        not null,
    case_id  text        not null,
    at       timestamptz not null,
    primary key (division, case_id)
);
grant select, insert, update, delete on clock_edition, clock_positions, clock_looks to {app};
