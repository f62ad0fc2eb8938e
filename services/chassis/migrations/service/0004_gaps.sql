-- How far a log must be followed for the alarm about a gap in it to end: past what was let go behind the gap, so far as
-- it is known. A restart must not forget it; the gap is open as long as the log is not followed beyond.
create table gaps (
    source   text   not null,
    division text   not null,
    lacks    bigint not null,
    primary key (source, division)
);
grant select, insert, update on gaps to {app};
