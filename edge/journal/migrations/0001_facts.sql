-- Facts, epochs and what head office has said about them. Facts are appended and pruned, never edited.

CREATE TABLE journal (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    branch         TEXT NOT NULL,
    node           TEXT NOT NULL,
    boot           INTEGER NOT NULL,          -- how often this file has been opened
    closed_cleanly INTEGER NOT NULL           -- 0 while open: the next start looks the file over
) STRICT;

CREATE TABLE epochs (
    number        INTEGER PRIMARY KEY,        -- order of birth; the highest is being written
    epoch         TEXT NOT NULL UNIQUE,
    born_at       TEXT NOT NULL,
    reason        TEXT NOT NULL,              -- new, salvaged, fork
    next_sequence INTEGER NOT NULL DEFAULT 1,
    acked_upto    INTEGER NOT NULL DEFAULT 0  -- the cursor: everything up to here is settled at head office
) STRICT;

CREATE TABLE facts (
    number   INTEGER PRIMARY KEY,
    epoch    TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    time     TEXT NOT NULL,                   -- UTC, YYYY-MM-DDTHH:MM:SS.ffffffZ: sorts as it reads
    body     BLOB NOT NULL,                   -- as published, byte for byte
    crc      INTEGER NOT NULL,                -- CRC-32 of body: SQLite itself does not notice a flipped bit
    UNIQUE (epoch, sequence)
) STRICT;

CREATE TABLE quarantined (                    -- settled, but not applied: head office has them on its list
    event_id TEXT PRIMARY KEY,
    at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (                       -- what head office asked; a repeat is answered from here
    command_id  TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    received_at TEXT NOT NULL,
    outcome     TEXT,                         -- NULL while it is being done
    code        TEXT,
    result      TEXT,                         -- JSON
    answered_at TEXT
) STRICT, WITHOUT ROWID;
