"""Values as a spreadsheet can hold them: exact numbers, clean text, lawful names.

Pure functions without any spreadsheet library, so that the writer and the tests agree on them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from math import ceil

from desktop.money import SCALE, UNIT_PRICE_SCALE, from_minor

LONGEST_TEXT = 32_767
"""UTF-16 units that a cell can hold."""
EXACT_DIGITS = 15
CUT_MARK = " …[✂]"
"""The end of a text that was too long for a cell; the notes sheet names the cell."""

_SHEET_NAME_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "�"


def clean_text(text: str) -> tuple[str, int]:
    """Return (text that XML and a cell can hold, its length in UTF-16 units if it had to be cut, else 0).

    Control characters become their visible pictures (U+0007 is shown as ␇), line ends become \\n.
    """
    tidy = _CONTROLS.sub(_picture, text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(tidy) * 2 <= LONGEST_TEXT:
        return tidy, 0
    units = tidy.encode("utf-16-le")
    if len(units) // 2 <= LONGEST_TEXT:
        return tidy, 0
    kept = units[: (LONGEST_TEXT - len(CUT_MARK)) * 2].decode("utf-16-le", errors="ignore")
    return kept + CUT_MARK, len(units) // 2


def exact_number(value: Decimal) -> float | None:
    """Return the double that a spreadsheet stores for `value`, or None beyond its 15 significant digits.

    Up to 15 digits a double names its decimal uniquely; Excel shows a zero for every later one.
    """
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    return float(value) if len(digits) <= EXACT_DIGITS else None


def exact_money(minor: int) -> float | None:
    """Return minor units as a double that names the same cents, or None beyond 15 digits."""
    return exact_number(from_minor(minor, SCALE))


def exact_price(micro: int) -> float | None:
    """Return a unit price (millionths) as a double that names the same price, or None."""
    return exact_number(from_minor(micro, UNIT_PRICE_SCALE))


def sheet_name(wish: str, taken: Iterable[str]) -> str:
    """Return a lawful sheet name near `wish` that is not `taken` (case does not tell names apart)."""
    used = {name.casefold() for name in taken} | {"history"}
    base = _SHEET_NAME_FORBIDDEN.sub("_", clean_text(wish)[0]).strip().strip("'") or "_"
    name, number = base[:31].rstrip("' "), 1
    while name.casefold() in used:
        number += 1
        tail = f" ({number})"
        name = base[: 31 - len(tail)] + tail
    return name


def unique_titles(titles: Iterable[str]) -> list[str]:
    """Return header texts as a native table needs them: one line, not empty, all different."""
    seen: set[str] = set()
    unique = []
    for title in titles:
        base = " ".join(clean_text(title)[0].split())[:240] or "_"
        name, number = base, 1
        while name.casefold() in seen:
            number += 1
            name = f"{base} ({number})"
        seen.add(name.casefold())
        unique.append(name)
    return unique


def table_name(wish: str, position: int, taken: set[str]) -> str:
    """Return a lawful, unused name for a native table: ASCII letters, digits and underscores."""
    base = re.sub(r"[^A-Za-z0-9_]", "_", wish) or f"Table{position}"
    if not re.match(r"[A-Za-z_]", base) or re.fullmatch(r"[A-Za-z]{1,3}\d+|[RrCc]\d*", base):
        base = f"T_{base}"
    name, number = base[:200], 1
    while name.casefold() in taken:
        number += 1
        name = f"{base[:200]}_{number}"
    taken.add(name.casefold())
    return name


def shown_width(text: str) -> float:
    """Return how many digits wide the longest line of a text is; a Han character counts 1.9."""
    return max(
        (
            sum(1.9 if unicodedata.east_asian_width(sign) in "WF" else 1.0 for sign in line[:120])
            for line in text.split("\n")
        ),
        default=0.0,
    )


def wrapped_lines(text: str, width: float) -> int:
    """Return over how many lines a text runs in a cell of so many digits."""
    return sum(
        max(1, ceil(sum(1.9 if unicodedata.east_asian_width(sign) in "WF" else 1.0 for sign in line) / width))
        for line in text.split("\n")
    )
