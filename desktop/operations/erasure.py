"""Erasing one person on request, and telling them what is stored (PER-08; security 64).

Erasing takes the person out of their own records and out of every other place; the records stay, so that
figures still add up. What is approved stays: frozen figures and the workbooks that went out are evidence that
others rely on, and are named with that reason.
"""

from __future__ import annotations

import base64
import io
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Table, delete, select, update

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.models import Base
from desktop.models.coaching import CoachingNote
from desktop.models.custom import CustomField, CustomValue
from desktop.models.imports import ImportEvidence, Lineage
from desktop.models.merges import ApartDecision, RecordAlias
from desktop.models.people import Person
from desktop.queries.evidence import evidence_of
from desktop.queries.person_data import (
    PERSONAL,
    REACHED_BY,
    PersonData,
    Subject,
    found_rows,
    person_data,
    swept_tables,
    text_columns,
)
from desktop.store.access.clockwork import ERASED
from desktop.store.audit_erase import erase_details
from desktop.store.workspace import Work
from desktop.terms import PersonStatus

KEPT_WHY = N_(
    "Approved figures and the files that went out stay as they are: they are evidence, and others rely on them."
)
_UNIQUE = frozenset({"external_id", "login", "dedup_key", "row_key"})


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and what was kept: counts by table, audit entries, and the entry that records it."""

    subjects: tuple[tuple[str, int], ...]
    cells: dict[str, int]
    entries: int
    kept_snapshots: tuple[int, ...]
    position: int

    @property
    def total(self) -> int:
        """How many rows were changed."""
        return sum(self.cells.values())


def erase_person(work: Work, key: str) -> Erasure:
    """Erase the person whom a record, a phone or a mail names; run it under `rehearse` to see what it would do.

    Raises NotFound, NotAllowed (administrators only), or InvalidInput for somebody who still works here.
    """
    found = person_data(work, key)
    _require_gone(work, found.subjects)
    counts: dict[str, int] = {}
    for subject in found.subjects:
        _count(counts, subject.kind, _erase_record(work, subject))
        _count(counts, "import_lineage", _erase_lineage(work, subject))
        _count(counts, "custom_value", _erase_custom(work, subject))
        _count(counts, "record_alias", _erase_aliases(work, subject))
        _count(counts, "apart_decision", _erase_decisions(work, subject))
        _count(counts, "coaching_note", _erase_coaching(work, subject))
    for table in swept_tables():
        work.control.check()
        _count(counts, table.name, _sweep(work, table, found.reach, found.names))
    _count(counts, "import_evidence", _erase_evidence(work, found))
    work.session.expire_all()
    first = found.subjects[0]
    said = {
        "records": [f"{subject.kind}:{subject.id}" for subject in found.subjects],
        "rows": counts,
        "kept_snapshots": list(found.snapshots),
    }
    position = erase_details(work, found.entries, first.kind, first.id, said)
    records = tuple((subject.kind, subject.id) for subject in found.subjects)
    return Erasure(records, counts, len(found.entries), found.snapshots, position)


def _require_gone(work: Work, subjects: tuple[Subject, ...]) -> None:
    for subject in subjects:
        if subject.kind == "person":
            person = work.session.get_one(Person, subject.id)
            if person.can_sign_in or person.status != PersonStatus.LEFT:
                raise InvalidInput(
                    "person_still_here",
                    N_("{name} still works here; only somebody who left is erased."),
                    remedy=N_("Close the login and hand over first."),
                    name=person.name,
                )


def _count(counts: dict[str, int], table: str, rows: int) -> None:
    if rows:
        counts[table] = counts.get(table, 0) + rows


def _erase_record(work: Work, subject: Subject) -> int:
    table = Base.metadata.tables[subject.kind]
    values: dict[str, Any] = dict.fromkeys(PERSONAL[subject.kind])
    values["name"] = values["name_key"] = f"{ERASED} {subject.kind} {subject.id}"
    values["version"] = table.c.version + 1
    values["changed_at"] = work.now
    work.session.execute(update(table).where(table.c.id == subject.id).values(values))
    return 1


def _erase_lineage(work: Work, subject: Subject) -> int:
    """Before-images of the record: undoing an import must not bring the person back."""
    lines = work.rows(
        select(Lineage.id, Lineage.before, Lineage.after).where(
            Lineage.table_name == subject.kind, Lineage.record_id == subject.id
        )
    )
    changed = 0
    for line in lines:
        images = {"before": _blank(line.before, subject.kind), "after": _blank(line.after, subject.kind)}
        if images != {"before": line.before, "after": line.after}:
            work.session.execute(update(Lineage).where(Lineage.id == line.id).values(images))
            changed += 1
    return changed


def _blank(image: Any, kind: str) -> Any:
    if not isinstance(image, dict):
        return image
    return {name: None if name in PERSONAL[kind] else value for name, value in image.items()}


def _erase_custom(work: Work, subject: Subject) -> int:
    fields = select(CustomField.id).where(CustomField.entity == subject.kind)
    mine = (CustomValue.record_id == subject.id, CustomValue.field_id.in_(fields))
    return _rowcount(work, delete(CustomValue).where(*mine))


def _erase_aliases(work: Work, subject: Subject) -> int:
    mine = (RecordAlias.table_name == subject.kind, RecordAlias.record_id == subject.id)
    return _rowcount(work, update(RecordAlias).where(*mine).values(name_key=None, image={}))


def _erase_decisions(work: Work, subject: Subject) -> int:
    """A decision keeps a hash of what it was about, which a guess could be held to."""
    one = (ApartDecision.one_id == subject.id) | (ApartDecision.other_id == subject.id)
    return _rowcount(work, delete(ApartDecision).where(ApartDecision.table_name == subject.kind, one))


def _erase_coaching(work: Work, subject: Subject) -> int:
    """What somebody was told to coach them is about them, whether it names them or not."""
    if subject.kind != "person":
        return 0
    return _rowcount(work, delete(CoachingNote).where(CoachingNote.person_id == subject.id))


def _rowcount(work: Work, statement: Any) -> int:
    done: Any = work.session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)


def _sweep(work: Work, table: Table, reach: Collection[str], names: Collection[str]) -> int:
    changed = 0
    for row in found_rows(work, table, reach, names):
        values: dict[str, Any] = {}
        for column in text_columns(table):
            before = getattr(row, column.name)
            prose = column.name not in ("name", "name_key")
            after = _without(before, (*reach, *names) if prose else reach)
            if after == before:
                continue
            if column.name in REACHED_BY and column.nullable:
                after = None
            elif column.name in _UNIQUE:
                after = f"erased-{secrets.token_hex(8)}"
            elif isinstance(after, str) and not isinstance(column.type, JSON):
                after = after[: getattr(column.type, "length", None) or None]
            values[column.name] = after
        if values:
            if "version" in table.c and "changed_at" in table.c:
                values |= {"version": table.c.version + 1, "changed_at": work.now}
            work.session.execute(update(table).where(table.c.id == row.id).values(values))
            changed += 1
    return changed


def _without(value: Any, words: Collection[str]) -> Any:
    """Return a text, or all texts of a JSON value, without the words."""
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, ERASED)
        return value
    if isinstance(value, list):
        return [_without(one, words) for one in value]
    if isinstance(value, dict):
        return {_without(name, words): _without(one, words) for name, one in value.items()}
    return value


def _erase_evidence(work: Work, found: PersonData) -> int:
    import polars as pl

    words = (*found.reach, *found.names)
    for number in found.evidence:
        row = work.session.get_one(ImportEvidence, number)
        cells = evidence_of(row.document).cells
        cells = cells.with_columns(
            pl.Series(
                "value", [_without(value, words) for value in cells["value"].to_list()], dtype=pl.String
            )
        )
        stream = io.BytesIO()
        cells.write_parquet(stream, compression="zstd")
        row.document = {**row.document, "cells": base64.b64encode(stream.getvalue()).decode()}
    work.session.flush()
    return len(found.evidence)
