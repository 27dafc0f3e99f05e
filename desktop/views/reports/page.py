"""The Reports page: fill a template, submit, export what is approved, verify what came back (RPT-07)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import N_
from desktop.operations.approvals import withdraw_report
from desktop.operations.reports import draft_report, refresh_report, register_export, submit_report
from desktop.operations.sealing import ready_to_seal
from desktop.queries.metrics.differ import since_frozen
from desktop.queries.metrics.pivot import HEAT, Shape
from desktop.queries.report_metrics import OwnQuestion
from desktop.queries.report_parts import Asked
from desktop.queries.reports import (
    TEMPLATES,
    RenderedReport,
    ReportRow,
    ReportView,
    Template,
    rendered_report,
    report_list,
    report_view,
)
from desktop.queries.seals import known_keys
from desktop.views import theme
from desktop.views.buttons import Segments
from desktop.views.context import AppContext
from desktop.views.empty import EmptyState
from desktop.views.frozen import FrozenPreview
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.reports.analyse import AnalysePane
from desktop.views.reports.behind import since_inspector
from desktop.views.reports.centre import templates_menu
from desktop.views.reports.checking import Checking
from desktop.views.reports.columns import about, report_columns
from desktop.views.reports.compare import ComparePane
from desktop.views.reports.dashboard import DashboardPane
from desktop.views.reports.filling import choose_template
from desktop.views.reports.inspector import Steps, report_inspector
from desktop.views.reports.states import ALL, DONE, GROUPS, OPEN, WAITING, report_figures
from desktop.views.reports.verdict import VerdictPanel
from desktop.views.saving import save_file
from desktop.views.tables import DataTable

LIST, BOARD, ANALYSE, COMPARE = "list", "board", "analyse", "compare"
MOST_ROWS = 5
CHANGED = frozenset({"report", "approval"})


class ReportsPage(Page):
    """From the template to finance's desk, and back for verification."""

    topics = frozenset({"report", "approval", "saved_view", "metric"})
    accepts_files = True

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self._rows: list[ReportRow] = []
        self._read_once = False
        self._wanted: int | None = None
        self._view: ReportView | None = None
        self.set_title(self._("Reports"), self._("Only what a second person approved goes out."))
        self.checking = Checking(self)
        self.add_command("verify", self._("Verify a workbook"), self.checking.choose_file)
        self._new = self.add_command("add", self._("New report"), lambda: None, primary=True)
        self._new.setMenu(templates_menu(self, self._new))
        self.mode = Segments(
            [
                (LIST, self._("All reports")),
                (BOARD, self._("Dashboards")),
                (ANALYSE, self._("Analyse")),
                (COMPARE, self._("Compare")),
            ]
        )
        self.mode.chosen.connect(self.show_mode)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 8)
        row.addWidget(self.mode)
        row.addStretch(1)
        self.body.addLayout(row)
        self.board: DashboardPane | None = None
        self.analyse: AnalysePane | None = None
        self.compare: ComparePane | None = None
        self.verdict = VerdictPanel(self)
        self.verdict.closed.connect(lambda: self.preview.setVisible(True))
        self.body.addWidget(self.verdict, 1)
        self.content = QWidget()
        self._fill(QVBoxLayout(self.content))
        self.body.addWidget(self.content, 1)
        funnel = TEMPLATES["funnel"]
        self.empty = EmptyState(
            "reports",
            self._("No reports yet"),
            self._(
                "A report freezes its figures when it is submitted; a second person approves them, and exactly "
                "these figures go to Excel. Drop a workbook here to see whether it is still as approved."
            ),
            [(self._("Make a funnel report"), lambda: self.make(funnel))],
        )
        self.empty.setVisible(False)
        self.body.addWidget(self.empty, 1)

    def show_mode(self, key: str) -> None:
        """Show the list of reports, a dashboard, the builder, or the comparison of two."""
        self.mode.set_current(key)
        self.strips.clear()
        if key == BOARD and self.board is None:
            self.board = DashboardPane(self)
            self.body.addWidget(self.board, 1)
        if key == ANALYSE and self.analyse is None:
            self.analyse = AnalysePane(self)
            self.body.addWidget(self.analyse, 1)
        if key == COMPARE and self.compare is None:
            self.compare = ComparePane(self)
            self.body.addWidget(self.compare, 1)
        self.close_inspector()
        self._arrange()
        self.reload()

    def _arrange(self) -> None:
        """Show what belongs to the mode in force."""
        mode = self.mode.current()
        self.content.setVisible(mode == LIST and bool(self._rows))
        self.empty.setVisible(mode in (LIST, COMPARE) and not self._rows and self._read_once)
        if mode != LIST:
            self.verdict.hide()
        if self.board is not None:
            self.board.setVisible(mode == BOARD)
        if self.analyse is not None:
            self.analyse.setVisible(mode == ANALYSE)
        if self.compare is not None:
            self.compare.setVisible(mode == COMPARE and bool(self._rows))

    def _fill(self, column: QVBoxLayout) -> None:
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine(self._("All reports"), self._("newest first"))
        self.choice = Segments(
            [
                (ALL, self._("All")),
                (OPEN, self._("Drafts")),
                (WAITING, self._("Waiting")),
                (DONE, self._("Approved")),
            ]
        )
        self.choice.chosen.connect(lambda _key: self._list())
        self.section.add(self.choice)
        column.addWidget(self.section)
        self.table = DataTable(self, "reports.list", report_columns(self.locale_), title=self._("Reports"))
        self.table.selected.connect(self._selected)
        self.section.add(self.table.columns_button())
        column.addWidget(self.table)
        self.preview = FrozenPreview(self)
        column.addWidget(self.preview, 1)

    # reading

    def reload(self) -> None:
        """Ask for the list; the report that was shown is shown again."""
        own = {BOARD: self.board, ANALYSE: self.analyse}.get(self.mode.current())
        if own is not None:
            self.set_figures([])
            own.reload()
            return
        self.read(report_list, self._show, key="reports")
        # Kept in memory, for when a workbook has to be verified without the database.
        self.read(known_keys, lambda _keys: None, key="keys")

    def open(self, **args: Any) -> None:
        """Show a report (`report_id`), or a mode (`mode`)."""
        if "mode" in args:
            self.show_mode(str(args["mode"]))
        if "report_id" in args:
            self.mode.set_current(LIST)
            self._arrange()
            self._wanted = int(args["report_id"])
            self.choice.set_current(ALL)
            if self._rows:
                self.show_report(self._wanted)

    def _show(self, rows: list[ReportRow]) -> None:
        self._rows = rows
        self._read_once = True
        self._arrange()
        if self.mode.current() == COMPARE and self.compare is not None:
            self.set_figures([])
            self.compare.set_reports(rows)
            self.compare.reload()
            return
        self.set_figures(report_figures(self, rows) if rows else [])
        self._list()
        current = self._wanted or (self._view.row.id if self._view else None)
        if current is None and rows:
            current = rows[0].id
        if current is not None:
            self.show_report(current)

    def narrow(self, key: str) -> None:
        """Show the reports of a group."""
        self.choice.set_current(key)
        self._list()

    def _list(self) -> None:
        words = {
            ALL: self._("All"),
            OPEN: self._("Drafts"),
            WAITING: self._("Waiting"),
            DONE: self._("Approved"),
        }
        for key, word in words.items():
            count = sum(key == ALL or row.state in GROUPS[key] for row in self._rows)
            self.choice.set_text(key, f"{word} {self.locale_.integer(count)}")
        states = GROUPS.get(self.choice.current())
        shown = [row for row in self._rows if states is None or row.state in states]
        self.table.setFixedHeight(theme.HEADER + theme.ROW * min(max(len(shown), 2), MOST_ROWS) + 2)
        self.table.set_rows(shown)

    def _selected(self, row: ReportRow | None) -> None:
        if row is not None:
            self.verdict.hide()
            self.show_report(row.id)

    def show_report(self, report_id: int) -> None:
        """Show a report's frozen figures and its inspector."""
        self._wanted = None
        self.read(lambda work: report_view(work, report_id), self._show_view, key="report")

    def _show_view(self, view: ReportView) -> None:
        self._view = view
        self.preview.setVisible(self.verdict.isHidden())
        self.table.select(view.row.id, tell=False)
        self.preview.show_document(about(view.row, self.locale_), view.document)
        steps = Steps(
            self.submit, self.refill, self.withdraw, self.export, self.decide, self.fill, self.drill
        )
        self.show_inspector(report_inspector(self.locale_, view, steps, self.ctx.connection.person_id))

    def drill(self, view: ReportView, figure: str) -> None:
        """Show the records behind a frozen figure as they are now, and what changed since."""
        report = view.row.id
        self.read(
            lambda work: since_frozen(work, report, figure),
            lambda found: self.show_inspector(since_inspector(self, found)),
            key="behind",
        )

    # acting

    def make(self, template: Template) -> None:
        """Fill a template for the scope in force; a handover is asked for on its own page."""
        if template.needs_person:
            self.ctx.navigate("handover")
            return
        scope = self.ctx.scope.value
        asked = Asked(scope.period, scope.unit_id, scope.pipeline_id)
        self.made(template.name, asked)

    def made(self, name: str, asked: Asked) -> None:
        """Make a draft of a template and show it in the list."""
        self.mode.set_current(LIST)
        self._arrange()
        self._write(
            lambda work: draft_report(work, name, asked),
            N_("A draft was made."),
            key=("draft_report", name, repr(asked)),
        )

    def submit(self, view: ReportView) -> None:
        """Submit a draft."""
        row = view.row
        self._write(
            lambda work: submit_report(work, row.id, row.version), N_("Submitted: a second person decides.")
        )

    def refill(self, view: ReportView) -> None:
        """Take the figures again."""
        row = view.row
        self._write(
            lambda work: refresh_report(work, row.id, row.version), N_("The figures were taken again.")
        )

    def withdraw(self, view: ReportView) -> None:
        """Take an own submission back."""
        row = view.row
        self._write(
            lambda work: withdraw_report(work, row.id, row.version), N_("Taken back: it is a draft again.")
        )

    def decide(self, view: ReportView) -> None:
        """Go to the approval."""
        self.ctx.navigate("approvals", report_id=view.row.id)

    def export(self, view: ReportView, path: Path | None = None) -> None:
        """Write the workbook of an approved report, register its bytes, and save it."""
        locale, number = self.locale_, view.row.id

        def register(rendered: RenderedReport) -> None:
            self.ctx.tasks.write(
                self,
                lambda work: register_export(work, rendered),
                lambda _row: self._saved(rendered, path),
                topics=CHANGED,
                title=self._("Export"),
            )

        def render(_ready: None) -> None:
            self.read(lambda work: rendered_report(work, number, locale), register, key="export")

        self.ctx.tasks.write(self, ready_to_seal, render, title=self._("Export"))

    def fill(self, view: ReportView) -> None:
        """Fill a workbook of finance's with an approved report."""
        choose_template(self, view)

    def _saved(self, rendered: RenderedReport, path: Path | None) -> None:
        save_file(self, rendered.name, rendered.content, path)

    def _write(self, operation: Any, sentence: str, *, key: Sequence[object] | None = None) -> None:
        def told(row: ReportRow) -> None:
            self._wanted = row.id
            self.show_message("green", self._(sentence), place=row.number)

        self.write(operation, told, topics=CHANGED, key=key)

    def picture_states(self) -> list[tuple[str, Callable[[], object]]]:
        """For pictures: a dashboard, the builder with its chart, as a heat map, and two reports compared."""
        return [
            ("board", lambda: self.show_mode(BOARD)),
            ("analyse", lambda: self.show_mode(ANALYSE)),
            ("heat", self._example_heat),
            ("compare", lambda: self.show_mode(COMPARE)),
        ]

    def _example_heat(self) -> None:
        self.analyse_question(OwnQuestion(("contacts",), Shape("weekday", "hour", chart=HEAT)))

    def analyse_question(self, own: OwnQuestion) -> None:
        """Show a question in the builder."""
        self.show_mode(ANALYSE)
        if self.analyse is not None:
            self.analyse.show_question(own)

    def dropped(self, paths: list[str]) -> None:
        """Verify what was dropped; see `checking`."""
        self.checking.dropped(paths)
