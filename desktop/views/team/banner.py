"""The banner across the window while an administrator sees the database with another person's eyes (PER-01)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.chips import Shape
from desktop.views.labels import ElidedLabel, label

HEIGHT = 40


class ViewingBanner(QFrame):
    """Whose eyes these are, that nothing can be changed, and the one click back."""

    def __init__(self, locale: Locale, person: str, leave: Callable[[], object]) -> None:
        super().__init__()
        _ = locale._
        self.setObjectName("strip_amber")
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 16, 0)
        row.setSpacing(10)
        row.addWidget(Shape("amber"))
        fact = _("You are seeing what {person} sees").format(person=person)
        row.addWidget(label(fact, "amber_strong"))
        words = _("The database decides it, exactly as for their own console. Nothing can be changed here.")
        row.addWidget(ElidedLabel(words), 1)
        self.leave = button(_("Back to my own view"), leave, look="primary", small=True)
        row.addWidget(self.leave)
        self.setAccessibleName(f"{fact}. {words}")
