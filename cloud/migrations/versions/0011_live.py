"""The feed of what happens, written by triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_live"
down_revision = "0010_customers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_feed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_live_feed"),
    )
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


WATCHED = (
    ("facts", "event_id", ("INSERT",)),
    ("exceptions", "id", ("INSERT", "UPDATE")),
    ("node_status", "node", ("INSERT", "UPDATE")),
)
"""Table, key that is announced, and on what."""

KINDS = {"facts": "facts", "exceptions": "exceptions", "node_status": "nodes"}


def _triggers(dialect: str) -> list[str]:
    statements = []
    if dialect == "postgresql":
        statements.append(
            "CREATE FUNCTION live_announce() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "EXECUTE format('INSERT INTO live_feed (xid, kind, ids) SELECT pg_current_xact_id()::text::bigint, %L, "
            "json_agg(%I) FROM changed HAVING count(*) > 0', TG_ARGV[0], TG_ARGV[1]); "
            "NOTIFY tradepost_live; RETURN NULL; END $$"
        )
    for table, key, causes in WATCHED:
        for cause in causes:
            trigger = f"CREATE TRIGGER live_{table}_{cause.lower()} AFTER {cause} ON {table}"
            if dialect == "postgresql":
                announce = f"EXECUTE FUNCTION live_announce('{KINDS[table]}', '{key}')"
                statements.append(f"{trigger} REFERENCING NEW TABLE AS changed FOR EACH STATEMENT {announce}")
            else:
                row = f"VALUES (0, '{KINDS[table]}', json_array(NEW.{key}))"
                statements.append(f"{trigger} BEGIN INSERT INTO live_feed (xid, kind, ids) {row}; END")
    return statements
