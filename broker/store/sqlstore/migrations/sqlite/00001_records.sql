-- +goose Up
CREATE TABLE records (
  space TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL,
  body BLOB, sealed BLOB, key_id TEXT NOT NULL, labels TEXT NOT NULL, due INTEGER, expires INTEGER,
  PRIMARY KEY (space, kind, id)
) WITHOUT ROWID;
CREATE INDEX records_due ON records (kind, due) WHERE due IS NOT NULL;
CREATE INDEX records_expires ON records (expires) WHERE expires IS NOT NULL;
CREATE INDEX records_key ON records (key_id) WHERE sealed IS NOT NULL;
CREATE TABLE labels (
  space TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (space, kind, label, id)
) WITHOUT ROWID;
CREATE INDEX labels_id ON labels (space, kind, id);
CREATE TABLE counters (space TEXT NOT NULL, kind TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (space, kind)) WITHOUT ROWID;

-- +goose Down
DROP TABLE counters;
DROP TABLE labels;
DROP TABLE records;
