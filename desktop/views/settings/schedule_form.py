"""The form of a new schedule: what, when, about whom, to whom, into which folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QListWidgetItem

from desktop.operations.scheduled.making import CONTENTS
from desktop.operations.schedules import SEE_ALL, Wish, add_schedule
from desktop.queries.people import PersonRow, people
from desktop.queries.search import UnitChoice, scope_choices
from desktop.terms import ScheduleKind
from desktop.views.inspector import Inspector
from desktop.views.labels import label

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"clock"})


class ScheduleForm:
    """Asks for a schedule in the inspector and adds it."""

    def __init__(self, page: SettingsPage, added: Callable[[], None]) -> None:
        self.page = page
        self.added = added
        _ = page.ctx.locale._
        self.kind, self.language, self.unit = QComboBox(), QComboBox(), QComboBox()
        for kind in CONTENTS:
            self.kind.addItem(_(kind.label), kind)
        self.language.addItem("中文", "zh_CN")
        self.language.addItem("English", "en")
        self.language.setCurrentIndex(self.language.findData(page.ctx.locale.language))
        self.unit.addItem(_("Whole firm"), None)
        self.name, self.at = QLineEdit(), QLineEdit()
        self.at.setPlaceholderText("09:00")
        self.people = QListWidget()
        self.people.setFixedHeight(130)
        self.addresses, self.folder = QLineEdit(), QLineEdit()
        self.addresses.setPlaceholderText("group@firm.example")

    def open(self) -> None:
        """Show the form; the people and units to choose from come a moment later."""
        _ = self.page.ctx.locale._
        panel = Inspector(self.page.ctx.locale, _("New schedule"))
        for caption, widget in (
            (_("What"), self.kind),
            (_("Name (empty: as the report)"), self.name),
            (_("At (empty: when reports are mailed)"), self.at),
            (_("Organisation"), self.unit),
            (_("Language"), self.language),
            (_("To these people"), self.people),
            (_("And to these addresses, separated by commas"), self.addresses),
            (_("Folder for its file (empty: none)"), self.folder),
        ):
            widget.setAccessibleName(caption)
            panel.body.addWidget(label(caption, "caption"))
            panel.body.addWidget(widget)
        panel.set_actions((_("Add schedule"), self.add))
        self.page.show_inspector(panel)

        def query(work: Work) -> tuple[list[PersonRow], list[UnitChoice]]:
            return people(work), list(scope_choices(work).units)

        self.page.read(query, self._fill, key="schedule-choices")

    def _fill(self, found: tuple[list[PersonRow], list[UnitChoice]]) -> None:
        rows, units = found
        _ = self.page.ctx.locale._
        for row in rows:
            if row.role in SEE_ALL or row.role.value.endswith("_manager"):
                item = QListWidgetItem(f"{row.name} · {_(row.role.label)}")
                item.setData(Qt.ItemDataRole.UserRole, row.id)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked)
                self.people.addItem(item)
        for unit in units:
            self.unit.addItem(unit.name, unit.id)

    def wish(self) -> Wish:
        """Return what was filled in."""
        items = [self.people.item(number) for number in range(self.people.count())]
        chosen = [item for item in items if item.checkState() == Qt.CheckState.Checked]
        text = self.addresses.text().replace("，", ",").replace("；", ",").replace(";", ",")
        return Wish(
            ScheduleKind(self.kind.currentData()),
            self.name.text() or self.kind.currentText(),
            self.at.text(),
            self.unit.currentData(),
            str(self.language.currentData()),
            [int(item.data(Qt.ItemDataRole.UserRole)) for item in chosen],
            [part for part in text.split(",") if part.strip()],
            self.folder.text(),
        )

    def add(self) -> None:
        """Add the schedule of the form."""
        wish = self.wish()

        def done(_schedule: int) -> None:
            self.page.close_inspector()
            words = self.page.ctx.locale._("It goes out by the clock from now on.")
            self.page.show_message("green", words, place=wish.name)
            self.added()

        self.page.write(lambda work: add_schedule(work, wish), done, topics=TOPICS)
