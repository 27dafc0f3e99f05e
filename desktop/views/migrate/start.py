"""What the Migrate page shows before any file is given: how to begin, and what was imported before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.operations.imports import IMPORTERS
from desktop.queries.imports import RunLine
from desktop.views.empty import not_for_role
from desktop.views.labels import SectionLine
from desktop.views.migrate.columns import RUNS
from desktop.views.migrate.words import empty_state
from desktop.views.page import Page
from desktop.views.tables import DataTable


class StartPane(QWidget):
    """The teaching text with its buttons; below it the import runs, if there were any."""

    def __init__(
        self,
        page: Page,
        browse: Callable[[], object],
        browse_folder: Callable[[], object],
        paste: Callable[[], object],
    ) -> None:
        super().__init__()
        _ = page.ctx.locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        connection = page.ctx.connection
        if connection.is_team and connection.role not in {role.label for role in IMPORTERS}:
            words = _("Sales operations and administrators bring files in. Give them yours.")
            self.words = not_for_role("migrate", page.ctx.locale, words)
        else:
            self.words = empty_state(page.ctx.locale, browse, browse_folder, paste)
        column.addWidget(self.words, 1)
        self._section = SectionLine(
            _("Runs"), _("every one can be taken back, created and changed records alike")
        )
        self.runs = DataTable(page, "migrate.past", RUNS, title=_("Runs"), row_id=lambda line: line.run)
        column.addWidget(self._section)
        column.addWidget(self.runs, 1)
        self.show_runs([])

    def show_runs(self, lines: list[RunLine]) -> None:
        """Show the import runs, or nothing of them."""
        self.runs.set_rows(lines)
        for widget in (self._section, self.runs):
            widget.setVisible(bool(lines))
