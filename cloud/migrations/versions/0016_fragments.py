"""Any fragment of a name or code is found without reading every row.

PostgreSQL: a trigram index, where the server has pg_trgm (it is trusted: no superuser is needed). SQLite: an FTS5 table
of trigrams for each searched table. It hangs on rows with a number of their own, because VACUUM may renumber ours.
"""

from __future__ import annotations

# ruff: noqa: S608 - only names of our own tables are put into these statements
import sqlalchemy as sa
from alembic import op

revision = "0016_fragments"
down_revision = "0015_minimum_age"
branch_labels = None
depends_on = None

SEARCHED = ("products", "customers")


def upgrade() -> None:
    for table in SEARCHED:
        if op.get_bind().dialect.name == "sqlite":
            _sqlite(table)
        else:
            _postgresql(table)


def _postgresql(table: str) -> None:
    connection = op.get_bind()
    is_there = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'"
    may_create = "SELECT has_database_privilege(current_database(), 'CREATE')"
    if connection.scalar(sa.text(is_there)) and connection.scalar(sa.text(may_create)):
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute(f"CREATE INDEX ix_{table}_fragments ON {table} USING gin (search gin_trgm_ops)")


def _sqlite(table: str) -> None:
    rows, grams = f"fragments_{table}", f"fragments_{table}_index"
    op.execute(f"CREATE TABLE {rows} (number INTEGER PRIMARY KEY, id CHAR(32) NOT NULL UNIQUE, search TEXT NOT NULL)")
    op.execute(
        f"CREATE VIRTUAL TABLE {grams} USING fts5(search, content='{rows}', content_rowid='number', tokenize='trigram')"
    )
    gone = f"INSERT INTO {grams} ({grams}, rowid, search) VALUES ('delete', old.number, old.search);"
    come = f"INSERT INTO {grams} (rowid, search) VALUES (new.number, new.search);"
    op.execute(f"CREATE TRIGGER {rows}_insert AFTER INSERT ON {rows} BEGIN {come} END")
    op.execute(f"CREATE TRIGGER {rows}_delete AFTER DELETE ON {rows} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {rows}_update AFTER UPDATE ON {rows} BEGIN {gone} {come} END")
    op.execute(
        f"CREATE TRIGGER {table}_fragments_insert AFTER INSERT ON {table}"
        f" BEGIN INSERT INTO {rows} (id, search) VALUES (new.id, new.search); END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_fragments_update AFTER UPDATE OF search ON {table} WHEN old.search <> new.search"
        f" BEGIN UPDATE {rows} SET search = new.search WHERE id = new.id; END"
    )
    op.execute(
        f"CREATE TRIGGER {table}_fragments_delete AFTER DELETE ON {table}"
        f" BEGIN DELETE FROM {rows} WHERE id = old.id; END"
    )
    op.execute(f"INSERT INTO {rows} (id, search) SELECT id, search FROM {table}")
