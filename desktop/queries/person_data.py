"""Everything that is stored about one person: their records, and every place that mentions them (PER-08).

A person is found by record ("contact:12"), by phone or by mail. What reaches them (phone, mobile, mail, WeChat)
is looked for in every column of every table, also within JSON; their name in texts, and only if nobody else
here has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, String, Table, Text, cast, func, or_, select

from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.models import Base
from desktop.models.audit import AuditEntry
from desktop.models.base import as_json
from desktop.models.coaching import CoachingNote
from desktop.models.imports import ImportEvidence
from desktop.models.merges import RecordAlias, RecordMerge
from desktop.models.reports import Snapshot
from desktop.queries.audit import REVEALED
from desktop.queries.evidence import evidence_of
from desktop.store.audit_check import ERASURE
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import Role

REACHED_BY = ("mobile", "phone", "fax", "email", "wechat")
NAMES = ("name", "contact_name")
PERSONAL: dict[str, tuple[str, ...]] = {
    "contact": (
        *("name", "name_key", "first_name", "last_name", "salutation", "gender", "title", "department"),
        *(
            "mobile",
            "phone",
            "email",
            "wechat",
            "birthday",
            "address",
            "postal_code",
            "description",
            "raw_values",
        ),
    ),
    "lead": (
        *("name", "name_key", "contact_name", "first_name", "last_name", "title", "decision_rank", "mobile"),
        *("phone", "email", "address", "description", "raw_values"),
    ),
    "person": ("login", "name", "name_key", "email", "mobile", "title", "raw_values"),
}
"""The columns that say something about the person, by kind of record."""
NOT_SWEPT = frozenset(
    {
        *("audit_entry", "snapshot", "report_file", "seal_key", "report", "operation"),
        *("approval_request", "approval_task", "approval_flow", "approval_level"),
    }
)
"""Tables with rules of their own: the audit trail, approvals, and approved figures with the files that went out."""
_ENOUGH = 6
"""Shorter numbers are too common to be looked for in texts."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One record of the person: contact, lead, or person of the firm."""

    kind: str
    id: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mention:
    """One cell elsewhere that holds something of the person."""

    table: str
    id: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonData:
    """What is stored about a person; `needles` are the words by which other places are found.

    `entries` are positions in the audit trail, `snapshots` the ids of frozen reports that name the person.
    """

    subjects: tuple[Subject, ...]
    reach: tuple[str, ...]
    names: tuple[str, ...]
    mentions: tuple[Mention, ...]
    entries: tuple[int, ...]
    snapshots: tuple[int, ...]
    evidence: tuple[int, ...]


def person_data(work: Work, key: str) -> PersonData:
    """Return everything about the person whom a record, a phone or a mail names; raise NotFound or NotAllowed."""
    require_role(work, Role.ADMIN)
    subjects = _subjects(work, key)
    images = list(_images(work, subjects))
    reach = _needles(subjects, images, REACHED_BY)
    names = tuple(name for name in _needles(subjects, images, NAMES) if _alone(work, name, subjects))
    own = {(subject.kind, subject.id) for subject in subjects}
    mentions: list[Mention] = []
    for table in swept_tables():
        work.control.check()
        for row in found_rows(work, table, reach, names):
            if (table.name, row.id) not in own:
                mentions += _told(table, row, reach, names)
    mentions += _coached(work, subjects, mentions)
    return PersonData(
        subjects,
        reach,
        names,
        tuple(mentions),
        tuple(_entries(work, subjects, reach, names)),
        tuple(_snapshots(work, reach, names)),
        tuple(_evidence(work, reach, names)),
    )


def swept_tables() -> Iterator[Table]:
    """Yield the tables in which a person is looked for."""
    for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
        if table.name not in NOT_SWEPT and "id" in table.c:
            yield table


def text_columns(table: Table) -> list[Column[Any]]:
    """Return the columns that hold text or JSON."""
    return [column for column in table.c if isinstance(column.type, String | JSON)]


def found_rows(work: Work, table: Table, reach: Collection[str], names: Collection[str]) -> list[Any]:
    """Return the rows of a table that hold one of the words."""
    conditions = [
        _holds(work, column, word)
        for column in text_columns(table)
        for word in (*reach, *(names if _holds_prose(column) else ()))
    ]
    if not conditions:
        return []
    return work.rows(select(table.c.id, *text_columns(table)).where(or_(*conditions)))


def _holds_prose(column: Column[Any]) -> bool:
    """Whether a name is looked for here: in texts and JSON, not in the names of companies and deals."""
    return isinstance(column.type, Text | JSON) or (column.table.name, column.name) == ("task", "title")


def _holds(work: Work, column: Any, word: str) -> ColumnElement[bool]:
    """Whether a column holds a word; JSON is stored with everything but ASCII escaped."""
    place = func.instr if work.is_sqlite else func.strpos
    if isinstance(column.type, JSON):
        stored = cast(column, Text)
        return or_(place(stored, word) > 0, place(stored, json.dumps(word)[1:-1]) > 0)
    return place(column, word) > 0


