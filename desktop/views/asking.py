"""Asking for an approval where the work is: the new value, the reason, who will sign and by when (APR-01).

Whoever asks sees before what it takes, and afterwards at the same place for whom it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.operations.approvals.asking import PlannedLevel
from desktop.queries.approvals import ApprovalItem
from desktop.views.approvals.conditions import conditions_words
from desktop.views.approvals.panels import slots_words
from desktop.views.buttons import button
from desktop.views.inspector import Inspector
from desktop.views.labels import label
from desktop.views.page import Page, clear_layout
from desktop.views.strips import Action, Advice

if TYPE_CHECKING:
    from desktop.store.workspace import Work

Values = Mapping[str, Any]
APPROVAL = frozenset({"approval"})


@dataclass(frozen=True, slots=True)
class Field:
    """A value that is asked for: its caption, and where it is typed or chosen."""

    caption: str
    widget: QWidget
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """What can be asked for: `plan` says who would sign it, `ask` asks and returns the number of the request.

    `read` returns what stands in the fields, None while it cannot be read or changes nothing; `shown` opens the
    record again afterwards.
    """

    title: str
    about: str
    plan: Callable[[Work, Values], Sequence[PlannedLevel]]
    ask: Callable[[Work, Values, str], int]
    facts: Sequence[tuple[str, str]] = ()
    fields: Sequence[Field] = ()
    read: Callable[[], Values | None] = dict
    shown: Callable[[], object] | None = None


class AskPanel(Inspector):
    """The form, at the right of the page on which the record stands."""

    def __init__(self, page: Page, asking: Asking) -> None:
        super().__init__(page.locale_, asking.title, asking.about)
        self.page, self.asking = page, asking
        _ = page._
        self.add_values(list(asking.facts))
        for field in asking.fields:
            column = self.add_section(field.caption, field.note)
            field.widget.setAccessibleName(field.caption)
            column.addWidget(field.widget)
            _watch(field.widget, self.changed)
        column = self.add_section(_("Why"))
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_("Why"))
        self.reason.setPlaceholderText(_("Why, in a few words"))
        self.reason.returnPressed.connect(self.send)
        column.addWidget(self.reason)
        self.levels: QVBoxLayout = self.add_section(_("Who will sign"))
        self.set_actions((_("Ask for approval"), self.send), [(_("Cancel"), page.close_inspector)])

    def changed(self, *_ignored: object) -> None:
        """Say who would sign what is typed now."""
        values = self.asking.read()
        if values is None:
            self._say(self.page._("It depends on the new value."))
            return
        self.page.read(lambda work: tuple(self.asking.plan(work, values)), self._show, key="plan")

    def _say(self, words: str) -> None:
        clear_layout(self.levels)
        self.levels.addWidget(label(words, "caption", wrap=True))

    def _show(self, plan: Sequence[PlannedLevel]) -> None:
        clear_layout(self.levels)
        locale, _ = self.page.locale_, self.page._
        for number, one in enumerate(plan, start=1):
            until = _("until {time}").format(time=locale.instant(one.due_at)) if one.due_at else ""
            because = conditions_words(one.conditions, locale) if one.conditions else ""
            note = " · ".join(part for part in (_(one.name), because, until) if part)
            self.levels.addWidget(label(f"{number} · {slots_words(one.asked, locale)}", wrap=True))
            self.levels.addWidget(label(note, "caption", wrap=True))

    def send(self) -> None:
        """Ask for what was typed."""
        page, _ = self.page, self.page._
        values, reason = self.asking.read(), self.reason.text().strip()
        if values is None or not reason:
            page.show_message("red", _("Complete the new value, and say why in a few words."))
            self.reason.setFocus()
            return

        def told(number: int) -> None:
            page.close_inspector()
            if self.asking.shown:
                self.asking.shown()
            page.show_message(
                "green",
                _("Request {id} waits for its decision.").format(id=number),
                place=self.asking.about,
                actions=[(_("Show in the inbox"), lambda: page.ctx.navigate("approvals", request_id=number))],
            )

        page.write(
            lambda work: self.asking.ask(work, values, reason),
            told,
            topics=page.topics | APPROVAL,
            title=self.asking.title,
        )


def show_asking(page: Page, asking: Asking) -> None:
    """Open the form and say who would sign what stands in it."""
    panel = AskPanel(page, asking)
    page.show_inspector(panel)
    panel.changed()
    first = asking.fields[0].widget if asking.fields else panel.reason
    first.setFocus()


def add_asks(page: Page, panel: Inspector, asks: Sequence[Action]) -> None:
    """Add a section with what can be asked for of a record."""
    if asks:
        row = QHBoxLayout()
        row.setSpacing(8)
        for text, act in asks:
            row.addWidget(button(text, act, small=True))
        row.addStretch(1)
        panel.add_section(page._("Ask for approval")).addLayout(row)


def waiting_advice(page: Page, item: ApprovalItem) -> Advice:
    """Return for whom a request about this record waits, with the way to the inbox."""
    locale, _ = page.locale_, page._
    until = _("until {time}").format(time=locale.instant(item.due_at)) if item.due_at else ""
    words = _("Request {id} by {name}").format(id=item.id, name=item.requested_by)
    return Advice(
        "red" if item.is_late else "amber",
        waiting_words(item, locale),
        " · ".join(part for part in (words, until) if part),
        [(_("Show in the inbox"), lambda: page.ctx.navigate("approvals", request_id=item.id))],
    )


def waiting_words(item: ApprovalItem, locale: Locale) -> str:
    """Return what waits, and for whom."""
    return locale._("{what} waits for {who}").format(
        what=locale._(item.label), who=slots_words(item.asked, locale)
    )


def _watch(widget: QWidget, changed: Callable[..., None]) -> None:
    if isinstance(widget, QLineEdit):
        widget.textEdited.connect(changed)
    elif isinstance(widget, QComboBox):
        widget.activated.connect(changed)
    elif isinstance(widget, QCheckBox):
        widget.toggled.connect(changed)
