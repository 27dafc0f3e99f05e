"""Lost races: whoever saves what somebody else has changed meanwhile is told, field by field (security 36).

Every operation that changes a record which a person was looking at asks `require_same` first, with the record
locked: bulk statements bypass the version counter of the mapper, and so would a look without a lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Executable, event, select, text
from sqlalchemy.orm import Session

from desktop.errors import NotAllowed, NotFound, StaleRecord
from desktop.i18n import N_
from desktop.models.audit import AuditEntry
from desktop.models.base import Editable
from desktop.models.people import Person
from desktop.store.workspace import Work

R = TypeVar("R", bound=Editable)


def locked(work: Work, kind: type[R], record_id: int) -> R | None:
    """Return a record as it is stored now, kept from others until this transaction ends; None if it is gone.

    Raises NotAllowed for one that this person sees and does not edit: the team database locks such for nobody.
    """
    found = work.session.get(kind, record_id, with_for_update=True, populate_existing=True)
    if found is None and work.session.get(kind, record_id) is not None:
        raise not_yours()
    return found


def current(
    work: Work,
    kind: type[R],
    record_id: int,
    version: int | None,
    seen: Mapping[str, Any] | None,
    *,
    subject: str,
    fields: Sequence[str],
    gone: NotFound,
    code: str = "stale_record",
) -> R:
    """Return a locked record that is still what the person saw; raises `gone`, StaleRecord or NotAllowed."""
    record = locked(work, kind, record_id)
    if record is None:
        raise gone
    require_same(work, record, version, subject=subject, fields=fields, seen=seen, code=code)
    return record


def not_yours() -> NotAllowed:
    """Return the refusal to change what one may look at."""
    return NotAllowed(
        "not_yours",
        N_("This record is not yours to change; you see it, and somebody else looks after it."),
        remedy=N_("Ask its owner, or whoever leads them."),
    )


Flushed = list[tuple[type[Editable], int]]
"""Kind and number of records."""


def note_flushed(session: Session) -> Flushed:
    """Return a list that always holds the records which this session has tried to write last."""
    flushed: Flushed = []

    @event.listens_for(session, "before_flush")
    def note(session: Session, *_: object) -> None:
        changed = [one for one in (*session.dirty, *session.deleted) if isinstance(one, Editable)]
        flushed[:] = [(type(one), one.id) for one in changed if one.id is not None]

    return flushed


def out_of_reach(work: Work, flushed: Flushed) -> bool:
    """Whether one of the records that could not be written is seen and not edited: then it was no lost race."""
    for kind, number in flushed:
        seen = select(kind.id).where(kind.id == number)
        held = work.session.scalar(seen.with_for_update(read=True, key_share=True))
        if held is None and work.session.scalar(seen) is not None:
            return True
    return False


def require_same(
    work: Work,
    record: Editable,
    version: int | None,
    *,
    subject: str,
    fields: Sequence[str],
    seen: Mapping[str, Any] | None = None,
    code: str = "stale_record",
) -> None:
    """Raise StaleRecord unless a record still has the version that the person started from (None: any).

    The error has what stands in `fields` now, how that differs from what was `seen`, who changed it and when.
    """
    if version is None or record.version == version:
        return
    stored = {name: plain(getattr(record, name)) for name in fields}
    raise stale(work, record, stored, version, subject=subject, seen=seen, code=code)


def stale(
    work: Work,
    record: Editable,
    stored: Mapping[str, Any],
    version: int,
    *,
    subject: str,
    seen: Mapping[str, Any] | None = None,
    code: str = "stale_record",
) -> StaleRecord:
    """Return the error that says what a record holds now, and who changed it."""
    differences: dict[str, tuple[Any, Any]] = {"version": (version, record.version)}
    if seen is not None:
        before = {name: plain(value) for name, value in seen.items()}
        differences = {
            name: (before[name], now)
            for name, now in stored.items()
            if name in before and before[name] != now
        }
    who, when = last_editor(work, subject, record.id, record.changed_at)
    return StaleRecord(
        code,
        N_("Somebody else changed this record in the meantime; nothing was overwritten."),
        remedy=N_("Reload, look at what changed, and try again."),
        differences=differences,
        stored=dict(stored),
        version=record.version,
        changed_by=who,
        changed_at=when,
    )


def plain(value: Any) -> Any:
    """Return a stored value as forms hold it: a list as a tuple."""
    return tuple(value) if isinstance(value, list) else value


def last_editor(work: Work, subject: str, record_id: int, at: datetime) -> tuple[str | None, datetime]:
    """Return who changed a record last, as far as this person may know, and when; else nobody, and `at`.

    The team database answers for records that the person sees, though its audit trail is not theirs to read.
    """
    if work.is_sqlite:
        statement: Executable = (
            select(Person.name.label("editor"), AuditEntry.at.label("changed"))
            .join(Person, Person.id == AuditEntry.person_id)
            .where(AuditEntry.subject == subject, AuditEntry.subject_id == record_id)
            .order_by(AuditEntry.position.desc())
            .limit(1)
        )
    else:
        asked = text("SELECT editor, changed FROM plumbline.last_editor(:subject, :record)")
        statement = asked.bindparams(subject=subject, record=record_id)
    found = work.session.execute(statement).first()
    return (found.editor, found.changed) if found else (None, at)
