"""What becomes of single values of a column: mapped to ours, made anew, left empty, or their rows rejected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.operations.mapping_choices import SourceValue, ValueAction, ValueChoice
from desktop.views import theme
from desktop.views.buttons import button
from desktop.views.chips import Shape
from desktop.views.labels import ElidedLabel, label

ACTIONS = {
    "": N_("as it is"),
    "map": N_("is"),
    "create": N_("new value"),
    "blank": N_("leave empty"),
    "reject": N_("reject rows"),
}
MOST = 40
"""How many values are shown at once; the open ones come first."""

Choose = Callable[[str, "ValueChoice | None"], object]


class ValuesEditor(QWidget):
    """A line per value: shape, text, count; what becomes of it; and which of ours it is."""

    def __init__(
        self,
        locale: Locale,
        values: Sequence[SourceValue],
        targets: Sequence[tuple[str, str]],
        choose: Choose,
    ) -> None:
        super().__init__()
        _ = locale._
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        ordered = sorted(values, key=lambda one: (not one.is_open, -one.count))
        self.lines = [_Line(locale, value, targets, choose) for value in ordered[:MOST]]
        for line in self.lines:
            column.addWidget(line)
        if len(ordered) > MOST:
            more = locale.plural("{n} more value", "{n} more values", len(ordered) - MOST)
            column.addWidget(label(more, "caption"))
        suggested = {v.value: v.suggestion for v in values if v.is_open and v.suggestion}
        self.accept = button(
            _("Accept {n} suggestions").format(n=len(suggested)),
            lambda: [choose(value, choice) for value, choice in suggested.items()],
            look="tinted",
            small=True,
        )
        self.accept.setVisible(bool(suggested))
        column.addWidget(self.accept)


class _Line(QWidget):
    def __init__(
        self, locale: Locale, value: SourceValue, targets: Sequence[tuple[str, str]], choose: Choose
    ) -> None:
        super().__init__()
        _ = locale._
        self._value, self._choose = value, choose
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        head = QHBoxLayout()
        head.setSpacing(6)
        rejected = value.choice is not None and value.choice.action == "reject"
        head.addWidget(Shape("red" if rejected else "amber" if value.is_open else "green", 8))
        head.addWidget(ElidedLabel(value.value), 1)
        head.addWidget(label(locale.integer(value.count), "caption"))
        column.addLayout(head)
        row = QHBoxLayout()
        row.setContentsMargins(20, 0, 0, 0)
        row.setSpacing(6)
        self.action = QComboBox()
        self.action.setAccessibleName(_("What becomes of “{value}”").format(value=value.value))
        for key, words in ACTIONS.items():
            self.action.addItem(_(words), key)
        self.target = QComboBox()
        self.target.setEditable(not targets)
        self.target.setAccessibleName(_("Which value “{value}” is").format(value=value.value))
        for stored, words in targets:
            self.target.addItem(words, stored)
        for box in (self.action, self.target):
            box.setMinimumWidth(96)
            box.setFont(theme.font(12))
            row.addWidget(box, 1)
        column.addLayout(row)
        self._show()
        self.action.activated.connect(lambda _at: self._acted())
        self.target.activated.connect(lambda _at: self._acted(from_target=True))
        if self.target.isEditable() and (edit := self.target.lineEdit()) is not None:
            edit.editingFinished.connect(lambda: self._acted(from_target=True))

    def _show(self) -> None:
        value = self._value
        choice = value.choice
        self.action.setCurrentIndex(self.action.findData(choice.action if choice else ""))
        meant = (choice.target if choice else None) or value.recognised
        if meant is None and value.suggestion and value.suggestion.action == "map":
            meant = value.suggestion.target
        at = self.target.findData(meant) if meant is not None else -1
        self.target.setCurrentIndex(at)
        if self.target.isEditable() and meant and at < 0:
            self.target.setEditText(meant)
        self.target.setVisible((choice.action if choice else "") in ("", "map"))
        self.target.setPlaceholderText("…")

    def _acted(self, *, from_target: bool = False) -> None:
        action: ValueAction | Literal[""] = "map" if from_target else self.action.currentData()
        if action == "":
            self._choose(self._value.value, None)
            return
        if action == "map":
            target = self.target.currentData() or self.target.currentText().strip()
            if not target:
                self.target.setVisible(True)
                self.target.setFocus()
                return
            chosen = ValueChoice("map", str(target))
        else:
            chosen = ValueChoice(action)
        if chosen != self._value.choice:
            self._choose(self._value.value, chosen)
