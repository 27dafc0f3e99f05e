"""The frozen figures of a report on the screen: exactly the tables that were approved, or will be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.queries.reports import Block, Field, shown_value
from desktop.views.buttons import Segments
from desktop.views.cells import Cell, DateCell, MoneyCell, NumberCell, PercentCell
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
_WIDTHS = {"integer": 84, "decimal": 84, "money": 128, "percent": 84, "date": 100, "instant": 140}


class FrozenRow:
    """One row of a block; totals come last and are told by `total`."""

    __slots__ = ("id", "total", "values")

    def __init__(self, number: int, values: tuple[Any, ...], *, total: bool) -> None:
        self.id = number
        self.values = values
        self.total = total


def frozen_columns(block: Block, locale: Locale) -> tuple[Column, ...]:
    """Return a table's columns for a block."""
    return tuple(_column(index, field, locale) for index, field in enumerate(block.fields))


def _column(index: int, field: Field, locale: Locale) -> Column:
    def value(row: FrozenRow) -> Any:
        stored = row.values[index]
        if row.total and index == 0:
            return locale._(stored)
        return shown_value(stored, field.kind, locale)

    cell = _CELLS.get(field.kind, Cell)()
    words = field.kind not in _CELLS
    return Column(
        field.key,
        field.title,
        cell,
        unit=field.unit,
        width=_WIDTHS.get(field.kind, 130 if index == 0 else 96),
        stretch=(3.0 if index == 0 else 1.0) if words else 0.0,
        sortable=False,
        value=value,
    )


class FrozenPreview(QWidget):
    """The blocks of a document behind a segmented control, the table of one of them below."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._locale = page.ctx.locale
        self._blocks: dict[str, Block] = {}
        self._key = ""
        self._table: DataTable | None = None
        self._segments: Segments | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.line = SectionLine("")
        self._column.addWidget(self.line)

    def show_document(self, title: str, note: str, template: str, blocks: tuple[Block, ...]) -> None:
        """Show the tables of a document."""
        self._key = template
        self._blocks = {block.key: block for block in blocks}
        self.line.set(title, note)
        if self._segments is not None:
            self._segments.setParent(None)
            self._segments.deleteLater()
        _ = self._locale._
        self._segments = Segments([(block.key, _(block.title)) for block in blocks])
        self._segments.chosen.connect(self.show_block)
        self._segments.setVisible(len(blocks) > 1)
        self.line.add(self._segments)
        self.show_block(blocks[0].key)

    def show_block(self, key: str) -> None:
        """Show one of the tables."""
        block = self._blocks[key]
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
            frozen_columns(block, self._locale),
            title=self._locale._(block.title),
        )
        rows = [FrozenRow(number, values, total=False) for number, values in enumerate(block.rows)]
        if block.totals is not None:
            rows.append(FrozenRow(len(rows), block.totals, total=True))
        self._table.set_rows(rows)
        self._column.addWidget(self._table, 1)

    @property
    def table(self) -> DataTable | None:
        """The table that is shown."""
        return self._table
