"""Coaching notes where a manager looks at a deal or customer: read as a time line, added, never changed (PER-02)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit

from desktop.clock import business_date
from desktop.operations.coaching import coach
from desktop.queries.coaching import Coaching
from desktop.views.inspector import Inspector
from desktop.views.labels import label
from desktop.views.page import Page
from desktop.views.strips import Action

TOPICS = frozenset({"coaching"})


def add_coaching(
    page: Page,
    panel: Inspector,
    found: Coaching,
    *,
    about: str,
    back: Callable[[], None],
    deal_id: int | None = None,
    account_id: int | None = None,
) -> None:
    """Add the notes beside a record to its inspector; nothing where there are none and nobody can be coached."""
    _, person_id = page._, found.person_id
    if person_id is None and not found.notes:
        return
    write: Action | None = None
    if person_id is not None:
        write = (
            _("Write one…"),
            lambda: page.show_inspector(CoachPanel(page, person_id, about, back, deal_id, account_id)),
        )
    column = panel.add_section(_("Coaching"), action=write)
    for note in found.notes:
        column.addWidget(label(note.note, wrap=True, selectable=True))
        day = page.locale_.day(business_date(note.at))
        words = _("{by} to {person}").format(by=note.by, person=note.person)
        column.addWidget(label(f"{words} · {day}", "caption", wrap=True))
    if not found.notes:
        words = _("No note yet. Only its owner, and who leads them, read what you write.")
        column.addWidget(label(words, "caption", wrap=True))


class CoachPanel(Inspector):
    """The form of a note."""

    def __init__(
        self,
        page: Page,
        person_id: int,
        about: str,
        back: Callable[[], None],
        deal_id: int | None,
        account_id: int | None,
    ) -> None:
        _ = page._
        super().__init__(page.locale_, _("Coaching note"), about)
        self.page, self.back = page, back
        self.person_id, self.deal_id, self.account_id = person_id, deal_id, account_id
        column = self.add_section(_("What went well, and what to try next"))
        self.note = QPlainTextEdit()
        self.note.setAccessibleName(_("Coaching note"))
        self.note.setFixedHeight(160)
        column.addWidget(self.note)
        words = _("Read by the owner and by who leads them, not by peers. A note is not changed afterwards.")
        column.addWidget(label(words, "caption", wrap=True))
        self.set_actions((_("Write"), self.send), [(_("Cancel"), back)])
        self.note.setFocus()

    def send(self) -> None:
        """Write the note; the operation says what is missing."""
        note = self.note.toPlainText()
        self.page.write(
            lambda work: coach(work, self.person_id, note, deal_id=self.deal_id, account_id=self.account_id),
            lambda _number: self.back(),
            topics=TOPICS,
            title=self.page._("Coaching note"),
        )
