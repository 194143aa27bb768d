"""Every message exists in every language, whole and with the same places (UX T21)."""

from __future__ import annotations

import re
import unicodedata

import pytest

from shared.words import LANGUAGES, PARTS, catalogue, placeholders, text
from shared.words._po import MalformedCatalogue, read_po

ERROR_CODE = re.compile(r"(SCN|SAL|PAY|FIS|PRN|DRW|CUS|LOY|STK|NET|SEC|USR|IMP|SRV|DEV|EVT)-[1-5]\d\d")
UX_CODES = {
    *("SCN-201", "SCN-202", "SCN-203", "SAL-131", "SAL-133", "SAL-210", "SAL-230", "SAL-232", "PRN-240", "FIS-502"),
    *("PAY-501", "DRW-241", "USR-250", "NET-301", "NET-302", "STK-420", "STK-121", "STK-421", "LOY-460"),
}

english = catalogue("en")
codes = sorted({message_id.partition(".")[0] for message_id in english if message_id[:3].isupper()})
others = [language for language in LANGUAGES if language != "en"]


def test_every_event_of_the_till_has_its_code() -> None:
    assert UX_CODES - set(codes) == set()


@pytest.mark.parametrize("code", codes)
def test_a_code_is_of_our_areas_and_kinds(code: str) -> None:
    assert ERROR_CODE.fullmatch(code)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", codes)
def test_a_code_has_its_three_parts_in_every_language(code: str, language: str) -> None:
    own = catalogue(language)
    assert [part for part in PARTS if not own.get(f"{code}.{part}")] == []
    assert sorted(message_id for message_id in own if message_id.startswith(code)) == sorted(
        f"{code}.{part}" for part in PARTS
    )


@pytest.mark.parametrize("language", others)
def test_a_language_has_the_messages_of_english_and_no_others(language: str) -> None:
    assert catalogue(language).keys() == english.keys()


@pytest.mark.parametrize("language", others)
def test_places_are_the_same_in_every_language(language: str) -> None:
    own = catalogue(language)
    assert {key: placeholders(own[key]) for key in english} == {key: placeholders(english[key]) for key in english}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_composed_unicode_and_plain_for_both_readers(language: str) -> None:
    """NFC, for printers and searches; and nothing that the screens' reader (ICU) would take for more than a place."""
    for message in catalogue(language).values():
        assert unicodedata.is_normalized("NFC", message)
        without_places = re.sub(r"\{[a-z_]+\}", "", message)
        assert not set(without_places) & set("{}<>")
        assert "'{" not in message
        assert "!" not in message


def test_places_are_filled() -> None:
    assert text("en", "SCN-201.what", barcode="4850009990001") == "4850009990001 is not in the catalogue."
    assert text("hy", "SCN-201.kept") == "Զամբյուղը չի փոխվել։"


def test_a_language_we_do_not_speak_reads_english() -> None:
    assert text("fr", "receipt.total") == "Total"


def test_what_is_missing_is_shown_and_never_raises() -> None:
    assert text("ru", "XXX-999.what") == "XXX-999.what"
    assert text("en", "SCN-201.what") == "{barcode} is not in the catalogue."


def test_a_value_is_never_read_as_a_place() -> None:
    assert text("en", "STK-420.what", item="{date}", date="03.11.2026") == "{date}: expired 03.11.2026."


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ('msgid "a"\nmsgstr "b"\n', {"a": "b"}),
        ('# note\nmsgid "a"\nmsgstr ""\n"b "\n"\\"c\\"\\n"\n', {"a": 'b "c"\n'}),
        ('msgid ""\nmsgstr "Language: en\\n"\n\nmsgid "a"\nmsgstr "b"', {"a": "b"}),
        ('msgid "not translated"\nmsgstr ""\n', {}),
        ("", {}),
    ],
)
def test_reads_what_our_catalogues_use(content: str, messages: dict[str, str]) -> None:
    assert read_po(content) == messages


@pytest.mark.parametrize(
    "content",
    [
        'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n',
        'msgctxt "x"\nmsgid "a"\nmsgstr "b"\n',
        'msgid "a\nmsgstr "b"\n',
        "msgid 1\nmsgstr 2\n",
        '"stray"\n',
        'msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n',
    ],
)
def test_refuses_what_it_would_half_read(content: str) -> None:
    with pytest.raises(MalformedCatalogue):
        read_po(content)
