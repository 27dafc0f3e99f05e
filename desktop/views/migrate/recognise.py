"""What a table was recognised as, and where it lies in its sheet: every row's role can be overruled with a click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.i18n import N_
from desktop.operations.layout_lines import DATA, ENCODINGS, HEADER, ROLES, LayoutLine
from desktop.operations.mapping_lines import TableLine, entity_choices
from desktop.views.buttons import button
from desktop.views.cells import NumberCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.chips import Tag
from desktop.views.columns import Column
from desktop.views.labels import SectionLine, label
from desktop.views.page import Page, clear_layout
from desktop.views.tables import DataTable

_STATUS = {HEADER: "green", "total": "amber", "skipped": "amber", "kept": "green", "hidden": "amber"}
LAYOUT = (
    Column("id", N_("Row"), NumberCell(), width=64, sortable=False),
    Column(
        "role",
        N_("Taken as"),
        ChipCell({role: (_STATUS.get(role, "grey"), words) for role, words in ROLES.items()}),
        width=140,
        sortable=False,
    ),
    Column(
        "text",
        N_("What stands there"),
        TextCell(look=lambda line: "t1" if line.role in (HEADER, DATA, "kept", "hidden") else "t3"),
        width=300,
        stretch=1,
        sortable=False,
    ),
)
LEAVE_OUT = ""
"""The choice by which a table is not imported."""


class RecognisePane(QWidget):
    """Kind of records, encoding and notes at the top; the rows of the sheet with their roles below."""

    entity_chosen = Signal(object)
    encoding_chosen = Signal(object)
    header_wanted = Signal(object)
    rows_taken = Signal(object)
    rows_left = Signal(object)
    found_wanted = Signal()

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine("")
        self.edit = button(_("Edit the cells…"), small=True, tip=_("Change what was pasted"))
        self.edit.setVisible(False)
        self.section.add(self.edit)
        column.addWidget(self.section)
        column.addLayout(self._facts())
        self._notes = QHBoxLayout()
        self._notes.setContentsMargins(0, 0, 0, 6)
        self._notes.setSpacing(6)
        column.addLayout(self._notes)
        column.addWidget(self._actions())
        self.table = DataTable(page, "migrate.layout", LAYOUT, title=_("Rows of the sheet"))
        self.table.grid.customContextMenuRequested.disconnect()
        self.table.grid.customContextMenuRequested.connect(self._menu)
        self.table.activated.connect(lambda _line: self._menu(self._current_point()))
        self.table.selected.connect(lambda _line: self._show_actions())
        column.addWidget(self.table, 1)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (("Alt+H", self._header), ("Alt+T", self._take), ("Alt+L", self._leave)):
            QShortcut(QKeySequence(keys), self, context=within).activated.connect(act)

    def _facts(self) -> QHBoxLayout:
        _ = self._locale._
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(8)
        row.addWidget(label(_("These rows are"), "caption"))
        self.entity = QComboBox()
        self.entity.setAccessibleName(_("What the rows of this table are"))
        self.entity.addItem(_("not imported"), LEAVE_OUT)
        for name, words in entity_choices():
            self.entity.addItem(_(words), name)
        self.entity.setMinimumWidth(150)
        self.entity.activated.connect(lambda _at: self.entity_chosen.emit(self.entity.currentData() or None))
        row.addWidget(self.entity)
        self.sure = label("", "caption")
        row.addWidget(self.sure)
        row.addSpacing(16)
        self._encoding_words = label(_("Encoding"), "caption")
        row.addWidget(self._encoding_words)
        self.encoding = QComboBox()
        self.encoding.setAccessibleName(_("Encoding"))
        self.encoding.setMinimumWidth(120)
        self.encoding.activated.connect(lambda _at: self.encoding_chosen.emit(self.encoding.currentData()))
        row.addWidget(self.encoding)
        row.addStretch(1)
        return row

    def _actions(self) -> SectionLine:
        _ = self._locale._
        line = SectionLine(_("Rows of the sheet"), _("select rows and say what they are"))
        self.header = button(
            _("Header"), self._header, small=True, tip=_("The selected rows are the header (Alt+H)")
        )
        self.take = button(
            _("Take in"), self._take, small=True, tip=_("The selected rows are records (Alt+T)")
        )
        self.leave = button(
            _("Leave out"), self._leave, small=True, tip=_("The selected rows are no records (Alt+L)")
        )
        self.found = button(
            _("As found"),
            self.found_wanted.emit,
            small=True,
            tip=_("Forget what was said about this table's rows"),
        )
        for widget in (self.header, self.take, self.leave, self.found):
            line.add(widget)
        return line

    def show_table(
        self,
        line: TableLine,
        rows: list[LayoutLine],
        *,
        title: str,
        decided: bool,
        writable: bool,
        pasted: bool,
    ) -> None:
        """Show what a table was recognised as."""
        _, locale = self._locale._, self._locale
        self.section.set(line.name, line.file if line.sheet else "")
        self.edit.setVisible(pasted and writable)
        at = self.entity.findData(line.entity or LEAVE_OUT)
        self.entity.setCurrentIndex(max(0, at))
        self.entity.setEnabled(writable)
        share = locale.percent(line.confidence, 0)
        self.sure.setText(
            _("{share} sure").format(share=share) if line.entity else _("not recognised; say what they are")
        )
        self._show_encoding(line.encoding, writable=writable)
        self._show_notes(line, title)
        self.table.set_rows(rows)
        self.found.setEnabled(decided and writable)
        self._writable = writable
        self._show_actions()

    _writable = True

    def _show_encoding(self, encoding: str | None, *, writable: bool) -> None:
        for widget in (self._encoding_words, self.encoding):
            widget.setVisible(encoding is not None)
        self.encoding.clear()
        if encoding is None:
            return
        names = list(dict.fromkeys([_plain(encoding), *ENCODINGS]))
        for name in names:
            self.encoding.addItem(name.upper(), name)
        self.encoding.setEnabled(writable)

    def _show_notes(self, line: TableLine, title: str) -> None:
        _, locale = self._locale._, self._locale
        clear_layout(self._notes)
        if line.left_out:
            words = locale.plural("{n} row is no record", "{n} rows are no records", line.left_out)
            self._notes.addWidget(Tag(words, "amber"))
        if line.hidden:
            self._notes.addWidget(Tag(_("hidden sheet"), "amber"))
        if line.hidden_rows:
            words = locale.plural("{n} hidden row", "{n} hidden rows", line.hidden_rows)
            self._notes.addWidget(Tag(words, "amber"))
        if line.part:
            self._notes.addWidget(Tag(_("table {n} of this sheet").format(n=line.part + 1)))
        if line.changed:
            self._notes.addWidget(
                Tag(locale.plural("{n} cell mended", "{n} cells mended", line.changed), "green")
            )
        if title:
            short = title if len(title) <= 60 else title[:59] + "…"
            self._notes.addWidget(Tag(_("title: {text}").format(text=short)))
        self._notes.addStretch(1)

    # choosing rows

    def selected(self) -> list[LayoutLine]:
        """Return the selected rows."""
        numbers, _columns = self.table.grid.block()
        rows = [self.table.model.row(number) for number in numbers]
        return [row for row in rows if isinstance(row, LayoutLine)]

    def _show_actions(self) -> None:
        chosen = self.selected()
        self.header.setEnabled(self._writable and bool(chosen))
        self.take.setEnabled(self._writable and any(not row.is_data for row in chosen))
        self.leave.setEnabled(self._writable and any(row.is_data for row in chosen))

    def _header(self) -> None:
        self._tell(self.header_wanted.emit, lambda _row: True)

    def _take(self) -> None:
        self._tell(self.rows_taken.emit, lambda row: not row.is_data and row.role != HEADER)

    def _leave(self) -> None:
        self._tell(self.rows_left.emit, lambda row: row.is_data)

    def _tell(self, emit: Callable[[object], object], fits: Callable[[LayoutLine], bool]) -> None:
        rows = [row.id for row in self.selected() if fits(row)]
        if rows and self._writable:
            emit(rows)

    def _current_point(self) -> QPoint:
        grid = self.table.grid
        return grid.visualRect(grid.currentIndex()).bottomLeft()

    def _menu(self, at: QPoint) -> None:
        if not self._writable or not self.selected():
            return
        _ = self._locale._
        self._show_actions()
        menu = QMenu(self)
        for words, act, allowed in (
            (_("This is the header"), self._header, self.header.isEnabled()),
            (_("Take in"), self._take, self.take.isEnabled()),
            (_("Leave out"), self._leave, self.leave.isEnabled()),
        ):
            action = menu.addAction(words, act)
            action.setEnabled(allowed)
        menu.popup(self.table.grid.viewport().mapToGlobal(at))


def _plain(encoding: str) -> str:
    name = encoding.lower().replace("_", "-")
    return {"utf-8-sig": "utf-8", "ascii": "utf-8", "latin-1": "cp1252", "euc-kr": "euc_kr"}.get(name, name)
