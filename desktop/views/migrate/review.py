"""The review: a table's rows with their problems in place, filtered, walked through, mended one or many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from desktop.operations.review import ANY, CELLS, ROWS, Kind, Place, Problems, describe, select_rows
from desktop.views.buttons import icon_button
from desktop.views.labels import SectionLine
from desktop.views.migrate.fix_bar import FixBar
from desktop.views.migrate.grid_model import GridModel
from desktop.views.migrate.grid_view import GridView
from desktop.views.page import Page

if TYPE_CHECKING:
    import polars as pl

    from desktop.control import Control
    from desktop.importers.tables import Issue, SourceTable

ALL = "all"
_LONGEST_KIND = 44


class ReviewPane(QWidget):
    """Filter and walk at the top, the mending line under it, then the grid."""

    mended = Signal(object)
    """What a person changed: a list of (Place, new text or None)."""
    walked_out = Signal(bool)
    """There is no further problem in this table, forward (True) or backward."""
    skipped = Signal(object, bool)
    """Row numbers to be left out of the import (True) or taken in again (False)."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.section = SectionLine(_("Rows"))
        self.kinds = QComboBox()
        self.kinds.setAccessibleName(_("Which rows"))
        self.kinds.setFixedWidth(230)
        self.kinds.activated.connect(lambda _at: self._filter())
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Find in all columns"))
        self.search.setAccessibleName(_("Find in all columns"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(170)
        self.before = icon_button("up", _("Previous problem (Shift+F8)"), lambda: self.walk(forward=False))
        self.after = icon_button("down", _("Next problem (F8)"), self.walk)
        for widget in (self.kinds, self.search, self.before, self.after):
            self.section.add(widget)
        column.addWidget(self.section)
        self.fixing = FixBar(self._locale)
        column.addWidget(self.fixing)
        column.addSpacing(8)
        self.model = GridModel(self._locale, self)
        self.grid = GridView(self.model)
        self.grid.setAccessibleName(_("Rows of the source table"))
        column.addWidget(self.grid, 1)
        self.setFocusProxy(self.grid)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(250)
        self._wait.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda _text: self._wait.start())
        self._connect()

    def _connect(self) -> None:
        self.model.edited.connect(lambda place, text: self.mended.emit([(place, text or None)]))
        self.grid.moved.connect(self._tell_current)
        self.grid.pasted.connect(self.paste)
        self.grid.cleared.connect(self._clear)
        self.grid.selectionModel().selectionChanged.connect(lambda *_: self._tell_current())
        self.fixing.applied.connect(self.apply)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (("F8", self.walk), ("Shift+F8", lambda: self.walk(forward=False))):
            QShortcut(QKeySequence(keys), self, context=within).activated.connect(act)

    # content

    def show_table(
        self,
        name: str,
        table: SourceTable,
        problems: Problems,
        targets: list[str],
        *,
        skipped: frozenset[int] = frozenset(),
        fixed: frozenset[tuple[int, int]] = frozenset(),
    ) -> None:
        """Show a table; the same one with other cells keeps its place, filter and selection."""
        known = self.model.table
        same = known is not None and known.headers == table.headers and known.place == table.place
        if same and known is not None and known.frame["row"].equals(table.frame["row"]):
            self.model.targets = targets
            self.model.replace(table, problems, skipped, fixed)
        else:
            self.search.clear()
            self.model.show_table(table, problems, targets, skipped=skipped, fixed=fixed)
            self._kind_choices(keep=False)
        self._kind_choices(keep=True)
        self._tell_head(name)
        self.grid.horizontalHeader().viewport().update()
        if self.kinds.currentData() != ALL:
            self._filter()
        self._tell_current()

    def clear(self) -> None:
        """Show nothing."""
        self.model.show_table(None, Problems((), ()))
        self._tell_current()

    def _tell_head(self, name: str) -> None:
        locale, model = self._locale, self.model
        table = model.table
        rows = locale.plural("{n} row", "{n} rows", table.frame.height if table else 0)
        wrong = locale.plural("{n} problem", "{n} problems", len(model.problems))
        self.section.set(name, f"{rows} · {wrong}")

    def _kind_choices(self, *, keep: bool) -> None:
        _, locale = self._locale._, self._locale
        problems, chosen = self.model.problems, self.kinds.currentData() if keep else ALL
        self.kinds.clear()
        self.kinds.addItem(_("All rows"), ALL)
        for severity, words in (
            (ANY, _("With any problem")),
            (ROWS, _("Rejected rows")),
            (CELLS, _("Value left out")),
        ):
            count = sum(kind.count for kind in problems.kinds if severity in (ANY, kind.severity))
            if count:
                self.kinds.addItem(f"{words} {locale.integer(count)}", severity)
        for kind in problems.kinds:
            words = f"{kind.column or _('Row')}: {describe(kind.example, locale)}"
            short = words if len(words) <= _LONGEST_KIND else words[: _LONGEST_KIND - 1] + "…"
            self.kinds.addItem(f"{short} {locale.integer(kind.count)}", kind.key)
            self.kinds.setItemData(self.kinds.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
        at = next((i for i in range(self.kinds.count()) if self.kinds.itemData(i) == chosen), 0)
        self.kinds.setCurrentIndex(at)
        for widget in (self.before, self.after):
            widget.setEnabled(len(problems) > 0)

    def show_kind(self, chosen: Any) -> None:
        """Show the rows of one kind of problem ((code, column), a severity, or `ALL`)."""
        for at in range(self.kinds.count()):
            if self.kinds.itemData(at) == chosen:
                self.kinds.setCurrentIndex(at)
                self._filter()
                return

    def _wanted(self) -> tuple[Kind | None, str]:
        chosen = self.kinds.currentData()
        if isinstance(chosen, tuple):
            return chosen, ANY
        return None, ANY if chosen == ALL else chosen

    def _filter(self) -> None:
        """Find the rows off the window's thread, then show only them."""
        self._wait.stop()
        table, problems, text = self.model.table, self.model.problems, self.search.text()
        if table is None:
            return
        chosen, (kind, severity) = self.kinds.currentData(), self._wanted()
        if chosen == ALL and not text.strip():
            self.model.set_positions(None)
            return

        def job(_control: Control) -> pl.Series:
            rows = None if chosen == ALL else problems.rows(kind, severity)
            return select_rows(table, text=text, rows=rows)

        def done(positions: pl.Series) -> None:
            if self.model.table is table:
                self.model.set_positions(positions)
                self.walk_first()

        self._page.ctx.tasks.run(self._page, job, done, title=self._locale._("Find rows"))

    # walking

    def walk(self, *, forward: bool = True, start: Place | None = None) -> bool:
        """Go to the next (or previous) problem of the kind that is shown; return whether there is one."""
        kind, severity = self._wanted()
        place = start or self.grid.current_place() or Place(0, -2)
        if not forward and place.column == 0 and -1 in self.model.problems.at_row(place.row):
            place = Place(place.row, -1)
        while True:
            found = self.model.problems.next(place, forward=forward, kind=kind, severity=severity)
            if found is None:
                if kind is None and start is None:
                    self.walked_out.emit(forward)
                return False
            if self.grid.go_to(found):
                self.grid.setFocus()
                return True
            place = found

    def walk_first(self) -> None:
        """Go to the first problem of the kind that is shown."""
        self.grid.setCurrentIndex(self.model.index(-1, -1))
        if self.kinds.currentData() != ALL:
            self.walk()
        self._tell_current()

    def go_to(self, place: Place) -> None:
        """Show a cell, whatever is filtered."""
        if not self.grid.go_to(place):
            self.kinds.setCurrentIndex(0)
            self.search.clear()
            self.model.set_positions(None)
            self.grid.go_to(place)
        self.grid.setFocus()

    def _tell_current(self) -> None:
        """Say in the mending line what stands in the current cell and what is wrong with it."""
        index = self.grid.currentIndex()
        if not index.isValid() or self.model.table is None:
            self.fixing.show_cell("", "", "", ())
            return
        number, at = index.row(), index.column()
        faults = self.model.faults(number)
        fault, column = faults.get(at), at
        if fault is None and -1 in faults:
            fault, column = faults[-1], -1
        status = self.model.status(number, column) if fault else self.model.status(number, at)
        place = f"{self.model.table.headers[at]} · {self._locale._('row {row}').format(row=self.model.row_at(number))}"
        explained = self.model.explain(number, column if fault else at)
        text = self.model.cell(number, at)
        self.fixing.show_cell(status, place, explained or (text or ""), self._scopes())

    def _fault(self) -> Issue | None:
        """Return the fault of the current cell, else of its row."""
        index = self.grid.currentIndex()
        if not index.isValid() or self.model.table is None:
            return None
        faults = self.model.faults(index.row())
        return faults.get(index.column()) or faults.get(-1)

    def _scopes(self) -> tuple[tuple[str, int], ...]:
        """Return what a fix can be applied to: (scope, number of cells)."""
        if not self.model.writable:
            return ()
        scopes = [("cell", 1)]
        fault = self._fault()
        if fault is not None:
            alike = self.model.problems.alike((fault.code, fault.column))
            scopes += [("value", alike[fault.value]), ("kind", sum(alike.values()))]
        scopes.append(("selection", sum(part.width() * part.height() for part in self.grid.parts())))
        return tuple((name, count) for name, count in scopes if name == "cell" or count > 1)

    def _places(self, scope: str) -> list[Place]:
        """Return the cells of a scope."""
        index, fault = self.grid.currentIndex(), self._fault()
        if not index.isValid() or self.model.table is None:
            return []
        if scope == "selection":
            return self.grid.selected_places()
        if scope == "cell" or fault is None:
            return [self.model.place(index)]
        like = fault if scope == "value" else None
        return self.model.problems.places((fault.code, fault.column), like)

    # mending

    def apply(self, scope: str, action: str, text: str) -> None:
        """Mend the cells of a scope: replace, blank, skip (their rows) or keep (their rows again)."""
        places = self._places(scope)
        if not places:
            return
        if action in ("skip", "keep"):
            self.skipped.emit(sorted({place.row for place in places}), action == "skip")
            return
        after = text if action == "replace" and text else None
        self.mended.emit([(place, after) for place in places if place.column >= 0])

    def paste(self, block: list[list[str]]) -> None:
        """Write a block of cells from the current one on; a single cell fills the whole selection."""
        index = self.grid.currentIndex()
        if not index.isValid() or not self.model.writable or not block:
            return
        selected = self.grid.selected_places()
        if len(block) == 1 and len(block[0]) == 1 and len(selected) > 1:
            self.mended.emit([(place, block[0][0] or None) for place in selected])
            return
        changes = []
        for down, line in enumerate(block):
            number = index.row() + down
            if number >= self.model.rowCount():
                break
            for across, text in enumerate(line):
                column = index.column() + across
                if column < self.model.columnCount():
                    changes.append((Place(self.model.row_at(number), column), text or None))
        self.mended.emit(changes)

    def _clear(self) -> None:
        if self.model.writable:
            self.mended.emit([(place, None) for place in self.grid.selected_places()])
