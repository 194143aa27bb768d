"""Look-ups by code, first letters and day; deltas in whole or not at all; a file that may always be thrown away."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from edge.replica import Replica, ReplicaUnreadable, StaleDelta, hash_pin
from shared.barcodes import with_check_digit
from shared.pricing import TaxRate
from tests.edge.replica.conftest import BREAD, COFFEE, MILK, SECRET, TODAY, barcode, delta, price, product

ANNA = UUID("01936b2e-0000-7000-8000-0000000000a1")
LEVON = UUID("01936b2e-0000-7000-8000-0000000000a2")
SALT = "00112233445566778899aabbccddeeff"


def names(found: Any) -> list[str]:
    return [item.name for item in found]


# -- products ---------------------------------------------------------------------------------------------------------


def test_a_bar_code_finds_its_product_with_the_price_of_the_day(shop: Replica) -> None:
    [found] = shop.lookup("4850001234562", TODAY)
    assert (found.product.id, found.product.code, found.product.name) == (MILK, "1001", "Milk 3.2 % 1 l")
    assert (found.product.unit, found.product.tax_code, found.product.currency) == ("pc", "A", "AMD")
    assert (found.quantity_milli, found.barcode) == (1_000, "4850001234562")
    assert found.product.barcodes == ("14850001234569", "4850001234562")
    assert found.product.unit_price == 6_500_000


@pytest.mark.parametrize(
    ("day", "unit_price"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), 6_200_000),
        (date(2026, 11, 20), 6_200_000),
        (date(2026, 11, 21), 6_500_000),
        (date(2026, 12, 1), 7_000_000),
    ],
)
def test_a_price_holds_from_its_day_to_the_next(shop: Replica, day: date, unit_price: int | None) -> None:
    [found] = shop.by_article("1001", day)
    assert found.unit_price == unit_price


def test_a_case_stands_for_its_pieces(shop: Replica) -> None:
    [found] = shop.lookup("14850001234569", TODAY)
    assert (found.product.id, found.quantity_milli) == (MILK, 12_000)


@pytest.mark.parametrize("code", ["96385074", "000096385074", "0000096385074", "00000096385074"])
def test_one_article_is_found_by_every_length_of_its_gtin(shop: Replica, code: str) -> None:
    assert names(found.product for found in shop.lookup(code, TODAY)) == ["Coffee beans 250 g"]


def test_two_products_of_one_code_are_both_found(shop: Replica) -> None:
    """The same GTIN was entered as UPC-A for one product and as EAN-13 for another."""
    upc_a = with_check_digit("61414100003")
    shop.apply(delta(10, 11, barcodes=[barcode(upc_a, MILK), barcode("0" + upc_a, COFFEE)]))
    found = shop.lookup(upc_a, TODAY)
    assert {item.product.id for item in found} == {MILK, COFFEE}


def test_an_article_code_is_tried_when_no_bar_code_fits(shop: Replica) -> None:
    [found] = shop.lookup("1003", TODAY)
    assert (found.product.id, found.quantity_milli, found.barcode) == (BREAD, 1_000, None)
    assert found.product.unit_price is None


@pytest.mark.parametrize("code", ["", "4850009990001", "'; DROP TABLE products; --", "%", "9" * 4096, "\x00"])
def test_what_nobody_has_is_not_found(shop: Replica, code: str) -> None:
    assert shop.lookup(code, TODAY) == ()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mi", ["Milk 3.2 % 1 l"]),
        ("MILK 3.2", ["Milk 3.2 % 1 l"]),
        ("be co", ["Coffee beans 250 g"]),
        ("bea", ["Coffee beans 250 g"]),
        ("b", ["Bread Matnakash", "Coffee beans 250 g"]),
        ("1002", ["Coffee beans 250 g"]),
        ("ilk", []),
        ("milk bread", []),
        ("", []),
        ("  %%% ", []),
        ('mi" OR "co', []),
        ("NEAR(milk)", []),
    ],
)
def test_first_letters_of_any_word_find_products_names_that_begin_so_first(
    shop: Replica, typed: str, expected: list[str]
) -> None:
    assert names(shop.search(typed, TODAY)) == expected


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Սուրճ և կաթ", "սուր"),
        ("Սուրճ և կաթ", "ՍՈՒՐՃ ԵՒ"),
        ("Արև", "արեւ"),
        ("Молоко Ёлочка", "елоч"),
        ("Қазы", "қаз"),
        ("Йогурт", "ИОГ"),
        ("Ọbẹ̀ ẹgúsí", "obe egu"),
        ("İncir", "inc"),
        ("Qızıl", "qizil"),
        ("ჩაი შავი", "შავ"),
        ("Café crème", "creme"),
    ],
)
def test_letters_are_found_without_case_and_marks(replica: Replica, name: str, typed: str) -> None:
    replica.apply(delta(0, 1, products=[product(MILK, "1", name), product(COFFEE, "2", "Other")]))
    assert names(replica.search(typed, TODAY)) == [name]


def test_a_search_answers_no_more_than_asked(replica: Replica) -> None:
    replica.apply(delta(0, 1, products=[product(uuid4(), str(n), f"Tea {n:03d}") for n in range(150)]))
    assert names(replica.search("tea", TODAY, limit=3)) == ["Tea 000", "Tea 001", "Tea 002"]
    assert len(replica.search("t", TODAY, limit=10_000)) == 100


def test_a_renamed_product_is_found_by_its_new_name_only(shop: Replica) -> None:
    shop.apply(delta(10, 11, products=[product(MILK, "1009", "Kefir")]))
    assert names(shop.search("milk", TODAY)) == []
    assert names(shop.search("kef", TODAY)) == ["Kefir"]
    assert shop.lookup("1001", TODAY) == ()
    assert [found.product.name for found in shop.lookup("4850001234562", TODAY)] == ["Kefir"]


def test_deleted_rows_are_gone(shop: Replica) -> None:
    gone = {"deleted": True}
    shop.apply(
        delta(
            10,
            11,
            products=[{"id": str(COFFEE), **gone}],
            barcodes=[{"barcode": "14850001234569", **gone}],
            prices=[{"product_id": str(MILK), "valid_from": "2026-11-21", **gone}],
        )
    )
    assert shop.lookup("96385074", TODAY) == ()
    assert shop.search("coffee", TODAY) == ()
    assert shop.product(COFFEE, TODAY) is None
    [milk] = shop.lookup("4850001234562", TODAY)
    assert milk.product.barcodes == ("4850001234562",)
    assert milk.product.unit_price == 6_200_000


# -- customers, operators, tax, settings ------------------------------------------------------------------------------


@pytest.fixture
def people(replica: Replica) -> Replica:
    rows = [
        {
            "id": str(ANNA),
            "number": "C-1",
            "name": "Լուսինե Մկրտչյան",
            "phone": "+374 77 123456",
            "cards": ["290001", "A7"],
        },
        {"id": str(LEVON), "number": "C-2", "name": "Levon Mkhitaryan", "phone": None, "cards": []},
    ]
    replica.apply(delta(0, 1, customers=rows))
    return replica


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("077 12 34", ["C-1"]),
        ("123456", ["C-1"]),
        ("374", ["C-1"]),
        ("12", []),
        ("C-2", ["C-2"]),
        ("A7", ["C-1"]),
        ("290001", ["C-1"]),
        ("mkh lev", ["C-2"]),
        ("լուս", ["C-1"]),
        ('"', []),
        ("", []),
    ],
)
def test_customers_are_found_by_phone_card_number_and_name(people: Replica, typed: str, expected: list[str]) -> None:
    assert [customer.number for customer in people.find_customers(typed)] == expected


def test_a_card_finds_its_customer_and_changes_hands_whole(people: Replica) -> None:
    found = people.customer_by_card("A7")
    assert found is not None
    assert (found.id, found.phone, found.cards) == (ANNA, "+374 77 123456", ("290001", "A7"))
    people.apply(
        delta(1, 2, customers=[{"id": str(ANNA), "number": "C-1", "name": "Anna", "phone": "5550001", "cards": ["B8"]}])
    )
    assert people.customer_by_card("A7") is None
    assert [customer.number for customer in people.find_customers("123456")] == []
    assert people.customer(ANNA) == people.customer_by_card("B8")
    people.apply(delta(2, 3, customers=[{"id": str(ANNA), "deleted": True}]))
    assert (people.customer(ANNA), people.customer_by_card("B8"), people.find_customers("anna")) == (None, None, ())


def operator(operator_id: UUID, name: str, pin: str | None, **more: Any) -> dict[str, Any]:
    digest = None if pin is None else hash_pin(pin, bytes.fromhex(SALT)).hex()
    return {"id": str(operator_id), "name": name, "pin": digest, "badges": [], "rights": ["sell"], **more}


@pytest.fixture
def staff(replica: Replica) -> Replica:
    anna = operator(ANNA, "Anna", "271828", badges=["BADGE-1"], rights=["sell", "return"])
    replica.apply(delta(0, 1, operators=[anna, operator(LEVON, "Levon", None)], settings={"pin_salt": SALT}))
    return replica


def test_an_operator_is_known_by_pin_and_badge(staff: Replica) -> None:
    anna = staff.operator_by_pin("271828")
    assert anna is not None
    assert (anna.id, anna.name, anna.rights) == (ANNA, "Anna", frozenset({"sell", "return"}))
    assert staff.operator_by_badge("BADGE-1") == staff.operator(ANNA) == anna
    assert [each.name for each in staff.operators()] == ["Anna", "Levon"]


@pytest.mark.parametrize("pin", ["271829", "", "27182", "2718280", "٢٧١٨٢٨", "abcdef"])
def test_a_wrong_pin_is_nobodys(staff: Replica, pin: str) -> None:
    assert staff.operator_by_pin(pin) is None


def test_a_pin_of_two_people_is_nobodys(staff: Replica) -> None:
    staff.apply(delta(1, 2, operators=[operator(LEVON, "Levon", "271828")]))
    assert staff.operator_by_pin("271828") is None


def test_a_withdrawn_operator_is_out(staff: Replica) -> None:
    staff.apply(delta(1, 2, operators=[{"id": str(ANNA), "deleted": True}]))
    assert (staff.operator_by_pin("271828"), staff.operator_by_badge("BADGE-1")) == (None, None)


def test_neither_pin_nor_badge_is_readable_in_the_file(staff: Replica, path: Path) -> None:
    staff.close()
    data = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"Anna" in data
    for secret in (b"BADGE-1", b"271828", hash_pin("271828", bytes.fromhex(SALT)), SECRET.encode()):
        assert secret not in data
    assert hash_pin("271828", bytes.fromhex(SALT)).hex().encode() not in data
    staff._open_file()


def test_rights_hold_for_seven_days_without_word_then_selling_only(staff: Replica) -> None:
    anna = staff.operator(ANNA)
    assert anna is not None
    now = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert staff.rights_of(anna, now) == {"sell"}  # never confirmed
    staff.confirm(now)
    assert staff.rights_of(anna, now + timedelta(days=7)) == {"sell", "return"}
    assert staff.rights_of(anna, now + timedelta(days=7, seconds=1)) == {"sell"}


def test_tax_rows_are_keyed_by_letter_and_day(replica: Replica) -> None:
    row = {"code": "A", "rate": 2_000, "valid_from": "2020-01-01", "inclusive": True}
    replica.apply(delta(0, 1, taxes=[row, {**row, "valid_from": "2027-01-01", "rate": 1_800}]))
    replica.apply(delta(1, 2, taxes=[{**row, "rate": 1_900}]))
    assert replica.tax_table() == (
        TaxRate("A", 1_900, date(2020, 1, 1), True),
        TaxRate("A", 1_800, date(2027, 1, 1), True),
    )


def test_settings_come_change_and_go(replica: Replica) -> None:
    replica.apply(delta(0, 1, settings={"pin_salt": SALT, "label_templates": ["21IIIIIWWWWWC"]}))
    replica.apply(delta(1, 2, settings={"pin_salt": None, "opening": {"mon": 9}}))
    assert replica.settings() == {"label_templates": ["21IIIIIWWWWWC"], "opening": {"mon": 9}}


# -- deltas and the file ----------------------------------------------------------------------------------------------


def test_a_delta_that_does_not_begin_here_changes_nothing(shop: Replica) -> None:
    with pytest.raises(StaleDelta, match="SRV-410 have=10, since=9"):
        shop.apply(delta(9, 12, products=[product(MILK, "1", "X")]))
    assert (shop.version, names(shop.search("milk", TODAY))) == (10, ["Milk 3.2 % 1 l"])


def test_a_delta_that_fails_half_way_changes_nothing(shop: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(point: str) -> None:
        raise LookupError(point)

    monkeypatch.setattr("edge.replica.applying.reach", fail)
    with pytest.raises(LookupError, match=r"replica\.half_applied"):
        shop.apply(delta(10, 11, products=[product(MILK, "1", "X")]))
    monkeypatch.undo()
    assert (shop.version, names(shop.search("milk", TODAY))) == (10, ["Milk 3.2 % 1 l"])
    shop.apply(delta(10, 11, products=[product(MILK, "1", "X")]))
    assert shop.version == 11


@pytest.mark.parametrize(
    "changes",
    [
        {"prices": [{"product_id": str(MILK), "valid_from": "2026-01-01", "unit_price": -1}]},
        {"prices": [{"product_id": str(MILK), "valid_from": "2026-01-01", "unit_price": 1.5}]},
        {"prices": [{"product_id": str(MILK), "valid_from": "2026-01-01", "unit_price": "100"}]},
        {"barcodes": [{"barcode": "1", "product_id": str(MILK), "quantity_milli": 0}]},
        {"barcodes": [{"barcode": "", "product_id": str(MILK), "quantity_milli": 1}]},
        {"products": [{"id": "x", "code": "1", "name": "n", "unit": "pc", "tax_code": "A"}]},
        {"products": [{"id": str(MILK), "code": "1", "name": "n" * 201, "unit": "pc", "tax_code": "A"}]},
        {"operators": [{"id": str(ANNA), "name": "A", "pin": "271828"}]},
        {"taxes": [{"code": "A", "rate": 10_001, "valid_from": "2026-01-01", "inclusive": True}]},
    ],
)
def test_rows_that_are_not_what_they_should_be_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        delta(0, 1, **changes)


def test_everything_is_there_after_a_restart(shop: Replica, path: Path) -> None:
    shop.confirm(datetime(2026, 11, 21, tzinfo=UTC))
    shop.close()
    again = Replica.open(path, secret=SECRET, currency="AMD")
    assert (again.version, again.synced_at) == (10, datetime(2026, 11, 21, tzinfo=UTC))
    assert names(again.search("milk", TODAY)) == ["Milk 3.2 % 1 l"]
    again.close()
    shop._open_file()


def make_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=900")


def make_noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(50_000))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def drop_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE state")


@pytest.mark.parametrize("damage", [make_newer, make_noise, cut_off, drop_a_table, Path.touch])
def test_a_file_that_does_not_fit_is_made_anew(shop: Replica, path: Path, damage: Any) -> None:
    shop.close()
    Path(f"{path}-wal").unlink(missing_ok=True)
    damage(path)
    again = Replica.open(path, secret=SECRET, currency="AMD")
    expected = 10 if damage is Path.touch else 0
    assert again.version == expected
    again.apply(delta(expected, 20, products=[product(MILK, "1", "Kefir")]))
    assert names(again.search("kef", TODAY)) == ["Kefir"]
    again.close()
    shop._open_file()


def test_another_nodes_file_is_made_anew(shop: Replica, path: Path) -> None:
    shop.close()
    other = Replica.open(path, secret="another", currency="AMD")
    assert (other.version, other.search("milk", TODAY)) == (0, ())
    other.close()
    shop._open_file()


def test_damage_met_while_reading_is_told_and_cured_by_starting_over(replica: Replica, path: Path) -> None:
    replica.apply(delta(0, 1, products=[product(uuid4(), str(n), f"Tea {n:05d}") for n in range(5_000)]))
    replica._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    replica._reader.execute("PRAGMA cache_size=0")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(random.Random(1).randbytes(size - 8192))
    told: list[bool] = []
    replica.on_damage = lambda: told.append(replica.damaged)
    with pytest.raises(ReplicaUnreadable, match="SRV-310"):
        replica.search("tea", TODAY, limit=100)
    assert told == [True]
    replica.start_over()
    assert (replica.version, replica.damaged, replica.search("tea", TODAY)) == (0, False, ())


def test_a_successor_takes_the_place_of_the_one_in_use(shop: Replica) -> None:
    successor = shop.successor()
    successor.apply(delta(0, 99, products=[product(BREAD, "1003", "Lavash")], prices=[price(BREAD, 1, "2026-01-01")]))
    assert (shop.version, names(shop.search("milk", TODAY))) == (10, ["Milk 3.2 % 1 l"])
    shop.succeed(successor)
    assert (shop.version, shop.search("milk", TODAY), names(shop.search("lav", TODAY))) == (99, (), ["Lavash"])
    shop.apply(delta(99, 100, products=[product(MILK, "1", "Milk")]))
    assert names(shop.search("milk", TODAY)) == ["Milk"]
