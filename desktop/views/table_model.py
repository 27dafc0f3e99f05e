"""The Qt model over a row source: fetches pages as they are looked at, never sorts in Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.queries.rows import RowRequest, Sort
from desktop.views.cells import Env
from desktop.views.columns import Column
from desktop.views.sources import Filters, GroupRow, ListSource, ProblemRow, QuerySource
from desktop.views.tasks import Tasks

PAGE = 200
KEPT_PAGES = 60
Index = QModelIndex | QPersistentModelIndex


class RowModel(QAbstractTableModel):
    """Rows of a source under a list of columns."""

    counted = Signal(int)
    """How many rows pass the filters."""
    arrived = Signal()
    """A page of rows came in."""

    def __init__(
        self, owner: Any, tasks: Tasks, env: Callable[[], Env], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._owner, self._tasks, self._env = owner, tasks, env
        self.columns: list[Column] = []
        self.source: QuerySource[Any] | ListSource[Any] = ListSource([])
        self.all_columns: Sequence[Column] = ()
        self.sort_by: Sort | None = None
        self.filters: Filters = {}
        self._count = 0
        self._pages: dict[int, Sequence[Any]] = {}
        self._asked: set[int] = set()
        self._generation = 0

    def refresh(self) -> None:
        """Ask the source again, from the top."""
        self._generation += 1
        source = self.source
        if isinstance(source, ListSource):
            rows = source.select(self.all_columns, self._env(), self.sort_by, self.filters)
            self.beginResetModel()
            self._asked = set()
            self._pages = {i: rows[i * PAGE : (i + 1) * PAGE] for i in range((len(rows) + PAGE - 1) // PAGE)}
            self._count = len(rows)
            self.endResetModel()
            self.counted.emit(self._count)
            return
        generation, filters = self._generation, dict(self.filters)
        request = RowRequest(0, PAGE, self.sort_by, filters)

        def arrived(found: tuple[int, Sequence[Any]]) -> None:
            if generation != self._generation:
                return
            self.beginResetModel()
            self._asked = set()
            self._count, first = found
            self._pages = {0: first}
            self.endResetModel()
            self.counted.emit(self._count)
            self.arrived.emit()

        self._tasks.read(
            self._owner,
            lambda work: (source.count(work, filters), source.fetch(work, request)),
            arrived,
            key=f"table-{id(self)}",
        )

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        self.beginResetModel()
        self.columns = list(columns)
        self.endResetModel()

    def row(self, number: int) -> Any:
        """Return a row, or None while it is being fetched."""
        page = number // PAGE
        rows = self._pages.get(page)
        if rows is None:
            self._ask(page)
            return None
        at = number - page * PAGE
        return rows[at] if at < len(rows) else None

    def _ask(self, page: int) -> None:
        source = self.source
        if page in self._asked or isinstance(source, ListSource):
            return
        self._asked.add(page)
        generation = self._generation
        request = RowRequest(page * PAGE, PAGE, self.sort_by, dict(self.filters))

        def arrived(rows: Sequence[Any]) -> None:
            if generation != self._generation:
                return
            if len(self._pages) >= KEPT_PAGES:
                farthest = max(self._pages, key=lambda known: abs(known - page))
                del self._pages[farthest]
                self._asked.discard(farthest)
            self._pages[page] = rows
            last = min(self._count, (page + 1) * PAGE) - 1
            self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(self.columns) - 1))
            self.arrived.emit()

        self._tasks.read(self._owner, lambda work: source.fetch(work, request), arrived)

    def depth(self, row: Any) -> tuple[int, str]:
        """Return a row's place in a tree."""
        return self.source.depth(row) if isinstance(self.source, ListSource) else (0, "leaf")

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        row = self.row(index.row())
        if row is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole else None
        if isinstance(row, GroupRow):
            return f"{row.text} {row.explanation}".strip()
        if isinstance(row, ProblemRow):
            return f"{row.count} {row.sentence}".strip()
        column = self.columns[index.column()]
        value = column.of(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            title = self._env().locale._(column.title)
            return f"{title}: {column.cell.accessible_text(value, row, self._env())}"
        return column.cell.text(value, row, self._env())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            column = self.columns[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return column.full_title(self._env().locale)
            if role == Qt.ItemDataRole.ToolTipRole:
                return self._env().locale._(column.tip) if column.tip else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
