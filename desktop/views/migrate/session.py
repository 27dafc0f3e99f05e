"""One migration under way: the files that were given, what was decided about them, and how far it is.

Everything that takes time runs as a task of the page. What a person decides is kept as values (`Source`),
so that every decision can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.errors import UserError
from desktop.operations import mapping_lines
from desktop.operations.import_results import ImportResult
from desktop.operations.imports import import_plan
from desktop.operations.mapping_choices import AS_FOUND
from desktop.operations.migration import (
    Source,
    convert_all,
    plan_of,
    read_again,
    read_and_map,
    read_profiles,
)
from desktop.operations.review import Problems, find_problems
from desktop.queries.custom_fields import mappable_fields
from desktop.queries.imports import mapping_profiles
from desktop.views.page import Page
from desktop.views.tasks import Task

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.importers.options import ReadOptions
    from desktop.importers.tables import ConvertedTable
    from desktop.store.workspace import Work

    Converted = list[ConvertedTable | None]

MOST_SEARCHED = 300_000
"""A run of more rows is not searched for duplicates in the dry run; that is done afterwards."""

MOST_STEPS = 100
"""How many decisions can be taken back."""


@dataclass(frozen=True)
class State:
    """The files as they are mapped and corrected now, with their values decided."""

    source: Source
    converted: Converted
    problems: tuple[Problems, ...]


def state_of(
    source: Source,
    before: State | None = None,
    control: Control | None = None,
    result: ImportResult | None = None,
) -> State:
    """Return files with their values decided and their faults in order; what is as `before` is taken from there.

    With a `result` the faults that only writing has shown are among them.
    """
    converted = convert_all(source, before.converted if before else (), control)
    known = {}
    if before is not None and result is None:
        known = {id(table): found for table, found in zip(before.converted, before.problems, strict=True)}
    later = result.issues if result else ()
    problems = tuple(
        (known.get(id(table)) if table is not None else None) or find_problems(mapping, table, later)
        for mapping, table in zip(source.mappings, converted, strict=True)
    )
    return State(source, converted, problems)


class Session(QObject):
    """See the module. Signals are emitted on the window's thread."""

    begun = Signal(str)
    """Something runs: reading, checking, rehearsing, importing; `ended` follows."""
    ended = Signal()
    read = Signal()
    """Files were read (again)."""
    changed = Signal()
    """The mapping or a cell is another one; what was rehearsed no longer counts."""
    rehearsal_done = Signal()
    import_done = Signal()
    refused = Signal(object)
    """An import was not done (a `UserError`): file, mapping or database have moved since the dry run."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.paths: list[str] = []
        self.state: State | None = None
        self.rehearsed: ImportResult | None = None
        self.result: ImportResult | None = None
        self.task: Task | None = None
        self._waiting: list[Callable[[Source], Source]] = []
        self._checking = False
        self._undo: list[State] = []
        self._redo: list[State] = []

    @property
    def source(self) -> Source | None:
        """The files, or None before any was read."""
        return self.state.source if self.state else None

    @property
    def converted(self) -> Converted:
        """The tables with their values decided; None where it is not clear what the rows are."""
        return self.state.converted if self.state else []

    @property
    def shown(self) -> ImportResult | None:
        """What was done, or would be."""
        return self.result or self.rehearsed

    # reading

    def add(self, paths: list[str], options: Callable[[ReadOptions], ReadOptions] | None = None) -> None:
        """Take more files in and read; `options` changes how."""
        known = list(self.paths)
        self.paths += [path for path in paths if path not in known]

        def failed(error: UserError) -> None:
            """What cannot be read at all is not asked for again with the next file."""
            self.paths = known
            self._page.show_error(error)

        self.read_all(options=options, failed=failed)

    def read_all(
        self,
        profile: Path | None = None,
        options: Callable[[ReadOptions], ReadOptions] | None = None,
        failed: Callable[[UserError], None] | None = None,
    ) -> None:
        """Read all files; what a person mapped and corrected stays."""
        workspace, paths, before = self._page.ctx.workspace, list(self.paths), self.source

        def job(control: Control) -> State:
            given = read_profiles(profile) if profile else []
            chosen = before.options if before else AS_FOUND
            if options:
                chosen = options(chosen)
            profiles = [*workspace.read(mapping_profiles), *given]
            custom = workspace.read(mappable_fields)
            source = read_and_map(paths, profiles, control, chosen, custom)
            if before is not None:
                source = (
                    mapping_lines.keeping(source, before) if not given else source.with_fixes(before.fixes)
                )
            return state_of(source, control=control)

        self.run(job, self._read_done, "reading", self._page._("Read files"), failed)

    def reread(self, options: ReadOptions) -> None:
        """Read again those files about which `options` say something new."""
        state, workspace = self.state, self._page.ctx.workspace
        if state is None:
            return

        def job(control: Control) -> State:
            profiles = workspace.read(mapping_profiles)
            source = read_again(state.source, options, profiles, control)
            return state_of(source, state, control)

        self.run(job, self._read_done, "reading", self._page._("Read files"))

    def _read_done(self, state: State) -> None:
        self.state = state
        self._undo, self._redo = [], []
        self.rehearsed = self.result = None
        self.read.emit()

    def take(self, state: State) -> None:
        """Begin with files that were read already (an example)."""
        self._read_done(state)

    def reopen(self) -> None:
        """The run was taken back: what was imported can be looked at, changed and imported again."""
        if self.state is not None:
            self._put(self.state)

    def forget(self) -> None:
        """Begin anew; nothing that was imported changes."""
        self.paths, self.state = [], None
        self.rehearsed = self.result = None
        self._undo, self._redo = [], []

    # deciding

    def change(self, change: Callable[[Source], Source]) -> None:
        """Put another mapping or other corrections in force; only tables that differ are checked again.

        What is decided while the last decision is still being checked waits for it.
        """
        if self.state is not None and self.result is None:
            self._waiting.append(change)
            if not self._checking:
                self._check()

    def _check(self) -> None:
        state, changes = self.state, self._waiting
        self._waiting = []
        if state is None or not changes:
            return
        self._checking = True

        def job(control: Control) -> State:
            source = state.source
            for change in changes:
                source = change(source)
            return state if source is state.source else state_of(source, state, control)

        def done(new: State) -> None:
            if new is not state and self.state is state:
                self._undo = [*self._undo, state][-MOST_STEPS:]
                self._redo = []
                self._put(new)

        self.run(job, done, "checking", self._page._("Check values"))

    def undo(self) -> bool:
        """Take the last decision back; return whether there was one."""
        if not self._undo or self.state is None or self.result is not None:
            return False
        self._redo.append(self.state)
        self._put(self._undo.pop())
        return True

    def redo(self) -> bool:
        """Bring a decision that was taken back again."""
        if not self._redo or self.state is None or self.result is not None:
            return False
        self._undo.append(self.state)
        self._put(self._redo.pop())
        return True

    @property
    def can_undo(self) -> bool:
        """Whether a decision can be taken back."""
        return bool(self._undo) and self.result is None

    @property
    def can_redo(self) -> bool:
        """Whether one can be brought again."""
        return bool(self._redo) and self.result is None

    def _put(self, state: State) -> None:
        self.state = state
        self.rehearsed = self.result = None
        self.changed.emit()

    # doing

    def rehearse(self) -> None:
        """Do the whole import and take it back: the dry run."""
        if self.state is None:
            return
        state, workspace = self.state, self._page.ctx.workspace
        plan = plan_of(state.source, state.converted)

        rows = sum(mapping.table.frame.height for mapping in state.source.mappings)
        propose = rows <= MOST_SEARCHED

        def job(control: Control) -> tuple[ImportResult, State]:
            result = workspace.rehearse(
                lambda work: import_plan(work, plan, rehearsal=True, propose=propose), control
            )
            return result, state_of(state.source, state, result=result)

        def done(found: tuple[ImportResult, State]) -> None:
            if self.state is state:
                self.rehearsed, self.state = found
                self.rehearsal_done.emit()

        self.run(job, done, "rehearsing", self._page._("Dry run"))

    def import_all(self) -> None:
        """Write what was rehearsed, in one transaction."""
        if self.state is None or self.rehearsed is None or self.result is not None:
            return
        plan, rehearsed = plan_of(self.state.source, self.state.converted), self.rehearsed

        def operation(work: Work) -> ImportResult:
            return import_plan(work, plan, remember=True, rehearsed=rehearsed)

        def done(result: ImportResult) -> None:
            self.result = result
            self.import_done.emit()

        def failed(error: UserError) -> None:
            """What was rehearsed cannot be done any more: it has to be looked at again."""
            self.rehearsed = None
            self.changed.emit()
            self.refused.emit(error)

        self.begun.emit("importing")
        tasks = self._page.ctx.tasks
        title = self._page._("Import")
        self.task = tasks.write(self._page, operation, done, title=title, failed=failed, ended=self._ended)
        if tasks.inline:
            self.task = None

    def cancel(self) -> None:
        """Stop what runs; nothing of it is kept."""
        if self.task is not None:
            self.task.cancel()

    def run(
        self,
        job: Callable[[Control], object],
        done: Callable[..., None],
        what: str,
        title: str,
        failed: Callable[[UserError], None] | None = None,
    ) -> None:
        """Run a job off the window's thread; `begun(what)` and `ended` are told around it."""
        self.begun.emit(what)
        tasks = self._page.ctx.tasks
        self.task = tasks.run(self._page, job, done, title=title, failed=failed, ended=self._ended)
        if tasks.inline:
            self.task = None

    def _ended(self) -> None:
        self.task = None
        self.ended.emit()
        if self._checking:
            self._checking = False
            # Its outcome is put in force first.
            self._page.later(self._check)
