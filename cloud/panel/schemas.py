"""What the control panel says. Money is minor units of the row's currency; currencies are never added."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, BaseModel, Field

__all__ = ["BranchFigures", "HourFigures", "MoneyFigures", "Panel", "TotalFigures"]


class MoneyFigures(BaseModel):
    """total_minor is before cash rounding; net is sold less returned."""

    currency: str
    sales: int
    total_minor: int
    discount_minor: int
    returns: int
    returned_minor: int
    net_minor: int
    average_minor: int | None = Field(description="Of a sale before returns, to the step the currency shows.")
    cancelled: int
    voided: int


class BranchFigures(BaseModel):
    """One branch today. Fields the reader has no right to are null."""

    branch: str
    name: str
    businessdate: date
    money: list[MoneyFigures] | None
    nodes: int
    nodes_online: int
    is_silent: bool = Field(description="No gateway of the branch is connected: its figures may be behind.")
    silent_since: AwareDatetime | None
    unsynced: int | None = Field(description="Facts known to be in the branch and not here; as of its last word.")
    last_fact_at: AwareDatetime | None
    replica_behind: int | None = Field(description="Changes of catalogue, customers and rights not yet confirmed.")
    devices_attention: int | None
    devices_stopped: int | None
    exceptions: int | None = Field(description="Open ones.")


class HourFigures(BaseModel):
    hour: int
    sales: int
    total_minor: int
    returned_minor: int


class TotalFigures(MoneyFigures):
    """All branches that sell in this currency; hours are on each branch's own clock."""

    hours: list[HourFigures]


class Panel(BaseModel):
    as_of: AwareDatetime
    silent: list[str] = Field(description="Branches whose newest figures may be missing.")
    branches: list[BranchFigures]
    totals: list[TotalFigures]
