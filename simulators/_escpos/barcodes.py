"""Bar codes as rows of modules: what the printer draws for GS k. Data that a symbology cannot hold gives None.

A pattern is a string of 1 (bar) and 0 (space), one per module. Source: the symbologies' public specifications
(ISO/IEC 15420 EAN/UPC, 16388 Code 39, 15417 Code 128, 16390 interleaved 2 of 5; Codabar, Code 93).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["GS_K_TYPES", "Symbol", "encode"]

GS_K_TYPES: Final = {
    0: "UPC-A",
    1: "UPC-E",
    2: "EAN13",
    3: "EAN8",
    4: "CODE39",
    5: "ITF",
    6: "CODABAR",
    72: "CODE93",
    73: "CODE128",
    74: "GS1-128",
    75: "GS1-DATABAR",
    76: "GS1-DATABAR-TRUNCATED",
    77: "GS1-DATABAR-LIMITED",
    78: "GS1-DATABAR-EXPANDED",
    79: "CODE128",
}
GS_K_TYPES.update({65 + low: GS_K_TYPES[low] for low in range(7)})


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_LEFT_ODD: Final = _words("0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011")
_RIGHT: Final = ["".join("10"[int(bit)] for bit in code) for code in _LEFT_ODD]
_LEFT_EVEN: Final = [code[::-1] for code in _RIGHT]
_EAN13_PARITY: Final = _words("OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO")
_UPCE_PARITY: Final = _words("EEEOOO EEOEOO EEOOEO EEOOOE EOEEOO EOOEEO EOOOEE EOEOEO EOEOOE EOOEOE")

_CODE39_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*"
_CODE39_WIDE: Final = _words(
    "000110100 100100001 001100001 101100000 000110001 100110000 001110000 000100101 100100100 001100100 "
    "100001001 001001001 101001000 000011001 100011000 001011000 000001101 100001100 001001100 000011100 "
    "100000011 001000011 101000010 000010011 100010010 001010010 000000111 100000110 001000110 000010110 "
    "110000001 011000001 111000000 010010001 110010000 011010000 010000101 110000100 011000100 010101000 "
    "010100010 010001010 000101010 010010100"
)
_ITF_WIDE: Final = _words("00110 10001 01001 11000 00101 10100 01100 00011 10010 01010")
_CODABAR_LETTERS: Final = "0123456789-$:/.+ABCD"
_CODABAR_WIDE: Final = _words(
    "0000011 0000110 0001001 1100000 0010010 1000010 0100001 0100100 0110000 1001000 "
    "0001100 0011000 1000101 1010001 1010100 0010101 0011010 0101001 0001011 0001110"
)
_CODE93_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_CODE93_WIDTHS: Final = _words(
    "131112 111213 111312 111411 121113 121212 121311 111114 131211 141111 211113 211212 211311 221112 221211 "
    "231111 112113 112212 112311 122112 132111 111123 111222 111321 121122 131121 212112 212211 211122 211221 "
    "221121 222111 112122 112221 122121 123111 121131 311112 311211 321111 112131 113121 211131 121221 312111 "
    "311121 122211 111141"
)
_CODE128_WIDTHS: Final = _words(
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 "
    "113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 "
    "212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 "
    "113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 "
    "241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 "
    "214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 "
    "211232 2331112"
)
_FNC1: Final = 102
_SWITCH_TO: Final = {"A": 101, "B": 100, "C": 99}
_START: Final = {"A": 103, "B": 104, "C": 105}
_STOP: Final = 106


@dataclass(frozen=True)
class Symbol:
    """data: what a scanner would read (check digit included, FNC1 as GS); text: what stands under the bars."""

    modules: str
    data: str
    text: str


def encode(kind: str, data: bytes) -> Symbol | None:
    """None when the data does not fit the symbology: a real printer prints no bars then."""
    try:
        text = data.decode("ascii")
        return _ENCODERS[kind](text) if kind in _ENCODERS and text else None
    except (UnicodeDecodeError, ValueError, IndexError, KeyError):
        return None


def _check_digit(digits: str) -> str:
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def _digits(text: str, without_check: int) -> str:
    """The digits with their check digit; raises ValueError on a wrong length. A wrong check digit is printed."""
    if not text.isdigit() or len(text) not in (without_check, without_check + 1):
        raise ValueError(text)
    return text if len(text) > without_check else text + _check_digit(text)


def _ean13(text: str) -> Symbol:
    digits = _digits(text, 12)
    parity = _EAN13_PARITY[int(digits[0])]
    left = "".join(
        (_LEFT_ODD if side == "O" else _LEFT_EVEN)[int(d)] for side, d in zip(parity, digits[1:7], strict=True)
    )
    right = "".join(_RIGHT[int(d)] for d in digits[7:])
    return Symbol(f"101{left}01010{right}101", digits, digits)


def _ean8(text: str) -> Symbol:
    digits = _digits(text, 7)
    left = "".join(_LEFT_ODD[int(d)] for d in digits[:4])
    right = "".join(_RIGHT[int(d)] for d in digits[4:])
    return Symbol(f"101{left}01010{right}101", digits, digits)


def _upc_a(text: str) -> Symbol:
    digits = _digits(text, 11)
    return Symbol(_ean13("0" + digits).modules, digits, digits)


def _upc_e(text: str) -> Symbol:
    """From 6, 7 or 8 digits of UPC-E, or from 11 or 12 of UPC-A that can be shortened."""
    if len(text) in (11, 12):
        text = _shortened(_digits(text, 11))
    if len(text) == 6:
        text = "0" + text
    whole = _lengthened(text[:7])
    digits = text[:7] + (text[7:] or _check_digit(whole))
    if not digits.isdigit() or len(digits) != 8 or digits[0] not in "01":
        raise ValueError(text)
    sides = _UPCE_PARITY[int(digits[7])]
    if digits[0] == "1":
        sides = sides.translate(str.maketrans("OE", "EO"))
    body = "".join(
        (_LEFT_ODD if side == "O" else _LEFT_EVEN)[int(d)] for side, d in zip(sides, digits[1:7], strict=True)
    )
    return Symbol(f"101{body}010101", digits, digits)


def _lengthened(short: str) -> str:
    system, body, last = short[0], short[1:6], short[6]
    if last in "012":
        return system + body[:2] + last + "0000" + body[2:5]
    if last == "3":
        return system + body[:3] + "00000" + body[3:5]
    if last == "4":
        return system + body[:4] + "00000" + body[4]
    return system + body + "0000" + last


def _shortened(whole: str) -> str:
    for body in (whole[1:3] + whole[8:11] + whole[3], whole[1:4] + whole[9:11] + "3"):
        if _lengthened(whole[0] + body) == whole[:11]:
            return whole[0] + body + whole[11]
    for body in (whole[1:5] + whole[10] + "4", whole[1:6] + whole[10]):
        if _lengthened(whole[0] + body) == whole[:11]:
            return whole[0] + body + whole[11]
    raise ValueError(whole)


def _wide_and_narrow(widths: str, wide: int = 3) -> str:
    """Bars and spaces in turn; 1 = wide."""
    return "".join("10"[i % 2] * (wide if width == "1" else 1) for i, width in enumerate(widths))


def _code39(text: str) -> Symbol:
    inner = text.strip("*").upper()
    if "*" in inner:
        raise ValueError(text)
    parts = [_wide_and_narrow(_CODE39_WIDE[_CODE39_LETTERS.index(c)]) for c in f"*{inner}*"]
    return Symbol("0".join(parts), inner, f"*{inner}*")


def _itf(text: str) -> Symbol:
    if not text.isdigit() or len(text) % 2:
        raise ValueError(text)
    pairs = [
        "".join(a + b for a, b in zip(_ITF_WIDE[int(text[i])], _ITF_WIDE[int(text[i + 1])], strict=True))
        for i in range(0, len(text), 2)
    ]
    return Symbol("1010" + "".join(_wide_and_narrow(pair) for pair in pairs) + "11101", text, text)


def _codabar(text: str) -> Symbol:
    upper = text.upper()
    if len(upper) < 2 or upper[0] not in "ABCD" or upper[-1] not in "ABCD":
        raise ValueError(text)
    parts = [_wide_and_narrow(_CODABAR_WIDE[_CODABAR_LETTERS.index(c)]) for c in upper]
    return Symbol("0".join(parts), upper, upper)


def _runs(widths: str) -> str:
    return "".join("10"[i % 2] * int(width) for i, width in enumerate(widths))


def _code93_values(text: str) -> list[int]:
    """Full ASCII by the four shift characters ($)=43 (%)=44 (/)=45 (+)=46."""
    values: list[int] = []
    for letter in text:
        if letter in _CODE93_LETTERS:
            values.append(_CODE93_LETTERS.index(letter))
            continue
        code = ord(letter)
        shift, base = next(
            (shift, chr(code - low + ord(first)))
            for low, high, shift, first in (
                (1, 26, 43, "A"),
                (27, 31, 44, "A"),
                (33, 58, 45, "A"),
                (59, 63, 44, "F"),
                (91, 95, 44, "K"),
                (97, 122, 46, "A"),
                (123, 127, 44, "P"),
                (64, 64, 44, "V"),
                (96, 96, 44, "W"),
                (0, 0, 44, "U"),
            )
            if low <= code <= high
        )
        values += [shift, _CODE93_LETTERS.index(base)]
    return values


def _code93(text: str) -> Symbol:
    values = _code93_values(text)
    for longest in (20, 15):
        weighted = sum(v * (i % longest + 1) for i, v in enumerate(reversed(values)))
        values.append(weighted % 47)
    body = "".join(_runs(_CODE93_WIDTHS[v]) for v in (47, *values, 47))
    return Symbol(body + "1", text, text)


def _code128_auto(text: str) -> Symbol:
    chosen = "C" if text.isdigit() and len(text) % 2 == 0 else "B"
    return _code128(f"{{{chosen}" + _as_pairs(text, chosen).replace("{", "{{"))


def _as_pairs(text: str, chosen: str) -> str:
    return "".join(chr(int(text[i : i + 2])) for i in range(0, len(text), 2)) if chosen == "C" else text


def _code128(text: str, *, gs1: bool = False) -> Symbol:
    """`{A` `{B` `{C` choose the set, `{1` is FNC1, `{{` a brace. In set C each byte is a pair: 0 to 99."""
    if not text.startswith("{"):
        return _code128_auto(text)
    values: list[int] = []
    read: list[str] = []
    current = ""
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "{" and text[at + 1] in "ABC":
            current = text[at + 1]
            values.append((_SWITCH_TO if values else _START)[current])
            at += 2
        elif letter == "{" and text[at + 1] == "1":
            values.append(_FNC1)
            read.append("\x1d")
            at += 2
        else:
            at += 2 if letter == "{" else 1
            if current == "C":
                values.append(_in_range(ord(letter), 99))
                read.append(f"{ord(letter):02d}")
            else:
                values.append(_code128_value(letter, current))
                read.append(letter)
    if gs1 and values[1:2] != [_FNC1]:
        values.insert(1, _FNC1)
        read.insert(0, "\x1d")
    total = values[0] + sum(i * value for i, value in enumerate(values))
    body = "".join(_runs(_CODE128_WIDTHS[v]) for v in (*values, total % 103, _STOP))
    data = "".join(read)
    return Symbol(body, data.removeprefix("\x1d"), data.replace("\x1d", ""))


def _gs1_128(text: str) -> Symbol:
    return _code128(text, gs1=True)


def _in_range(value: int, most: int) -> int:
    if not 0 <= value <= most:
        raise ValueError(value)
    return value


def _code128_value(letter: str, current: str) -> int:
    code = ord(letter)
    if current == "A":
        return _in_range(code - 32 if code >= 32 else code + 64, 95)
    return _in_range(code - 32, 95)


_ENCODERS: Final = {
    "UPC-A": _upc_a,
    "UPC-E": _upc_e,
    "EAN13": _ean13,
    "EAN8": _ean8,
    "CODE39": _code39,
    "ITF": _itf,
    "CODABAR": _codabar,
    "CODE93": _code93,
    "CODE128": _code128,
    "GS1-128": _gs1_128,
}