def _subjects(work: Work, key: str) -> tuple[Subject, ...]:
    match = re.fullmatch(r"(contact|lead|person):(\d{1,18})", key.strip())
    wanted = {match[1]: int(match[2])} if match else {}
    spellings = _spellings(key.strip())
    found = []
    for kind, columns in PERSONAL.items():
        table = Base.metadata.tables[kind]
        if match:
            condition = table.c.id == wanted.get(kind, 0)
        else:
            condition = or_(*(table.c[name].in_(spellings) for name in columns if name in REACHED_BY))
        for row in work.rows(select(table.c.id, *(table.c[name] for name in columns)).where(condition)):
            values = {name: as_json(getattr(row, name)) for name in columns}
            found.append(Subject(kind, row.id, {name: value for name, value in values.items() if value}))
    if not found:
        raise NotFound(
            "person_data_none",
            N_("No contact, lead or person is found by “{key}”."),
            remedy=N_("Give contact:12, lead:12, person:12, a phone or an e-mail address."),
            key=key,
        )
    return tuple(found)


def _spellings(key: str) -> list[str]:
    digits = re.sub(r"[\s()-]", "", key)
    bare = digits.removeprefix("+86")
    return list(dict.fromkeys([key, key.lower(), digits, bare, f"+86{bare}"]))


def _images(work: Work, subjects: tuple[Subject, ...]) -> Iterator[Any]:
    """Yield what is kept of records that were merged into these: they are the same person."""
    for subject in subjects:
        mine = (RecordMerge.table_name == subject.kind, RecordMerge.survivor_id == subject.id)
        yield from (row.images for row in work.rows(select(RecordMerge.images).where(*mine)))
        mine = (RecordAlias.table_name == subject.kind, RecordAlias.record_id == subject.id)
        yield from (row.image for row in work.rows(select(RecordAlias.image).where(*mine)))


def _needles(subjects: tuple[Subject, ...], images: list[Any], fields: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for subject in subjects:
        found += [str(subject.values[name]) for name in fields if subject.values.get(name)]
    for image in images:
        found += [value for name, value in _pairs(image) if name in fields]
    if fields is REACHED_BY:
        found += [value.removeprefix("+86") for value in found]
    enough = _ENOUGH if fields is REACHED_BY else 2
    return tuple(sorted({word for word in found if len(word) >= enough}, key=lambda word: (-len(word), word)))


def _pairs(image: Any) -> Iterator[tuple[str, str]]:
    if isinstance(image, dict):
        for name, value in image.items():
            if isinstance(value, str):
                yield str(name), value
            else:
                yield from _pairs(value)
    elif isinstance(image, list):
        for one in image:
            yield from _pairs(one)


def _alone(work: Work, name: str, subjects: tuple[Subject, ...]) -> bool:
    """Whether nobody else here has this name: what is said of a namesake must not be erased."""
    for kind in PERSONAL:
        table = Base.metadata.tables[kind]
        mine = [subject.id for subject in subjects if subject.kind == kind]
        other = select(table.c.id).where(table.c.name == name, table.c.id.not_in(mine)).limit(1)
        if work.rows(other):
            return False
    return True


def _told(table: Table, row: Any, reach: Collection[str], names: Collection[str]) -> Iterator[Mention]:
    for column in text_columns(table):
        value = getattr(row, column.name)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        words = (*reach, *(names if _holds_prose(column) else ()))
        if value is not None and any(word in text for word in words):
            yield Mention(table.name, row.id, column.name, text[:2_000])


def _coached(work: Work, subjects: tuple[Subject, ...], told: Collection[Mention]) -> list[Mention]:
    """Return the coaching notes about a person of the firm that do not name them."""
    people = [subject.id for subject in subjects if subject.kind == "person"]
    known = {one.id for one in told if one.table == "coaching_note"}
    rows = work.rows(select(CoachingNote.id, CoachingNote.note).where(CoachingNote.person_id.in_(people)))
    return [Mention("coaching_note", row.id, "note", row.note[:2_000]) for row in rows if row.id not in known]


def _entries(
    work: Work, subjects: tuple[Subject, ...], reach: Collection[str], names: Collection[str]
) -> Iterator[int]:
    """Yield the audit entries whose details name the person, or are about one of their records."""
    about = [(AuditEntry.subject == s.kind) & (AuditEntry.subject_id == s.id) for s in subjects]
    named = [_holds(work, AuditEntry.__table__.c.details, word) for word in (*reach, *names)]
    statement = select(AuditEntry.position).where(
        AuditEntry.details.is_not(None),
        AuditEntry.action.not_in([ERASURE, REVEALED]),
        or_(*about, *named),
    )
    yield from (row.position for row in work.rows(statement.order_by(AuditEntry.position)))


def _snapshots(work: Work, reach: Collection[str], names: Collection[str]) -> Iterator[int]:
    column = Snapshot.__table__.c.document
    words = [_holds(work, column, word) for word in (*reach, *names)]
    yield from (row.id for row in work.rows(select(Snapshot.id).where(or_(*words)).order_by(Snapshot.id)))


def _evidence(work: Work, reach: Collection[str], names: Collection[str]) -> Iterator[int]:
    """Yield the kept evidence of imports whose packed cells name the person."""
    words = [*reach, *names]
    for row in work.rows(select(ImportEvidence.id, ImportEvidence.document)):
        cells = evidence_of(row.document).cells
        if any(any(word in value for word in words) for value in cells["value"].to_list() if value):
            yield row.id
