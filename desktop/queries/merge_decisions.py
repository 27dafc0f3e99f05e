"""Decisions about duplicates, told by the keys of the records: they hold in another database too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, select

from desktop.importers.recipe import MergeDecision
from desktop.models import Base
from desktop.models.merges import ApartDecision, RecordMerge
from desktop.queries.duplicates import ENTITIES
from desktop.store.workspace import Work

_KEYS = ("source_system", "external_id", "credit_code", "mobile", "email", "name")


def merge_decisions(work: Work) -> list[MergeDecision]:
    """Return the merges that still stand and the pairs that were declared different, the oldest first."""
    entities = {table: entity for entity, table in ENTITIES.items()}
    found = []
    merges = select(RecordMerge).where(RecordMerge.split_at.is_(None)).order_by(RecordMerge.id)
    for merge in work.session.scalars(merges):
        table = Base.metadata.tables[merge.table_name]
        ids = [merge.survivor_id, *merge.merged_ids]
        images: dict[int, Mapping[str, Any]] = {
            int(one): row for one, row in merge.images.get("rows", {}).items()
        }
        images[merge.survivor_id] = _row(work, table, merge.survivor_id)
        records = tuple(_told(images[one]) for one in ids if images.get(one))
        kept = {str(name): ids.index(int(one)) for name, one in merge.choices.items() if int(one) in ids}
        if len(records) == len(ids):
            found.append(MergeDecision(entities[merge.table_name], "merge", records, kept))
    for apart in work.session.scalars(select(ApartDecision).order_by(ApartDecision.id)):
        table = Base.metadata.tables[apart.table_name]
        both = [_row(work, table, one) for one in (apart.one_id, apart.other_id)]
        if all(both):
            told = tuple(_told(one) for one in both)
            found.append(MergeDecision(entities[apart.table_name], "apart", told))
    return found


def find_record(work: Work, entity: str, keys: Mapping[str, str]) -> int | None:
    """Return the one record that keys of another database mean, None if there is none or more than one."""
    table = Base.metadata.tables[ENTITIES[entity]]
    for names in (("source_system", "external_id"), ("credit_code",), ("name", "mobile"), ("name",)):
        if any(name not in keys or name not in table.c for name in names):
            continue
        statement = select(table.c.id).where(*(table.c[name] == keys[name] for name in names)).limit(2)
        ids = [row.id for row in work.rows(statement)]
        if len(ids) == 1:
            return int(ids[0])
    return None


def _row(work: Work, table: Table, record: int) -> Mapping[str, Any]:
    row = work.session.execute(select(table).where(table.c.id == record)).mappings().first()
    return dict(row) if row else {}


def _told(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(row[name]) for name in _KEYS if row.get(name)}
