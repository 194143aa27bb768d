"""GS1 data: what the symbols on goods say, as scanners deliver it. `interpret` is the front door."""

from shared.gs1.elements import (
    Element,
    ElementString,
    MalformedElements,
    encode_elements,
    human_form,
    parse_elements,
    parse_human_form,
)
from shared.gs1.identifiers import GS
from shared.gs1.interpreting import LONGEST_SCAN, interpret
from shared.gs1.scanned import Amount, Marking, Problem, Scanned, ScannedKind
from shared.gs1.symbologies import Symbology

__all__ = [
    "GS",
    "LONGEST_SCAN",
    "Amount",
    "Element",
    "ElementString",
    "MalformedElements",
    "Marking",
    "Problem",
    "Scanned",
    "ScannedKind",
    "Symbology",
    "encode_elements",
    "human_form",
    "interpret",
    "parse_elements",
    "parse_human_form",
]
