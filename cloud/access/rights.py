"""Rights and the presets that grant them. Pure data; who holds what is in the tables.

A right is a string on every wire. The till's rights travel to branches; the others are head office's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["PRESETS", "TILL_RIGHTS", "Preset", "Right"]


class Right(StrEnum):
    SELL = "sell"
    RETURN = "return"
    RETURN_OVER_LIMIT = "return_over_limit"
    VOID_LINE = "void_line"
    CANCEL_SALE = "cancel_sale"
    DISCOUNT = "discount"
    PRICE_CHANGE = "price_change"
    OPEN_DRAWER = "open_drawer"
    CASH_MOVE = "cash_move"
    X_REPORT = "x_report"
    CLOSE_SHIFT = "close_shift"
    SEE_EXPECTED_CASH = "see_expected_cash"

    SEE_SALES = "see_sales"
    SEE_STOCK = "see_stock"
    SEE_DEVICES = "see_devices"
    SEE_EXCEPTIONS = "see_exceptions"
    SEE_CATALOGUE = "see_catalogue"
    SEE_CUSTOMERS = "see_customers"
    SEE_AUDIT = "see_audit"
    REVIEW_SECURITY = "review_security"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_CUSTOMERS = "manage_customers"
    MANAGE_DEVICES = "manage_devices"
    """Branches, nodes, settling of exceptions, replay of quarantine."""
    MANAGE_USERS = "manage_users"


TILL_RIGHTS: Final = frozenset(
    {
        Right.SELL,
        Right.RETURN,
        Right.RETURN_OVER_LIMIT,
        Right.VOID_LINE,
        Right.CANCEL_SALE,
        Right.DISCOUNT,
        Right.PRICE_CHANGE,
        Right.OPEN_DRAWER,
        Right.CASH_MOVE,
        Right.X_REPORT,
        Right.CLOSE_SHIFT,
        Right.SEE_EXPECTED_CASH,
    }
)
"""Whoever holds one of these for a branch is an operator there."""

_SEEING: Final = frozenset(
    {
        Right.SEE_SALES,
        Right.SEE_STOCK,
        Right.SEE_DEVICES,
        Right.SEE_EXCEPTIONS,
        Right.SEE_CATALOGUE,
        Right.SEE_CUSTOMERS,
    }
)


class Preset(StrEnum):
    OWNER = "owner"
    HEAD_OFFICE = "head_office"
    MANAGER = "manager"
    CASHIER = "cashier"
    SECURITY = "security"


PRESETS: Final[Mapping[Preset, frozenset[Right]]] = {
    Preset.OWNER: frozenset(Right),
    Preset.HEAD_OFFICE: _SEEING
    | {
        Right.SEE_AUDIT,
        Right.SEE_EXPECTED_CASH,
        Right.REVIEW_SECURITY,
        Right.MANAGE_CATALOGUE,
        Right.MANAGE_CUSTOMERS,
        Right.MANAGE_DEVICES,
        Right.MANAGE_USERS,
    },
    Preset.MANAGER: TILL_RIGHTS | _SEEING | {Right.MANAGE_CUSTOMERS},
    Preset.CASHIER: frozenset(
        {
            Right.SELL,
            Right.RETURN,
            Right.VOID_LINE,
            Right.CANCEL_SALE,
            Right.OPEN_DRAWER,
            Right.CASH_MOVE,
            Right.X_REPORT,
            Right.CLOSE_SHIFT,
        }
    ),
    Preset.SECURITY: frozenset({Right.SEE_SALES, Right.SEE_DEVICES, Right.SEE_EXCEPTIONS, Right.REVIEW_SECURITY}),
}
"""What each role grants in the branches it is given for. A cashier has nothing to see at head office."""
