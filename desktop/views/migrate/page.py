"""The Migrate page: from old files to records, seen before it happens and taken back at any time (IMP-01, IMP-10)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.errors import UserError
from desktop.operations import mapping_lines
from desktop.operations.mapping_lines import ColumnLine, TableLine
from desktop.operations.review import Place
from desktop.queries.imports import RunLine, import_runs
from desktop.terms import RunState
from desktop.views.buttons import hairline
from desktop.views.context import AppContext
from desktop.views.inspector import Inspector
from desktop.views.migrate import words
from desktop.views.migrate.afterwards import Afterwards
from desktop.views.migrate.certificate import Certificate
from desktop.views.migrate.deciding import Deciding
from desktop.views.migrate.intake import Intake
from desktop.views.migrate.passwords import PasswordStrips
from desktop.views.migrate.picker import field_menu
from desktop.views.migrate.recipes import Recipes
from desktop.views.migrate.result import result_figures
from desktop.views.migrate.result_pane import ResultPane
from desktop.views.migrate.running import RunningPane
from desktop.views.migrate.session import Session
from desktop.views.migrate.staging import StagingPane
from desktop.views.migrate.start import StartPane
from desktop.views.migrate.steps import Steps
from desktop.views.migrate.workbench import Workbench
from desktop.views.page import Page

CHOOSE, RECOGNISE, CHECK, REVIEW, REHEARSE, RESULT = range(6)
WIDE = 1500
SHOW_RUNNING_MS = 300
"""What takes longer than this shows its progress in place of the tables."""


class MigratePage(Page):
    """Drop files, look at what they mean, mend them, rehearse, import, reconcile; undo whenever that is wanted."""

    topics = frozenset({"import"})
    uses_scope = False
    accepts_files = True

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self.session = Session(self)
        self.runs: list[RunLine] = []
        self.table = 0
        self.after = Afterwards(self, self.session)
        self.recipes = Recipes(self, self.session)
        self.intake = Intake(self, self.session)
        self.deciding = Deciding(self, self.session, lambda: self.table)
        self._add_commands()
        _ = self._
        self.steps = Steps(
            [
                _("Choose files"),
                _("Recognise"),
                _("Check mapping"),
                _("Check rows"),
                _("Dry run"),
                _("Result"),
            ]
        )
        self.steps.chosen.connect(self.show_step)
        self.body.addWidget(self.steps)
        self.body.addWidget(hairline())
        self.passwords = PasswordStrips(ctx.locale, self.deciding.give_password)
        self.body.addWidget(self.passwords)
        self._stack = QStackedWidget()
        self.start = StartPane(self, self.intake.browse, self.intake.browse_folder, self.intake.paste)
        self.bench = Workbench(self, self.deciding, self.intake)
        self.staging = StagingPane(self, self.intake.use_block, self.intake.back)
        self.running = RunningPane(self, self.session.cancel)
        self.outcome_done = ResultPane(self)
        for pane in (self.start, self.bench, self.staging, self.running, self.outcome_done):
            self._stack.addWidget(pane)
        self.body.addWidget(self._stack, 1)
        self.certificate = Certificate(ctx.locale)
        self.certificate.setVisible(False)
        self.body.addWidget(self.certificate)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(SHOW_RUNNING_MS)
        self._late.timeout.connect(lambda: self.show_alone(self.running))
        self._connect()
        self._show_state()

    def _add_commands(self) -> None:
        _ = self._
        self.set_title(_("Migrate"))
        self.proof = self.add_command("sign", _("Certificate…"), self.after.save_certificate)
        self.undo = self.add_command("undo", _("Take a run back"), self.after.preview_undo)
        self.errors = self.add_command("download", _("Rejected rows"), self.after.save_errors)
        self.add_overflow(_("Choose files…"), self.intake.browse)
        self.add_overflow(_("Choose a folder…"), self.intake.browse_folder)
        self.add_overflow(_("Paste from Excel…"), self.intake.paste)
        self.add_overflow(_("From a database…"), self.intake.database)
        self.add_overflow(
            _("Mappings…"), lambda: self.deciding.profiles(self.intake.load_mapping, self.intake.save_mapping)
        )
        self.add_overflow(_("Save as a recipe…"), self.recipes.save)
        self.add_overflow(_("Replay a recipe…"), self.recipes.replay)
        self.add_overflow(_("Start over"), self.start_over)
        self.primary = self.add_command("play", _("Dry run"), self.go, primary=True)

    def _connect(self) -> None:
        session, bench = self.session, self.bench
        session.begun.connect(self._begun)
        session.ended.connect(self._ended)
        session.read.connect(self._read)
        session.changed.connect(self._changed)
        session.rehearsal_done.connect(lambda: self.show_step(REHEARSE))
        session.import_done.connect(self._imported)
        session.refused.connect(self._refused)
        bench.chosen.connect(self.show_table)
        bench.problem_wanted.connect(self.show_problem)
        bench.column_wanted.connect(self.inspect)
        bench.field_wanted.connect(self.choose_field)
        bench.edit_wanted.connect(self.intake.edit_block)
        bench.next_table.connect(self._next_table)
        bench.undo_rows.connect(self.after.undo_rows)
        self.outcome_done.undo_wanted.connect(self.after.undo_table)
        bench.review.fixing.add_history(session.undo, session.redo)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (("Ctrl+Z", session.undo), ("Ctrl+Y", session.redo)):
            QShortcut(QKeySequence(keys), self, context=within).activated.connect(act)

    def show_inspector(self, panel: Inspector | None) -> None:
        super().show_inspector(panel)
        # On a small screen the panel takes the place of the list of tables.
        self.bench.sources.setVisible(panel is None or self.width() >= WIDE)

    # content

    def reload(self) -> None:
        self.read(import_runs, self.show_runs, key="runs")

    def show_runs(self, runs: list[RunLine]) -> None:
        """Fill the lists of runs."""
        self.runs = runs
        self.start.show_runs(runs)
        self.outcome_done.show_runs(runs)
        self._show_state()

    def show_step(self, step: int) -> None:
        """Show what belongs to a step."""
        session = self.session
        if session.state is None:
            step = CHOOSE
        reached = RESULT if session.result else REHEARSE if session.rehearsed else REVIEW
        step = min(step, reached)
        if step < REHEARSE and not session.state:
            reached = CHOOSE
        self.close_inspector()
        self.steps.set_current(step, reached)
        pane = {CHOOSE: self.start, RESULT: self.outcome_done}.get(step, self.bench)
        self._stack.setCurrentWidget(pane)
        shown = session.shown
        self.certificate.setVisible(step >= REHEARSE and bool(shown and shown.checks))
        self.set_figures(
            result_figures(self.ctx.locale, shown, lambda: self.show_step(REHEARSE))
            if step == RESULT and shown
            else []
        )
        if shown and step >= REHEARSE:
            self.certificate.show_result(shown)
        self._fill()
        self._show_state()

    def _fill(self) -> None:
        session = self.session
        if session.source is None:
            return
        lines = mapping_lines.table_lines(session.source, session.converted)
        systems = words.system_names(self.ctx.locale, lines)
        self.set_title(self._("Migrate"), f"{systems} → {self.ctx.connection.database}".strip(" →"))
        self.table = min(self.table, max(0, len(lines) - 1))
        if session.result and self.steps.current == RESULT:
            self.outcome_done.show_result(session.result)
        self.bench.show_step(self.steps.current, session, lines, self.table)

    def _show_state(self) -> None:
        """Enable what makes sense now, and say what the main button would do."""
        _, session = self._, self.session
        ready = session.state is not None and any(session.converted)
        done = session.result is not None
        sentence = _("New import") if done else _("Import") if session.rehearsed else _("Dry run")
        self.primary.setText(f" {sentence}")
        self.primary.setAccessibleName(sentence)
        self.primary.setVisible(session.state is not None)
        self.primary.setEnabled(ready and session.task is None)
        self.primary.setToolTip(
            "" if ready else _("Say of at least one table what its rows are; then it can be rehearsed.")
        )
        here = self.steps.current in (CHOOSE, RESULT)
        self.undo.setVisible(here and any(run.state is not RunState.UNDONE for run in self.runs))
        self.proof.setVisible(here and bool(self.runs))
        shown = session.shown
        self.errors.setVisible(bool(shown and shown.totals["rejected"]))
        self.bench.review.fixing.show_history(can_undo=session.can_undo, can_redo=session.can_redo)

    def _begun(self, what: str) -> None:
        self.primary.setEnabled(False)
        if what == "checking":
            return
        source, converted = self.session.source, self.session.converted
        lines = mapping_lines.table_lines(source, converted) if source else []
        self.running.begin(what, lines, lambda: self.session.task)
        if not self.ctx.tasks.inline:
            self._late.start()

    def _ended(self) -> None:
        self._late.stop()
        self.running.end()
        if self._stack.currentWidget() is self.running:
            self.show_step(self.steps.current)
        self._show_state()

    # files in

    def dropped(self, paths: list[str]) -> None:
        self.session.add(paths)

    def _read(self) -> None:
        session = self.session
        assert session.source is not None
        self.strips.clear()
        for place, sentence in words.refusals(self.ctx.locale, session.source):
            self.show_message("amber", sentence, place=place)
        tried = frozenset(session.source.options.passwords)
        self.passwords.show_files(words.protected(session.source), tried)
        known = [mapping_lines.is_recognised(mapping) for mapping in session.source.mappings]
        if self.steps.current == CHOOSE or not known:
            step = CHECK if known and all(known) else RECOGNISE
            self.table = 0 if all(known) or not known else known.index(False)
        else:
            step = self.steps.current
        self.show_step(step)

    def _changed(self) -> None:
        """The mapping or a cell is another one now: whatever was rehearsed with it no longer counts."""
        again = self.deciding.keep_open()
        self.show_step(min(self.steps.current, REVIEW))
        if self.steps.current == CHECK:
            again(self.bench.mapping.lines())

    # tables and columns

    def show_table(self, line: TableLine) -> None:
        """Show another table."""
        self.table = line.id
        self.close_inspector()
        self._fill()

    def show_problem(self, kind: object) -> None:
        """Show the rows of the current table that have a kind of problem."""
        self.show_step(REVIEW)
        self.bench.review.show_kind(kind)

    def _next_table(self, forward: bool) -> None:
        """Go to the next table (or the one before) that has a problem, and to its first one."""
        session = self.session
        order = range(self.table + 1, len(session.converted)) if forward else range(self.table - 1, -1, -1)
        for at in order:
            table = session.converted[at]
            if table is not None and table.issues:
                self.table = at
                self._fill()
                self.bench.review.grid.setCurrentIndex(self.bench.review.model.index(-1, -1))
                self.bench.review.walk(start=None if forward else Place(1 << 60, 1 << 20), forward=forward)
                return

    def choose_field(self, line: ColumnLine) -> None:
        """Offer the fields that a column can go to."""
        source = self.session.source
        entity = source.mappings[self.table].entity if source else None
        if entity is None or self.session.result is not None:
            return
        choose = self.deciding
        menu = field_menu(
            self,
            self.ctx.locale,
            line,
            entity,
            lambda name: choose.set_field(line.id, name),
            lambda: choose.fields(line),
        )
        menu.popup(self.cursor().pos())

    def inspect(self, line: ColumnLine) -> None:
        """Show all about a column beside the table."""
        self.deciding.inspect(line)

    # dry run, import

    def go(self) -> None:
        """Rehearse, or import what was rehearsed, or begin anew."""
        if self.session.result is not None:
            self.start_over()
        elif self.session.rehearsed is None:
            self.session.rehearse()
        else:
            self.session.import_all()

    def _imported(self) -> None:
        self.reload()
        self.show_step(RESULT)
        run = self.session.result.run if self.session.result else None
        if run is not None:
            self.show_message(
                "green",
                self._("Imported; it can be taken back at any time."),
                place=self._("Import run {run}").format(run=run),
                actions=[(self._("Undo this import"), lambda: self.after.preview_undo(run))],
            )
        self.recipes.after_import()

    def _refused(self, error: UserError) -> None:
        """Say why the import was not done, and offer the dry run again."""
        self.strips.show_error(error, [(self._("Dry run again"), self.session.rehearse)])

    def show_alone(self, pane: QWidget) -> None:
        """Show a pane that is no step: nothing of a step's figures around it."""
        self._stack.setCurrentWidget(pane)
        self.certificate.setVisible(False)
        self.set_figures([])
        self.close_inspector()

    def start_over(self) -> None:
        """Forget the files; nothing that was imported changes."""
        self.session.forget()
        self.recipes.forget()
        self.table = 0
        self.strips.clear()
        self.passwords.show_files([], frozenset())
        self.set_title(self._("Migrate"))
        self.show_step(CHOOSE)
        self.reload()

    # pictures

    def show_example(self) -> None:
        """Show a rehearsed migration of the fictitious firm's files, for pictures."""
        from desktop.views.migrate.example import show_mapping

        show_mapping(self)

    def picture_states(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the other states of this page that are worth a picture, by name."""
        from desktop.views.migrate.example import states

        return states(self)
