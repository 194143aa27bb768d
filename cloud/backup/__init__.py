"""Backups of the whole cloud database: made at night, kept in several places, and put back into an empty database."""
