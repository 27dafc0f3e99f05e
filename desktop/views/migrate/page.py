"""The Migrate page: from old files to records, seen before it happens and taken back at any time (IMP-01, IMP-10)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from desktop.operations import mapping_lines
from desktop.operations.import_results import ImportResult
from desktop.operations.imports import import_plan
from desktop.operations.mapping_lines import ColumnLine, TableLine
from desktop.operations.migration import Source, convert_all, plan_of, read_and_map, read_profiles
from desktop.queries.imports import RunLine, import_runs, mapping_profiles
from desktop.terms import RunState
from desktop.views.buttons import hairline
from desktop.views.context import AppContext
from desktop.views.inspector import Inspector
from desktop.views.migrate import files, words
from desktop.views.migrate.certificate import Certificate
from desktop.views.migrate.inspector import column_panel
from desktop.views.migrate.panes import MAPPING_VIEW, PROBLEMS_VIEW, DetailPane, SourcesPane
from desktop.views.migrate.picker import entity_menu, field_menu
from desktop.views.migrate.result import result_figures
from desktop.views.migrate.start import StartPane
from desktop.views.migrate.steps import Steps
from desktop.views.migrate.undoing import Undoing
from desktop.views.page import Page

if TYPE_CHECKING:
    from desktop.control import Control
    from desktop.importers.tables import ConvertedTable
    from desktop.store.workspace import Work

CHOOSE, RECOGNISE, CHECK, REHEARSE, IMPORT, RECONCILE, DONE = range(7)
WIDE = 1500


class MigratePage(Page):
    """Drop files, look at what they mean, rehearse, import, reconcile; undo whenever that is wanted."""

    topics = frozenset({"import"})
    uses_scope = False
    accepts_files = True

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        _ = self._
        self.paths: list[str] = []
        self.source: Source | None = None
        self.converted: list[ConvertedTable | None] = []
        self.rehearsed: ImportResult | None = None
        self.result: ImportResult | None = None
        self.runs: list[RunLine] = []
        self.table = 0
        self.undoing = Undoing(self, self._undone)
        self.set_title(_("Migrate"))
        self.undo = self.add_command("undo", _("Take a run back"), self.preview_undo)
        self.errors = self.add_command("download", _("Rejected rows"), self.save_errors)
        self.add_overflow(_("Choose files…"), self.browse)
        self.add_overflow(_("Choose a folder…"), self.browse_folder)
        self.add_overflow(_("Use a saved mapping…"), self.load_mapping)
        self.add_overflow(_("Save this mapping…"), self.save_mapping)
        self.add_overflow(_("Start over"), self.start_over)
        self.primary = self.add_command("play", _("Dry run"), self.go, primary=True)
        self.steps = Steps(
            [_("Choose files"), _("Recognise"), _("Check mapping"), _("Dry run"), _("Import"), _("Reconcile")]
        )
        self.body.addWidget(self.steps)
        self.body.addWidget(hairline())
        self._stack = QStackedWidget()
        self.start = StartPane(self, self.browse, self.browse_folder)
        self._stack.addWidget(self.start)
        self._stack.addWidget(self._work())
        self.body.addWidget(self._stack, 1)
        self.certificate = Certificate(ctx.locale)
        self.certificate.setVisible(False)
        self.body.addWidget(self.certificate)
        self._show_state()

    def _work(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(0)
        self.sources = SourcesPane(self, self.browse)
        self.sources.chosen.connect(self.show_table)
        self.detail = DetailPane(self, self.accept_suggestions, self.choose_entity)
        self.detail.wants_field.connect(self.choose_field)
        self.detail.selected_column.connect(self.inspect)
        row.addWidget(self.sources, 26)
        row.addSpacing(16)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(16)
        row.addWidget(self.detail, 74)
        return box

    def show_inspector(self, panel: Inspector | None) -> None:
        super().show_inspector(panel)
        # On a small screen the panel takes the place of the list of tables.
        self.sources.setVisible(panel is None or self.width() >= WIDE)

    # content

    def reload(self) -> None:
        self.read(import_runs, self.show_runs, key="runs")

    def show_runs(self, runs: list[RunLine]) -> None:
        """Fill the lists of runs."""
        self.runs = runs
        self.detail.show_runs(runs)
        self.start.show_runs(runs)
        self._show_state()

    def _show_state(self) -> None:
        """Enable what makes sense now, and say what the main button would do."""
        _ = self._
        ready = self.source is not None and any(self.converted)
        words = _("Import") if self.rehearsed else _("Dry run")
        self.primary.setText(f" {words}")
        self.primary.setAccessibleName(words)
        self.primary.setVisible(self.source is not None)
        self.primary.setEnabled(ready and self.result is None)
        self.undo.setVisible(any(run.state is not RunState.UNDONE for run in self.runs))
        shown = self.result or self.rehearsed
        self.errors.setVisible(bool(shown and shown.totals["rejected"]))

    # files in

    def browse(self) -> None:
        """Choose files in a dialog."""
        if chosen := files.ask_files(self):
            self.dropped(chosen)

    def browse_folder(self) -> None:
        """Choose a folder in a dialog."""
        if chosen := files.ask_folder(self):
            self.dropped(chosen)

    def dropped(self, paths: list[str]) -> None:
        self.paths += [path for path in paths if path not in self.paths]
        self._read()

    def _read(self, profile: Path | None = None) -> None:
        """Read the files off the GUI thread; what a person mapped stays mapped."""
        self._stack.setCurrentIndex(1)
        self.steps.set_current(RECOGNISE)
        self.primary.setEnabled(False)
        workspace, paths, before = self.ctx.workspace, list(self.paths), self.source

        def job(control: Control) -> tuple[Source, list[ConvertedTable | None]]:
            given = read_profiles(profile) if profile else []
            source = read_and_map(paths, [*workspace.read(mapping_profiles), *given], control)
            if before is not None and not given:
                source = mapping_lines.keeping(source, before)
            return source, convert_all(source, control=control)

        self.ctx.tasks.run(self, job, self._read_done, title=self._("Read files"), ended=self._show_state)

    def _read_done(self, found: tuple[Source, list[ConvertedTable | None]]) -> None:
        self.source, self.converted = found
        self.strips.clear()
        for place, sentence in words.refusals(self.ctx.locale, self.source):
            self.show_message("amber", sentence, place=place)
        self.table = min(self.table, max(0, len(self.source.mappings) - 1))
        self.detail.show_view(MAPPING_VIEW)
        self._changed()

    def _changed(self) -> None:
        """The mapping is another one now: whatever was rehearsed with it no longer counts."""
        self.rehearsed = self.result = None
        self.certificate.setVisible(False)
        self.set_figures([])
        self.steps.set_current(CHECK)
        self._fill()
        self._show_state()

    def _fill(self) -> None:
        if self.source is None:
            return
        lines = mapping_lines.table_lines(self.source, self.converted)
        systems = words.system_names(self.ctx.locale, lines)
        self.set_title(self._("Migrate"), f"{systems} → {self.ctx.connection.database}".strip(" →"))
        self.sources.show_tables(lines)
        if lines:
            self.sources.table.select(self.table, tell=False)
            self._fill_mapping(lines[self.table])
        self.detail.show_problems(mapping_lines.issue_lines(self._issues(), self.ctx.locale))

    def _issues(self) -> list[Any]:
        shown = self.result or self.rehearsed
        if shown:
            return list(shown.issues)
        return [issue for table in self.converted if table for issue in table.issues]

    def _fill_mapping(self, line: TableLine) -> None:
        assert self.source is not None
        columns = mapping_lines.column_lines(self.source.mappings[line.id], self.converted[line.id])
        shown = [one for one in columns if one.empty_share < 1 or one.field]
        self.detail.show_mapping(line, shown, writable=self.result is None)

    def show_table(self, line: TableLine) -> None:
        """Show the mapping of another table."""
        self.table = line.id
        self.close_inspector()
        self.detail.show_view(MAPPING_VIEW)
        self._fill_mapping(line)

    # mapping by hand

    def choose_field(self, line: ColumnLine) -> None:
        """Offer the fields that a column can go to."""
        table = self._current()
        if table is None or table.entity is None or self.result is not None:
            return
        menu = field_menu(
            self, self.ctx.locale, line, table.entity, lambda name: self.set_field(line.id, name)
        )
        menu.popup(self.cursor().pos())

    def set_field(self, column: int, name: str | None) -> None:
        """Map a column of the current table to a field, or leave it out."""
        if self.source is not None:
            self._convert(mapping_lines.with_field(self.source, self.table, column, name))

    def accept_suggestions(self) -> None:
        """Accept everything that the current table's columns may mean."""
        if self.source is not None:
            self._convert(mapping_lines.with_suggestions(self.source, self.table))

    def choose_entity(self, at: QPushButton) -> None:
        """Offer what the rows of the current table can be."""
        menu = entity_menu(self, self.ctx.locale, self.set_entity)
        menu.popup(at.mapToGlobal(at.rect().bottomLeft()))

    def set_entity(self, entity: str | None) -> None:
        """Say what the rows of the current table are; None leaves the table out."""
        if self.source is not None:
            self._convert(mapping_lines.with_entity(self.source, self.table, entity))

    def _current(self) -> TableLine | None:
        if self.source is None or not self.source.mappings:
            return None
        return mapping_lines.table_lines(self.source, self.converted)[self.table]

    def _convert(self, source: Source) -> None:
        known = list(self.converted)
        self.primary.setEnabled(False)

        def done(converted: list[ConvertedTable | None]) -> None:
            self.source, self.converted = source, converted
            self._changed()

        self.ctx.tasks.run(
            self,
            lambda control: convert_all(source, known, control),
            done,
            title=self._("Check values"),
            ended=self._show_state,
        )

    def inspect(self, line: ColumnLine) -> None:
        """Show all about a column beside the table, where there is room for it."""
        if self.source is None or (self.width() < WIDE and self.inspector is None):
            return
        mapping = self.source.mappings[self.table]
        self.show_inspector(column_panel(self.ctx.locale, mapping, line, self.set_field))

    # dry run, import

    def go(self) -> None:
        """Rehearse, or import what was rehearsed."""
        if self.rehearsed is None:
            self.rehearse()
        else:
            self.import_all()

    def rehearse(self) -> None:
        """Do the whole import and take it back: the dry run."""
        if self.source is None:
            return
        plan, workspace = plan_of(self.source, self.converted), self.ctx.workspace
        self.primary.setEnabled(False)
        self.steps.set_current(REHEARSE)

        def job(control: Control) -> ImportResult:
            return workspace.rehearse(lambda work: import_plan(work, plan, rehearsal=True), control)

        def done(result: ImportResult) -> None:
            self.rehearsed = result
            self.steps.set_current(IMPORT)
            self._show_result(result)

        self.ctx.tasks.run(self, job, done, title=self._("Dry run"), ended=self._show_state)
        self._show_state()

    def import_all(self) -> None:
        """Write what was rehearsed, in one transaction."""
        if self.source is None or self.rehearsed is None:
            return
        plan, rehearsed = plan_of(self.source, self.converted), self.rehearsed
        self.primary.setEnabled(False)

        def operation(work: Work) -> ImportResult:
            return import_plan(work, plan, remember=True, rehearsed=rehearsed)

        def done(result: ImportResult) -> None:
            self.result = result
            self.steps.set_current(DONE)
            self._show_result(result)
            run = result.run or 0
            self.show_message(
                "green",
                self._("Imported; it can be taken back at any time."),
                place=self._("Import run {run}").format(run=run),
                actions=[(self._("Undo this import"), lambda: self.preview_undo(run))],
            )

        self.write(operation, done, title=self._("Import"), ended=self._show_state)

    def _show_result(self, result: ImportResult) -> None:
        """Show what was (or would be) created, updated, left alone and left out."""
        self.set_figures(
            result_figures(self.ctx.locale, result, lambda: self.detail.show_view(PROBLEMS_VIEW))
        )
        self.certificate.show_result(result)
        self.certificate.setVisible(bool(result.checks))
        self._fill()
        self._show_state()

    # out again

    def preview_undo(self, run: int | None = None) -> None:
        """Rehearse taking a run back (the selected one, else the newest) and ask."""
        shown = self.start.runs if self.source is None else self.detail.runs
        chosen = shown.current() if shown.isVisibleTo(self) else None
        number = run or (chosen.run if isinstance(chosen, RunLine) else None)
        if number is None:
            number = next((one.run for one in self.runs if one.state is not RunState.UNDONE), None)
        if number is None:
            return
        self.undoing.preview(number)

    def take_back(self, run: int) -> None:
        """Undo a run as far as nothing stands against it."""
        self.undoing.take_back(run)

    def _undone(self) -> None:
        if self.source is not None:
            self._changed()

    def save_errors(self, path: Path | None = None) -> None:
        """Write the rejected rows with their reasons as a workbook that can be mended and dropped again."""
        shown = self.result or self.rehearsed
        if shown is None:
            return
        files.save_rejected(self, [table for table in self.converted if table], shown, path)

    def save_mapping(self) -> None:
        """Write the mapping of all tables to a file."""
        if self.source is not None:
            files.save_mapping(self, self.source)

    def load_mapping(self) -> None:
        """Map with a mapping file."""
        if self.paths and (chosen := files.ask_mapping(self)):
            self._read(chosen)

    def show_example(self) -> None:
        """Show a rehearsed migration of the fictitious firm's files, for pictures."""
        from desktop.operations.examples import example_migration

        example = example_migration()
        self._stack.setCurrentIndex(1)
        self._read_done((example.source, example.converted))
        lines = self.sources.table.rows()
        self.table = next((line.id for line in lines if line.entity == "account"), 0)
        self.rehearsed = self.ctx.workspace.rehearse(example.rehearsal())
        self.steps.set_current(IMPORT)
        self._show_result(self.rehearsed)

    def start_over(self) -> None:
        """Forget the files; nothing that was imported changes."""
        self.paths, self.source, self.converted = [], None, []
        self.rehearsed = self.result = None
        self.table = 0
        self.close_inspector()
        self.certificate.setVisible(False)
        self.set_figures([])
        self.strips.clear()
        self.sources.show_tables([])
        self.detail.show_problems([])
        self.steps.set_current(CHOOSE)
        self.set_title(self._("Migrate"))
        self._stack.setCurrentIndex(0)
        self._show_state()
        self.reload()
