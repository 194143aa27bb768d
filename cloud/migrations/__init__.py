"""The database's schema as numbered steps, one straight line of them, for both dialects."""
