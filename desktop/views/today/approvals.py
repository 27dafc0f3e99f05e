"""Approvals that wait for me, decided in place: approve at once, reject with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.views.buttons import button, hairline
from desktop.views.chips import Tag
from desktop.views.labels import ElidedLabel, label

if TYPE_CHECKING:
    from desktop.queries.approvals import ApprovalItem

Decide = Callable[["ApprovalItem", bool, str], None]
LIMIT_HOURS = 48


class ApprovalCard(QWidget):
    """One request in two lines, its buttons at the right."""

    def __init__(self, locale: Locale, item: ApprovalItem, decide: Decide) -> None:
        super().__init__()
        _ = locale._
        self._item, self._decide = item, decide
        self.setAccessibleName(item_name(item, locale))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 9, 0, 9)
        column.setSpacing(4)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(Tag(_(item.label)))
        first.addWidget(ElidedLabel(item_name(item, locale), "strong"), 1)
        first.addWidget(label(waiting_text(locale, item.waiting_hours), waiting_look(item.waiting_hours)))
        column.addLayout(first)
        self._second = QHBoxLayout()
        self._second.setSpacing(8)
        note = item.why_not or ""
        of_report = (item.report.unit, item.report.subject) if item.report else (item.level_name,)
        who = " · ".join(part for part in (item.requested_by, *of_report) if part)
        self._note = ElidedLabel(_(note) if note else who, "caption")
        self._second.addWidget(self._note, 1)
        self.reject = button(_("Reject"), self._ask, small=True)
        self.approve = button(_("Approve"), lambda: decide(item, True, ""), look="tinted", small=True)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(_("Say what has to be put right"))
        self.reason.setAccessibleName(_("Reason of the rejection"))
        self.reason.returnPressed.connect(self._reject)
        self.confirm = button(_("Reject"), self._reject, look="danger", small=True)
        self.back = button(_("Back"), self._unask, small=True)
        for widget in (self.reason, self.reject, self.approve, self.back, self.confirm):
            self._second.addWidget(widget, 1 if widget is self.reason else 0)
        for widget in (self.reject, self.approve):
            widget.setEnabled(not note)
        column.addLayout(self._second)
        self._unask()

    def _ask(self) -> None:
        self._show(asking=True)
        self.reason.setFocus()

    def _unask(self) -> None:
        self._show(asking=False)

    def _show(self, *, asking: bool) -> None:
        deciding: tuple[QWidget, ...] = (self._note, self.reject, self.approve)
        answering: tuple[QWidget, ...] = (self.reason, self.confirm, self.back)
        for widget in deciding:
            widget.setVisible(not asking)
        for widget in answering:
            widget.setVisible(asking)

    def _reject(self) -> None:
        if self.reason.text().strip():
            self._decide(self._item, False, self.reason.text().strip())


class ApprovalList(QScrollArea):
    """The cards, or a sentence that nothing waits."""

    def __init__(self, locale: Locale, decide: Decide) -> None:
        super().__init__()
        self._locale, self._decide = locale, decide
        self.setWidgetResizable(True)
        self.cards: list[ApprovalCard] = []
        self.set_items(())

    def set_items(self, items: Sequence[ApprovalItem]) -> None:
        """Show these requests."""
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        self.cards = [ApprovalCard(self._locale, item, self._decide) for item in items]
        for card in self.cards:
            column.addWidget(card)
            column.addWidget(hairline())
        if not items:
            words = self._locale._("Nothing waits for you. What colleagues ask for appears here.")
            empty = label(words, "secondary", wrap=True)
            empty.setContentsMargins(0, 10, 0, 10)
            column.addWidget(empty)
        column.addStretch(1)
        self.setMaximumHeight(max(72, 74 * len(items)))
        self.setWidget(box)


def item_name(item: ApprovalItem, locale: Locale) -> str:
    """Return what a request is about, in a few words."""
    if item.report:
        return f"{locale._(item.report.title)} · {item.report.period}"
    return item.title


def waiting_text(locale: Locale, hours: float) -> str:
    """Return how long a request has waited, or that it is past the limit of 48 hours (APR-01)."""
    if hours >= LIMIT_HOURS:
        return locale._("{hours} h, overdue").format(hours=locale.integer(int(hours)))
    return locale._("{hours} h left").format(hours=locale.integer(int(LIMIT_HOURS - hours)))


def waiting_look(hours: float) -> str:
    """Return the look of that text."""
    left = LIMIT_HOURS - hours
    return "red_strong" if left < 8 else "amber" if left < 24 else "secondary"
