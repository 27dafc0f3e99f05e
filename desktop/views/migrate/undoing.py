"""Taking a run back: what it would do is shown first, what it could not do afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.operations.import_results import UndoResult
from desktop.operations.undo import undo_import
from desktop.views.migrate.inspector import undo_panel
from desktop.views.page import Page

if TYPE_CHECKING:
    from desktop.control import Control


class Undoing:
    """Undoes import runs for a page; `done` is called after every one."""

    def __init__(self, page: Page, done: Callable[[], object]) -> None:
        self._page = page
        self._done = done

    def preview(self, run: int) -> None:
        """Rehearse taking a run back, and show in the inspector what that would do."""
        page, workspace = self._page, self._page.ctx.workspace

        def job(control: Control) -> UndoResult:
            return workspace.rehearse(lambda work: undo_import(work, run), control)

        def done(undone: UndoResult) -> None:
            panel = undo_panel(page.ctx.locale, undone, lambda: self.take_back(run), page.close_inspector)
            page.show_inspector(panel)

        page.ctx.tasks.run(page, job, done, title=page._("Take a run back"))

    def take_back(self, run: int) -> None:
        """Undo a run as far as nothing stands against it."""
        page, locale = self._page, self._page.ctx.locale
        page.show_inspector(None)

        def done(undone: UndoResult) -> None:
            sentence = locale.plural(
                "{n} record was taken back.", "{n} records were taken back.", undone.reversed
            )
            left = len(undone.kept) + len(undone.blocked)
            if left:
                sentence += " " + locale.plural("{n} was left as it is.", "{n} were left as they are.", left)
                page.show_inspector(undo_panel(locale, undone, None, page.close_inspector))
            self._done()
            place = page._("Import run {run}").format(run=run)
            page.show_message("amber" if left else "green", sentence, place=place)

        page.write(lambda work: undo_import(work, run), done, title=page._("Take a run back"))
