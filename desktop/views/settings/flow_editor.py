"""The editor of a flow: levels with whom they ask, their conditions, how they count and how long they have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.operations.approvals.flows import set_flow
from desktop.queries.approval_flows import FlowRow, Level, SignerRow
from desktop.terms import ApprovalMode, Duty, Role
from desktop.views.approvals.conditions import FACTS_OF
from desktop.views.buttons import icon_button
from desktop.views.inspector import Inspector
from desktop.views.labels import label
from desktop.views.settings.flow_conditions import ConditionsForm
from desktop.views.settings.threshold_words import LABELS
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.views.settings.page import SettingsPage


def time_words(level: Level, locale: Locale) -> str:
    """Return how long a level has, and what then."""
    _ = locale._
    if level.hours is None and level.hours_key is None:
        return _("no limit")
    if level.hours_key:
        return _(LABELS.get(level.hours_key, level.hours_key))
    words = _("{n} hours around the clock") if level.around_the_clock else _("{n} working hours")
    return words.format(n=level.hours)


class _LevelForm(QWidget):
    """One level: its name, who signs, how signatures count, when it applies and for how long."""

    def __init__(self, editor: FlowEditor, level: Level, names: dict[str, str]) -> None:
        super().__init__()
        _ = editor.say
        self.level = level
        column = editor.column_of(self)
        self.shown = _(level.name)
        self.name = QLineEdit(self.shown)
        self.name.setAccessibleName(_("Name of the level"))
        self.who = [self._box(names, slot, _("Who signs")) for slot in (*level.approvers, None)]
        self.mode = QComboBox()
        for mode in ApprovalMode:
            self.mode.addItem(_(mode.label), mode.value)
        self.mode.setCurrentIndex(self.mode.findData(level.mode.value))
        self.conditions = ConditionsForm(level.conditions, editor.facts, editor.words)
        self.hours = QSpinBox()
        self.hours.setRange(0, 400)
        self.hours.setValue(level.hours or 0)
        self.hours.setSuffix(_(" working h"))
        self.hours.setStyleSheet("padding-left: 10px")
        self.hours.setSpecialValueText(time_words(replace(level, hours=None), editor.words))
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(icon_button("close", _("Remove this level"), lambda: editor.remove(self)))
        column.addLayout(head)
        for box in self.who:
            column.addWidget(box)
        for name, widget in (
            (_("Signatures"), self.mode),
            (_("Condition"), self.conditions),
            (_("Within"), self.hours),
        ):
            row = QHBoxLayout()
            caption = label(name, "caption")
            caption.setFixedWidth(56)
            row.addWidget(caption, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(widget, 1)
            column.addLayout(row)
        for field in (self.name, *self.who, self.mode, self.hours):
            field.setMinimumWidth(40)
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @staticmethod
    def _box(names: dict[str, str], slot: str | None, title: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(title)
        box.addItem("—", None)
        for text, words in names.items():
            box.addItem(words, text)
        box.setCurrentIndex(max(box.findData(slot), 0) if slot else 0)
        return box

    def value(self) -> Level:
        """Return the level as it is filled in."""
        chosen = tuple(str(box.currentData()) for box in self.who if box.currentData())
        name = self.name.text().strip()
        return replace(
            self.level,
            name=name if name and name != self.shown else self.level.name,
            approvers=chosen,
            mode=ApprovalMode(self.mode.currentData()),
            conditions=self.conditions.value(),
            hours=self.hours.value() or None,
            hours_key=None if self.hours.value() else self.level.hours_key,
        )


class FlowEditor(Inspector):
    """The levels of a flow as forms; saving makes its next version."""

    def __init__(
        self, page: SettingsPage, row: FlowRow, found: list[SignerRow], topics: frozenset[str]
    ) -> None:
        locale = page.ctx.locale
        super().__init__(locale, locale._(row.kind.label), locale._("Edit the flow"))
        self.words, self.say, self.facts = locale, locale._, FACTS_OF[row.kind]
        self._page, self._row, self._topics = page, row, topics
        _ = locale._
        self.names = {
            **{f"role:{role.value}": _(role.label) for role in Role if role is not Role.AUDITOR},
            **{f"duty:{duty.value}": _(duty.label) for duty in Duty},
            **{f"person:{one.id}": one.name for one in found},
        }
        self.add(
            Advice("grey", _("A new version"), _("What waits already keeps the flow it was asked under"))
        )
        self.shown = _(row.name)
        self.title = QLineEdit(self.shown)
        self.title.setAccessibleName(_("Flow"))
        self.add(self.title)
        self.forms: list[_LevelForm] = []
        for level in row.levels:
            self._form(level)
        self.set_actions((_("Put in force"), self.save), [(_("Add level"), self.more)])

    @staticmethod
    def column_of(form: QWidget) -> QVBoxLayout:
        """Return the column in which a level's fields stand."""
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(6)
        return column

    def _form(self, level: Level) -> None:
        form = _LevelForm(self, level, self.names)
        self.forms.append(form)
        self.add(form)

    def more(self) -> None:
        """Add a level at the end."""
        self._form(Level(self.say("Level {n}").format(n=len(self.forms) + 1), ("role:director",)))

    def remove(self, form: _LevelForm) -> None:
        """Take a level out."""
        self.forms.remove(form)
        form.setParent(None)
        form.deleteLater()

    def save(self) -> None:
        """Put what is filled in in force."""
        kind, name = self._row.kind.value, self.title.text()
        name = self._row.name if name == self.shown else name
        levels = [form.value() for form in self.forms]

        def done(_number: int) -> None:
            self._page.close_inspector()
            self._page.show_message(
                "green", self.say("The flow is in force."), place=self.say(self._row.kind.label)
            )

        self._page.write(lambda work: set_flow(work, kind, name, levels), done, topics=self._topics)
