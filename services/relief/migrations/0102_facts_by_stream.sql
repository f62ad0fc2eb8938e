-- A case is found by its id alone: the first fact of its stream tells the log and the place.
create index facts_by_stream on facts (stream) where version = 1;
