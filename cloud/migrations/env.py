"""Run by alembic for every command: gives it our connection and the tables of every part."""

from __future__ import annotations

import importlib
import pkgutil

from alembic import context

import cloud
from cloud.database import METADATA


def import_models() -> None:
    """Every part that has a models.py, so that a new part's tables cannot be forgotten."""
    for part in pkgutil.iter_modules(cloud.__path__):
        if part.ispkg and importlib.util.find_spec(f"cloud.{part.name}.models"):
            importlib.import_module(f"cloud.{part.name}.models")


import_models()
connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=connection.dialect.name == "sqlite")
context.run_migrations()
