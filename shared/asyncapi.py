"""The AsyncAPI 3.0 document of everything that crosses the broker, generated from the models.

`python -m shared.asyncapi` prints it; docs/asyncapi.json is its committed copy, and a test compares the two.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic import BaseModel

from shared.delivery import Ack, Birth, Command, Death, Gone, ReplicaVersion, Reply
from shared.envelope import Envelope, event_type, schema_uri
from shared.events import PAYLOADS
from shared.topics import PARTITIONS, Channel

__all__ = ["document"]

_REF = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    """The whole document, with keys in a stable order."""
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    fact_refs = []
    for name, (major, model) in sorted(PAYLOADS.items()):
        _add_schema(schemas, model)
        key = f"{name}.v{major}"
        schemas[key] = _fact_schema(name, major, model)
        fact_refs.append({"$ref": _REF.format(model=key)})
    _add_schema(schemas, Envelope)
    messages["batch"] = {
        "title": "Batch of facts",
        "summary": "JSON array in sequence order, optionally zstd-compressed (magic 28 B5 2F FD).",
        "contentType": "application/cloudevents-batch+json",
        "payload": {"type": "array", "minItems": 1, "items": {"oneOf": fact_refs}},
    }
    control: tuple[type[BaseModel], ...] = (Birth, Death, Ack, Command, Reply, Gone, ReplicaVersion)
    for message in control:
        _add_schema(schemas, message)
        messages[message.__name__] = {
            "title": message.__name__,
            "summary": _first_line(message),
            "contentType": "application/json",
            "payload": {"$ref": _REF.format(model=message.__name__)},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tradepost between branch and head office",
            "version": "1",
            "description": "Topics, QoS and rules: docs/delivery.md.",
        },
        "defaultContentType": "application/json",
        "channels": {channel.value: _channel(channel) for channel in Channel},
        "operations": _operations(),
        "components": {"messages": messages, "schemas": dict(sorted(schemas.items()))},
    }


_SENT: dict[Channel, tuple[str, ...]] = {
    Channel.EVENTS: ("batch",),
    Channel.STATUS: ("Birth", "Death"),
    Channel.ACK: ("Ack",),
    Channel.COMMANDS: ("Command",),
    Channel.REPLIES: ("Reply", "Gone"),
    Channel.CONFIG: ("ReplicaVersion",),
}
_FROM_NODE = {Channel.EVENTS, Channel.STATUS, Channel.REPLIES}


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "address": f"tradepost/v1/{{partition}}/{{branch}}/{{node}}/{channel}",
        "parameters": {
            "partition": {"description": f"Two digits, 00 to {PARTITIONS - 1}."},
            "branch": {"description": "Branch id."},
            "node": {"description": "Node id, also its user name at the broker."},
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _SENT[channel]},
        "bindings": {"mqtt": {"bindingVersion": "0.2.0"}},
    }


def _operations() -> dict[str, Any]:
    # Seen from the node, as AsyncAPI asks: it sends facts and receives acks.
    return {
        f"{'send' if channel in _FROM_NODE else 'receive'}_{channel}": {
            "action": "send" if channel in _FROM_NODE else "receive",
            "channel": {"$ref": f"#/channels/{channel}"},
            "bindings": {"mqtt": {"qos": 1, "retain": channel in {Channel.STATUS, Channel.CONFIG}}},
        }
        for channel in Channel
    }


def _add_schema(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    schema = model.model_json_schema(ref_template=_REF, mode="validation")
    for name, definition in schema.pop("$defs", {}).items():
        schemas[name] = definition
    schemas[model.__name__] = schema


def _fact_schema(name: str, major: int, model: type[BaseModel]) -> dict[str, Any]:
    return {
        "title": f"{name} v{major}",
        "description": _first_line(model),
        "allOf": [
            {"$ref": _REF.format(model="Envelope")},
            {
                "type": "object",
                "required": ["type", "dataschema", "data"],
                "properties": {
                    "type": {"const": event_type(name, major)},
                    "dataschema": {"const": schema_uri(name, major)},
                    "data": {"$ref": _REF.format(model=model.__name__)},
                },
            },
        ],
    }


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or model.__name__).strip().splitlines()[0]


def main() -> None:
    json.dump(document(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
