"""Keeping the gateway's tasks and devices running, and knowing how each of them is."""

from edge.supervision.devices import LINK, Openable, keep_device
from edge.supervision.health import HealthRegistry
from edge.supervision.restarts import RestartLimits
from edge.supervision.supervisor import MemberReport, MemberState, Supervisor

__all__ = [
    "LINK",
    "HealthRegistry",
    "MemberReport",
    "MemberState",
    "Openable",
    "RestartLimits",
    "Supervisor",
    "keep_device",
]
