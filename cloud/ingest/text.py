"""Text of strangers, made fit for a column."""

from __future__ import annotations

__all__ = ["clean"]


def clean(text: str, length: int = 500) -> str:
    """No zero bytes (PostgreSQL has none), no half characters (no encoding has them), not longer than `length`."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")[:length]
