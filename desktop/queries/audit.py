"""The audit trail as people read it: entries by filter, the log of exports, and whether it is whole (PER-05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from desktop.errors import NotAllowed
from desktop.i18n import N_
from desktop.models.audit import AuditEntry
from desktop.models.people import Person
from desktop.store.audit_chain import Head, head
from desktop.store.audit_check import Checked, Finding, may_read_all, registered_heads, verify_chain
from desktop.store.workspace import Work

__all__ = ["AuditFilter", "AuditRow", "Checked", "Finding", "Head"]

EXPORTED = "export.personal"
"""The action of an entry that logs an export with personal data."""
EXPORTS = (EXPORTED, "export_gaps", "export_kits", "export_report", "export_table")
"""The actions of entries that log that records left the database."""
REVEALED = "reveal"
"""The action of an entry that logs that masked personal data were shown."""
REFUSED = "refused"
"""The action of an entry that logs an attempt that was refused."""
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: by login or name of the person, action (or the part before its dot), subject, business days."""

    person: str | None = None
    action: str | None = None
    subject: str | None = None
    subject_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry; `details` are None where there are none, or where they were erased (`erased_by` says by which)."""

    position: int
    at: datetime
    person: str
    login: str
    action: str
    subject: str
    subject_id: int | None
    details: dict[str, Any] | None
    operation: str
    erased_by: int | None
    hash: str


def audit_entries(
    work: Work, asked: AuditFilter | None = None, *, limit: int | None = 200, after: int = 0
) -> list[AuditRow]:
    """Return entries, the newest first; with `after`, those behind that position, the oldest first.

    On the team database only administrators and auditors see those of others.
    """
    statement = _statement(work, asked or AuditFilter())
    if after:
        statement = statement.where(AuditEntry.position > after).order_by(AuditEntry.position)
    else:
        statement = statement.order_by(AuditEntry.position.desc())
    return [_row(found) for found in work.rows(statement.limit(limit))]


def all_entries(work: Work, asked: AuditFilter) -> Iterator[AuditRow]:
    """Yield every entry, the oldest first."""
    statement = _statement(work, asked).order_by(AuditEntry.position)
    last = 0
    while found := work.rows(statement.where(AuditEntry.position > last).limit(_PAGE)):
        yield from map(_row, found)
        last = found[-1].AuditEntry.position
        work.session.expunge_all()


def export_log(work: Work, limit: int = 200) -> list[AuditRow]:
    """Return what was exported, the newest first: who, what, which filter, how many rows, which file."""
    statement = _statement(work, AuditFilter()).where(AuditEntry.action.in_(EXPORTS))
    newest = statement.order_by(AuditEntry.position.desc()).limit(limit)
    return [_row(found) for found in work.rows(newest)]


def audit_head(work: Work) -> Head:
    """Return position and hash of the newest entry, for whoever keeps it elsewhere."""
    return head(work.connection)


def verify_trail(work: Work, against: Sequence[Head] = ()) -> Checked:
    """Tell whether the trail is whole, and fits the heads on registered workbooks and those of `against`.

    Raises NotAllowed for those who cannot read all of it.
    """
    if not may_read_all(work):
        raise NotAllowed(
            "audit_not_readable",
            N_("Only administrators and auditors can read, and so verify, the whole audit trail."),
            remedy=N_("Ask one of them."),
        )
    anchors = dict.fromkeys([*against, *registered_heads(work)])
    return verify_chain(work.connection, work.control, list(anchors))


def _statement(work: Work, asked: AuditFilter) -> Select[AuditEntry, str, str | None]:
    statement = select(AuditEntry, Person.name, Person.login).outerjoin(
        Person, Person.id == AuditEntry.person_id
    )
    if asked.person:
        statement = statement.where((Person.login == asked.person) | (Person.name == asked.person))
    if asked.action:
        statement = statement.where(
            (AuditEntry.action == asked.action)
            | AuditEntry.action.startswith(f"{asked.action}.", autoescape=True)
        )
    if asked.subject:
        statement = statement.where(AuditEntry.subject == asked.subject)
    if asked.subject_id is not None:
        statement = statement.where(AuditEntry.subject_id == asked.subject_id)
    if asked.since:
        statement = statement.where(AuditEntry.at >= _midnight(work, asked.since))
    if asked.until:
        statement = statement.where(AuditEntry.at < _midnight(work, asked.until + timedelta(days=1)))
    return statement


def _midnight(work: Work, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(work.zone))


def _row(found: Any) -> AuditRow:
    entry: AuditEntry = found.AuditEntry
    return AuditRow(
        entry.position,
        entry.at,
        found.name or "",
        found.login or "",
        entry.action,
        entry.subject or "",
        entry.subject_id,
        entry.details,
        entry.operation_id or "",
        entry.erased_by,
        entry.hash,
    )
