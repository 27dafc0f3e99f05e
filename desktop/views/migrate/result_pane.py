"""After the import: what came of each source table, and the runs before it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.operations.import_results import ImportResult, TableResult
from desktop.operations.mapping_lines import entity_name
from desktop.queries.imports import RunLine
from desktop.views.buttons import button
from desktop.views.cells import NumberCell, TextCell
from desktop.views.columns import Column
from desktop.views.labels import SectionLine
from desktop.views.migrate.columns import RUNS
from desktop.views.page import Page
from desktop.views.tables import DataTable


def table_columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the list of tables: read = created + updated + unchanged + rejected."""

    def kind(row: TableResult) -> str:
        return entity_name(row.entity, locale)

    return (
        Column(
            "name",
            N_("Source table"),
            TextCell(),
            width=180,
            stretch=1,
            value=lambda row: " · ".join(part for part in (row.sheet, row.file) if part),
        ),
        Column("kind", N_("Kind"), TextCell("t2"), width=110, value=kind),
        Column("read", N_("Rows read"), NumberCell(), width=90),
        Column("created", N_("Records created"), NumberCell(), width=90),
        Column("updated", N_("Records updated"), NumberCell(), width=90),
        Column("unchanged", N_("Records unchanged"), NumberCell(), width=90),
        Column("rejected", N_("Rows rejected"), NumberCell(), width=90),
    )


class ResultPane(QWidget):
    """The tables of the run that was just done, and all runs."""

    undo_wanted = Signal(object)
    """What came from this table (`TableResult`) is to be taken back."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        _ = page.ctx.locale._
        self.undo = button(
            _("Take this table back…"),
            self._undo,
            small=True,
            tip=_("Only what came from the selected source table"),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        self.section = SectionLine(_("Tables"), _("read = created + updated + unchanged + rejected"))
        self.tables = DataTable(
            page,
            "migrate.result",
            table_columns(page.ctx.locale),
            title=_("Tables"),
            row_id=lambda line: (line.file, line.sheet),
        )
        self.section.add(self.undo)
        self.tables.selected.connect(lambda _line: self.undo.setEnabled(True))
        column.addWidget(self.section)
        column.addWidget(self.tables, 3)
        column.addWidget(
            SectionLine(_("Runs"), _("every one can be taken back, created and changed records alike"))
        )
        self.runs = DataTable(page, "migrate.runs", RUNS, title=_("Runs"), row_id=lambda line: line.run)
        column.addWidget(self.runs, 2)

    def show_result(self, result: ImportResult) -> None:
        """Show what came of every table."""
        self.tables.set_rows(list(result.tables))
        self.tables.select_first()
        self.undo.setEnabled(self.tables.current() is not None)

    def _undo(self) -> None:
        if isinstance(line := self.tables.current(), TableResult):
            self.undo_wanted.emit(line)

    def show_runs(self, lines: list[RunLine]) -> None:
        """Show the import runs."""
        self.runs.set_rows(lines)
