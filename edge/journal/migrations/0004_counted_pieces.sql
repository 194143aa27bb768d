-- The blind count as it was made: how many of each note and coin.

ALTER TABLE shifts ADD COLUMN counted_pieces TEXT; -- JSON: [[value_minor, pieces], ...]; NULL when only a sum was stated
