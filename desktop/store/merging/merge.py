"""One record out of several: fields chosen, children moved, keys remembered, everything written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, select, update

from desktop.analytics.names import name_key
from desktop.models import Base
from desktop.models.base import as_json
from desktop.models.custom import CustomField, CustomValue
from desktop.models.merges import RecordAlias, RecordMerge
from desktop.models.people import Ownership
from desktop.store.merging.images import insert_row, references, rows_by_id, stored
from desktop.store.parts import in_parts
from desktop.store.workspace import Work

MERGED, SPLIT, PARTLY_SPLIT = "merged", "split", "partly_split"

NOT_CHOSEN = frozenset({"id", "version", "recorded_at", "changed_at", "row_key", "name_key", "raw_values"})
"""Columns that belong to a record and not to the customer."""

_LATEST = frozenset({"last_contact_at", "last_effective_at", "updated_at"})
_EARLIEST = frozenset({"created_at"})
_KEYS = ("source_system", "external_id")


@dataclass(slots=True)
class Merged:
    """What a merge did: its number, and how many rows of each table were moved."""

    id: int
    moved: Counter[str] = field(default_factory=Counter)


def merge(
    work: Work, entity: str, table: Table, survivor: int, others: Sequence[int], choices: Mapping[str, int]
) -> Merged:
    """Merge `others` into `survivor`; `choices` names the record from which a field is taken.

    A field that nobody chose keeps the survivor's value, or the first that is not blank; the last
    contact is the latest, the creation the earliest of all.
    """
    images = rows_by_id(work, table, [survivor, *others])
    before = images[survivor]
    after = _chosen(
        before, [images[other] for other in others], {name: images[of][name] for name, of in choices.items()}
    )
    record = RecordMerge(
        table_name=table.name,
        survivor_id=survivor,
        merged_ids=list(others),
        choices=dict(choices),
        images={},
        state=MERGED,
        at=work.now,
        by_id=work.actor.person_id,
        operation_id=work.operation_id,
    )
    work.session.add(record)
    work.session.flush()
    result = Merged(record.id)
    moved = _move_children(work, table, survivor, list(others), result.moved)
    beside, dropped = _move_beside(work, entity, survivor, list(others), result.moved)
    if "parent_id" in table.c and before["parent_id"] in others:
        work.session.execute(update(table).where(table.c.id == survivor).values(parent_id=None))
    _delete(work, table, list(others))
    changed = {name: value for name, value in after.items() if value != before[name]}
    if "parent_id" in table.c and after.get("parent_id") in {survivor, *others}:
        changed["parent_id"] = None
    values = {name: stored(table.c[name], value) for name, value in changed.items()}
    work.session.execute(
        update(table)
        .where(table.c.id == survivor)
        .values(**values, version=table.c.version + 1, changed_at=work.now)
    )
    record.images = {
        "rows": {str(other): images[other] for other in others},
        "before": {name: before[name] for name in changed},
        "after": changed,
        "version": before["version"],
        "moved": moved + beside,
        "dropped": dropped,
    }
    _remember_keys(work, table, record.id, survivor, [images[survivor], *(images[other] for other in others)])
    work.session.flush()
    return result


def _chosen(
    before: dict[str, Any], others: list[dict[str, Any]], chosen: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the survivor's columns as the merge leaves them."""
    after = dict(before)
    for name, value in before.items():
        if name in NOT_CHOSEN or name in _KEYS:
            continue
        values = [value, *(other[name] for other in others)]
        known = [one for one in values if one is not None]
        if name in chosen:
            after[name] = chosen[name]
        elif name in _LATEST:
            after[name] = max(known, default=None)
        elif name in _EARLIEST:
            after[name] = min(known, default=None)
        elif name == "tags":
            after[name] = list(dict.fromkeys(tag for one in known for tag in one)) or None
        else:
            after[name] = known[0] if known else None
    texts = [other["raw_values"] for other in reversed(others)] + [before["raw_values"]]
    after["raw_values"] = {name: text for one in texts if one for name, text in one.items()} or None
    if "name_key" in before:
        after["name_key"] = name_key(after["name"])
    if before["external_id"] is None:
        # Whoever has no record id of its own takes the first that another brings.
        keyed = next((other for other in others if other["external_id"] is not None), None)
        if keyed:
            after |= {name: keyed[name] for name in _KEYS}
    return after


