-- How many records of each kind there are is counted along an index; records under another key are read in its order, and
-- whether a record has a label is found in the index alone.
-- +goose Up
CREATE INDEX records_kind ON records (kind);
DROP INDEX records_key;
CREATE INDEX records_key ON records (key_id, space, kind, id) WHERE sealed IS NOT NULL;
DROP INDEX labels_id;
CREATE INDEX labels_id ON labels (space, kind, id, label);

-- +goose Down
DROP INDEX labels_id;
CREATE INDEX labels_id ON labels (space, kind, id);
DROP INDEX records_key;
CREATE INDEX records_key ON records (key_id) WHERE sealed IS NOT NULL;
DROP INDEX records_kind;
