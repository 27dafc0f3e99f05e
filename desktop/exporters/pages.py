"""What a printed page holds, as data: figures, tables and lines; no layout library is needed to say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: what it is, its value, a note below it, and red, amber, green or nothing."""

    label: str
    value: str
    note: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures side by side."""

    items: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table; `widths` are shares of the page, `right` the columns of numbers, `empty` what to say without rows."""

    title: str
    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    widths: tuple[float, ...]
    right: tuple[int, ...] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """Numbered points: a headline, and why or how below it; with `boxes` there is one to tick."""

    title: str
    items: tuple[tuple[str, str], ...]
    boxes: bool = False


Part = Figures | PageTable | Points


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of one or more pages; `note` stands small at the foot of each."""

    title: str
    subtitle: str
    parts: tuple[Part, ...]
    note: str
    created: datetime


def words_of(paper: Paper) -> Iterator[str]:
    """Yield every text of a paper: a font is cut to their letters."""
    yield from (paper.title, paper.subtitle, paper.note)
    for part in paper.parts:
        if isinstance(part, Figures):
            for figure in part.items:
                yield from (figure.label, figure.value, figure.note)
        elif isinstance(part, Points):
            yield part.title
            for point in part.items:
                yield from point
        else:
            yield from (part.title, part.empty, *part.headers)
            for row in part.rows:
                yield from row
