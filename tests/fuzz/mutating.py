"""Inputs near the examples: cut, doubled, swapped, with bytes changed; and now and then anything at all."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = ["inputs"]

LONGEST = 4_500
"""Bytes of an input that is made up; a little above the longest scan."""


@st.composite
def _edited(draw: DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.sampled_from((0, 1, 1, 2, 8, 40))))
        piece = draw(st.sampled_from(("bytes", "nothing", "twice", "elsewhere")))
        if piece == "bytes":
            data[at:end] = draw(st.binary(max_size=8))
        elif piece == "nothing":
            del data[at:end]
        elif piece == "twice":
            data[at:at] = data[at:end]
        else:
            other = draw(st.sampled_from(seeds))
            start = draw(st.integers(0, len(other)))
            data[at:end] = other[start : start + 40]
    return bytes(data)


def inputs(seeds: tuple[bytes, ...]) -> SearchStrategy[bytes]:
    return st.one_of(_edited(seeds), _edited(seeds), _edited(seeds), st.binary(max_size=LONGEST))
