-- The forms 银行存款余额调节表 of closed months, in the spelling that the month's seal names by its digest: once they were made
-- again from the log they are read from here. Whoever reads them compares the digest, so nobody needs to trust the table.
create table sealed_forms (
    digest text primary key,
    spelt  bytea not null
);
grant select, insert on sealed_forms to {app};
