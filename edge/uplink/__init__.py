"""The road to head office over MQTT: publish the journal, obey acks, take commands. See docs/delivery.md."""

from edge.uplink.desk import CommandHandler
from edge.uplink.settings import BrokerSettings, PlainLinkRefused, Timings, refuse_plain_link
from edge.uplink.uplink import LinkState, NodeNews, Uplink

__all__ = [
    "BrokerSettings",
    "CommandHandler",
    "LinkState",
    "NodeNews",
    "PlainLinkRefused",
    "Timings",
    "Uplink",
    "refuse_plain_link",
]
