"""A gateway on the network and head office's application, as their own tests have them."""

from __future__ import annotations

from tests.cloud.office import office, small_office
from tests.edge.terminal.conftest import branch, page

__all__ = ["branch", "office", "page", "small_office"]
