-- Customers who were given a card here. Kept for a month, so that none is enrolled twice before head office has sent
-- them back with the replica.

CREATE TABLE enrolled (
    customer_id  TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    phone_digits TEXT NOT NULL UNIQUE,        -- without the trunk 0
    at           TEXT NOT NULL
) STRICT, WITHOUT ROWID;
