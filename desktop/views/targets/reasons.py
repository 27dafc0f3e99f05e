"""One numbered reason under the weekly chart."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.views.labels import ElidedLabel, label


class ReasonLine(QWidget):
    """Number, week, sentence, and whom it concerns at the right; 22 px."""

    def __init__(self, mark: str, week: str, words: str, note: str = "") -> None:
        super().__init__()
        self.setFixedHeight(22)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        if mark:
            row.addWidget(label(mark, "link"))
        if week:
            row.addWidget(label(week, "caption_strong"))
        row.addWidget(ElidedLabel(words, "caption"), 1)
        if note:
            row.addWidget(label(note, "explain"))
        self.setAccessibleName(" ".join(part for part in (mark, week, words, note) if part))
