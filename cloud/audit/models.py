"""The audit chain's tables. The database itself refuses to change or delete an entry."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Column, Connection, Integer, String, Table, Uuid, event

from cloud.database import METADATA, Timestamp

__all__ = ["APPEND_ONLY", "FIRST_HEAD", "GENESIS", "audit_entries", "audit_head"]

audit_entries = Table(
    "audit_entries",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Timestamp, nullable=False, index=True),
    Column("who_id", Uuid),
    Column("who", String(200), nullable=False),
    Column("branch", String(64), index=True),
    Column("action", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("record", String(120), nullable=False, index=True),
    Column("old", JSON(none_as_null=True)),
    Column("new", JSON(none_as_null=True)),
    Column("hash", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One row: the newest entry's number and hash. Its row lock puts writers in order."""

GENESIS: Final = "0" * 64
"""What the first entry chains to."""

FIRST_HEAD: Final = f"INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '{GENESIS}')"  # noqa: S608

APPEND_ONLY: Final = {
    "sqlite": (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END",
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entries "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are not deleted'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit entries are not changed or deleted'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_entries "
        "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    ),
}
"""Statements by dialect; the migration runs the same."""


@event.listens_for(audit_head, "after_create")
def _write_head(_table: Table, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql(FIRST_HEAD)


@event.listens_for(audit_entries, "after_create")
def _forbid_changes(_table: Table, connection: Connection, **_: Any) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(audit_entries, "after_drop")
def _drop_function(_table: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION audit_refuse")
