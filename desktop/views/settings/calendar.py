"""The firm's own calendar: holidays, fairs and seasons that move a week's target (TGT-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit

from desktop.errors import StaleRecord
from desktop.i18n import N_
from desktop.operations.settings import (
    add_calendar_event,
    change_calendar_event,
    remove_calendar_event,
)
from desktop.queries.settings import EventRow, event_rows
from desktop.terms import CalendarKind
from desktop.views.buttons import button
from desktop.views.cells import DateCell, LabelCell, NumberCell, TextCell
from desktop.views.columns import Column
from desktop.views.editing import Edit, EditedField, Values
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"calendar", "target"})
COLUMNS = (
    Column("name", N_("Event"), TextCell(), width=180, stretch=1.6),
    Column("kind", N_("Kind"), LabelCell({kind.value: kind.label for kind in CalendarKind}), width=110),
    Column("starts_on", N_("First day"), DateCell(), width=104),
    Column("ends_on", N_("Last day"), DateCell(), width=104),
    Column("region", N_("Region"), TextCell("t2"), width=90, stretch=0.6),
    Column("industry", N_("Industry"), TextCell("t2"), width=90, stretch=0.6, drop=1),
    Column(
        "factor",
        N_("Factor"),
        NumberCell(2),
        width=84,
        tip=N_("What the week's target is multiplied by; without one the event only informs."),
    ),
)


class CalendarSection(Section):
    """The list of events; adding and removing are audited."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        self.line = SectionLine(self._("Calendar events"))
        self.table = DataTable(
            page, "settings.calendar", COLUMNS, filters=True, title=self._("Calendar events")
        )
        self.table.selected.connect(self.show_event)
        self.table.set_empty(
            self._("Add fairs, slack seasons and closures: they move the weeks that targets are split into.")
        )
        self.line.add(button(self._("Add event"), self.new_event, look="tinted", icon="add", small=True))
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)

    def reload(self) -> None:
        self.page.read(event_rows, self._show, key="events")

    def _show(self, rows: list[EventRow]) -> None:
        words = self.ctx.locale.plural(
            "{n} event; public holidays are known without an entry",
            "{n} events; public holidays are known without an entry",
            len(rows),
        )
        self.line.set(explanation=words)
        self.table.set_rows(rows)

    def show_event(self, row: EventRow) -> None:
        """Open the inspector on an event, to change it or to take it out."""
        panel = Inspector(self.ctx.locale, row.name, self._(row.kind.label))
        self._form(panel, row)
        panel.set_actions(
            (self._("Save"), lambda: self.change(row)),
            [(self._("Remove event"), lambda: self.remove(row))],
        )
        self.page.show_inspector(panel)

    def edit(self, row: EventRow, done: Callable[[Any], None], act: str = "") -> Edit:
        """Return the change of an event, or with `act` its removal."""
        _, locale = self._, self.ctx.locale
        was = {
            "name": row.name,
            "kind": row.kind.value,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "region": row.region,
            "factor": row.factor,
        }

        def save(values: Values, version: int, seen: Values) -> Callable[[Work], None]:
            if act:
                return lambda work: remove_calendar_event(work, row.id, version, seen=seen)
            return lambda work: change_calendar_event(
                work,
                row.id,
                version,
                name=values["name"],
                kind=CalendarKind(values["kind"]),
                starts_on=values["starts_on"],
                ends_on=values["ends_on"],
                region=values["region"] or "",
                factor=_factor_text(values["factor"]),
                seen=seen,
            )

        fields = [
            EditedField("name", _("Event")),
            EditedField("kind", _("Kind"), lambda kind: _(CalendarKind(kind).label)),
            EditedField("starts_on", _("First day"), locale.day),
            EditedField("ends_on", _("Last day"), locale.day),
            EditedField("region", _("Region")),
            EditedField("factor", _("Factor"), _factor_text),
        ]
        return Edit(self.page, row.name, was, row.version, fields, save, done, TOPICS, act)

    def example_conflict(self) -> object:
        """Return, for a picture, the dialog of a lost race: one field that both changed, two that one did."""
        today, words = self.ctx.today, self._("Fair")
        row = EventRow(0, 1, words, CalendarKind.OTHER, today, today + timedelta(days=2), None, None, 0.9)
        edit = self.edit(row, lambda _result: None)
        error = StaleRecord(
            "stale_record",
            "",
            differences={},
            stored={**edit.was, "ends_on": today + timedelta(days=4), "factor": 0.85},
            version=2,
            changed_by=self.ctx.connection.person,
            changed_at=self.ctx.now(),
        )
        return edit.conflict({**edit.was, "starts_on": today + timedelta(days=1), "factor": 0.8}, error)

    def change(self, row: EventRow) -> None:
        """Save the event of the form."""

        def done(_result: None) -> None:
            self.page.close_inspector()
            self.page.show_message("green", self._("The event was changed."), place=name)

        name, kind, first, last, region, factor = self._typed()
        mine = {
            "name": name.strip(),
            "kind": kind.value,
            "starts_on": first,
            "ends_on": last,
            "region": region.strip() or None,
            "factor": _number(factor),
        }
        self.edit(row, done).send(mine)

    def remove(self, row: EventRow) -> None:
        """Take an event out; the strip offers to put it back."""

        def done(_result: None) -> None:
            self.page.close_inspector()
            undo = (self._("Undo"), lambda: self._put_back(row))
            self.page.show_message("green", self._("The event was removed."), place=row.name, actions=[undo])

        self.edit(row, done, self._("Remove event")).send({})

    def _put_back(self, row: EventRow) -> None:
        factor = _factor_text(row.factor)
        self.page.strips.clear()
        self._add(row.name, row.kind, row.starts_on, row.ends_on, row.region or "", factor)

    def new_event(self) -> None:
        """Open the inspector with an empty form."""
        panel = Inspector(self.ctx.locale, self._("New event"))
        self._form(panel, None)
        panel.set_actions((self._("Add event"), self.add))
        self.page.show_inspector(panel)
        self.name.setFocus()

    def _form(self, panel: Inspector, row: EventRow | None) -> None:
        """Put the inputs of an event into a panel."""
        _ = self._
        self.name = QLineEdit(row.name if row else "")
        self.kind = QComboBox()
        for kind in CalendarKind:
            self.kind.addItem(_(kind.label), kind)
        if row:
            self.kind.setCurrentIndex(self.kind.findData(row.kind))
        self.first = _day_input(row.starts_on if row else self.ctx.today)
        self.last = _day_input(row.ends_on if row else self.ctx.today)
        self.region = QLineEdit((row.region or "") if row else "")
        self.factor = QLineEdit(_factor_text(row.factor) if row else "")
        self.factor.setPlaceholderText("0.92")
        fields = (
            (_("Event"), self.name),
            (_("Kind"), self.kind),
            (_("First day"), self.first),
            (_("Last day"), self.last),
            (_("Region (empty: everywhere)"), self.region),
            (_("Factor (empty: only informs)"), self.factor),
        )
        for caption, widget in fields:
            widget.setAccessibleName(caption)
            panel.body.addWidget(label(caption, "caption"))
            panel.body.addWidget(widget)

    def _typed(self) -> tuple[str, CalendarKind, date, date, str, str]:
        first, last = self.first.date(), self.last.date()
        return (
            self.name.text(),
            CalendarKind(self.kind.currentData()),
            date(first.year(), first.month(), first.day()),
            date(last.year(), last.month(), last.day()),
            self.region.text(),
            self.factor.text(),
        )

    def add(self) -> None:
        """Add the event of the form."""
        self._add(*self._typed())

    def _add(self, name: str, kind: CalendarKind, first: date, last: date, region: str, factor: str) -> None:
        def done(_event: int) -> None:
            self.page.close_inspector()
            self.page.show_message("green", self._("The event counts from now on."), place=name)

        self.page.write(
            lambda work: add_calendar_event(
                work,
                name=name,
                kind=CalendarKind(kind),
                starts_on=first,
                ends_on=last,
                region=region,
                factor=factor,
            ),
            done,
            topics=TOPICS,
            key=("add_calendar_event", name, kind, first, last, region, factor),
        )


def _day_input(day: date) -> QDateEdit:
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setCalendarPopup(True)
    made.setDisplayFormat("yyyy-MM-dd")
    return made


def _factor_text(factor: float | str | None) -> str:
    return "" if factor is None else str(factor)


def _number(text: str) -> float | str | None:
    """Return a typed factor as it is stored; what is none stays text, for the operation to refuse."""
    plain = text.strip().replace(",", ".")
    try:
        return float(plain) if plain else None
    except ValueError:
        return plain
