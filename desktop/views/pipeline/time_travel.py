"""The control that moves the funnel back in time: a slider over the last year and a date (FUN-13)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtWidgets import QDateEdit, QFrame, QHBoxLayout, QSlider

from desktop.i18n import Locale
from desktop.views.buttons import button
from desktop.views.labels import label

DAYS = 365


class TimeTravel(QFrame):
    """A line of 44 px; `moved(date)` tells where the person went, after they stopped moving."""

    moved = Signal(object)

    def __init__(self, locale: Locale, today: date) -> None:
        super().__init__()
        self._today = today
        self.day = today
        self.setObjectName("well")
        self.setFixedHeight(44)
        _ = locale._
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 8, 0)
        row.setSpacing(12)
        row.addWidget(label(_("Look at the funnel as it stood on"), "caption"))
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setMinimumWidth(118)
        self.date.setMaximumDate(_qdate(today))
        self.date.setAccessibleName(_("As of"))
        row.addWidget(self.date)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-DAYS, 0)
        self.slider.setPageStep(30)
        self.slider.setAccessibleName(_("Days before today"))
        row.addWidget(self.slider, 1)
        for text, days in ((_("A month ago"), 30), (_("A quarter ago"), 91)):
            day = today - timedelta(days=days)
            row.addWidget(button(text, partial(self.go, day), small=True))
        row.addWidget(button(_("Today"), lambda: self.go(today), small=True))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(200)
        self._wait.timeout.connect(self._tell)
        self._show()
        self.slider.valueChanged.connect(lambda days: self._go(today + timedelta(days=days)))
        self.date.dateChanged.connect(lambda day: self._go(date(day.year(), day.month(), day.day())))

    def go(self, day: date) -> None:
        """Move to a day and tell at once."""
        self._go(day)
        self._tell()

    def _go(self, day: date) -> None:
        day = min(day, self._today)
        if day != self.day:
            self.day = day
            self._show()
            self._wait.start()

    def _show(self) -> None:
        for widget in (self.slider, self.date):
            widget.blockSignals(True)
        self.slider.setValue(max(-DAYS, (self.day - self._today).days))
        self.date.setDate(_qdate(self.day))
        for widget in (self.slider, self.date):
            widget.blockSignals(False)

    def _tell(self) -> None:
        self._wait.stop()
        self.moved.emit(self.day)


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
