"""While something runs: which tables are done, which is being written, how many rows, and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.i18n import N_
from desktop.operations.mapping_lines import TableLine, entity_name
from desktop.views.buttons import button
from desktop.views.cells import NumberCell, TextCell
from desktop.views.cells_rich import ChipCell, TwoLineCell
from desktop.views.columns import Column
from desktop.views.labels import label
from desktop.views.page import Page
from desktop.views.tables import DataTable
from desktop.views.tasks import Task

WAITING, RUNNING, DONE = "waiting", "running", "done"
STATES = {
    WAITING: ("grey", N_("Not yet")),
    RUNNING: ("amber", N_("Running")),
    DONE: ("green", N_("Done")),
}
_EVERY_MS = 150

WORDS = {
    "reading": N_("Reading the files"),
    "checking": N_("Checking the values"),
    "rehearsing": N_("Dry run: everything is written and taken back"),
    "importing": N_("Importing, in one transaction"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one table is."""

    id: int
    name: str
    file: str
    entity: str
    kind: str
    rows: int
    state: str


COLUMNS = (
    Column("name", N_("Source table"), TwoLineCell(lambda row: row.file), width=200, stretch=1),
    Column("kind", N_("Kind"), TextCell("t2"), width=120),
    Column("rows", N_("Rows"), NumberCell(), width=90),
    Column("state", N_("State"), ChipCell(STATES), width=130),
)


class RunningPane(QWidget):
    """A bar for the whole, a line per table, a cancel button."""

    def __init__(self, page: Page, cancel: Callable[[], object]) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 8)
        column.setSpacing(8)
        head = QHBoxLayout()
        self.title = label("", "section")
        self.count = label("", "secondary")
        self.cancel = button(_("Cancel"), cancel, tip=_("Nothing of it is kept"))
        head.addWidget(self.title)
        head.addSpacing(12)
        head.addWidget(self.count, 1)
        head.addWidget(self.cancel)
        column.addLayout(head)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        column.addWidget(self.bar)
        self.table = DataTable(page, "migrate.running", COLUMNS, row_height=44, title=_("Progress"))
        column.addWidget(self.table, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._task: Callable[[], Task | None] = lambda: None
        self._lines: list[Progress] = []
        self._what = ""

    def begin(self, what: str, tables: Sequence[TableLine], task: Callable[[], Task | None]) -> None:
        """Show that something runs on these tables; `task` says how far it is."""
        _ = self._locale._
        self._what, self._task = what, task
        self.title.setText(_(WORDS[what]))
        self.count.setText("")
        self.bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        self._lines = [
            Progress(
                line.id,
                line.name,
                line.file,
                line.entity or "",
                entity_name(line.entity, self._locale) if line.entity else "",
                line.rows,
                WAITING,
            )
            for line in tables
            if line.entity or what == "reading"
        ]
        self.table.set_rows(self._lines)
        self._timer.start()

    def end(self) -> None:
        """Stop looking."""
        self._timer.stop()

    def _look(self) -> None:
        task = self._task()
        if task is not None:
            self.show_progress(task.done_count, task.total, task.what)

    def show_progress(self, done: int, total: int | None, what: str) -> None:
        """Show how far it is: `done` of `total` rows (or files), at the kind of record or file `what`."""
        locale = self._locale
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)
        if total:
            self.count.setText(f"{locale.integer(done)} / {locale.integer(total)}")
        elif what:
            self.count.setText(entity_name(what, locale))
        states = self._states(what, finished=bool(total) and done >= (total or 0))
        lines = [replace(line, state=states[line.id]) for line in self._lines]
        if lines != self._lines:
            self._lines = lines
            self.table.set_rows(lines)

    def _states(self, what: str, *, finished: bool) -> dict[int, str]:
        """Return each table's state: what was running and no longer is, is done."""
        found = {}
        for line in self._lines:
            here = what in (line.entity, line.file)
            before = line.state
            over = finished or before == DONE or (before == RUNNING and not here)
            found[line.id] = DONE if over else RUNNING if here else before
        return found
