-- What an append hands over as whole rows: the driver spends half as much on a row as on an element of each column's
-- array, and the database a quarter less. They are types of their own, so that a table may get a column without them.
create type fact_row as (
    division text, position bigint, stream text, version integer, name text, schema_version integer, fact_id uuid,
    command_id uuid, occurred_at timestamptz, recorded_at timestamptz, meta bytea, data bytea, public boolean, hash bytea
);
create type handled_row as (
    command_id uuid, division text, digest bytea, outcome bytea, recorded_at timestamptz
);
