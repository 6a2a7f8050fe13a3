-- +goose Up
CREATE TABLE records (
  space TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, revision BIGINT NOT NULL,
  body BYTEA, sealed BYTEA, key_id TEXT COLLATE "C" NOT NULL, labels TEXT NOT NULL, due BIGINT, expires BIGINT,
  PRIMARY KEY (space, kind, id)
);
CREATE INDEX records_due ON records (kind, due) WHERE due IS NOT NULL;
CREATE INDEX records_expires ON records (expires) WHERE expires IS NOT NULL;
CREATE INDEX records_key ON records (key_id) WHERE sealed IS NOT NULL;
CREATE TABLE labels (
  space TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, label TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (space, kind, label, id)
);
CREATE INDEX labels_id ON labels (space, kind, id);
CREATE TABLE counters (space TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (space, kind));

-- +goose Down
DROP TABLE counters;
DROP TABLE labels;
DROP TABLE records;
