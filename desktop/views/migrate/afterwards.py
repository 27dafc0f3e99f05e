"""What can be done after an import: certificate, rejected rows, and taking back a run, one of its tables or rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop.queries.imports import RunLine
from desktop.terms import RunState
from desktop.views.migrate import files
from desktop.views.migrate.session import Session
from desktop.views.migrate.undoing import Part, Undoing

if TYPE_CHECKING:
    from desktop.operations.import_results import TableResult
    from desktop.views.migrate.page import MigratePage


class Afterwards:
    """See the module."""

    def __init__(self, page: MigratePage, session: Session) -> None:
        self._page, self._session = page, session
        self.undoing = Undoing(page, self._undone)

    def preview_undo(self, run: int | None = None) -> None:
        """Rehearse taking a run back (the selected one, else the newest) and ask."""
        number = run or self.chosen_run()
        if number is not None:
            self.undoing.preview(number)

    def undo_table(self, line: TableResult) -> None:
        """Take back what came from one source table of the run that was just done."""
        result = self._session.result
        if result and result.run is not None:
            self.undoing.preview(result.run, Part(line.file, line.sheet))

    def undo_rows(self, table: int, rows: list[int]) -> None:
        """Take back what came from some rows of a source table."""
        source, result = self._session.source, self._session.result
        if source and result and result.run is not None:
            place = source.mappings[table].table.place
            self.undoing.preview(result.run, Part(place.file, place.sheet, tuple(rows)))

    def _undone(self, part: Part | None) -> None:
        if part is None and self._session.result is not None:
            self._session.reopen()
        self._page.reload()

    def chosen_run(self) -> int | None:
        """Return the run that is selected in the list that is shown, else the newest that stands."""
        page = self._page
        shown = page.start.runs if self._session.state is None else page.outcome_done.runs
        chosen = shown.current() if shown.isVisibleTo(page) else None
        if isinstance(chosen, RunLine):
            return chosen.run
        return next((one.run for one in page.runs if one.state is not RunState.UNDONE), None)

    def save_certificate(self, path: Path | None = None) -> None:
        """Write the certificate of a run (the one just done, else the selected or newest) as a workbook."""
        result = self._session.result
        run = result.run if result else self.chosen_run()
        if run is not None:
            files.save_certificate(self._page, run, path)

    def save_errors(self, path: Path | None = None) -> None:
        """Write the rejected rows with their reasons as a workbook that can be mended and dropped again."""
        if shown := self._session.shown:
            tables = [table for table in self._session.converted if table]
            files.save_rejected(self._page, tables, shown, path)
