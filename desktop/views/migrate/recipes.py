"""Recipes: all decisions of a migration as a file, and replaying them on the fresh export; open questions are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.operations.recipes import (
    Question,
    Replay,
    read_recipe,
    replay,
    replay_merges,
    save_recipe,
)
from desktop.operations.review import Place
from desktop.views.buttons import button
from desktop.views.inspector import Inspector
from desktop.views.labels import label
from desktop.views.migrate.session import Session, State, state_of
from desktop.views.sending import say_written
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.importers.recipe import Recipe
    from desktop.views.migrate.page import MigratePage

MOST = 60
"""How many questions the panel lists."""


class Recipes:
    """See the module."""

    def __init__(self, page: MigratePage, session: Session) -> None:
        self._page, self._session = page, session
        self.recipe: Recipe | None = None
        self.questions: tuple[Question, ...] = ()

    def save(self, path: Path | None = None) -> None:
        """Write everything that was decided about the files, and the merges that stand, as a file."""
        page, source = self._page, self._session.source
        target = path or self._ask(page._("Save as a recipe…"), save=True)
        if source is None or target is None:
            return
        workspace = page.ctx.workspace

        def job(_control: Control) -> Path:
            save_recipe(workspace, target, source)
            return target

        def done(written: Path) -> None:
            say_written(
                page, written, page._("Replay it on the fresh export: only what differs is asked about.")
            )

        page.ctx.tasks.run(page, job, done, title=page._("Save as a recipe…"))

    def replay(self, path: Path | None = None) -> None:
        """Read the files (a folder is asked for, if there are none yet) under a recipe."""
        page, session = self._page, self._session
        chosen = path or self._ask(page._("Replay a recipe…"), save=False)
        if chosen is None:
            return
        if not session.paths:
            folder = QFileDialog.getExistingDirectory(page, page._("The folder with the fresh export"))
            if not folder:
                return
            session.paths = [folder]
        paths = list(session.paths)
        passwords = dict(session.source.options.passwords) if session.source else {}

        def job(control: Control) -> tuple[Recipe, Replay, State]:
            recipe = read_recipe(chosen)
            found = replay(recipe, paths, control, passwords)
            return recipe, found, state_of(found.source, control=control)

        def done(told: tuple[Recipe, Replay, State]) -> None:
            self.recipe, found, state = told
            self.questions = found.questions
            session.take(state)
            self.show()

        session.run(job, done, "reading", page._("Replay a recipe…"))

    def show(self) -> None:
        """Show what the recipe does not answer."""
        page = self._page
        if not self.questions:
            page.show_message("green", page._("The recipe answers everything; nothing has to be asked."))
            return
        page.show_inspector(QuestionsPanel(page.ctx.locale, self.questions, self.go_to))

    def go_to(self, question: Question) -> None:
        """Show the table, the column or the cell that a question is about."""
        from desktop.views.migrate.page import CHECK, RECOGNISE, REVIEW

        page, source = self._page, self._session.source
        if source is None:
            return
        places: list[tuple[str | None, str | None]] = [
            (one.table.file, one.table.sheet) for one in source.mappings
        ]
        if (question.file, question.sheet) not in places:
            return
        page.table = places.index((question.file, question.sheet))
        if question.row is not None:
            page.show_step(REVIEW)
            headers = source.mappings[page.table].table.headers
            column = headers.index(question.column) if question.column in headers else 0
            page.bench.review.go_to(Place(question.row, column))
        elif question.column is not None:
            page.show_step(CHECK)
            lines = page.bench.mapping.lines()
            line = next((one for one in lines if one.header == question.column), None)
            if line is not None:
                page.inspect(line)
        else:
            page.show_step(RECOGNISE)

    def after_import(self) -> None:
        """Repeat the merges of the recipe on what was just imported; what is not found again is said."""
        recipe, page = self.recipe, self._page
        if recipe is None or not recipe.merges:
            return

        def done(left: tuple[Question, ...]) -> None:
            self.questions = left
            self.show()

        page.write(lambda work: tuple(replay_merges(work, recipe.merges)), done, title=page._("Merge"))

    def forget(self) -> None:
        """There is no recipe any more."""
        self.recipe, self.questions = None, ()

    def _ask(self, title: str, *, save: bool) -> Path | None:
        ask = QFileDialog.getSaveFileName if save else QFileDialog.getOpenFileName
        chosen, _kind = ask(self._page, title, "recipe.json" if save else "", "*.json")
        return Path(chosen) if chosen else None


class QuestionsPanel(Inspector):
    """A line per question with the way to what it is about."""

    def __init__(
        self, locale: Locale, questions: Sequence[Question], go: Callable[[Question], object]
    ) -> None:
        _ = locale._
        super().__init__(locale, _("What the recipe does not answer"))
        told = locale.plural("{n} question", "{n} questions", len(questions))
        self.add(Advice("amber", told, _("Everything else is done as in the rehearsal.")))
        self.buttons = []
        for question in questions[:MOST]:
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 4, 0, 4)
            column.setSpacing(2)
            where = " · ".join(
                str(part)
                for part in (question.file, question.sheet, question.column, question.row)
                if part is not None
            )
            column.addWidget(label(where, "caption", wrap=True))
            column.addWidget(label(_(question.message).format(**question.params), wrap=True))
            show = button(_("Show"), lambda one=question: go(one), look="link")  # type: ignore[misc]
            self.buttons.append(show)
            column.addWidget(show)
            self.add(box)
