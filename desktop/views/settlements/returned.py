"""Finance's round trip: the sheet goes out, comes back, its differences are shown and taken over (PER-07)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.operations.settlements import apply_returned, undo_returned, write_settlement_sheet
from desktop.queries.settlement_differences import (
    REFUSED,
    Differences,
    FieldChange,
    ReturnedRow,
    RowState,
    returned_differences,
)
from desktop.queries.settlement_files import ReturnedFile
from desktop.queries.settlement_words import word
from desktop.queries.settlements import TITLES
from desktop.queries.verification import Verification, origin_text, returned_verdict
from desktop.terms import Verdict
from desktop.views.buttons import button
from desktop.views.cells import TextCell
from desktop.views.columns import Column
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.reports.verdict import LOOKS
from desktop.views.saving import asked_path
from desktop.views.sending import say_written
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.operations.settlements import Applied, HandedOut, TakenBack

CHANGED = frozenset({"settlement"})
MOST_CELLS = 12
_COLUMNS = (
    Column("place", N_("Row"), width=60, sortable=False),
    Column("number", N_("Contract number"), width=140, stretch=1, sortable=False),
    Column("field", N_("Field"), width=90, sortable=False),
    Column("before", N_("Handed out"), TextCell("t2"), width=110, stretch=1, sortable=False),
    Column("found", N_("Came back"), width=110, stretch=1, sortable=False),
    Column("now", N_("In the database now"), TextCell("t2"), width=120, stretch=1, sortable=False),
    Column("state", N_("What becomes of it"), width=190, stretch=2, sortable=False),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table: a cell that differs, or a row that is not taken over."""

    place: str
    number: str
    field: str
    before: str
    found: str
    now: str
    state: str


class SettlementPanel(QWidget):
    """Shows what a returned settlement sheet would change, and takes it over."""

    closed = Signal()

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._locale = page.ctx.locale
        self._file: ReturnedFile | None = None
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.line = SectionLine(_("Returned settlement sheet"))
        self.take = button(_("Take over"), self.apply, look="primary", small=True)
        self.line.add(self.take)
        self.line.add(button(_("Close"), self._close, small=True))
        column.addWidget(self.line)
        self._said = QVBoxLayout()
        column.addLayout(self._said)
        self.table = DataTable(
            page, "settlements.returned", _COLUMNS, title=_("Returned settlement sheet"), row_id=id
        )
        column.addWidget(self.table, 1)
        self.hide()

    def show_returned(self, returned: ReturnedFile) -> None:
        """Ask what a returned file would change, and show it."""
        self._file = returned
        self._page.read(lambda work: _told(work, returned), self._show, key="settling")

    def apply(self) -> None:
        """Take over what is no conflict."""
        returned = self._file
        if returned is not None:
            self._page.write(lambda work: apply_returned(work, returned), self._applied, topics=CHANGED)

    def _applied(self, done: Applied) -> None:
        _ = self._locale._
        number = done.number
        self._page.show_message(
            "green",
            self._locale.plural("{n} row was taken over.", "{n} rows were taken over.", done.changed),
            place=done.differences.file,
            actions=[(_("Take back"), lambda: self.take_back(number))] if number else [],
        )
        if self._file is not None:
            self.show_returned(self._file)

    def take_back(self, number: int) -> None:
        """Give the rows of a returned file their former words."""

        def told(done: TakenBack) -> None:
            text = self._locale._("Taken back: {n} rows; {kept} were changed since and stay.")
            self._page.show_message("green", text.format(n=done.restored, kept=len(done.kept)))
            if self._file is not None:
                self.show_returned(self._file)

        self._page.write(lambda work: undo_returned(work, number), told, topics=CHANGED)

    def _show(self, told: tuple[Differences, Verification | None]) -> None:
        _ = self._locale._
        found, seal = told
        while self._said.count():
            item = self._said.takeAt(0)
            if item and (widget := item.widget()):
                widget.deleteLater()
        new, refused = found.count(RowState.CHANGE), found.count(*REFUSED)
        status = "amber" if refused else "green" if new else "grey"
        fact = self._locale.plural("{n} row to take over", "{n} rows to take over", new)
        parts = [
            self._locale.plural("{n} row is not taken over", "{n} rows are not taken over", refused)
        ] * bool(refused)
        if found.stale:
            text = _("{n} rows were changed in the database since the file went out.")
            parts.append(text.format(n=found.stale))
        if found.count(RowState.MISSING):
            text = _("{n} rows are missing from the file; nothing changes for them.")
            parts.append(text.format(n=found.count(RowState.MISSING)))
        if seal is not None:
            self._said.addWidget(_seal_advice(seal, self._locale))
        self._said.addWidget(Advice(status, fact, "  ".join(parts) or _("Nothing stands in the way.")))
        self.line.set(explanation=found.file)
        self.take.setEnabled(bool(new))
        lines = [line for row in found.rows for line in _lines(row, self._locale)]
        self.table.setVisible(bool(lines))
        self.table.set_rows(lines)
        self.show()

    def _close(self) -> None:
        self._file = None
        self.hide()
        self.closed.emit()


def _told(work: Any, returned: ReturnedFile) -> tuple[Differences, Verification | None]:
    return returned_differences(work, returned), returned_verdict(work, returned.content, returned.name)


def _seal_advice(seal: Verification, locale: Locale) -> Advice:
    """Return what the file is, as verifying it says: genuine, filled in, or altered in these cells."""
    _ = locale._
    named = seal.differences if seal.verdict is Verdict.ALTERED else seal.filled
    cells = ", ".join(one.cell or one.sheet for one in named[:MOST_CELLS])
    more = " …" if len(named) > MOST_CELLS else ""
    notes = [_(note.template).format(names=note.names, n=note.n) for note in seal.notes]
    parts = [f"{cells}{more}", origin_text(seal, locale), *notes]
    return Advice(LOOKS[seal.verdict][0], _(seal.verdict.label), "  ".join(filter(None, parts)))


def _lines(row: ReturnedRow, locale: Locale) -> list[_Line]:
    if row.state in (RowState.SAME, RowState.MISSING):
        return []
    place, state = str(row.row or "—"), locale._(row.state.label)
    if row.altered:
        return [
            _Line(place, row.number or "—", locale._(title), before, found, "", state)
            for title, before, found in row.altered
        ]
    if not row.changes:
        params = {key: locale._(text) if text else "" for key, text in row.params}
        note = locale._(row.note).format(**params) if row.note else ""
        return [_Line(place, row.number or "—", "", "", note, "", state)]
    return [_line(place, row, change, locale) for change in row.changes]


def _line(place: str, row: ReturnedRow, change: FieldChange, locale: Locale) -> _Line:
    said = RowState.CONFLICT if change.is_conflict else RowState.CHANGE if change.is_new else RowState.SAME
    before, found, now = (
        word(change.field, value, locale) for value in (change.base, change.found, change.now)
    )
    return _Line(place, row.number, locale._(TITLES[change.field]), before, found, now, locale._(said.label))


def hand_out(page: Page, path: Path | None = None) -> None:
    """Write finance's queue as a sheet to be filled in, where the person says."""
    locale = page.ctx.locale
    target = asked_path(page, f"{locale._('Settlement sheet')} {page.ctx.today:%Y-%m-%d}.xlsx", path)
    if target is None:
        return

    def told(done: HandedOut) -> None:
        text = locale.plural("{n} contract is on the sheet.", "{n} contracts are on the sheet.", done.rows)
        say_written(page, done.path, text)

    page.write(lambda work: write_settlement_sheet(work, path=target, locale=locale), told, topics=CHANGED)
