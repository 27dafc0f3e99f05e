"""The one way in which a form changes a record: saved if nobody was faster, else shown field by field.

A form makes an `Edit` (what stood there, which fields there are, how they are saved) and sends what was typed:

    Edit(page, title=row.name, was={"name": row.name}, version=row.version,
         fields=[EditedField("name", _("Name"))], save=save, done=done, topics=TOPICS).send({"name": "New"})

`save(values, version, seen)` returns the operation. When it is refused with `StaleRecord` the form stays as it is
and `conflict.ConflictDialog` shows mine, theirs and what was; nothing is overwritten unless a person says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desktop.errors import StaleRecord, UserError
from desktop.views.tasks import EVERYTHING

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.conflict import ConflictDialog
    from desktop.views.page import Page

Values = Mapping[str, Any]
Save = Callable[[Values, int, Values], "Callable[[Work], Any]"]
"""(what to save, the row version it starts from, what stood there) → the operation."""


@dataclass(frozen=True, slots=True)
class EditedField:
    """A field of a form: its name in the record, its caption, and its value in words."""

    name: str
    caption: str
    text: Callable[[Any], str] = lambda value: "" if value is None else str(value)


@dataclass(frozen=True)
class Edit:
    """One person's change of one record; see the module. Without `mine` it is an act upon it (remove, retire)."""

    page: Page
    title: str
    was: Values
    version: int
    fields: Sequence[EditedField]
    save: Save
    done: Callable[[Any], None]
    topics: frozenset[str] = EVERYTHING
    act: str = ""
    """What is done to the record, in words ("Retire"), where it is no form that is saved."""

    def send(self, mine: Values) -> None:
        """Save what was typed; if somebody was faster, show the differences and keep the form.

        A second click while it is being saved does nothing (security 35).
        """
        running = (self.title, self.act)
        if running in self.page.saving:
            return
        self.page.saving.add(running)
        self.page.write(
            self.save(mine, self.version, self.was),
            self.done,
            topics=self.topics,
            title=self.act or self.title,
            failed=lambda error: self._refused(mine, error),
            ended=lambda: self.page.saving.discard(running),
            key=(*running, self.version, sorted(mine.items())),
        )

    def _refused(self, mine: Values, error: UserError) -> None:
        if not isinstance(error, StaleRecord) or not error.stored or error.version is None:
            self.page.show_error(error)
            return
        self.conflict(mine, error).open()

    def conflict(self, mine: Values, error: StaleRecord) -> ConflictDialog:
        """Return the dialog that shows who changed what, and lets the person choose."""
        from desktop.views.conflict import ConflictDialog

        assert error.version is not None
        again = replace(self, was={**self.was, **error.stored}, version=error.version)
        return ConflictDialog(self, mine, error, again.send)


def overlapping(was: Values, mine: Values, theirs: Values) -> set[str]:
    """Return the fields that both have changed, to different values."""
    return {
        name
        for name, value in mine.items()
        if value != was.get(name) and theirs.get(name) not in (was.get(name), value)
    }


def merged(was: Values, mine: Values, theirs: Values, chosen: Mapping[str, bool]) -> dict[str, Any]:
    """Return both people's changes together; `chosen` says of each overlapping field whether mine is kept."""
    both = dict(mine)
    for name, value in mine.items():
        if name not in theirs:
            continue
        if value == was.get(name) or (name in chosen and not chosen[name]):
            both[name] = theirs[name]
    return both
