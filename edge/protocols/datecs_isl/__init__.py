"""ISL, the language of Datecs fiscal registers and their relatives: bytes <-> messages, no I/O.

Frames live in `frames`, status bits in `status`. What a command's data means is the driver's business (and, written a
second time, the simulator's). The rule that never breaks: a frame that fails any check is never a message.
"""

from edge.protocols.datecs_isl.frames import (
    CODE_PAGE,
    LONG,
    NEED_DATA,
    SHORT,
    Connection,
    Damaged,
    Event,
    FrameFormat,
    IllegalMessage,
    Nak,
    NeedData,
    Noise,
    Reply,
    Request,
    Syn,
)
from edge.protocols.datecs_isl.status import (
    HEALTHY,
    Dialect,
    MalformedStatus,
    Status,
    StatusFlag,
    decode_status,
    encode_status,
    flags_of,
)

__all__ = [
    "CODE_PAGE",
    "HEALTHY",
    "LONG",
    "NEED_DATA",
    "SHORT",
    "Connection",
    "Damaged",
    "Dialect",
    "Event",
    "FrameFormat",
    "IllegalMessage",
    "MalformedStatus",
    "Nak",
    "NeedData",
    "Noise",
    "Reply",
    "Request",
    "Status",
    "StatusFlag",
    "Syn",
    "decode_status",
    "encode_status",
    "flags_of",
]
