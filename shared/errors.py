"""The four answers to "what now?", shared by every package.

An error that a person may see carries a stable code AREA-nnn (see `shared.codes`), its facts as parameters and,
where a device spoke first, the maker's own code. Texts live in the message catalogues, never here.
"""

from __future__ import annotations

__all__ = ["NeedsPerson", "OutcomeUnknown", "PermanentError", "TradepostError", "TransientError"]


class TradepostError(Exception):
    """Base of all our errors.

    code: stable, AREA-nnn, one help page each.
    parameters: facts for the message's placeholders; plain strings and numbers, never secrets.
    maker_code: the device maker's own words or number, shown beside ours.
    """

    def __init__(self, code: str, *, maker_code: str | None = None, **parameters: str | int) -> None:
        facts = ", ".join(f"{name}={value}" for name, value in parameters.items())
        super().__init__(f"{code} {facts}".rstrip())
        self.code = code
        self.maker_code = maker_code
        self.parameters = parameters


class TransientError(TradepostError):
    """Try again later: nothing happened."""


class NeedsPerson(TradepostError):
    """Paper, cover, password, consent, a right: nothing happened, and a person can make it go on."""


class PermanentError(TradepostError):
    """Will never work as asked: nothing happened, stop asking."""


class OutcomeUnknown(TradepostError):
    """It may have happened. Ask the device; never send it again blindly."""
