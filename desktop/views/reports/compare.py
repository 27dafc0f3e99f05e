"""Why two reports differ: choose two, see the parts that add up, and the records that came late (RPT-10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import N_
from desktop.queries.metrics.differ import Cause, Difference, Pair, comparable, why_different
from desktop.queries.metrics.drill import RecordRow
from desktop.queries.reports import ReportRow
from desktop.views.cells import DateCell, TextCell
from desktop.views.charts.waterfall import Step, WaterfallChart
from desktop.views.columns import Column
from desktop.views.labels import SectionLine, label
from desktop.views.reports.columns import about
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.views.reports.page import ReportsPage

CHART_HEIGHT = 168


@dataclass(frozen=True, slots=True)
class _Part:
    id: int
    name: str
    amount: str
    detail: str


PARTS = (
    Column("name", N_("Part"), TextCell(), width=220, stretch=1, sortable=False),
    Column("amount", N_("Amount"), TextCell(), width=140, sortable=False),
    Column("detail", N_("From and to"), TextCell("t2"), width=200, stretch=2, sortable=False),
)
RECORDS = (
    Column("title", N_("Record"), TextCell(), width=160, stretch=2),
    Column("customer", N_("Customer"), TextCell("t2"), width=120, stretch=1),
    Column("person", N_("Owner"), TextCell("t2"), width=90),
    Column("day", N_("Day"), DateCell(), width=96),
    Column("recorded_at", N_("Recorded at"), DateCell(time=True), width=132),
    Column("changed_at", N_("Changed at"), DateCell(time=True), width=132),
)


class ComparePane(QWidget):
    """Two reports and the figure they share."""

    def __init__(self, page: ReportsPage) -> None:
        super().__init__()
        self.page = page
        self.ctx = page.ctx
        self._ = page.ctx.locale._
        self._filling = False
        self._rows: list[ReportRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.first, self.second, self.figure = QComboBox(), QComboBox(), QComboBox()
        for words, box, stretch in (
            (N_("Report"), self.first, 3),
            (N_("Compared with"), self.second, 3),
            (N_("Figure"), self.figure, 2),
        ):
            row.addWidget(label(self._(words), "caption"))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            row.addWidget(box, stretch)
        self.first.currentIndexChanged.connect(lambda _index: self._pair())
        self.second.currentIndexChanged.connect(lambda _index: self._pair())
        self.figure.currentIndexChanged.connect(lambda _index: self.ask())
        column.addLayout(row)
        self.line = SectionLine(self._("Why they differ"))
        column.addWidget(self.line)
        self.chart = WaterfallChart(page.ctx.locale, self._("Why they differ"))
        self.chart.setFixedHeight(CHART_HEIGHT)
        column.addWidget(self.chart)
        self.parts = DataTable(page, "reports.parts", PARTS, title=self._("Why they differ"))
        column.addWidget(self.parts)
        self.late = SectionLine(self._("Entered or changed since"))
        column.addWidget(self.late)
        self.records = DataTable(
            page, "reports.late", RECORDS, title=self._("Entered or changed since"), row_id=id
        )
        column.addWidget(self.records, 1)
        self.rest = QWidget()
        column.addWidget(self.rest, 1)

    def set_reports(self, rows: list[ReportRow]) -> None:
        """Offer these reports, the newest two first."""
        if [row.id for row in rows] == [row.id for row in self._rows]:
            return
        self._rows = rows
        self._filling = True
        for box, at in ((self.first, 1), (self.second, 0)):
            before = box.currentData()
            box.clear()
            for row in rows:
                box.addItem(f"{row.number}  {about(row, self.ctx.locale)} {row.period}", row.id)
            found = box.findData(before) if before is not None else -1
            box.setCurrentIndex(found if found >= 0 else min(at, len(rows) - 1))
        self._filling = False

    def reload(self) -> None:
        """Ask again."""
        self._pair()

    def _pair(self) -> None:
        one, two = self.first.currentData(), self.second.currentData()
        if self._filling or one is None or two is None:
            return
        self.page.read(lambda work: comparable(work, one, two), self._offer, key="comparable")

    def _offer(self, pairs: list[Pair]) -> None:
        self._filling = True
        before = self.figure.currentData()
        self.figure.clear()
        for pair in pairs:
            self.figure.addItem(pair.name(self.ctx.locale), (pair.first, pair.second))
        keys = [(pair.first, pair.second) for pair in pairs]
        self.figure.setCurrentIndex(keys.index(before) if before in keys else (0 if pairs else -1))
        self._filling = False
        for shown in (self.chart, self.parts, self.late):
            shown.setVisible(bool(pairs))
        if pairs:
            self.ask()
        else:
            self.records.hide()
            self.rest.show()
            self.line.set(explanation=self._("These two reports have no figure in common."))

    def ask(self) -> None:
        """Work out why the chosen figure differs."""
        one, two, pair = self.first.currentData(), self.second.currentData(), self.figure.currentData()
        if self._filling or pair is None:
            return
        chosen = (str(pair[0]), str(pair[1]))
        self.page.read(lambda work: why_different(work, one, two, chosen), self._show, key="differ")

    def _show(self, found: Difference) -> None:
        locale = self.ctx.locale
        kind = found.first.control.kind

        def said(value: Any) -> str:
            return locale.figure(value, kind, 2)

        words = self._("{first} → {second}: {difference}").format(
            first=said(found.first.value), second=said(found.second.value), difference=said(found.amount)
        )
        if found.partial:
            words += " · " + self._("one was made by somebody who sees a part of the firm")
        self.line.set(found.first.definition.label(locale), words)
        parts = [
            _Part(number, self._(cause.label), said(cause.amount), self._detail(cause))
            for number, cause in enumerate(found.causes)
        ]
        self.parts.set_rows([*parts, _Part(len(parts), self._("Difference"), said(found.amount), "")])
        self.parts.setFixedHeight(30 + 32 * (len(parts) + 1) + 4)
        self._draw(found, locale.money_short if kind == "money" else said)
        rows: list[RecordRow] = list(found.records)
        self.late.set(explanation=locale.plural("{n} record", "{n} records", len(rows)))
        self.records.set_rows(rows)
        self.records.setVisible(bool(rows))
        self.rest.setVisible(not rows)

    def _detail(self, cause: Cause) -> str:
        """Return what stood against what; moments as the reader's clock has them."""
        shown: tuple[str, ...] = cause.detail
        if cause.key == "late":
            shown = tuple(self.ctx.locale.instant(datetime.fromisoformat(text)) for text in shown)
        return " → ".join(dict.fromkeys(filter(None, shown)))

    def _draw(self, found: Difference, short: Callable[[Any], str]) -> None:
        steps = [Step(found.first.number, float(found.first.value), is_total=True)]
        steps += [Step(self._(cause.label), float(cause.amount)) for cause in found.causes]
        steps.append(Step(found.second.number, float(found.second.value), is_total=True))
        whole = isinstance(found.amount, int)
        self.chart.set_steps(steps, lambda value: short(round(value) if whole else value))
