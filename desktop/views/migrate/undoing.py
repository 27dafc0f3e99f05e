"""Taking a run, one of its tables or some rows back: what it would do is shown first, what it did not afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.operations.import_results import UndoResult
from desktop.operations.undo import undo_import, undo_part
from desktop.views.migrate.inspector import undo_panel
from desktop.views.page import Page

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.store.workspace import Work


@dataclass(frozen=True)
class Part:
    """What is to be taken back of a run: one source table, or some of its rows; None is all of it."""

    file: str
    sheet: str | None
    rows: tuple[int, ...] | None = None


class Undoing:
    """Undoes import runs for a page; `done` is called after every one with the part that was taken back."""

    def __init__(self, page: Page, done: Callable[[Part | None], object]) -> None:
        self._page = page
        self._done = done

    def preview(self, run: int, part: Part | None = None) -> None:
        """Rehearse taking it back, and show in the inspector what that would do."""
        page, workspace = self._page, self._page.ctx.workspace

        def job(control: Control) -> UndoResult:
            return workspace.rehearse(lambda work: _undo(work, run, part), control)

        def done(undone: UndoResult) -> None:
            confirm = lambda: self.take_back(run, part)  # noqa: E731
            page.show_inspector(undo_panel(page.ctx.locale, undone, confirm, page.close_inspector))

        page.ctx.tasks.run(page, job, done, title=page._("Take a run back"))

    def take_back(self, run: int, part: Part | None = None) -> None:
        """Undo a run, or a part of it, as far as nothing stands against it."""
        page, locale = self._page, self._page.ctx.locale
        page.show_inspector(None)

        def done(undone: UndoResult) -> None:
            sentence = locale.plural(
                "{n} record was taken back.", "{n} records were taken back.", undone.reversed
            )
            left = len(undone.kept) + len(undone.blocked)
            self._done(part)
            if left:
                sentence += " " + locale.plural("{n} was left as it is.", "{n} were left as they are.", left)
                page.show_inspector(undo_panel(locale, undone, None, page.close_inspector))
            place = page._("Import run {run}").format(run=run)
            page.show_message("amber" if left else "green", sentence, place=place)

        page.write(lambda work: _undo(work, run, part), done, title=page._("Take a run back"))


def _undo(work: Work, run: int, part: Part | None) -> UndoResult:
    if part is None:
        return undo_import(work, run)
    return undo_part(work, run, part.file, part.sheet, part.rows)
