"""What each byte from 80h prints, per code page number (ESC t), and the international sets (ESC R).

Source: notes 05, section 5; tables that Python lacks are the vendors' published ones. Written apart from the
driver's tables on purpose: the two are compared only on the wire.
"""

from __future__ import annotations

from functools import cache
from typing import Final

__all__ = ["INTERNATIONAL", "STANDARD_PAGES", "page_table", "parse_page_table"]

_DATECS: Final = {16: "cp1253", 20: "cp858"}
"""Datecs-made printers number their pages differently; these two are known from notes 05."""

STANDARD_PAGES: Final = {
    0: "cp437",
    1: "katakana",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    11: "cp851",
    12: "cp853",
    13: "cp857",
    14: "cp737",
    15: "iso8859-7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    21: "cp874",
    32: "cp720",
    33: "cp775",
    34: "cp855",
    35: "cp861",
    36: "cp862",
    37: "cp864",
    38: "cp869",
    39: "iso8859-2",
    40: "iso8859-15",
    41: "cp1098",
    42: "cp774",
    43: "cp772",
    44: "cp1125",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    49: "cp1255",
    50: "cp1256",
    51: "cp1257",
    52: "cp1258",
    53: "kz1048",
}

_ARMENIAN: Final = "".join(chr(0x531 + i) + chr(0x561 + i) for i in range(38))
_ROW_DOS: Final = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»"
_LITHUANIAN: Final = "░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀"

_TABLES: Final = {
    "katakana": "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯ "
    + "".join(chr(0xFF61 + i) for i in range(63))
    + "═╞╪╡◢◣◥◤♠♥♦♣●○╱╲╳円年月日時分秒〒市区町村人▒\u00a0",
    "cp851": "ÇüéâäàΆçêëèïîΈÄΉΊ ΌôöΎûùΏÖÜά£έήίϊΐόύΑΒΓΔΕΖΗ½ΘΙ«»░▒▓│┤ΚΛΝΜ╣║╗╝ΞΟ┐└┴┬├─┼ΠΡ╚╔╩╦╠═╬"
    "ΣΤΥΦΧΨΩαβγ┘┌█▄δε▀ζηθικλμνξοπρσςτ´\u00ad±υφχ§ψ˛°¨ωϋΰώ■\u00a0",
    "cp853": "ÇüéâäàĉçêëèïîìÄĈÉċĊôöòûùİÖÜĝ£Ĝ×ĵáíóúñÑĞğĤĥ ½Ĵş«»░▒▓│┤ÁÂÀŞ╣║╗╝Żż┐└┴┬├─┼Ŝŝ╚╔╩╦╠═╬¤"
    "  ÊËÈıÍÎÏ┘┌█▄ Ì▀ÓßÔÒĠġµĦħÚÛÙŬŭ ´\u00ad ℓŉ˘§÷¸°¨˙ ³²■\u00a0",
    "cp1098": bytes.fromhex(
        "0020 0020 060c 061b 061f 064b 0622 fe82 0020 0627 fe8e 0020 0621 0623 fe84 0020 "
        "0624 fe8b 0628 fe91 fb56 fb58 062a fe97 062b fe9b 062c fe9f fb7a fb7c 00d7 062d "
        "fea3 062e fea7 062f 0630 0631 0632 fb8a 0633 feb3 0634 feb7 0635 febb 00ab 00bb "
        "2591 2592 2593 2502 2524 0636 febf fec1 fec3 2563 2551 2557 255d 00a4 fec5 2510 "
        "2514 2534 252c 251c 2500 253c fec7 0639 255a 2554 2569 2566 2560 2550 256c 0020 "
        "feca fecb fecc 063a fece fecf fed0 0641 fed3 2518 250c 2588 2584 0642 fed7 2580 "
        "fb8e fedb fb92 fb94 0644 fedf 0645 fee3 0646 fee7 0648 0647 feeb feec fba4 fbfc "
        "00ad fbfd fbfe 0640 0660 0661 0662 0663 0664 0665 0666 0667 0668 0669 25a0 00a0"
    ).decode("utf-16-be"),
    "cp774": _ROW_DOS + _LITHUANIAN + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤„“÷≈°∙·√ⁿ²■\u00a0",
    "cp772": "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп" + _LITHUANIAN + "рстуфхцчшщъыьэюяЁё≥≤„“÷≈°∙·√ⁿ²■\u00a0",
    "armscii-8": " " * 32 + "\u00a0–և։)(»«—.՝,-֊…՜՛՞" + _ARMENIAN + "՚–",
}

INTERNATIONAL: Final = (
    "#$@[\\]^`{|}~",
    "#$à°ç§^`éùè¨",
    "#$§ÄÖÜ^`äöüß",
    "£$@[\\]^`{|}~",
    "#$@ÆØÅ^`æøå~",
    "#¤ÉÄÖÅÜéäöåü",
    "#$@°\\é^ùàòèì",
    "₧$@¡Ñ¿^`¨ñ}~",
    "#$@[¥]^`{|}~",
    "#¤ÉÆØÅÜéæøåü",
    "#$ÉÆØÅÜéæøåü",
    "#$á¡Ñ¿é`íñóú",
    "#$á¡Ñ¿éüíñóú",
    "#$@[₩]^`{|}~",
    "#$ŽŠĐĆČžšđćč",
    "#¥@[\\]^`{|}~",
    "#₫@[\\]^`{|}~",
    "#$@[\\]^`{|}~",
)
"""ESC R 0 to 17: what the twelve places of set 0 print."""


@cache
def page_table(codec: str) -> str:
    """128 characters for 80h to FFh; a place that the page leaves empty is a space."""
    if codec in _TABLES:
        return _TABLES[codec]
    letters = (bytes((code,)).decode(codec, "ignore") for code in range(0x80, 0x100))
    return "".join(letter or " " for letter in letters)


def parse_page_table(text: str) -> dict[int, str]:
    """`standard`, `datecs`, or changes to the standard table as `16:cp1253,48:armscii-8`.

    Raises SystemExit on an unknown page.
    """
    if text == "standard":
        return dict(STANDARD_PAGES)
    if text == "datecs":
        return {**STANDARD_PAGES, **_DATECS}
    pages = dict(STANDARD_PAGES)
    for change in text.split(","):
        number, _, codec = change.partition(":")
        try:
            page_table(codec)
            pages[int(number)] = codec
        except (LookupError, ValueError) as error:
            raise SystemExit(f"codepage_table: {change} is not NUMBER:CODEC") from error
    return pages
