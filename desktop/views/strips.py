"""Message strips: what happened, where, and what to do next, without a box in the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.errors import UserError
from desktop.i18n import Locale
from desktop.views.buttons import button, icon_button
from desktop.views.chips import Shape
from desktop.views.labels import ElidedLabel, label

Action = tuple[str, Callable[[], object]]
"""The words of a button (translated) and what it does."""


class Strip(QFrame):
    """One message of 36 px: shape, bold place, sentence, small buttons at the right."""

    def __init__(
        self,
        status: str,
        sentence: str,
        *,
        place: str = "",
        actions: Sequence[Action] = (),
        close: Callable[[], object] | None = None,
        close_text: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName(f"strip_{status}")
        self.setFixedHeight(36)
        self.setAccessibleName(f"{place} {sentence}".strip())
        self.setToolTip(sentence)
        self.status, self.place, self.sentence = status, place, sentence
        self.name = ""
        """What kind of message it is, for whoever shows it at most once."""
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 8, 0)
        row.setSpacing(10)
        row.addWidget(Shape(status))
        if place:
            row.addWidget(label(place, f"{status}_strong" if status != "grey" else "strong"))
        row.addWidget(ElidedLabel(sentence), 1)
        for text, act in actions:
            row.addWidget(button(text, act, small=True))
        if close:
            row.addWidget(icon_button("close", close_text, close, 24))


MOST_IN_A_ROW = 34
"""How many letters the buttons of an advice may have beside each other."""


class Advice(QFrame):
    """The same in two lines, as the inspector's advice box: bold fact, explanation, buttons."""

    def __init__(self, status: str, fact: str, explanation: str = "", actions: Sequence[Action] = ()) -> None:
        super().__init__()
        self.setObjectName(f"advice_{status}")
        self.setAccessibleName(f"{fact} {explanation}".strip())
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Shape(status))
        row.addWidget(label(fact, f"{status}_strong" if status != "grey" else "strong", wrap=True), 1)
        column.addLayout(row)
        if explanation:
            column.addWidget(label(explanation, "caption", wrap=True))
        if actions:
            # Long words stand below each other: a row of them would be wider than the inspector.
            way = QBoxLayout.Direction
            long = sum(len(text) for text, _act in actions) > MOST_IN_A_ROW
            buttons = QBoxLayout(way.TopToBottom if long else way.LeftToRight)
            buttons.setSpacing(8)
            for i, (text, act) in enumerate(actions):
                made = button(text, act, look="" if i else "tinted", small=True)
                buttons.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
            buttons.addStretch(1)
            column.addLayout(buttons)


class StripArea(QWidget):
    """Where a page shows its messages: newest last, at most three."""

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.strips: list[Strip] = []
        self.setVisible(False)

    def show_message(
        self,
        status: str,
        sentence: str,
        *,
        place: str = "",
        actions: Sequence[Action] = (),
        closable: bool = True,
    ) -> Strip:
        """Show a message until it is closed or the page reloads; what succeeded last is said, not all that did."""
        if status == "green":
            for said in [each for each in self.strips if each.status == "green"]:
                self.remove(said)
        strip = Strip(
            status,
            sentence,
            place=place,
            actions=actions,
            close=(lambda: self.remove(strip)) if closable else None,
            close_text=self._locale._("Close"),
        )
        self.strips.append(strip)
        self._column.addWidget(strip)
        self.setVisible(True)
        if len(self.strips) > 3:
            self.remove(self.strips[0])
        return strip

    def show_error(self, error: UserError, actions: Sequence[Action] = (), *, place: str = "") -> Strip:
        """Show an expected problem: what happened and what to do about it."""
        sentence = " ".join(
            part for part in (error.text(self._locale), error.remedy_text(self._locale)) if part
        )
        known = next((strip for strip in self.strips if strip.sentence == sentence), None)
        return known or self.show_message("red", sentence, place=place, actions=actions)

    def remove(self, strip: Strip) -> None:
        """Take a message away."""
        if strip in self.strips:
            self.strips.remove(strip)
            self._column.removeWidget(strip)
            strip.hide()
            strip.deleteLater()
        self.setVisible(bool(self.strips))

    def clear(self) -> None:
        """Take all messages away."""
        for strip in list(self.strips):
            self.remove(strip)
