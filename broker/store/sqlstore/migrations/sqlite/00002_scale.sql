-- How many records of each kind there are is counted along an index. Those of the other tables end with the primary key.
-- +goose Up
CREATE INDEX records_kind ON records (kind);

-- +goose Down
DROP INDEX records_kind;
