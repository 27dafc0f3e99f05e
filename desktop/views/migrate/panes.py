"""The two panes of the Migrate page: source tables at the left; mapping, problems and runs at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from desktop.operations.mapping_lines import ColumnIssue, ColumnLine, IssueLine, TableLine
from desktop.queries.imports import RunLine
from desktop.views.buttons import Segments, button
from desktop.views.labels import SectionLine, label
from desktop.views.migrate.columns import ISSUES, MAPPING, RUNS, TABLES
from desktop.views.page import Page
from desktop.views.tables import DataTable, ProblemRow

MAPPING_VIEW, PROBLEMS_VIEW, RUNS_VIEW = "mapping", "problems", "runs"
_DROP_HEIGHT = 64


class SourcesPane(QWidget):
    """The tables that were read, and a place to drop more files."""

    chosen = Signal(object)

    def __init__(self, page: Page, browse: Callable[[], object]) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine(_("Sources"))
        column.addWidget(self.section)
        self.table = DataTable(page, "migrate.tables", TABLES, row_height=44, title=_("Sources"))
        self.table.selected.connect(self.chosen)
        column.addWidget(self.table, 1)
        column.addSpacing(8)
        column.addWidget(self._drop(browse))

    def _drop(self, browse: Callable[[], object]) -> QFrame:
        frame = QFrame()
        frame.setObjectName("drop")
        frame.setFixedHeight(_DROP_HEIGHT)
        row = QHBoxLayout(frame)
        row.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.setSpacing(6)
        row.addWidget(label(self._locale._("Drop more files here, or"), "secondary"))
        row.addWidget(button(self._locale._("browse"), browse, look="link"))
        return frame

    def show_tables(self, lines: list[TableLine]) -> None:
        """Show a line per table, the current one still selected."""
        locale = self._locale
        rows = locale.plural("{n} row", "{n} rows", sum(line.rows for line in lines))
        tables = locale.plural("{n} table", "{n} tables", len(lines))
        self.section.set(explanation=f"{tables} · {rows}")
        self.table.set_rows(lines)


class DetailPane(QWidget):
    """What is known of the current table, everything that is wrong, and the import runs."""

    wants_field = Signal(object)
    selected_column = Signal(object)
    selected_run = Signal(object)

    def __init__(
        self, page: Page, accept: Callable[[], object], choose_entity: Callable[[QPushButton], object]
    ) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine("")
        self.entity = button(_("Other kind…"), small=True, tip=_("Say what the rows of this table are"))
        self.entity.clicked.connect(lambda: choose_entity(self.entity))
        self.accept = button(
            _("Accept suggestions"),
            accept,
            look="tinted",
            small=True,
            tip=_("Accept all that are marked with ?"),
        )
        self.views = Segments(
            [(MAPPING_VIEW, _("Mapping")), (PROBLEMS_VIEW, _("Problems")), (RUNS_VIEW, _("Runs"))]
        )
        self.views.chosen.connect(self.show_view)
        for widget in (self.accept, self.entity, self.views):
            self.section.add(widget)
        column.addWidget(self.section)
        self._stack = QStackedWidget()
        self.mapping = DataTable(
            page, "migrate.mapping", MAPPING, title=_("Mapping"), row_id=lambda line: line.id
        )
        self.mapping.link.connect(lambda line, _key: self.wants_field.emit(line))
        self.mapping.activated.connect(self.wants_field)
        self.mapping.selected.connect(self.selected_column)
        self.problems = DataTable(page, "migrate.problems", ISSUES, filters=True, title=_("Problems"))
        self.runs = DataTable(page, "migrate.runs", RUNS, title=_("Runs"), row_id=lambda line: line.run)
        self.runs.selected.connect(self.selected_run)
        for table in (self.mapping, self.problems, self.runs):
            self._stack.addWidget(table)
        column.addWidget(self._stack, 1)
        self._heads: dict[str, tuple[str, str]] = {}
        self._has_table = False
        self._pending = 0

    def show_view(self, key: str) -> None:
        """Show the mapping, the problems or the runs."""
        self.views.set_current(key)
        self._stack.setCurrentIndex([MAPPING_VIEW, PROBLEMS_VIEW, RUNS_VIEW].index(key))
        title, explanation = self._heads.get(key, ("", ""))
        self.section.set(title, explanation)
        self.entity.setVisible(key == MAPPING_VIEW and self._has_table)
        self.accept.setVisible(key == MAPPING_VIEW and self._pending > 0)

    @property
    def view(self) -> str:
        """Which of the three is shown."""
        return self.views.current()

    def show_mapping(self, table: TableLine, lines: list[ColumnLine], *, writable: bool) -> None:
        """Show the columns of a table with what is wrong in them."""
        locale, _ = self._locale, self._locale._
        goes_to = locale._(table.entity_label) if table.entity else _("left out")
        explained = _("{columns} columns, {mapped} mapped").format(
            columns=locale.integer(table.columns), mapped=locale.integer(table.mapped)
        )
        self._heads[MAPPING_VIEW] = (f"{table.name} → {goes_to}", explained)
        self._has_table, self._pending = writable, table.pending if writable else 0
        rows: list[ColumnLine | ProblemRow] = []
        for line in lines:
            rows.append(line)
            rows += [self._problem(issue) for issue in line.issues]
        self.mapping.set_rows(rows)
        self.show_view(self.view)

    def _problem(self, issue: ColumnIssue) -> ProblemRow:
        locale, _ = self._locale, self._locale._
        example = locale._(issue.example.message).format(**issue.example.params)
        shown = ", ".join(str(row) for row in issue.rows[:4])
        more = "…" if len(issue.rows) > 4 else ""
        effect = _("these rows are left out") if issue.rejects else _("values left out, the text is kept")
        sentence = _("{example} Rows {rows}; {effect}.").format(
            example=example, rows=shown + more, effect=effect
        )
        count = locale.plural("{n} cell", "{n} cells", issue.count)
        return ProblemRow("red" if issue.rejects else "amber", count, sentence)

    def show_problems(self, lines: list[IssueLine]) -> None:
        """Show everything that is wrong."""
        _, locale = self._locale._, self._locale
        rejected = sum(1 for line in lines if line.severity == "row")
        explained = _("{rows} reject their row").format(rows=locale.integer(rejected)) if lines else ""
        self._heads[PROBLEMS_VIEW] = (_("Problems"), explained)
        self.views.set_text(PROBLEMS_VIEW, f"{_('Problems')} {locale.integer(len(lines))}")
        self.problems.set_rows(lines)
        self.show_view(self.view)

    def show_runs(self, lines: list[RunLine]) -> None:
        """Show the import runs."""
        _, locale = self._locale._, self._locale
        explained = _("every one can be taken back, created and changed records alike") if lines else ""
        self._heads[RUNS_VIEW] = (_("Runs"), explained)
        self.views.set_text(RUNS_VIEW, f"{_('Runs')} {locale.integer(len(lines))}")
        self.runs.set_rows(lines)
        self.show_view(self.view)
