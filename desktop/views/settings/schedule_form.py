"""The form of a schedule, new or changed: what, when, about whom, to whom, into which folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget, QListWidgetItem

from desktop.operations.scheduled.making import CONTENTS
from desktop.operations.schedules import (
    SEE_ALL,
    WISH_FIELDS,
    Wish,
    add_schedule,
    change_schedule,
    schedule_wish,
)
from desktop.queries.people import PersonRow, people
from desktop.queries.search import UnitChoice, scope_choices
from desktop.terms import ScheduleKind
from desktop.views.editing import Edit, EditedField, Values
from desktop.views.inspector import Inspector
from desktop.views.labels import label

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"clock"})


@dataclass(frozen=True, slots=True)
class _Choices:
    """What the form offers, and the schedule that is changed (`version` 0: a new one)."""

    people: list[PersonRow]
    units: list[UnitChoice]
    wish: Wish | None = None
    version: int = 0


class ScheduleForm:
    """Asks for a schedule in the inspector, and adds or changes it."""

    def __init__(self, page: SettingsPage, saved: Callable[[], None], schedule_id: int | None = None) -> None:
        self.page, self.saved, self.schedule_id = page, saved, schedule_id
        self.choices = _Choices([], [])
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
        self.addresses.setPlaceholderText("group@firm.example, robot:finance")

    def open(self) -> None:
        """Show the form; the people and units to choose from, and what is changed, come a moment later."""
        _, number = self.page.ctx.locale._, self.schedule_id
        panel = Inspector(self.page.ctx.locale, _("New schedule") if number is None else _("Change schedule"))
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
        panel.set_actions((_("Add schedule"), self.add) if number is None else (_("Save"), self.change))
        self.page.show_inspector(panel)

        def query(work: Work) -> _Choices:
            found = _Choices(people(work), list(scope_choices(work).units))
            if number is None:
                return found
            wish, version = schedule_wish(work, number)
            return replace(found, wish=wish, version=version)

        self.page.read(query, self._fill, key="schedule-choices")

    def _fill(self, found: _Choices) -> None:
        self.choices = found
        _ = self.page.ctx.locale._
        chosen = set(found.wish.people) if found.wish else set()
        for row in found.people:
            if row.role in SEE_ALL or row.role.value.endswith("_manager") or row.id in chosen:
                item = QListWidgetItem(f"{row.name} · {_(row.role.label)}")
                item.setData(Qt.ItemDataRole.UserRole, row.id)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Checked if row.id in chosen else Qt.CheckState.Unchecked)
                self.people.addItem(item)
        for unit in found.units:
            self.unit.addItem(unit.name, unit.id)
        if (wish := found.wish) is not None:
            self.kind.setCurrentIndex(self.kind.findData(wish.kind))
            self.kind.setEnabled(False)
            self.name.setText(wish.name)
            self.at.setText(wish.at)
            self.unit.setCurrentIndex(self.unit.findData(wish.unit_id))
            self.language.setCurrentIndex(self.language.findData(wish.language))
            self.addresses.setText(", ".join(wish.addresses))
            self.folder.setText(wish.folder)

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
            tuple(int(item.data(Qt.ItemDataRole.UserRole)) for item in chosen),
            tuple(part.strip() for part in text.split(",") if part.strip()),
            self.folder.text(),
        )

    def add(self) -> None:
        """Add the schedule of the form."""
        wish = self.wish()
        words = self.page.ctx.locale._("It goes out by the clock from now on.")
        self.page.write(
            lambda work: add_schedule(work, wish), lambda _number: self._done(words, wish.name), topics=TOPICS
        )

    def change(self) -> None:
        """Save the schedule of the form; if somebody was faster, the differences are shown."""
        number, was = self.schedule_id or 0, self.choices.wish
        if was is None:
            return
        wish, words = self.wish(), self.page.ctx.locale._("Changed.")

        def save(values: Values, version: int, seen: Values) -> Callable[[Work], None]:
            wanted = Wish(wish.kind, **values)
            return lambda work: change_schedule(work, number, version, wanted, seen)

        Edit(
            self.page,
            was.name,
            _values(was),
            self.choices.version,
            self._fields(),
            save,
            lambda _none: self._done(words, wish.name),
            TOPICS,
        ).send(_values(wish))

    def _fields(self) -> list[EditedField]:
        _ = self.page.ctx.locale._
        names = {row.id: row.name for row in self.choices.people}
        units = {unit.id: unit.name for unit in self.choices.units}
        texts: dict[str, Callable[[Any], str]] = {
            "unit_id": lambda number: units.get(number, _("Whole firm")),
            "language": lambda key: "中文" if key == "zh_CN" else "English",
            "people": lambda chosen: "、".join(names.get(one, "?") for one in chosen),
            "addresses": ", ".join,
        }
        captions = {
            "name": _("Name"),
            "at": _("At"),
            "unit_id": _("Organisation"),
            "language": _("Language"),
            "people": _("To these people"),
            "addresses": _("Addresses"),
            "folder": _("Folder"),
        }
        return [EditedField(name, captions[name], texts.get(name, str)) for name in WISH_FIELDS]

    def _done(self, words: str, place: str) -> None:
        self.page.close_inspector()
        self.page.show_message("green", words, place=place)
        self.saved()


def _values(wish: Wish) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in WISH_FIELDS}
