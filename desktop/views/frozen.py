"""The frozen figures of a report on the screen: exactly the tables that were approved, or will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.queries.reports import Block, Document, Field, shown_value, wording
from desktop.views import theme
from desktop.views.buttons import Segments
from desktop.views.cells import Cell, DateCell, MoneyCell, NumberCell, PercentCell
from desktop.views.charts.blocks import draw_block
from desktop.views.charts.grid import GridChart
from desktop.views.columns import Column
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.tables import DataTable

_CELLS: dict[str, Callable[[], Cell]] = {
    "integer": NumberCell,
    "decimal": partial(NumberCell, 1),
    "money": partial(MoneyCell, exact=True),
    "percent": partial(PercentCell, 1),
    "date": DateCell,
    "instant": partial(DateCell, time=True),
}
TABLE, CHART = "table", "chart"
MOST_WITH_UNITS = 6
MOST_BESIDE = 4
"""More tables than that get a line of their own to choose from."""
_WIDTHS = {"integer": 84, "decimal": 84, "money": 104, "percent": 78, "date": 100, "instant": 140}


_LEAST_MONEY, _PADDING = 60, 10
_NARROW = _WIDTHS | {"integer": 70, "money": 92, "percent": 76}
Say = Callable[[str], str]


class FrozenRow:
    """One row of a block; totals come last and are told by `total`."""

    __slots__ = ("id", "total", "values")

    def __init__(self, number: int, values: tuple[Any, ...], *, total: bool) -> None:
        self.id = number
        self.values = values
        self.total = total


def frozen_columns(block: Block, locale: Locale, say: Say) -> tuple[Column, ...]:
    """Return a table's columns for a block; `say` knows the document's words."""
    crowded = len(block.fields) > MOST_WITH_UNITS
    columns = [_column(index, field, locale, say, bare=crowded) for index, field in enumerate(block.fields)]
    rows = [*block.rows, *([block.totals] if block.totals is not None else [])]
    for index, field in enumerate(block.fields):
        if field.kind == "money":
            amounts = [row[index] for row in rows if isinstance(row[index], int)]
            widest = max((_pixels(locale.money(amount)) for amount in amounts), default=0)
            columns[index] = replace(columns[index], width=max(widest, _LEAST_MONEY))
    return tuple(columns)


def _pixels(amount: str) -> int:
    """Return the room that an amount takes in a cell: an approved figure is never cut short."""
    return QFontMetrics(theme.font()).horizontalAdvance(amount) + 2 * _PADDING


def _column(index: int, field: Field, locale: Locale, say: Say, *, bare: bool) -> Column:
    def value(row: FrozenRow) -> Any:
        stored = row.values[index]
        if row.total and index == 0:
            return say(stored)
        return shown_value(stored, field.kind, locale, say)

    cell = _CELLS.get(field.kind, Cell)()
    words = field.kind not in _CELLS
    return Column(
        field.key,
        say(field.title),
        cell,
        unit="" if bare else field.unit,
        width=(_NARROW if bare else _WIDTHS).get(field.kind, 90),
        stretch=(3.0 if index == 0 else 1.0) if words else 0.0,
        sortable=False,
        value=value,
    )


class FrozenPreview(QWidget):
    """The blocks of a document behind a segmented control; of one of them the table below, or its chart."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._locale = page.ctx.locale
        self._blocks: dict[str, Block] = {}
        self._key = ""
        self._say: Say = self._locale._
        self._table: DataTable | None = None
        self._segments: Segments | None = None
        self._shown = ""
        self.form = Segments([(TABLE, self._locale._("As a table")), (CHART, self._locale._("Chart"))])
        self.form.chosen.connect(lambda _form: self.show_block(self._shown))
        self.chart = GridChart(self._locale, self._locale._("Chart"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.line = SectionLine("")
        self.line.add(self.form)
        self._column.addWidget(self.line)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 6)
        self._row.addStretch(1)
        self._column.addLayout(self._row)
        self._column.addWidget(self.chart, 1)

    def show_document(self, title: str, document: Document) -> None:
        """Show the tables of a document."""
        self._key = document.template
        self._say = wording(document, self._locale)
        blocks = document.blocks
        instant = self._locale.instant(document.taken_at)
        note = self._locale._("frozen at {instant}").format(instant=instant)
        self._blocks = {block.key: block for block in blocks}
        self.line.set(title, note)
        if self._segments is not None:
            self._segments.setParent(None)
            self._segments.deleteLater()
        self._segments = Segments([(block.key, self._say(block.title)) for block in blocks])
        self._segments.chosen.connect(self.show_block)
        self._segments.setVisible(len(blocks) > 1)
        if len(blocks) > MOST_BESIDE:
            self._row.insertWidget(0, self._segments)
        else:
            self.line.add(self._segments)
        self._row.setContentsMargins(0, 0, 0, 6 if len(blocks) > MOST_BESIDE else 0)
        self.show_block(blocks[0].key)

    def show_block(self, key: str) -> None:
        """Show one of the tables."""
        block = self._blocks[key]
        self._shown = key
        self.chart.setAccessibleName(self._say(block.title))
        drawn = draw_block(self.chart, block, self._say)
        self.form.setVisible(drawn)
        drawn = drawn and self.form.current() == CHART
        self.chart.setVisible(drawn)
        if self._segments:
            self._segments.set_current(key)
        if self._table is not None:
            self._page.tables.remove(self._table)
            self._column.removeWidget(self._table)
            self._table.hide()
            self._table.deleteLater()
        self._table = DataTable(
            self._page,
            f"frozen.{self._key}.{key}",
            frozen_columns(block, self._locale, self._say),
            title=self._say(block.title),
        )
        rows = [FrozenRow(number, values, total=False) for number, values in enumerate(block.rows)]
        if block.totals is not None:
            rows.append(FrozenRow(len(rows), block.totals, total=True))
        self._table.set_rows(rows)
        self._column.addWidget(self._table, 1)
        self._table.setVisible(not drawn)

    @property
    def table(self) -> DataTable | None:
        """The table that is shown."""
        return self._table
