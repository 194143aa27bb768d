"""The words of the screens: each in every language, with the same places and the plurals that the language needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.words import LANGUAGES
from shared.words._po import read_po

WEB = Path(__file__).resolve().parents[2] / "web"
APPS = ("till", "office")
OTHERS = [language for language in LANGUAGES if language != "en"]

PLURALS = {
    "en": {"one", "other"},
    "hy": {"one", "other"},
    "az": {"one", "other"},
    "kk": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
    "ka": {"one", "other"},
    "yo": {"other"},
}
"""Source: CLDR, cardinal plurals of whole numbers."""


def words(app: str, language: str) -> dict[str, str]:
    return read_po((WEB / app / "words" / language / "web.po").read_text(encoding="utf-8"))


def places(message: str) -> set[str]:
    return set(re.findall(r"\{([a-z_]+)(?=[,}])", message))


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("language", OTHERS)
def test_every_word_is_in_every_language(app: str, language: str) -> None:
    assert words(app, language).keys() == words(app, "en").keys()


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("language", OTHERS)
def test_places_are_the_same_in_every_language(app: str, language: str) -> None:
    own, english = words(app, language), words(app, "en")
    assert {key: places(own[key]) for key in english} == {key: places(english[key]) for key in english}


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_counted_words_have_the_plurals_of_their_language(app: str, language: str) -> None:
    counted = {key: message for key, message in words(app, language).items() if ", plural," in message}
    forms = {key: set(re.findall(r"\b(zero|one|two|few|many|other) \{", message)) for key, message in counted.items()}
    assert forms == dict.fromkeys(counted, PLURALS[language])


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_shouts(app: str, language: str) -> None:
    assert [message for message in words(app, language).values() if "!" in message] == []
