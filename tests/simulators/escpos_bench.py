"""A printer on the table for the tests of this folder: bytes in, paper out, no wire and no files."""

from __future__ import annotations

from typing import Any

from simulators._escpos.interpreter import Interpreter
from simulators._escpos.letters import LetterDecoder
from simulators._escpos.options import Options
from simulators._escpos.paper import Paper
from simulators._escpos.tokens import Kind, Tokenizer

__all__ = ["Bench", "printed"]


class Bench:
    """Stands for the device around the interpreter: collects answers, pulses and cut papers."""

    def __init__(self, **options: str) -> None:
        chosen = Options.parse(options)
        letters = LetterDecoder(chosen.pages, international=chosen.international)
        self.tokens = Tokenizer()
        self.replies = b""
        self.pulses: list[tuple[int, int]] = []
        self.papers: list[Paper] = []
        self.cuts: list[str] = []
        self.printer = Interpreter(
            self, chosen.width, letters, line_spacing=chosen.line_spacing, cr_feeds=chosen.cr_feeds
        )

    def feed(self, data: bytes) -> Bench:
        at = 0
        while at < len(data):
            token, at = self.tokens.take(data, at)
            if token is not None and token.kind is not Kind.REALTIME:
                self.printer.run(token)
        return self

    @property
    def paper(self) -> Paper:
        return self.printer.paper

    @property
    def words(self) -> list[str]:
        """Text of the printed lines, in order."""
        return [line["text"] for line in self.paper.lines if line["kind"] == "text"]

    def line(self, number: int = 0) -> dict[str, Any]:
        return [line for line in self.paper.lines if line["kind"] == "text"][number]

    def dark_columns(self, top: int, bottom: int) -> tuple[int, int]:
        """First and last dot column with ink between two rows."""
        box = self._ink((0, top, self.paper.width, min(bottom, self.paper.y)))
        return box[0], box[2] - 1

    def dark_rows(self) -> tuple[int, int]:
        box = self._ink((0, 0, self.paper.width, self.paper.y))
        return box[1], box[3] - 1

    def _ink(self, area: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        box = self.paper.picture().crop(area).point(lambda dot: 0 if dot else 255).getbbox()
        assert box is not None
        return box

    # what commands may ask

    def reply(self, data: bytes) -> None:
        self.replies += data

    def paper_status(self) -> bytes:
        return b"\x00"

    def drawer_status(self) -> bytes:
        return b"\x01"

    def identity(self, n: int) -> bytes:
        return b"_" + bytes((n,)) + b"\x00"

    def set_auto_status(self, mask: int) -> None:
        self.reply(b"<%d>" % mask)

    def pulse(self, pin: int, on_ms: int) -> None:
        self.pulses.append((pin, on_ms))

    def cut(self, mode: str) -> None:
        self.cuts.append(mode)
        self.papers.append(self.printer.paper)
        self.printer.paper = Paper(self.printer.paper.width)

    def fed(self, dots: int) -> None: ...


def printed(data: bytes, **options: str) -> Bench:
    return Bench(**options).feed(data)
