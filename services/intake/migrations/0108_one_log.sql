-- A report lives in one log: two calls that would begin it in two at the same moment, each under its own log's lock,
-- meet here. By this index it is found, too.
create unique index facts_of_report on facts (stream) where name = 'intake.report_received';
drop index facts_by_stream;
