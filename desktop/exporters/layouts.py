"""Sheets and columns as data: what a workbook holds, said without any spreadsheet library.

Texts in a layout are final: titles, names and notes are already in the reader's language (data such
as a customer's name has none). The locale that the writer takes decides number formats and the
business zone in which instants are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum or difference that a reader can check: its expression and the value that was worked out.

    In the expression {c3} is the cell of column 3 in the same row and {all3} that column's data. An
    expression is written by this program; no text of a record ever becomes one (security 59).
    """

    expression: str
    value: int


Value = str | bool | int | float | Decimal | date | datetime | Formula | None
"""What a cell may hold; what a number means is told by the column's kind."""


@dataclass(frozen=True, slots=True)
class FrameRows(Sequence[tuple[Value, ...]]):
    """The rows of a polars frame, as long tables have them: written column by column, never made one by one.

    Money and prices are whole minor units, percentages and decimals Float64, days Date, instants Datetime
    with a zone, texts String.
    """

    frame: pl.DataFrame

    def __len__(self) -> int:
        return self.frame.height

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        """Yield the rows as Python values."""
        return self.frame.iter_rows()

    @overload
    def __getitem__(self, place: int) -> tuple[Value, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> list[tuple[Value, ...]]: ...
    def __getitem__(self, place: int | slice) -> tuple[Value, ...] | list[tuple[Value, ...]]:
        """Return one row or some of them as Python values."""
        return self.frame.row(place) if isinstance(place, int) else self.frame[place].rows()


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

    Without a width it is measured from the content. `wrap` breaks long texts into lines. On a protected
    sheet a column that is `open` can be filled in; `choices` are the only values it then takes, and `hint`
    is shown beside a chosen cell. A `hidden` column is there for the program that reads the file again.
    """

    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    width: float | None = None
    wrap: bool = False
    open: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""
    hidden: bool = False


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
    data cells that are at fault. With `only_blanks_open` those cells of `open` columns are locked that
    hold something already. A `hidden` sheet is there for the program that reads the file again. The numbers of
    `heat` columns are shaded, the largest the darkest.
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
    only_blanks_open: bool = False
    hidden: bool = False
    heat: tuple[int, ...] = ()


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
