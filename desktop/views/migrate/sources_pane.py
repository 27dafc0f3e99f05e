"""The left pane of the Migrate page: the tables that were read, and a place for more."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.operations.mapping_lines import TableLine
from desktop.views.buttons import button
from desktop.views.labels import SectionLine
from desktop.views.migrate.columns import table_columns
from desktop.views.page import Page
from desktop.views.tables import DataTable

_DROP_HEIGHT = 52


class SourcesPane(QWidget):
    """A line per table; below it files can be dropped, chosen or pasted."""

    chosen = Signal(object)

    def __init__(self, page: Page, browse: Callable[[], object], paste: Callable[[], object]) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine(_("Sources"))
        column.addWidget(self.section)
        self.table = DataTable(
            page, "migrate.tables", table_columns(self._locale), row_height=44, title=_("Sources")
        )
        self.table.selected.connect(self.chosen)
        column.addWidget(self.table, 1)
        column.addSpacing(8)
        column.addWidget(self._drop(browse, paste))

    def _drop(self, browse: Callable[[], object], paste: Callable[[], object]) -> QFrame:
        _ = self._locale._
        frame = QFrame()
        frame.setObjectName("drop")
        frame.setFixedHeight(_DROP_HEIGHT)
        row = QHBoxLayout(frame)
        row.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.setSpacing(14)
        row.addWidget(button(_("Add files…"), browse, look="link", tip=_("Files can be dropped here too")))
        row.addWidget(button(_("Paste from Excel…"), paste, look="link"))
        return frame

    def show_tables(self, lines: list[TableLine]) -> None:
        """Show a line per table, the current one still selected."""
        locale = self._locale
        rows = locale.plural("{n} row", "{n} rows", sum(line.rows for line in lines))
        tables = locale.plural("{n} table", "{n} tables", len(lines))
        self.section.set(explanation=f"{tables} · {rows}")
        self.table.set_rows(lines)
