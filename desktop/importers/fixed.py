"""Text in columns of fixed width, as old systems print their lists, to rows of cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

_SAMPLE_LINES = 400
_WIDE_GAP = re.compile(r"\S[ \u3000]{2,}\S")
_RULE = re.compile(r"[-=+|_*─━═\s]+")
_FILLER = "\x00"
"""Stands for the second half of a character that takes two columns."""


def find_edges(sample: str) -> tuple[int, ...]:
    """Return where columns of fixed width begin, in half-width characters; empty if the text has none.

    A column edge is a place that is blank in nearly every line that has wide gaps at all.
    """
    lines = [line for line in sample.expandtabs(8).splitlines()[:_SAMPLE_LINES] if line.strip()]
    lines = [line for line in lines if not _RULE.fullmatch(line)]
    core = [spread(line.rstrip()) for line in lines if _WIDE_GAP.search(line)]
    if len(core) < 3 or len(core) < 0.6 * len(lines):
        return ()
    width = max(map(len, core))
    used = [0] * width
    for line in core:
        for index, char in enumerate(line):
            used[index] += char not in " \u3000"
    limit = 0.02 * len(core)
    edges = [
        index for index in range(width) if used[index] > limit and (index == 0 or used[index - 1] <= limit)
    ]
    if not edges:
        return ()
    edges[0] = 0
    filled = sum(sum(bool(cell.strip()) for cell in cut_line(line, edges)) >= 2 for line in core)
    several = sum(len(_WIDE_GAP.findall(line)) > 0 for line in lines)
    if len(edges) < 3 and several < 0.9 * len(lines):
        return ()
    return tuple(edges) if len(edges) >= 2 and filled >= 0.8 * len(core) else ()


def fixed_rows(lines: Iterable[str], edges: Sequence[int]) -> Iterator[list[str]]:
    """Yield the cells of lines; a line that runs across an edge, as titles do, is one cell."""
    for line in lines:
        text = line.rstrip("\r\n").expandtabs(8)
        if _RULE.fullmatch(text) or not text.strip():
            yield [text.strip()]
            continue
        cells = spread(text)
        crossing = sum(
            edge < len(cells) and cells[edge - 1] not in " \u3000" and cells[edge] not in " \u3000"
            for edge in edges[1:]
        )
        if crossing > 1 or (crossing == 1 and not _WIDE_GAP.search(text)):
            yield [text.strip()]
        else:
            yield [cell.replace(_FILLER, "").strip() for cell in cut_line(cells, edges)]


def cut_line(line: str, edges: Sequence[int]) -> list[str]:
    """Return a spread line cut at the edges."""
    return [
        line[first:last] for first, last in zip(edges, [*edges[1:], max(len(line), edges[-1])], strict=True)
    ]


def spread(line: str) -> str:
    """Return a line in which every character takes as many places as columns on a screen."""
    if line.isascii():
        return line
    return "".join(char + _FILLER if _is_wide(char) else char for char in line)


@cache
def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
