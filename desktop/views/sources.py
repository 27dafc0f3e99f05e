"""Where a table's rows come from: the database, slice by slice, or frozen rows in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from desktop.queries.rows import Condition, RowRequest, Sort
from desktop.views.cells import Env
from desktop.views.columns import Column
from desktop.views.strips import Action

if TYPE_CHECKING:
    from desktop.store.workspace import Work

Row = TypeVar("Row")
Filters = Mapping[str, Condition]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A line across all columns that begins a group of rows; sorting stays within groups."""

    text: str
    explanation: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A line under the row it is about: shape, bold count, sentence and buttons that mend it."""

    status: str
    count: str
    sentence: str
    actions: tuple[Action, ...] = ()


class QuerySource(Generic[Row]):
    """Rows that the database sorts and filters; both functions run off the GUI thread."""

    def __init__(
        self,
        count: Callable[[Work, Filters], int],
        fetch: Callable[[Work, RowRequest], Sequence[Row]],
    ) -> None:
        self.count = count
        self.fetch = fetch

    @property
    def asks(self) -> tuple[Callable[..., object], ...]:
        """What it asks the database: two sources that ask the same show the same."""
        return self.count, self.fetch


class ListSource(Generic[Row]):
    """A few thousand frozen rows in memory, sorted and filtered here; may hold group and problem rows."""

    def __init__(self, rows: Sequence[Row | GroupRow | ProblemRow]) -> None:
        self.rows = list(rows)

    def select(self, columns: Sequence[Column], env: Env, sort: Sort | None, filters: Filters) -> list[Any]:
        """Return the rows that pass, in order."""
        by_key = {column.key: column for column in columns}
        shown: list[Any] = []
        for head, members in _groups(self.rows):
            kept = [block for block in members if _passes(block[0], by_key, env, filters)]
            if sort and sort.key in by_key:
                kept = _sorted(kept, by_key[sort.key], sort.descending)
            if head is not None and (kept or not filters):
                shown.append(head)
            for block in kept:
                shown.extend(block)
        return shown

    def depth(self, row: Any) -> tuple[int, str]:
        """Return a row's depth in a tree and its state; a flat list has neither."""
        return 0, "leaf"


class TreeSource(ListSource[Row]):
    """Rows that hang under each other: `key(row)` and `parent(row)` (None at the top)."""

    def __init__(
        self,
        rows: Sequence[Row],
        key: Callable[[Row], Any],
        parent: Callable[[Row], Any],
        *,
        open_depth: int = 2,
    ) -> None:
        super().__init__(rows)
        self._key, self._parent = key, parent
        known = {key(row) for row in rows}
        self._children: dict[Any, list[Row]] = {}
        for row in rows:
            above = parent(row)
            self._children.setdefault(above if above in known else None, []).append(row)
        self._depths: dict[Any, int] = {}
        self._measure(None, 0)
        self.opened = {
            at for at, depth in self._depths.items() if depth < open_depth and at in self._children
        }

    def _measure(self, at: Any, depth: int) -> None:
        for row in self._children.get(at, ()):
            self._depths[self._key(row)] = depth
            self._measure(self._key(row), depth + 1)

    def toggle(self, row: Row) -> None:
        """Open or close a row."""
        at = self._key(row)
        if at in self._children:
            self.opened ^= {at}

    def depth(self, row: Any) -> tuple[int, str]:
        """Return a row's depth and whether it is open, closed or a leaf."""
        at = self._key(row)
        state = "leaf" if at not in self._children else "open" if at in self.opened else "closed"
        return self._depths[at], state

    def select(self, columns: Sequence[Column], env: Env, sort: Sort | None, filters: Filters) -> list[Any]:
        """Return the visible rows; with a filter, what passes and all that is above it."""
        by_key = {column.key: column for column in columns}
        wanted = self._wanted(by_key, env, filters) if filters else None
        shown: list[Any] = []

        def walk(at: Any) -> None:
            rows: list[Any] = [[row] for row in self._children.get(at, ())]
            if sort and sort.key in by_key:
                rows = _sorted(rows, by_key[sort.key], sort.descending)
            for (row,) in rows:
                if wanted is not None and self._key(row) not in wanted:
                    continue
                shown.append(row)
                if wanted is not None or self._key(row) in self.opened:
                    walk(self._key(row))

        walk(None)
        return shown

    def _wanted(self, by_key: Mapping[str, Column], env: Env, filters: Filters) -> set[Any]:
        above = {self._key(row): self._parent(row) for row in self.rows}  # type: ignore[arg-type]
        wanted: set[Any] = set()
        for row in self.rows:
            if not _passes(row, by_key, env, filters):
                continue
            at = self._key(row)  # type: ignore[arg-type]
            while at is not None and at not in wanted and at in above:
                wanted.add(at)
                at = above[at]
        return wanted


def _groups(rows: Sequence[Any]) -> list[tuple[GroupRow | None, list[list[Any]]]]:
    """Return (group head, blocks); a block is a row followed by its problem rows."""
    groups: list[tuple[GroupRow | None, list[list[Any]]]] = [(None, [])]
    for row in rows:
        if isinstance(row, GroupRow):
            groups.append((row, []))
        elif isinstance(row, ProblemRow) and groups[-1][1]:
            groups[-1][1][-1].append(row)
        else:
            groups[-1][1].append([row])
    return groups


def _passes(row: Any, by_key: Mapping[str, Column], env: Env, filters: Filters) -> bool:
    if isinstance(row, ProblemRow):
        return not filters
    for key, condition in filters.items():
        column = by_key.get(key)
        if column is None:
            continue
        value = column.of(row)
        if not condition.accepts(value, column.cell.text(value, row, env)):
            return False
    return True


def _sorted(blocks: list[list[Any]], column: Column, descending: bool) -> list[list[Any]]:
    filled = [block for block in blocks if column.of(block[0]) is not None]
    blank = [block for block in blocks if column.of(block[0]) is None]
    filled.sort(key=lambda block: column.cell.sort_key(column.of(block[0])), reverse=descending)
    return filled + blank
