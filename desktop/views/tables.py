"""The table every page uses: sort, filter row, column chooser, copy, send to Excel, totals.

`DataTable(page, key, columns, filters=True)`; then `set_rows(frozen rows)`, `set_tree(rows, key,
parent)` or `set_source(QuerySource(count, fetch))`. Signals: `selected(row)`, `activated(row)`,
`link(row, column key)`, `counted(n)`. `key` names the layout in this machine's settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.queries.rows import Condition, RowRequest, Sort
from desktop.settings import ColumnLayout
from desktop.views.buttons import button
from desktop.views.cells import Env
from desktop.views.chips import Shape
from desktop.views.columns import Column, money_unit
from desktop.views.empty import EmptyState
from desktop.views.labels import ElidedLabel, label
from desktop.views.sources import GroupRow, ListSource, ProblemRow, QuerySource, TreeSource
from desktop.views.table_empty import WithoutRows
from desktop.views.table_model import RowModel
from desktop.views.table_view import Grid

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.page import Page

__all__ = ["Column", "DataTable", "GroupRow", "ListSource", "ProblemRow", "QuerySource", "TreeSource"]

EXCEL_ROWS = 1_048_575


class DataTable(QWidget):
    """See the module."""

    selected = Signal(object)
    activated = Signal(object)
    link = Signal(object, str)
    counted = Signal(int)

    def __init__(
        self,
        page: Page,
        key: str,
        columns: Sequence[Column],
        *,
        filters: bool = False,
        sort: Sort | None = None,
        row_height: int = 0,
        row_id: Callable[[Any], Any] | None = None,
        title: str = "",
    ) -> None:
        super().__init__()
        self._page = page
        self._key = key
        self._all = tuple(columns)
        self._row_id = row_id or (lambda row: getattr(row, "id", row))
        self._title = title
        self._wanted: Any = None
        self._stand: int | None = None
        locale = page.ctx.locale
        self._locale = locale
        self._env = Env(locale, page.ctx.today, money_unit(locale))
        self.model = RowModel(page, page.ctx.tasks, lambda: self._env, self)
        self.model.all_columns = self._all
        self.grid = Grid(self.model, lambda: self._env, filters=filters)
        if row_height:
            self.grid.set_row_height(row_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.grid)
        self._without_rows = WithoutRows(self.grid, column, locale, self.clear_filters)
        layout = page.ctx.settings.layout(key)
        self.grid.widths = dict(layout.widths)
        self.model.sort_by = Sort(layout.sort, layout.descending) if layout.sort else sort
        self._show_sort()
        self._show_columns(layout.shown)
        self.grid.header.filtered.connect(self._filter)
        self.grid.header.sorted_by.connect(self._sort_by)
        self.grid.header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.header.customContextMenuRequested.connect(
            lambda at: self.columns_menu().exec(self.grid.header.mapToGlobal(at))
        )
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(
            lambda at: self._row_menu().exec(self.grid.viewport().mapToGlobal(at))
        )
        self.grid.pressed_row.connect(self.selected)
        self.grid.double_row.connect(self.activated)
        self.grid.link.connect(self.link)
        self.grid.totals.connect(page.ctx.window.show_totals)
        self.grid.setAccessibleName(title or key)
        self.setFocusProxy(self.grid)
        self.model.modelReset.connect(self._after_reset)
        self.model.counted.connect(
            lambda count: self._without_rows.show(count, filtered=bool(self.model.filters))
        )
        self.model.counted.connect(self.counted)
        page.tables.append(self)

    # content

    def set_empty(self, said: EmptyState | str) -> None:
        """Say what will stand here while there are no rows at all: a panel in the table's place, or a line."""
        self._without_rows.set(said)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Show frozen rows in memory (with `GroupRow` and `ProblemRow` among them, if wanted)."""
        self.set_source(ListSource(rows))

    def set_tree(
        self,
        rows: Sequence[Any],
        key: Callable[[Any], Any],
        parent: Callable[[Any], Any],
        *,
        open_depth: int = 2,
    ) -> None:
        """Show rows that hang under each other; the first column's cell must be a `TreeCell`."""
        source: TreeSource[Any] = TreeSource(rows, key, parent, open_depth=open_depth)
        if isinstance(self.model.source, TreeSource):
            known = {key(row) for row in rows}
            source.opened = self.model.source.opened & known or source.opened
        self.set_source(source)

    def set_source(self, source: QuerySource[Any] | ListSource[Any]) -> None:
        """Show rows of a source; the selected record stays selected if it is there, and the table where it was."""
        current = self.current()
        if current is not None:
            self._wanted = self._row_id(current)
        self._stand = self.grid.verticalScrollBar().value() if self.model.rowCount() else None
        self.model.source = source
        self.model.refresh()

    def reload(self) -> None:
        """Ask the source again."""
        self.set_source(self.model.source)

    def current(self) -> Any:
        """Return the current row, or None."""
        number = self.grid.current_number()
        row = self.model.row(number) if number >= 0 else None
        return None if isinstance(row, GroupRow | ProblemRow) else row

    def rows(self) -> list[Any]:
        """Return the rows that are in memory, as shown."""
        found = [self.model.row(i) for i in range(self.model.rowCount())]
        return [row for row in found if row is not None and not isinstance(row, GroupRow | ProblemRow)]

    def select(self, record: Any, *, tell: bool = True) -> bool:
        """Make the row with that id current; return whether it is among those loaded."""
        for number in range(min(self.model.rowCount(), 5_000)):
            row = self.model.row(number)
            if row is None or isinstance(row, GroupRow | ProblemRow) or self._row_id(row) != record:
                continue
            index = self.model.index(number, 0)
            self.grid.setCurrentIndex(index)
            self.grid.scrollTo(index)
            if tell:
                self.selected.emit(row)
            return True
        self._wanted, self._stand = record, None
        return False

    def select_first(self) -> bool:
        """Make the first record current, tell, and return whether there is one."""
        rows = self.rows()
        return bool(rows) and self.select(self._row_id(rows[0]))

    def _after_reset(self) -> None:
        self.grid.lay()
        if isinstance(self.model.source, ListSource):
            self.grid.spread_special_rows(self._problem)
        wanted, self._wanted = self._wanted, None
        stand, self._stand = self._stand, None
        if wanted is not None:
            self.select(wanted, tell=False)
        if stand is not None:
            self.grid.updateGeometries()
            self.grid.verticalScrollBar().setValue(stand)

    def _problem(self, row: ProblemRow) -> QWidget:
        box = QWidget()
        box.setAutoFillBackground(False)
        line = QHBoxLayout(box)
        line.setContentsMargins(12, 0, 8, 0)
        line.setSpacing(8)
        line.addWidget(Shape(row.status))
        line.addWidget(label(row.count, f"{row.status}_strong"))
        line.addWidget(ElidedLabel(row.sentence), 1)
        for text, act in row.actions:
            line.addWidget(button(text, act, small=True))
        return box

    # sort, filter, columns

    def _sort_by(self, key: str) -> None:
        sort = self.model.sort_by
        if sort and sort.key == key:
            self.model.sort_by = Sort(key, not sort.descending)
        else:
            column = next(column for column in self._all if column.key == key)
            self.model.sort_by = Sort(key, column.cell.align == Qt.AlignmentFlag.AlignRight)
        self._show_sort()
        self._keep()
        self.reload()

    def _show_sort(self) -> None:
        sort = self.model.sort_by
        self.grid.header.set_sort(sort.key if sort else "", sort.descending if sort else False)

    def _filter(self, key: str, text: str) -> None:
        column = next(column for column in self._all if column.key == key)
        condition = column.cell.condition(text, self._env) if text.strip() else None
        self.grid.header.mark(key, bool(text.strip()) and condition is None)
        filters = dict(self.model.filters)
        filters.pop(key, None)
        if condition is not None:
            filters[key] = condition
        if filters != self.model.filters:
            self.model.filters = filters
            self.reload()

    def set_filter(self, key: str, text: str) -> None:
        """Filter as if a person had typed it."""
        edit = self.grid.header.edits.get(key)
        if edit is not None:
            edit.setText(text)
            self.grid.header.flush()
        else:
            self._filter(key, text)

    def clear_filters(self) -> None:
        """Show all rows again."""
        for edit in self.grid.header.edits.values():
            edit.clear()
        self.grid.header.flush()
        if self.model.filters:
            self.model.filters = {}
            self.reload()

    @property
    def filters(self) -> dict[str, Condition]:
        """The conditions in force by column key."""
        return dict(self.model.filters)

    def focus_filter(self) -> None:
        """Put the cursor into the filter row (Ctrl+F)."""
        edits = self.grid.header.edits
        for column in self.model.columns:
            if column.key in edits:
                edits[column.key].setFocus()
                edits[column.key].selectAll()
                return

    def _show_columns(self, shown: Sequence[str]) -> None:
        known = {column.key: column for column in self._all}
        chosen = [known[key] for key in shown if key in known]
        columns = chosen or [column for column in self._all if not column.hidden]
        self.grid.drops = not chosen
        self.model.set_columns(columns)
        self.grid.header.set_columns(columns)
        self.grid.lay()

    def toggle_column(self, key: str) -> None:
        """Show or hide a column, and remember it."""
        shown = [column.key for column in self.model.columns]
        if key in shown:
            shown.remove(key)
        else:
            order = [column.key for column in self._all]
            shown = sorted([*shown, key], key=order.index)
        if shown:
            self._show_columns(shown)
            self._after_reset()
            self._keep()

    def columns_menu(self) -> QMenu:
        """Return the column chooser."""
        menu = QMenu(self)
        shown = {column.key for column in self.model.columns}
        for column in self._all:
            action = QAction(column.full_title(self._locale), menu)
            action.setCheckable(True)
            action.setChecked(column.key in shown)
            action.triggered.connect(lambda _checked=False, key=column.key: self.toggle_column(key))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self._locale._("Usual columns and widths"), self.reset_layout)
        return menu

    def reset_layout(self) -> None:
        """Go back to the columns and widths as they come."""
        self.grid.widths = {}
        self._show_columns([])
        self._after_reset()
        self._keep()

    def _keep(self) -> None:
        usual = [column.key for column in self._all if not column.hidden]
        shown = [column.key for column in self.model.columns]
        sort = self.model.sort_by
        layout = ColumnLayout(
            shown=[] if shown == usual else shown,
            widths=dict(self.grid.widths),
            sort=sort.key if sort else "",
            descending=sort.descending if sort else False,
        )
        self._page.ctx.settings.keep_layout(self._key, layout)

    def columns_button(self) -> QPushButton:
        """Return a small button that opens the column chooser, for a section line."""
        made = button(self._locale._("Columns"), icon="columns", small=True)
        made.clicked.connect(lambda: self.columns_menu().exec(made.mapToGlobal(made.rect().bottomLeft())))
        return made

    def _row_menu(self) -> QMenu:
        menu = QMenu(self)
        copy = menu.addAction(self._locale._("Copy"), self.grid.copy)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        menu.addAction(self._locale._("Copy all rows"), self.copy_all)
        menu.addAction(self._locale._("Send to Excel") + "\tCtrl+E", self.send_to_excel)
        return menu

    def copy_all(self) -> None:
        """Select everything and copy it."""
        self.grid.selectAll()
        self.grid.copy()

    # Excel

    def send_to_excel(self, path: Path | None = None) -> None:
        """Write all rows that pass the filters to a workbook, and say where it is."""
        from desktop.views.sending import send_table

        send_table(self._page, self._title or self._page.accessibleName(), self, path)

    def excel_columns(self) -> list[tuple[str, str, int]]:
        """Return (title, kind, width in characters) of the shown columns, money in whole yuan."""
        made = []
        for column in self.model.columns:
            kind = column.cell.excel_kind
            unit = "" if column.unit == "money" else column.unit_text(self._locale)
            title = f"{self._locale._(column.title)} {unit}".strip()
            made.append((title, kind, max(8, min(60, column.width // 7 + int(column.stretch * 8)))))
        return made

    def excel_rows(self) -> Callable[[Work], list[list[Any]]]:
        """Return the function that fetches and converts all rows; safe off the GUI thread."""
        source, columns, env = self.model.source, list(self.model.columns), self._env
        request = RowRequest(0, EXCEL_ROWS, self.model.sort_by, dict(self.model.filters))
        every = self._all

        def fetch(work: Work) -> list[list[Any]]:
            if isinstance(source, ListSource):
                rows = source.select(every, env, request.sort, request.filters)
            else:
                rows = list(source.fetch(work, request))
            return [
                [column.cell.excel_value(column.of(row), row, env) for column in columns]
                for row in rows
                if not isinstance(row, GroupRow | ProblemRow)
            ]

        return fetch
