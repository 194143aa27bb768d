"""What head office's screens hear as it happens, resumable by id."""
