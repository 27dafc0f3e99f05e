"""Sheets and columns as data: what a workbook holds, said without any spreadsheet library.

Texts in a layout are final: titles, names and notes are already in the reader's language (data such
as a customer's name has none). The locale that the writer takes decides number formats and the
business zone in which instants are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

Value = str | bool | int | float | Decimal | date | datetime | None
"""What a cell may hold; what a number means is told by the column's kind."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The creation date of a workbook that has none of its own: the same input gives the same bytes."""


class Kind(StrEnum):
    """How the values of a column are written.

    `MONEY` takes integer minor units (scale 2), `PRICE` integer millionths, `PERCENT` a fraction
    (0.25 is 25 %), `INSTANT` an aware datetime shown in the business zone. `TEXT` is always text:
    phones, codes and hostile input stay what they are. A string in a column of any other kind is
    written as text too (a value that could not be read keeps its source's words).
    """

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    MONEY = "money"
    PRICE = "price"
    PERCENT = "percent"
    DATE = "date"
    INSTANT = "instant"


NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.PRICE, Kind.PERCENT})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, kind, unit (written into the header) and width in characters.

    Without a width it is measured from the content. `wrap` breaks long texts into lines.
    """

    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    width: float | None = None
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One row of marks in a chart: the index of the column it draws, as columns or as a line."""

    column: int
    line: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart beside a table; `category` is the index of the column that names the marks.

    `horizontal` draws bars from the top down, as a funnel is read.
    """

    title: str
    category: int
    series: tuple[Series, ...]
    horizontal: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with one table: title line, notes, header, rows, and totals as plain numbers.

    `table` is the stable ASCII name of the native Excel table; an empty one is made from the sheet's
    position. `protect` guards against slips (there is no password). `marks` are (row, column) places of
    data cells that are at fault.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]
    title: str = ""
    notes: tuple[str, ...] = ()
    totals: Sequence[Value] | None = None
    table: str = ""
    chart: Chart | None = None
    protect: bool = False
    marks: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form: a label and its value; a `signature` line is left open for a pen."""

    label: str
    value: Value = None
    kind: Kind = Kind.TEXT
    signature: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet of labels and values: the cover of a report."""

    name: str
    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    protect: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole workbook; `properties` become custom document properties (text only)."""

    title: str
    sheets: tuple[Sheet | Form, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    created: datetime = EPOCH
    author: str = "Plumbline"
