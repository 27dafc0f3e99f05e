"""What an approver sees of a request besides its facts: sections of figures and tables that its subject puts together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Sort = Literal["text", "term", "names", "money", "integer", "percent", "days", "date", "instant", "flag"]
"""How a value is shown: money in minor units, percent in ten-thousandths, a term as a gettext id, names as `both_names`."""
Value = str | int | date | datetime | bool | None
Tone = Literal["", "green", "amber", "red", "grey"]


def both_names(name: str, chinese: str | None) -> str:
    """Return what is called otherwise in Chinese, for a value of the sort "names"."""
    return f"{name}\t{chinese or name}"


@dataclass(frozen=True, slots=True)
class ContextFact:
    """One figure; with `before` it is a change. `label` is a gettext id, as are the words of a section."""

    label: str
    value: Value
    sort: Sort = "text"
    before: Value = None
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class ContextTable:
    """A small table: its heads (gettext id and how values are shown) and its rows."""

    heads: tuple[tuple[str, Sort], ...]
    rows: tuple[tuple[Value, ...], ...]
    tones: tuple[Tone, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextSection:
    """One part of the screen, under a heading: what changes, price history, margin, collisions."""

    title: str
    facts: tuple[ContextFact, ...] = ()
    table: ContextTable | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Warning:
    """Why a request is to be looked at by itself: it is left out of approving many at once."""

    text: str
    params: dict[str, str | int] = field(default_factory=dict)
    tone: Tone = "amber"


@dataclass(frozen=True, slots=True)
class ContextView:
    """The whole context of one request, and the record that it is about (`page` and its number)."""

    sections: tuple[ContextSection, ...] = ()
    warnings: tuple[Warning, ...] = ()
    page: str | None = None
    record_id: int | None = None
