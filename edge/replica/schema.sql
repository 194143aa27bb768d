-- The branch's copy of what head office decides. Disposable: a file of another schema is deleted and filled again.
-- Rows may arrive in any order (a price before its product), so nothing here refers by foreign key.

CREATE TABLE state (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    version   INTEGER NOT NULL,      -- of head office's change log; everything up to it is in here
    synced_at TEXT,                  -- when head office last said that this is its newest
    owner     BLOB NOT NULL          -- fingerprint of the node's secret: PINs and badges are keyed with it
) STRICT;

CREATE TABLE products (
    number   INTEGER PRIMARY KEY,    -- row of product_words
    id       TEXT NOT NULL UNIQUE,
    code     TEXT NOT NULL,
    name     TEXT NOT NULL,
    folded   TEXT NOT NULL,          -- name as search sees it
    unit     TEXT NOT NULL,
    tax_code TEXT NOT NULL,
    minimum_age INTEGER              -- years; NULL sells to anybody
) STRICT;
CREATE INDEX products_by_code ON products (code);
CREATE INDEX products_by_folded ON products (folded);
CREATE VIRTUAL TABLE product_words USING fts5 (
    words, detail = 'none', columnsize = 0, prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 0"
);

CREATE TABLE barcodes (
    barcode        TEXT PRIMARY KEY,
    match_key      TEXT NOT NULL,    -- the 14 digits of a GTIN, else the barcode itself
    product_id     TEXT NOT NULL,
    quantity_milli INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX barcodes_by_key ON barcodes (match_key);
CREATE INDEX barcodes_by_product ON barcodes (product_id);

CREATE TABLE prices (
    product_id TEXT NOT NULL,
    valid_from TEXT NOT NULL,        -- YYYY-MM-DD
    unit_price INTEGER NOT NULL,     -- 1/10,000 minor units
    PRIMARY KEY (product_id, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE customers (
    row    INTEGER PRIMARY KEY,      -- row of customer_words and customer_phones
    id     TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL,
    name   TEXT NOT NULL,
    phone  TEXT
) STRICT;
CREATE INDEX customers_by_number ON customers (number);
CREATE VIRTUAL TABLE customer_words USING fts5 (
    words, detail = 'none', columnsize = 0, prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE customer_phones USING fts5 (digits, columnsize = 0, tokenize = 'trigram');
CREATE TABLE cards (
    card        TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_by_customer ON cards (customer_id);

CREATE TABLE operators (
    id     TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    rights TEXT NOT NULL,            -- JSON array
    pin    BLOB                      -- HMAC-SHA256(node secret, argon2id of the PIN)
) STRICT, WITHOUT ROWID;
CREATE INDEX operators_by_pin ON operators (pin);
CREATE TABLE badges (
    badge       BLOB PRIMARY KEY,    -- HMAC-SHA256(node secret, what the badge reads)
    operator_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE taxes (
    code       TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    rate       INTEGER NOT NULL,     -- 1/10,000
    inclusive  INTEGER NOT NULL,
    PRIMARY KEY (code, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL              -- JSON
) STRICT, WITHOUT ROWID;
