"""A new customer card at the till: phone, name, consent. Works without a link; head office hears of it by its fact.

Never breaks: one phone is one customer here; who is known already is offered, not written twice.
"""

from __future__ import annotations

from typing import Final

from edge.checkout.act import Act
from edge.checkout.basket import CustomerSnapshot
from edge.checkout.selling import set_customer
from edge.replica import Customer
from shared.errors import PermanentError
from shared.events import CustomerEnrolled
from shared.ids import uuid7

__all__ = ["enrol", "phone_digits"]

FEWEST_DIGITS: Final = 6
"""A local number without its area; fewer is a slip of the finger."""
MOST_DIGITS: Final = 15
"""E.164."""


def phone_digits(phone: str) -> str:
    """What phones are compared by. Raises PermanentError CUS-410."""
    digits = "".join(letter for letter in phone if letter.isascii() and letter.isdigit()).lstrip("0")
    is_phone = all(letter.isdigit() or letter in "+ ()-./" for letter in phone)
    if not is_phone or not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        raise PermanentError("CUS-410", phone=phone[:32])
    return digits


def enrol(act: Act, phone: str, name: str, *, consent: bool, language: str | None, known: Customer | None) -> None:
    """Give this person a card and attach it to the sale. known: whom the replica has under this phone.

    Raises PermanentError CUS-410 no phone number, CUS-411 the phone is somebody's.
    """
    digits = phone_digits(phone)
    if known is not None:
        raise PermanentError("CUS-411", number=known.number, name=known.name, customer_id=str(known.id))
    act.open_shift()
    row = act.tx.connection.execute(
        "SELECT customer_id, name FROM enrolled WHERE phone_digits = ?", (digits,)
    ).fetchone()
    if row is not None:
        raise PermanentError("CUS-411", number=row["name"], name=row["name"], customer_id=row["customer_id"])
    customer_id = uuid7()
    act.tx.connection.execute(
        "INSERT INTO enrolled (customer_id, name, phone_digits, at) VALUES (?, ?, ?, ?)",
        (str(customer_id), name, digits, act.now_text),
    )
    payload = CustomerEnrolled(customer_id=customer_id, name=name, phone=phone, consent=consent, language=language)
    act.fact("customer.enrolled", customer_id, payload)
    set_customer(act, CustomerSnapshot(customer_id, "", name))
    act.result = {"customer_id": str(customer_id)}
