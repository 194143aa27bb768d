"""Who changed what, when, from what to what: an append-only chain that anyone with the table can verify."""
