"""What every column of a table means: field, confidence, reason and samples, changed by menu, typing or dragging."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.operations.mapping_lines import ColumnIssue, ColumnLine, TableLine
from desktop.views.buttons import Segments, button
from desktop.views.labels import SectionLine
from desktop.views.migrate.columns import MAPPING
from desktop.views.migrate.fields_panel import MIME
from desktop.views.page import Page
from desktop.views.tables import DataTable, ProblemRow

ALL, WAITING, MAPPED = "all", "waiting", "mapped"


class MappingPane(QWidget):
    """A line per column with what is wrong in it; fields can be dropped on a line."""

    wants_field = Signal(object)
    selected_column = Signal(object)
    field_dropped = Signal(int, str)
    problem_wanted = Signal(object)

    def __init__(self, page: Page, accept: Callable[[], object], fields: Callable[[], object]) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine("")
        self.accept = button(
            _("Accept suggestions"),
            accept,
            look="tinted",
            icon="checks",
            small=True,
            tip=_("Accept all that are marked with ?"),
        )
        self.fields = button(
            _("Fields…"), fields, small=True, tip=_("All fields, to be dragged onto columns")
        )
        self.views = Segments([(ALL, _("All")), (WAITING, _("Not mapped")), (MAPPED, _("Mapped"))])
        self.views.chosen.connect(lambda _key: self._fill())
        for widget in (self.views, self.fields, self.accept):
            self.section.add(widget)
        column.addWidget(self.section)
        self.table = DataTable(
            page, "migrate.mapping", MAPPING, title=_("Mapping"), row_id=lambda line: line.id
        )
        self.table.link.connect(lambda line, _key: self.wants_field.emit(line))
        self.table.activated.connect(self.wants_field)
        self.table.selected.connect(self.selected_column)
        viewport = self.table.grid.viewport()
        viewport.setAcceptDrops(True)
        self.table.grid.setAcceptDrops(True)
        viewport.installEventFilter(self)
        column.addWidget(self.table, 1)
        self._lines: list[ColumnLine] = []
        self._writable = True

    def show_mapping(self, table: TableLine, lines: list[ColumnLine], *, writable: bool) -> None:
        """Show the columns of a table with what is wrong in them."""
        locale, _ = self._locale, self._locale._
        goes_to = locale._(table.entity_label) if table.entity else _("left out")
        explained = _("{columns} columns, {mapped} mapped").format(
            columns=locale.integer(table.columns), mapped=locale.integer(table.mapped)
        )
        self.section.set(f"{table.name} → {goes_to}", explained)
        self._lines, self._writable = lines, writable
        pending = sum(line.is_pending for line in lines)
        mapped = sum(line.field is not None for line in lines)
        self.views.set_text(ALL, f"{_('All')} {len(lines)}")
        self.views.set_text(WAITING, f"{_('Not mapped')} {len(lines) - mapped}")
        self.views.set_text(MAPPED, f"{_('Mapped')} {mapped}")
        self.accept.setVisible(writable and table.entity is not None and pending > 0)
        self.fields.setVisible(writable and table.entity is not None)
        self._fill()

    def lines(self) -> list[ColumnLine]:
        """Return the columns of the table."""
        return list(self._lines)

    def _fill(self) -> None:
        chosen = self.views.current()
        rows: list[ColumnLine | ProblemRow] = []
        for line in self._lines:
            if (chosen == WAITING and line.field) or (chosen == MAPPED and not line.field):
                continue
            rows.append(line)
            rows += [self._problem(issue) for issue in line.issues]
        self.table.set_rows(rows)

    def _problem(self, issue: ColumnIssue) -> ProblemRow:
        locale, _ = self._locale, self._locale._
        example = locale._(issue.example.message).format(**issue.example.params)
        shown = ", ".join(str(row) for row in issue.rows[:3])
        more = "…" if len(issue.rows) > 3 else ""
        effect = _("these rows are left out") if issue.rejects else _("values left out, the text is kept")
        sentence = _("{example} Rows {rows}; {effect}.").format(
            example=example, rows=shown + more, effect=effect
        )
        count = locale.plural("{n} cell", "{n} cells", issue.count)
        key = (issue.code, issue.example.column)
        action = (_("Show the rows"), lambda: self.problem_wanted.emit(key))
        return ProblemRow("red" if issue.rejects else "amber", count, sentence, (action,))

    # dragging a field onto a column

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() in (kinds.DragEnter, kinds.DragMove) and isinstance(event, QDragMoveEvent):
            if event.mimeData().hasFormat(MIME) and self._writable:
                event.setAccepted(
                    event.type() == kinds.DragEnter or self._line_at(event.position().toPoint()) is not None
                )
                return True
        elif event.type() == kinds.Drop and isinstance(event, QDropEvent):
            line = self._line_at(event.position().toPoint())
            if line is not None and event.mimeData().hasFormat(MIME):
                event.acceptProposedAction()
                self.field_dropped.emit(line.id, bytes(event.mimeData().data(MIME).data()).decode())
                return True
        return super().eventFilter(watched, event)

    def _line_at(self, point: object) -> ColumnLine | None:
        index = self.table.grid.indexAt(point)  # type: ignore[arg-type]
        row = self.table.model.row(index.row()) if index.isValid() else None
        return row if isinstance(row, ColumnLine) else None
