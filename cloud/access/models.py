"""Tables of people and programs that may come in. Secrets are here only as hashes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint, Uuid

from cloud.database import METADATA, Timestamp

__all__ = ["EVERYWHERE", "api_tokens", "badges", "login_attempts", "role_grants", "saved_views", "sessions", "users"]

EVERYWHERE: Final = "*"
"""In role_grants.branch: all branches, also those to come. No branch can be named so (shared.envelope.Name)."""

users = Table(
    "users",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("login", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("search", String(600), nullable=False),
    Column("password_hash", String(200)),
    Column("pin_hash", String(64), unique=True),
    Column("language", String(2), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False, index=True),
    Column("created_at", Timestamp, nullable=False),
)

badges = Table(
    "badges",
    METADATA,
    Column("code", String(60), primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False, index=True),
)

role_grants = Table(
    "role_grants",
    METADATA,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("branch", String(64), primary_key=True),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False, index=True),
    Column("address", String(60), nullable=False),
)

api_tokens = Table(
    "api_tokens",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("rights", JSON, nullable=False),
    Column("branches", JSON(none_as_null=True)),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),
    Column("withdrawn_at", Timestamp),
)

login_attempts = Table(
    "login_attempts",
    METADATA,
    Column("subject", String(140), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Timestamp, nullable=False),
    Column("open_at", Timestamp, nullable=False),
)
"""subject: "login:anna" or "address:10.0.0.7"; open_at: no attempt is looked at before."""

saved_views = Table(
    "saved_views",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("list", String(40), nullable=False),
    Column("name", String(100), nullable=False),
    Column("question", String(2000), nullable=False),
    Column("saved_at", Timestamp, nullable=False),
    UniqueConstraint("user_id", "list", "name", name="uq_saved_views_user_id_list_name"),
)
"""question: filters, order and columns as the list's address has them. Each is its owner's alone."""
