"""How the rows of a text file are cut into cells: the separator, and signs that end a row."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SEPARATORS = (",", "\t", ";", "|", "^", "~", "\x01", "\x1f")
LONG_SEPARATORS = ("+|", "|+|", "||", "~|~", "^|^", "#|#", "|~|", "<|>", "@@", "$$", "::", "~~", "^^")
"""What exports of databases put between cells so that no text holds it."""

_ROW_ENDS = ("&|", "|&", "@@@", "##", "$$$", "|||", "~~~")
_SEP_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class Cutting:
    """How to cut: the separator, what ends a row besides the line end, lines before the table, how sure."""

    separator: str
    row_end: str = ""
    skip: int = 0
    share: float = 0.0
    width: int = 1


def find_cutting(sample: str) -> Cutting:
    """Return how a file's beginning is cut; a `sep=` line is obeyed."""
    told = _SEP_LINE.match((sample[:100].splitlines() or [""])[0])
    if told:
        return Cutting(told[1], skip=1, share=1.0, width=2)
    odd = _odd_cutting(sample)
    if odd:
        return odd
    best, best_score = Cutting(","), 0.0
    for separator in SEPARATORS:
        score, share, width = _score(sample, separator)
        if score > best_score:
            best, best_score = Cutting(separator, share=share, width=width), score
    return best


def _odd_cutting(sample: str) -> Cutting | None:
    """Return a separator of several signs, where it stands wherever its last sign does."""
    lines = [line for line in sample.splitlines()[:400] if line.strip()]
    if len(lines) < 2:
        return None
    end = next((e for e in _ROW_ENDS if sum(line.endswith(e) for line in lines) >= 0.5 * len(lines)), "")
    for separator in LONG_SEPARATORS:
        sign, ends = separator[-1], sum(line.endswith(end) for line in lines) if end else 0
        count = sum(line.count(separator) for line in lines)
        signs = sum(line.count(sign) for line in lines) - ends * end.count(sign)
        if count < 0.5 * len(lines) or count * separator.count(sign) < 0.8 * signs:
            continue
        rows = list(odd_rows(lines, separator, end))
        widths = Counter(len(row) for row in rows)
        width, number = widths.most_common(1)[0]
        if width > 1 and number >= 0.8 * len(rows):
            return Cutting(separator, end, share=number / len(rows), width=width)
    return None


def odd_rows(lines: Iterable[str], separator: str, end: str) -> Iterator[list[str]]:
    """Yield rows cut at a separator of several signs; a row goes on until its end sign, if there is one."""
    held: list[str] = []
    for line in lines:
        text = line.rstrip("\r\n")
        held.append(text)
        if not end or text.endswith(end) or len(held) > 10_000:
            yield "\n".join(held).removesuffix(end).split(separator)
            held = []
    if held:
        yield "\n".join(held).split(separator)


def quoted_rows(lines: Iterable[str], separator: str, *, quotes: bool = True) -> Iterator[list[str]]:
    """Yield rows cut at a single sign, with or without the meaning of quotation marks; may raise csv.Error."""
    cleaned = (line.replace("\x00", "") if "\x00" in line else line for line in lines)
    return csv.reader(cleaned, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE)


def _score(sample: str, separator: str) -> tuple[float, float, int]:
    """How regular the rows are when cut here: agreeing width weighted by that width; its share; the width."""
    if separator not in sample:
        return 0.0, 0.0, 1
    widths: Counter[int] = Counter()
    try:
        for row in quoted_rows(io.StringIO(sample, newline=""), separator):
            if any(cell.strip() for cell in row):
                widths[len(row)] += 1
            if widths.total() >= 200:
                break
    except csv.Error:
        pass
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 0.0, 1
    width, count = max(several.items(), key=lambda item: item[1] * min(item[0], 12) ** 0.5)
    share = count / widths.total()
    return share * min(width, 12) ** 0.5 * (1.0 if separator in ",\t;" else 0.9), share, width