def _move_children(
    work: Work, table: Table, survivor: int, others: list[int], counts: Counter[str]
) -> list[list[Any]]:
    """Point everything that refers to the others at the survivor; return (table, column, id, before, version)."""
    moved: list[list[Any]] = []
    for child, column in references(table):
        counted = "version" in child.c
        for part in in_parts(others):
            names = [child.c.id, child.c[column], *([child.c.version] if counted else [])]
            for row in work.session.execute(select(*names).where(child.c[column].in_(part))).all():
                if child is table and row[0] in {survivor, *others}:
                    continue
                moved.append([child.name, column, row[0], row[1], row[2] if counted else None])
                counts[child.name] += 1
            stamp = {"version": child.c.version + 1, "changed_at": work.now} if counted else {}
            target = update(child).where(child.c[column].in_(part))
            if child is table:
                target = target.where(child.c.id.not_in([survivor, *others]))
            work.session.execute(target.values(**{column: survivor}, **stamp))
    return moved


def _move_beside(
    work: Work, entity: str, survivor: int, others: list[int], counts: Counter[str]
) -> tuple[list[list[Any]], list[list[Any]]]:
    """Move what names its record by kind and number: ownership, custom fields, keys of earlier merges.

    A custom value that the survivor has as well is dropped; its row is returned to be kept.
    """
    moved: list[list[Any]] = []
    dropped: list[list[Any]] = []
    table = RecordMerge.metadata.tables
    owned, values, alias = (
        table[Ownership.__tablename__],
        table[CustomValue.__tablename__],
        table[RecordAlias.__tablename__],
    )
    for row in work.rows(
        select(owned.c.id, owned.c.record_id).where(owned.c.kind == entity, owned.c.record_id.in_(others))
    ):
        moved.append([owned.name, "record_id", row.id, row.record_id, None])
    fields = [row.id for row in work.rows(select(CustomField.id).where(CustomField.entity == entity))]
    of_entity = values.c.field_id.in_(fields)
    have = {
        row.field_id
        for row in work.rows(select(values.c.field_id).where(of_entity, values.c.record_id == survivor))
    }
    rows = select(values.c.id, values.c.field_id, values.c.record_id).where(
        of_entity, values.c.record_id.in_(others)
    )
    for row in work.rows(rows.order_by(values.c.id)):
        if row.field_id in have:
            dropped.append([values.name, rows_by_id(work, values, [row.id])[row.id]])
        else:
            have.add(row.field_id)
            moved.append([values.name, "record_id", row.id, row.record_id, None])
    entity_table = Base.metadata.tables[entity]
    known = select(alias.c.id, alias.c.record_id).where(
        alias.c.table_name == entity_table.name, alias.c.record_id.in_(others)
    )
    moved += [[alias.name, "record_id", row.id, row.record_id, None] for row in work.rows(known)]
    for name, _column, row_id, _before, _version in moved:
        counts[name] += 1
        work.session.execute(update(table[name]).where(table[name].c.id == row_id).values(record_id=survivor))
    for name, image in dropped:
        work.session.execute(table[name].delete().where(table[name].c.id == image["id"]))
    return moved, dropped


def _delete(work: Work, table: Table, ids: list[int]) -> None:
    for part in in_parts(ids):
        work.session.execute(table.delete().where(table.c.id.in_(part)))


def _remember_keys(
    work: Work, table: Table, merge_id: int, survivor: int, images: list[dict[str, Any]]
) -> None:
    alias = RecordMerge.metadata.tables[RecordAlias.__tablename__]
    for image in images:
        kept = {
            name: as_json(value)
            for name, value in image.items()
            if (name not in NOT_CHOSEN or name in ("raw_values", "name_key")) and value is not None
        }
        insert_row(
            work,
            alias,
            {
                "merge_id": merge_id,
                "table_name": table.name,
                "record_id": survivor,
                "origin_id": image["id"],
                "source_system": image["source_system"],
                "external_id": image["external_id"],
                "row_key": image["row_key"],
                "name_key": image.get("name_key"),
                "image": kept,
            },
        )
