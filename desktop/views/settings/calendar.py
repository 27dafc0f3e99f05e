"""The firm's own calendar: holidays, fairs and seasons that move a week's target (TGT-13)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit

from desktop.i18n import N_
from desktop.operations.settings import add_calendar_event, remove_calendar_event
from desktop.queries.settings import EventRow, event_rows
from desktop.terms import CalendarKind
from desktop.views.buttons import button
from desktop.views.cells import DateCell, LabelCell, NumberCell, TextCell
from desktop.views.columns import Column
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.tables import DataTable

if TYPE_CHECKING:
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
        """Open the inspector on an event."""
        _, locale = self._, self.ctx.locale
        panel = Inspector(locale, row.name, _(row.kind.label))
        panel.add_values(
            [
                (_("First day"), locale.day(row.starts_on)),
                (_("Last day"), locale.day(row.ends_on)),
                (_("Region"), row.region or _("everywhere")),
                (_("Industry"), row.industry or ""),
                (_("Factor"), locale.decimal(row.factor, 2) if row.factor is not None else _("only informs")),
            ]
        )
        panel.set_actions(None, [(_("Remove event"), lambda: self.remove(row))])
        self.page.show_inspector(panel)

    def remove(self, row: EventRow) -> None:
        """Take an event out; the strip offers to put it back."""

        def done(_result: None) -> None:
            self.page.close_inspector()
            undo = (self._("Undo"), lambda: self._put_back(row))
            self.page.show_message("green", self._("The event was removed."), place=row.name, actions=[undo])

        self.page.write(lambda work: remove_calendar_event(work, row.id, row.version), done, topics=TOPICS)

    def _put_back(self, row: EventRow) -> None:
        factor = "" if row.factor is None else str(row.factor)
        self.page.strips.clear()
        self._add(row.name, row.kind, row.starts_on, row.ends_on, row.region or "", factor)

    def new_event(self) -> None:
        """Open the inspector with an empty form."""
        _ = self._
        panel = Inspector(self.ctx.locale, _("New event"))
        self.name = QLineEdit()
        self.kind = QComboBox()
        for kind in CalendarKind:
            self.kind.addItem(_(kind.label), kind)
        today = self.ctx.today
        self.first = QDateEdit(QDate(today.year, today.month, today.day))
        self.last = QDateEdit(QDate(today.year, today.month, today.day))
        self.region = QLineEdit()
        self.factor = QLineEdit()
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
            if isinstance(widget, QDateEdit):
                widget.setCalendarPopup(True)
                widget.setDisplayFormat("yyyy-MM-dd")
            panel.body.addWidget(label(caption, "caption"))
            panel.body.addWidget(widget)
        panel.set_actions((_("Add event"), self.add))
        self.page.show_inspector(panel)
        self.name.setFocus()

    def add(self) -> None:
        """Add the event of the form."""
        first, last = self.first.date(), self.last.date()
        self._add(
            self.name.text(),
            self.kind.currentData(),
            date(first.year(), first.month(), first.day()),
            date(last.year(), last.month(), last.day()),
            self.region.text(),
            self.factor.text(),
        )

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
        )
