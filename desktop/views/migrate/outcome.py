"""What an import would do, or did: rows to create, cells that change, rows unchanged, rows rejected, merges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.i18n import N_
from desktop.operations.import_results import ImportResult
from desktop.operations.outcomes import (
    CREATED,
    MOST_DIFFERENCES,
    REJECTED,
    UNCHANGED,
    UPDATED,
    DifferenceLine,
    difference_lines,
    rows_with,
)
from desktop.operations.review import Problems
from desktop.queries.duplicates import DuplicateCluster
from desktop.views.buttons import Segments, button
from desktop.views.cells import NumberCell, TextCell
from desktop.views.columns import Column
from desktop.views.labels import SectionLine
from desktop.views.migrate.grid_model import GridModel
from desktop.views.migrate.grid_view import GridView
from desktop.views.migrate.proposals import PROPOSALS, ProposalLine, proposal_lines
from desktop.views.page import Page
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    import polars as pl

    from desktop.control import Control
    from desktop.importers.tables import ConvertedTable, SourceTable

DIFFERENCES = (
    Column("record", N_("Record"), TextCell(), width=150, stretch=1),
    Column("entity", N_("Kind"), TextCell("t2"), width=80, drop=1),
    Column("field", N_("Field"), TextCell(), width=100, stretch=0.5),
    Column("before", N_("Now"), TextCell("t3"), width=120, stretch=0.8),
    Column("after", N_("Becomes"), TextCell(bold=True), width=120, stretch=0.8),
    Column("table", N_("Source table"), TextCell("t2"), width=150, stretch=0.5, drop=2),
    Column("row", N_("Row"), NumberCell(), width=60),
)
_WORDS = {
    CREATED: (N_("To create"), N_("Records created")),
    UPDATED: (N_("To update"), N_("Records updated")),
    UNCHANGED: (N_("Records unchanged"), N_("Records unchanged")),
    REJECTED: (N_("Rejected rows"), N_("Rejected rows")),
}
MERGES = "merges"
_MERGES_WORDS = N_("Duplicates")
_EXPLAINED = {
    MERGES: (
        N_("records that may be the same; nothing is merged without you"),
        N_("records that may be the same; nothing was merged"),
    ),
    CREATED: (N_("rows that become new records"), N_("rows that became new records")),
    UPDATED: (N_("cells of existing records that change"), N_("cells of existing records that changed")),
    UNCHANGED: (
        N_("rows whose records say the same already"),
        N_("rows whose records said the same already"),
    ),
    REJECTED: (N_("rows left out; the marked cells say why"), N_("rows left out; the marked cells say why")),
}


class OutcomePane(QWidget):
    """Tabs with counts; rows are shown as they stand in their source table, changes cell by cell."""

    undo_wanted = Signal(object)
    """What came from these rows of the current table is to be taken back."""
    rows_wanted = Signal(str)
    """Another tab wants the rows of the current table: created, unchanged or rejected."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine("")
        self.tabs = Segments(
            [*((key, _(words[0])) for key, words in _WORDS.items()), (MERGES, _(_MERGES_WORDS))]
        )
        self.tabs.chosen.connect(self.show_tab)
        self.undo = button(_("Take these rows back…"), self._undo, small=True)
        self.undo.setVisible(False)
        self.section.add(self.undo)
        self.pairs = button(
            _("Compare and merge…"),
            lambda: page.ctx.navigate("duplicates"),
            small=True,
            tip=_("On the Duplicates page, field by field"),
        )
        self.pairs.setVisible(False)
        self.section.add(self.pairs)
        self.section.add(self.tabs)
        column.addWidget(self.section)
        self.model = GridModel(self._locale, self)
        self.model.writable = False
        self.grid = GridView(self.model)
        self.grid.setAccessibleName(_("Rows of the source table"))
        self.differences = DataTable(
            page, "migrate.differences", DIFFERENCES, filters=True, title=_("Changes to existing records")
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.differences)
        self.merges = DataTable(
            page, "migrate.merges", PROPOSALS, title=_(_MERGES_WORDS), row_id=lambda line: line.id
        )
        self._stack.addWidget(self.merges)
        column.addWidget(self._stack, 1)
        self._result: ImportResult | None = None
        self._done = False

    @property
    def tab(self) -> str:
        """Which tab is shown."""
        return self.tabs.current()

    def show_result(
        self,
        result: ImportResult,
        tables: list[ConvertedTable],
        proposals: tuple[DuplicateCluster, ...] = (),
    ) -> None:
        """Show the counts, and fetch the changed cells off the window's thread."""
        locale = self._locale
        if self._result is result:
            self.show_tab(self.tabs.current())
            return
        self._result, self._done = result, result.run is not None
        for key, words in _WORDS.items():
            count = locale.integer(result.totals[key])
            self.tabs.set_text(key, f"{locale._(words[self._done])} {count}")
        self.tabs.set_text(MERGES, f"{locale._(_MERGES_WORDS)} {locale.integer(len(proposals))}")
        if not result.totals.get(self.tabs.current(), len(proposals)):
            first = next((key for key in _WORDS if result.totals[key]), CREATED)
            self.tabs.set_current(first)

        def job(_control: Control) -> tuple[list[DifferenceLine], list[ProposalLine]]:
            return difference_lines(result, tables, locale), proposal_lines(proposals, locale)

        def done(lines: tuple[list[DifferenceLine], list[ProposalLine]]) -> None:
            if self._result is result:
                self.differences.set_rows(lines[0])
                self.merges.set_rows(lines[1])

        self._page.ctx.tasks.run(self._page, job, done, title=locale._("Compare"))
        self.show_tab(self.tabs.current())

    def show_tab(self, key: str) -> None:
        """Show one kind of outcome."""
        self.tabs.set_current(key)
        _, result = self._locale._, self._result
        explained = _(_EXPLAINED[key][self._done])
        if key == UPDATED and result is not None:
            cells = self._locale.plural("{n} cell", "{n} cells", result.changed_cells)
            explained = f"{cells} · {explained}"
            if not result.changed_cells and result.totals[UPDATED]:
                explained = _("these rows add to records that other rows of the files create")
            if result.changed_cells > MOST_DIFFERENCES:
                shown = self._locale.integer(MOST_DIFFERENCES)
                explained = f"{explained} · {_('the first {n} are listed').format(n=shown)}"
        self.section.set("", explained)
        self.pairs.setVisible(self._done and key == MERGES)
        self.undo.setVisible(self._done and key in (CREATED, UNCHANGED))
        self._stack.setCurrentIndex({UPDATED: 1, MERGES: 2}.get(key, 0))
        if key not in (UPDATED, MERGES):
            self.rows_wanted.emit(key)

    def _undo(self) -> None:
        rows = sorted({place.row for place in self.grid.selected_places()})
        if rows:
            self.undo_wanted.emit(rows)

    def show_rows(
        self,
        name: str,
        table: SourceTable,
        problems: Problems,
        targets: list[str],
        origin: int | None,
    ) -> None:
        """Show the rows of a table that belong to the tab."""
        result, key = self._result, self.tabs.current()
        if result is None or key in (UPDATED, MERGES):
            return
        if origin is None:
            self.model.show_table(None, problems)
            return

        def job(_control: Control) -> pl.Series:
            return rows_with(result, origin, key, table)

        def done(positions: pl.Series) -> None:
            if self.tabs.current() == key:
                self.model.show_table(table, problems, targets, positions=positions)
                self.section.set(name)

        self._page.ctx.tasks.run(self._page, job, done, title=self._locale._("Find rows"))
