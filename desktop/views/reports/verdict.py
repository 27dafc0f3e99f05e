"""The verdict on a dropped workbook: genuine, re-saved, altered (which cells), unknown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.queries.seals import SEALS, OfflineVerdict
from desktop.queries.verification import Verification, origin_text
from desktop.terms import Verdict
from desktop.views.buttons import button
from desktop.views.cells import TextCell
from desktop.views.columns import Column
from desktop.views.labels import SectionLine
from desktop.views.page import Page
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

LOOKS = {
    Verdict.GENUINE: ("green", N_("Genuine: byte for byte the workbook that was exported.")),
    Verdict.RESAVED: (
        "green",
        N_("Same content, saved again by another program: every cell is as approved."),
    ),
    Verdict.FILLED: ("green", N_("Filled in by finance: all other cells are as they went out.")),
    Verdict.ALTERED: ("red", N_("Altered: these cells are not as approved.")),
    Verdict.UNKNOWN: ("amber", N_("Unknown: this workbook was not exported from this database.")),
}
OFFLINE = {
    Verdict.FILLED: ("green", N_("Filled in by finance: all other cells are as they were sealed.")),
    Verdict.RESAVED: ("green", N_("Same content as was sealed.")),
    Verdict.ALTERED: ("red", N_("Altered: these cells are not as they were sealed.")),
    Verdict.UNKNOWN: ("amber", N_("Unknown: nothing in this file proves where it comes from.")),
}
COLUMNS = (
    Column("sheet", N_("Sheet"), width=120, sortable=False),
    Column("cell", N_("Cell"), TextCell("t2"), width=80, sortable=False),
    Column("approved", N_("As approved"), width=160, stretch=1, sortable=False),
    Column("found", N_("Found"), TextCell("red_t"), width=160, stretch=1, sortable=False),
)


class VerdictPanel(QWidget):
    """Says what a workbook is, and lists the cells that differ."""

    closed = Signal()

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._locale = page.ctx.locale
        _ = self._locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.line = SectionLine(_("Verification"))
        self.line.add(button(_("Close"), self._close, small=True))
        column.addWidget(self.line)
        self._said = QVBoxLayout()
        column.addLayout(self._said)
        self.table = DataTable(page, "reports.verdict", COLUMNS, title=_("Differences"), row_id=id)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        self.hide()

    def show_verdict(self, name: str, result: Verification) -> None:
        """Show the verdict on one file."""
        status, sentence = LOOKS[result.verdict]
        self._show(name, status, sentence, self._report(result, self._locale), result.differences)

    def show_offline(self, name: str, result: OfflineVerdict) -> None:
        """Show what one file proves by its seal alone; what was approved in the changed cells only the database knows."""
        _ = self._locale._
        status, sentence = OFFLINE[result.verdict]
        parts = [_("Without the database: by the seal in the file alone."), _(SEALS[result.seal])]
        if result.report:
            parts.append(
                _("Report {number}, approved: {people}; key {key}").format(
                    number=result.report, people=result.approved or "—", key=result.key_id
                )
            )
        self._show(name, status, sentence, "  ".join(parts), result.differences)

    def _show(self, name: str, status: str, sentence: str, said: str, differences: Sequence[object]) -> None:
        while self._said.count():
            item = self._said.takeAt(0)
            if item and (widget := item.widget()):
                widget.deleteLater()
        self._said.addWidget(Advice(status, self._locale._(sentence), said))
        self.line.set(explanation=name)
        self.table.setVisible(bool(differences))
        self.table.set_rows(differences)
        self.show()

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def _report(self, result: Verification, locale: Locale) -> str:
        _ = locale._
        parts = [_(note.template).format(names=note.names, n=note.n) for note in result.notes]
        if result.trail is False:
            parts.insert(
                0, _("The audit trail does not fit this file any more: it was written anew or cut off.")
            )
        if said := origin_text(result, locale):
            parts.insert(0, said)
        return "  ".join(parts)
