"""Merges that were done, newest first (DUP-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from desktop.i18n import Locale
from desktop.models import Base
from desktop.models.merges import RecordMerge
from desktop.models.people import Person
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge that was done: what stayed, what went, who did it when, and whether it was split again."""

    number: int
    entity: str
    survivor: int
    name: str | None
    merged: tuple[int, ...]
    names: tuple[str, ...]
    state: str
    at: datetime
    by: str

    def to_json(self) -> dict[str, Any]:
        """Return the line of `duplicates --merges`."""
        return {
            "merge": self.number,
            "entity": self.entity,
            "survivor": self.survivor,
            "merged": list(self.merged),
            "state": self.state,
            "at": self.at,
            "by": self.by,
        }

    def text(self, locale: Locale) -> str:
        """Return the line that a person reads."""
        names = ", ".join(self.names)
        return f"{self.number}  {locale.instant(self.at)}  {self.by}  {self.state}: {names} → {self.name or self.survivor}"


def merge_list(work: Work, limit: int = 500) -> list[MergeLine]:
    """Return what was merged, newest first."""
    rows = work.rows(
        select(RecordMerge, Person.name)
        .join(Person, Person.id == RecordMerge.by_id)
        .order_by(RecordMerge.id.desc())
        .limit(limit)
    )
    names: dict[tuple[str, int], str] = {}
    for table in {row[0].table_name for row in rows}:
        ids = [row[0].survivor_id for row in rows if row[0].table_name == table]
        named = Base.metadata.tables[table]
        for found in work.rows(select(named.c.id, named.c.name).where(named.c.id.in_(ids))):
            names[table, found.id] = found.name
    return [
        MergeLine(
            number=merge.id,
            entity=merge.table_name,
            survivor=merge.survivor_id,
            name=names.get((merge.table_name, merge.survivor_id)),
            merged=tuple(merge.merged_ids),
            names=tuple(image["name"] for image in merge.images["rows"].values()),
            state=merge.state,
            at=merge.at,
            by=person,
        )
        for merge, person in rows
    ]
