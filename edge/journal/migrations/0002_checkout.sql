-- The till's own memory: every operation once, the baskets they make, shifts, what was sold and came back, and what a
-- register or a printer still owes a customer. Times are UTC text, money is minor units, documents are JSON.

CREATE TABLE tills (
    till          TEXT PRIMARY KEY,
    n             INTEGER NOT NULL DEFAULT 0, -- operations so far: whoever remembers the till's state checks it by this
    basket_id     TEXT,                       -- open on the screen
    shift_id      TEXT,                       -- not closed yet
    operator_id   TEXT,
    operator_name TEXT,
    operator_rights TEXT,                     -- JSON array, as they were at login
    last_id       TEXT                        -- the sale or return shown last
) STRICT, WITHOUT ROWID;

CREATE TABLE operations (                     -- a second arrival of an op_id is answered from here
    op_id     TEXT PRIMARY KEY,
    till      TEXT NOT NULL,
    n         INTEGER NOT NULL,
    at        TEXT NOT NULL,
    operator  TEXT,
    name      TEXT NOT NULL,
    basket_id TEXT,
    changes   TEXT,                           -- JSON array; the open basket is their fold, in order of n
    outcome   TEXT NOT NULL,                  -- JSON: the answer
    UNIQUE (till, n)
) STRICT;
CREATE INDEX operations_of_basket ON operations (basket_id, n) WHERE changes IS NOT NULL;
CREATE INDEX operations_by_age ON operations (at);

CREATE TABLE baskets (
    basket_id TEXT PRIMARY KEY,               -- the sale's id from its first line on
    till      TEXT NOT NULL,
    shift_id  TEXT NOT NULL,
    number    TEXT NOT NULL UNIQUE,
    state     TEXT NOT NULL CHECK (state IN ('open', 'parked', 'sold', 'cancelled')),
    opened_at TEXT NOT NULL,
    name      TEXT,                           -- given when parked
    parked_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX baskets_parked ON baskets (till) WHERE state = 'parked';

CREATE TABLE shifts (
    shift_id          TEXT PRIMARY KEY,
    till              TEXT NOT NULL,
    number            INTEGER NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('open', 'counted', 'closing', 'closed')),
    currency          TEXT NOT NULL,
    businessdate      TEXT NOT NULL,
    opened_at         TEXT NOT NULL,
    operator_id       TEXT NOT NULL,
    operator_name     TEXT NOT NULL,
    float_minor       INTEGER NOT NULL,
    next_number       INTEGER NOT NULL DEFAULT 1, -- sales and returns are counted together
    sales             INTEGER NOT NULL DEFAULT 0,
    returns           INTEGER NOT NULL DEFAULT 0,
    counted_minor     INTEGER,
    slips_minor       INTEGER,
    closed_at         TEXT,
    UNIQUE (till, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE drawer (                         -- money that came and went; what a shift expects is their sum
    entry        INTEGER PRIMARY KEY,
    shift_id     TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('float', 'sale', 'return', 'movement')),
    form         TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    of_id        TEXT NOT NULL
) STRICT;
CREATE INDEX drawer_of_shift ON drawer (shift_id);

CREATE TABLE sales (                          -- an index; the sale itself is its fact
    sale_id          TEXT PRIMARY KEY,
    number           TEXT NOT NULL UNIQUE,
    event_id         TEXT NOT NULL,
    till             TEXT NOT NULL,
    shift_id         TEXT NOT NULL,
    sold_at          TEXT NOT NULL,
    currency         TEXT NOT NULL,
    total_minor      INTEGER NOT NULL,
    reference_scheme TEXT,
    reference_number TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sales_by_reference ON sales (reference_number) WHERE reference_number IS NOT NULL;
CREATE INDEX sales_by_time ON sales (sold_at);

CREATE TABLE returns (
    return_id   TEXT PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    event_id    TEXT NOT NULL,
    sale_id     TEXT NOT NULL,
    till        TEXT NOT NULL,
    shift_id    TEXT NOT NULL,
    returned_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX returns_of_sale ON returns (sale_id);

CREATE TABLE returned_lines (
    return_id      TEXT NOT NULL,
    sale_id        TEXT NOT NULL,
    line_no        INTEGER NOT NULL,
    quantity_milli INTEGER NOT NULL,
    PRIMARY KEY (sale_id, line_no, return_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE refunds (
    return_id    TEXT NOT NULL,
    sale_id      TEXT NOT NULL,
    form         TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,            -- as given back
    exact_minor  INTEGER NOT NULL,            -- before the rounding of cash
    PRIMARY KEY (sale_id, return_id, form)
) STRICT, WITHOUT ROWID;

CREATE TABLE fiscal_jobs (                    -- what a register is to do, in this order, each once: docs/delivery.md
    place            INTEGER PRIMARY KEY,
    job_id           TEXT NOT NULL UNIQUE,
    register         TEXT NOT NULL,
    till             TEXT NOT NULL,
    shift_id         TEXT,
    businessdate     TEXT,
    operator         TEXT,
    kind             TEXT NOT NULL CHECK (kind IN ('sale', 'return', 'closure', 'cash')),
    of_id            TEXT NOT NULL,           -- sale, return, shift or cash movement
    part             INTEGER NOT NULL,
    parts            INTEGER NOT NULL,
    currency         TEXT NOT NULL,
    total_minor      INTEGER NOT NULL,
    document         TEXT NOT NULL,           -- JSON, complete: printing needs nothing else
    lines            TEXT NOT NULL,           -- JSON: [line_no, from_milli, quantity_milli] of what stands on it
    state            TEXT NOT NULL
                     CHECK (state IN ('pending', 'sending', 'unknown', 'cancelling', 'done', 'refused')),
    changed_at       TEXT NOT NULL,
    position_no      INTEGER,                 -- where the register stood before the first byte
    position_total   INTEGER,
    register_serial  TEXT,
    result_no        INTEGER,                 -- document number, or number of the closing report
    fiscal_memory_no TEXT,
    register_time    TEXT,
    code             TEXT,                    -- why it waits, was refused or is not known
    maker_code       TEXT
) STRICT;
CREATE INDEX fiscal_jobs_waiting ON fiscal_jobs (register, place)
    WHERE state IN ('pending', 'sending', 'unknown', 'cancelling');
CREATE INDEX fiscal_jobs_of ON fiscal_jobs (of_id);

CREATE TABLE print_jobs (                     -- receipts on a receipt printer: sent once, never again by itself
    place      INTEGER PRIMARY KEY,
    job_id     TEXT NOT NULL UNIQUE,
    printer    TEXT NOT NULL,
    till       TEXT NOT NULL,
    of_id      TEXT NOT NULL,
    copy       INTEGER NOT NULL DEFAULT 0,
    state      TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'done', 'unknown', 'refused')),
    changed_at TEXT NOT NULL,
    code       TEXT
) STRICT;
CREATE INDEX print_jobs_waiting ON print_jobs (printer, place) WHERE state IN ('pending', 'sent');
CREATE INDEX print_jobs_of ON print_jobs (of_id);

CREATE TABLE sessions (                       -- who is signed in; the token itself is never stored
    token_hash  BLOB PRIMARY KEY,
    operator_id TEXT,                         -- NULL while locked
    name        TEXT,
    rights      TEXT NOT NULL DEFAULT '[]',
    created_at  TEXT NOT NULL,
    seen_at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE lockouts (                       -- wrong PINs, by where they were typed
    place        TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL,
    locked_until TEXT
) STRICT, WITHOUT ROWID;
