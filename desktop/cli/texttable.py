"""Tables for a terminal, aligned for Chinese too, whose characters take two columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence


def text_width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def text_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = frozenset()
) -> str:
    """Return headers and rows as aligned text; the columns whose index is in `right` end flush."""
    lines = [list(headers), *(list(row) for row in rows)]
    widths = [max(text_width(line[i]) for line in lines) for i in range(len(headers))]
    return "\n".join(
        "  ".join(_padded(cell, widths[i], flush=i in right) for i, cell in enumerate(line)).rstrip()
        for line in lines
    )


def _padded(text: str, width: int, *, flush: bool) -> str:
    space = " " * (width - text_width(text))
    return space + text if flush else text + space
