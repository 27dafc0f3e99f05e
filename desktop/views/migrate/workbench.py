"""The list of tables at the left, and at the right what a step shows of the current one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from desktop.operations import layout_lines, mapping_lines, review
from desktop.operations.mapping_choices import ACCEPT
from desktop.operations.mapping_lines import TableLine
from desktop.operations.outcomes import origin_of
from desktop.operations.review import Problems
from desktop.operations.staging import staging_folder
from desktop.views.buttons import hairline
from desktop.views.migrate.columns import field_text
from desktop.views.migrate.deciding import Deciding
from desktop.views.migrate.intake import Intake
from desktop.views.migrate.mapping_pane import MappingPane
from desktop.views.migrate.outcome import OutcomePane
from desktop.views.migrate.recognise import RecognisePane
from desktop.views.migrate.review import ReviewPane
from desktop.views.migrate.session import Session
from desktop.views.migrate.sources_pane import SourcesPane
from desktop.views.page import Page

RECOGNISE, MAPPING, REVIEW, OUTCOME = range(1, 5)


class Workbench(QWidget):
    """See the module; `show_step` fills what a step shows."""

    chosen = Signal(object)
    column_wanted = Signal(object)
    field_wanted = Signal(object)
    problem_wanted = Signal(object)
    edit_wanted = Signal(str)
    next_table = Signal(bool)
    undo_rows = Signal(int, object)

    def __init__(self, page: Page, deciding: Deciding, intake: Intake) -> None:
        super().__init__()
        self._page, self._locale = page, page.ctx.locale
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(0)
        self.sources = SourcesPane(page, intake.browse, intake.paste)
        self.sources.chosen.connect(self.chosen)
        self.recognise = RecognisePane(page)
        self.mapping = MappingPane(page, deciding.accept_suggestions, lambda: deciding.fields(self._column()))
        self.review = ReviewPane(page)
        self.outcome = OutcomePane(page)
        self._stack = QStackedWidget()
        for pane in (self.recognise, self.mapping, self.review, self.outcome):
            self._stack.addWidget(pane)
        row.addWidget(self.sources, 26)
        row.addSpacing(16)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(16)
        row.addWidget(self._stack, 74)
        self._connect(deciding)
        self._session: Session | None = None
        self._lines: list[TableLine] = []
        self._table = 0

    def _connect(self, deciding: Deciding) -> None:
        recognise, mapping = self.recognise, self.mapping
        recognise.entity_chosen.connect(deciding.set_entity)
        recognise.encoding_chosen.connect(deciding.set_encoding)
        recognise.header_wanted.connect(lambda rows: deciding.relayout("header", rows))
        recognise.rows_taken.connect(lambda rows: deciding.relayout("taken", rows))
        recognise.rows_left.connect(lambda rows: deciding.relayout("left", rows))
        recognise.found_wanted.connect(lambda: deciding.relayout("found"))
        recognise.edit.clicked.connect(lambda: self.edit_wanted.emit(self._lines[self._table].file))
        mapping.wants_field.connect(self.field_wanted)
        mapping.selected_column.connect(self.column_wanted)
        mapping.field_dropped.connect(deciding.set_field)
        mapping.problem_wanted.connect(self.problem_wanted)
        self.review.mended.connect(deciding.mend)
        self.review.skipped.connect(lambda rows, out: deciding.skip(rows, out=out))
        self.review.walked_out.connect(self.next_table)
        self.outcome.undo_wanted.connect(lambda rows: self.undo_rows.emit(self._table, rows))
        self.outcome.rows_wanted.connect(lambda _key: self._show_rows())

    def _column(self) -> mapping_lines.ColumnLine | None:
        current = self.mapping.table.current()
        return current if isinstance(current, mapping_lines.ColumnLine) else None

    def show_step(self, step: int, session: Session, lines: list[TableLine], table: int) -> None:
        """Show a table as a step of the migration shows it."""
        self._session, self._lines, self._table = session, lines, table
        self.sources.show_tables(lines)
        if not lines or not RECOGNISE <= step <= OUTCOME:
            return
        self.sources.table.select(table, tell=False)
        self._stack.setCurrentIndex(step - RECOGNISE)
        show = (self._show_layout, self._show_mapping, self._show_review, self._show_outcome)
        show[step - RECOGNISE]()

    def _show_layout(self) -> None:
        session, line = self._session, self._lines[self._table]
        if session is None or session.source is None:
            return
        source = session.source
        table = source.original(self._table)
        path = source.paths.get(table.file)
        self.recognise.show_table(
            line,
            layout_lines.layout_lines(table, source.options),
            title=table.title,
            decided=table.place in source.options.layouts,
            writable=session.result is None,
            pasted=path is not None and path.parent == staging_folder(),
        )

    def _show_mapping(self) -> None:
        session, line = self._session, self._lines[self._table]
        if session is None or session.source is None:
            return
        columns = mapping_lines.column_lines(
            session.source.mappings[self._table], session.converted[self._table]
        )
        shown = [one for one in columns if one.empty_share < 1 or one.field]
        self.mapping.show_mapping(line, shown, writable=session.result is None)

    def _show_review(self) -> None:
        session, line = self._session, self._lines[self._table]
        if session is None or session.source is None:
            return
        source = session.source
        self.review.model.writable = session.result is None
        self.review.show_table(
            line.name,
            review.shown_table(source, self._table),
            self._problems(),
            self._targets(),
            skipped=review.skipped_of(source, self._table),
            fixed=review.mended_of(source, self._table),
        )

    def _show_outcome(self) -> None:
        session = self._session
        if session is None or session.shown is None:
            return
        tables = [table for table in session.converted if table]
        proposals = (session.rehearsed.proposals if session.rehearsed else None) or ()
        self.outcome.show_result(session.shown, tables, proposals)

    def _show_rows(self) -> None:
        session = self._session
        if session is None or session.source is None or session.shown is None:
            return
        table = review.shown_table(session.source, self._table)
        tables = [one for one in session.converted if one]
        self.outcome.show_rows(
            self._lines[self._table].name,
            table,
            self._problems(),
            self._targets(),
            origin_of(session.shown, table, tables),
        )

    def _problems(self) -> Problems:
        session = self._session
        assert session is not None
        assert session.state is not None
        return session.state.problems[self._table]

    def _targets(self) -> list[str]:
        """Return the field of every column as a person calls it, "" where it goes nowhere."""
        session = self._session
        assert session is not None
        assert session.source is not None
        mapping = session.source.mappings[self._table]
        found = [""] * len(mapping.table.headers)
        for column in mapping.columns:
            if column.field and column.confidence >= ACCEPT:
                found[column.index] = field_text(
                    column.field, self._locale, mapping.entity, mapping.new_fields
                )
        return found
