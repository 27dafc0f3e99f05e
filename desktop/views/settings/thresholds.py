"""Thresholds of Appendix A: what is in force, from when, and how to change it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QLineEdit

from desktop.i18n import N_, Locale
from desktop.operations.settings import is_single_number, set_threshold
from desktop.queries.settings import ThresholdRow, threshold_history, threshold_rows
from desktop.views.cells import TextCell
from desktop.views.cells_rich import TwoLineCell
from desktop.views.columns import Column
from desktop.views.editing import Edit, EditedField, Values
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.settings.threshold_words import GROUPS, LABELS, UNITS
from desktop.views.tables import DataTable, GroupRow
from desktop.views.theme import TALL_ROW

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

BEGINNING = date(2000, 1, 1)
"""The day from which shipped values count."""

TOPICS = frozenset({"threshold", "account", "opportunity", "target"})


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """A threshold as the table shows it."""

    id: str
    name: str
    shown: str
    unit: str
    since: str
    coming: str
    requirement: str
    row: ThresholdRow


COLUMNS = (
    Column("name", N_("Threshold"), TwoLineCell(lambda line: line.id), width=260, stretch=2),
    Column("shown", N_("Value"), TextCell(bold=True), width=120, stretch=0.6),
    Column("unit", N_("Unit"), TextCell("t2"), width=110, stretch=0.3),
    Column("since", N_("In force since"), TextCell("t2"), width=116),
    Column("coming", N_("Decided change"), TextCell("amber_t"), width=140, stretch=0.6),
    Column("requirement", N_("Basis"), TextCell("t3"), width=84, drop=1),
)


class ThresholdSection(Section):
    """Every value with the day from which it counts; a change is an audited operation (PLT-10)."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        self.line = SectionLine(self._("Thresholds"), self._("select one to change it from a day on"))
        self.table = DataTable(
            page,
            "settings.thresholds",
            COLUMNS,
            filters=True,
            row_height=TALL_ROW,
            title=self._("Thresholds"),
        )
        self.table.selected.connect(self.show_line)
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)
        self.value: QLineEdit | None = None
        self.day: QDateEdit | None = None

    def reload(self) -> None:
        self.page.read(threshold_rows, self._show, key="thresholds")

    def _show(self, rows: list[ThresholdRow]) -> None:
        locale = self.ctx.locale
        shown: list[GroupRow | ThresholdLine] = []
        group = ""
        order = list(GROUPS)
        for row in sorted(rows, key=lambda row: _place(order, row.key)):
            first = row.key.partition(".")[0]
            if first != group:
                group = first
                shown.append(GroupRow(locale._(GROUPS.get(first, first))))
            shown.append(threshold_line(locale, row))
        self.table.set_rows(shown)

    def show_line(self, line: ThresholdLine) -> None:
        """Open the inspector on a threshold."""
        self.page.read(
            lambda work: threshold_history(work, line.id),
            lambda found: self._panel(line, found),
            key="history",
        )

    def _panel(self, line: ThresholdLine, history: list[tuple[date, Any, str | None]]) -> None:
        _, locale = self._, self.ctx.locale
        panel = Inspector(locale, line.name, line.id)
        panel.add_values([(_("Value"), f"{line.shown} {line.unit}".strip()), (_("Basis"), line.requirement)])
        if is_single_number(line.row.value):
            column = panel.add_section(_("Change"))
            column.addWidget(label(_("New value"), "caption"))
            self.value = QLineEdit(value_text(locale, line.row.value).replace(",", ""))
            self.value.setAccessibleName(_("New value"))
            column.addWidget(self.value)
            column.addWidget(label(_("In force from (today at the earliest)"), "caption"))
            today = self.ctx.today
            self.day = QDateEdit(QDate(today.year, today.month, today.day))
            self.day.setCalendarPopup(True)
            self.day.setDisplayFormat("yyyy-MM-dd")
            self.day.setMinimumDate(QDate(today.year, today.month, today.day))
            self.day.setAccessibleName(_("In force from"))
            column.addWidget(self.day)
            panel.set_actions((_("Change threshold"), lambda: self.change(line.row)))
        else:
            panel.add(
                label(_("This one is a list of values and cannot be changed here."), "caption", wrap=True)
            )
        column = panel.add_section(_("History"))
        for since, value, person in history:
            words = value_text(locale, value)
            column.addWidget(
                Line(words, left=locale.day(since) if since > BEGINNING else "", right=person or _("shipped"))
            )
        self.page.show_inspector(panel)

    def change(self, row: ThresholdRow) -> None:
        """Change a threshold to what was typed."""
        if self.value is None or self.day is None:
            return
        text, chosen = self.value.text(), self.day.date()
        since = date(chosen.year(), chosen.month(), chosen.day())
        _, locale = self._, self.ctx.locale
        name = _(LABELS.get(row.key, row.key))
        decided = row.next_from is not None and since >= row.next_from

        def done(_result: None) -> None:
            words = self._("{value} from {day} on.").format(value=text, day=locale.day(since))
            self.page.show_message("green", words, place=name)
            self.page.close_inspector()

        def save(values: Values, _version: int, seen: Values) -> Callable[[Work], None]:
            typed = str(values["value"])
            return lambda work: set_threshold(work, row.key, typed, since, seen)

        Edit(
            self.page,
            name,
            {"value": row.next_value if decided else row.value},
            row.version,
            [EditedField("value", _("Value"), lambda value: value_text(locale, value))],
            save,
            done,
            TOPICS,
        ).send({"value": _typed_number(text)})


def _typed_number(text: str) -> int | float | str:
    """Return what was typed as it is stored; what is no number stays text, for the operation to refuse."""
    try:
        number = float(text.strip().replace(",", ""))
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _place(order: list[str], key: str) -> tuple[int, str]:
    first = key.partition(".")[0]
    useful = ("silent", "stage", "target", "approval", "quote", "collect", "health")
    rank = (
        useful.index(first)
        if first in useful
        else len(useful) + (order.index(first) if first in order else 99)
    )
    return rank, key


def threshold_line(locale: Locale, row: ThresholdRow) -> ThresholdLine:
    """Return a threshold in the reader's words."""
    coming = ""
    if row.next_from is not None:
        coming = f"{value_text(locale, row.next_value)} · {locale.day(row.next_from)}"
    return ThresholdLine(
        row.key,
        locale._(LABELS.get(row.key, row.key)),
        value_text(locale, row.value),
        locale._(UNITS.get(row.unit, row.unit)),
        locale.day(row.since) if row.since > BEGINNING else locale._("shipped"),
        coming,
        row.requirement,
        row,
    )


WORDS = {"next_week": N_("next week"), "same_day": N_("same day"), "monthly": N_("monthly")}


def value_text(locale: Locale, value: Any) -> str:
    """Return a threshold's value as it is read."""
    if is_single_number(value):
        return locale.integer(value) if isinstance(value, int) else f"{value:g}"
    if isinstance(value, list):
        return " : ".join(value_text(locale, part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {value_text(locale, part)}" for key, part in value.items())
    if isinstance(value, str):
        return locale._(WORDS.get(value, value))
    return json.dumps(value, ensure_ascii=False)
