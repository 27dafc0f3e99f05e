"""Labels: plain, wrapped, elided; sections; and a value that copies itself."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget


def label(text: str = "", look: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """Return a label in a role of the style sheet (title, section, explain, caption, secondary ...)."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        made.setProperty("role", look)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


class ElidedLabel(QLabel):
    """A one-line label that ends in … instead of being cut, with the whole text on hover."""

    def __init__(self, text: str = "", look: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        if look:
            self.setProperty("role", look)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class SectionLine(QWidget):
    """A section's title, its explanation, and room at the right for a few controls (`add`)."""

    def __init__(self, title: str, explanation: str = "") -> None:
        super().__init__()
        self.setFixedHeight(40)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self.title = label(title, "section")
        self.explanation = ElidedLabel(explanation, "explain")
        self._row.addWidget(self.title)
        self._row.addWidget(self.explanation, 1)

    def set(self, title: str | None = None, explanation: str | None = None) -> None:
        """Change the title or the explanation."""
        if title is not None:
            self.title.setText(title)
        if explanation is not None:
            self.explanation.setText(explanation)

    def add(self, widget: QWidget) -> None:
        """Add a control at the right."""
        self._row.addWidget(widget)
