"""The metric dictionary: one definition per figure, executable, with its versions; a new one is on record (RPT-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QLineEdit, QPlainTextEdit, QVBoxLayout

from desktop.i18n import N_
from desktop.operations.metrics import change_metric
from desktop.queries.metrics.dictionary import MetricDefinition, metric_history, metric_list
from desktop.views.cells import LabelCell, NumberCell, TextCell
from desktop.views.cells_rich import TwoLineCell
from desktop.views.columns import Column
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.tables import DataTable
from desktop.views.theme import TALL_ROW

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

METRIC_UNITS = {
    "deals": N_("deals"),
    "CNY": "CNY",
    "fraction": N_("fraction"),
    "days": N_("days"),
    "hours": N_("hours"),
    "times": N_("times"),
    "customers": N_("customers"),
    "leads": N_("leads"),
    "contracts": N_("contracts"),
    "quotes": N_("quotes"),
    "cases": N_("cases"),
    "records": N_("records"),
    "reports": N_("reports"),
    "requests": N_("requests"),
    "people": N_("people"),
    "groups": N_("groups"),
    "rows": N_("rows"),
}
TALL = 64
METRIC_CHANGED = frozenset({"metric"})
LONG = {"definition_zh", "definition_en", "formula"}
FIELDS = (
    ("label_zh", N_("Chinese name")),
    ("label_en", N_("English name")),
    ("definition_zh", N_("Chinese definition")),
    ("definition_en", N_("English definition")),
    ("formula", N_("Formula")),
    ("note", N_("Why it changes")),
)


@dataclass(frozen=True, slots=True)
class _Line:
    id: str
    name: str
    definition: str
    unit: str
    owner: str
    number: int
    formula: str


COLUMNS = (
    Column("name", N_("Metric"), TwoLineCell(lambda line: line.id), width=190, stretch=0.6),
    Column("definition", N_("Definition"), TextCell(), width=300, stretch=2),
    Column("formula", N_("Formula"), TextCell("t2"), width=200, stretch=1.4, drop=1),
    Column("unit", N_("Unit"), LabelCell(METRIC_UNITS, "t2"), width=80),
    Column("owner", N_("Answers for it"), TextCell("t2"), width=96),
    Column("number", N_("Version"), NumberCell(), width=72),
)


class MetricSection(Section):
    """Every figure has one definition, which is what computes it."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        self.line = SectionLine(self._("Metric dictionary"))
        self.table = DataTable(
            page,
            "settings.metrics",
            COLUMNS,
            filters=True,
            row_height=TALL_ROW,
            title=self._("Metric dictionary"),
        )
        self.table.selected.connect(self.show_line)
        self.fields: dict[str, QLineEdit | QPlainTextEdit] = {}
        self.day: QDateEdit | None = None
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)

    def reload(self) -> None:
        self.page.read(metric_list, self._show, key="metrics")

    def _show(self, rows: list[MetricDefinition]) -> None:
        locale = self.ctx.locale
        words = locale.plural(
            "{n} figure; tiles and reports cite its version",
            "{n} figures; tiles and reports cite their version",
            len(rows),
        )
        self.line.set(explanation=words)
        self.table.set_rows(
            [
                _Line(
                    item.key,
                    item.label(locale),
                    item.definition(locale),
                    item.unit,
                    item.owner_label(locale),
                    item.number,
                    item.formula or "—",
                )
                for item in rows
            ]
        )

    def show_line(self, line: Any) -> None:
        """Open the inspector on a metric with its versions."""
        if isinstance(line, _Line):
            self.page.read(lambda work: metric_history(work, line.id), self._panel, key="versions")

    def _panel(self, history: list[MetricDefinition]) -> None:
        _, locale = self._, self.ctx.locale
        newest = history[0]
        panel = Inspector(locale, newest.label(locale), newest.key)
        panel.add_values(
            [
                (_("Version"), locale.integer(newest.number)),
                (_("Unit"), _(METRIC_UNITS.get(newest.unit, newest.unit))),
                (_("Answers for it"), newest.owner_label(locale)),
                (_("Definition"), newest.definition(locale)),
                (_("Formula"), newest.formula or _("computed by its own page")),
            ]
        )
        if newest.formula:
            self._form(panel.add_section(_("Next version")), newest)
            panel.set_actions((_("Make next version"), lambda: self.change(newest)))
        column = panel.add_section(_("Versions"))
        for item in history:
            since = locale.day(item.effective_from) if item.effective_from.year > 2000 else _("shipped")
            words = _("version {n}").format(n=item.number) + f" · {since}"
            column.addWidget(label(" · ".join(filter(None, (words, item.changed_by))), "strong"))
            if item.note:
                column.addWidget(label(item.note, "caption", wrap=True))
            if item.formula and len(history) > 1:
                column.addWidget(label(item.formula, "caption", wrap=True, selectable=True))
        self.page.show_inspector(panel)

    def _form(self, column: QVBoxLayout, newest: MetricDefinition) -> None:
        self.fields = {}
        for name, title in FIELDS:
            column.addWidget(label(self._(title), "caption"))
            before = "" if name == "note" else str(getattr(newest, name) or "")
            box: QLineEdit | QPlainTextEdit
            if name in LONG:
                box = QPlainTextEdit(before)
                box.setFixedHeight(TALL)
                box.setTabChangesFocus(True)
            else:
                box = QLineEdit(before)
            box.setAccessibleName(self._(title))
            self.fields[name] = box
            column.addWidget(box)
        column.addWidget(label(self._("In force from (today at the earliest)"), "caption"))
        today = self.ctx.today
        self.day = QDateEdit(QDate(today.year, today.month, today.day))
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        self.day.setMinimumDate(QDate(today.year, today.month, today.day))
        self.day.setAccessibleName(self._("In force from"))
        column.addWidget(self.day)

    def typed(self) -> dict[str, str]:
        """Return what stands in the form."""
        return {
            name: box.toPlainText() if isinstance(box, QPlainTextEdit) else box.text()
            for name, box in self.fields.items()
        }

    def change(self, newest: MetricDefinition) -> None:
        """Make the next version of what was typed."""
        if self.day is None:
            return
        typed, chosen = self.typed(), self.day.date()
        since = date(chosen.year(), chosen.month(), chosen.day())

        def save(work: Work) -> MetricDefinition:
            return change_metric(work, newest.key, seen=newest.number, effective_from=since, **typed)

        def done(made: MetricDefinition) -> None:
            words = self._("{name}: version {n} counts from {day}.").format(
                name=made.label(self.ctx.locale), n=made.number, day=self.ctx.locale.day(made.effective_from)
            )
            self.page.show_message("green", words)
            self.page.close_inspector()
            self.reload()

        self.page.write(save, done, topics=METRIC_CHANGED)
