-- How much of an entry is the rounding of cash: the drawer holds it, a register's turnover does not.

ALTER TABLE drawer ADD COLUMN rounding_minor INTEGER NOT NULL DEFAULT 0; -- part of amount_minor
