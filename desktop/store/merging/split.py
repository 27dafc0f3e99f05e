"""Splitting a merge: the records that went come back, and what was theirs with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, select, update

from desktop.models import Base
from desktop.models.base import as_json
from desktop.models.imports import Lineage
from desktop.models.merges import RecordAlias, RecordMerge
from desktop.store.merging.images import insert_row, rows_by_id, stored
from desktop.store.merging.merge import PARTLY_SPLIT, SPLIT
from desktop.store.parts import in_parts
from desktop.store.workspace import Work


@dataclass(frozen=True, slots=True)
class NotSplit:
    """What stayed as it is: a cell (`column`) of the survivor that was edited, or a row moved or gone since."""

    table: str
    record_id: int
    column: str = ""
    gone: bool = False


@dataclass(slots=True)
class Split:
    """What a split did."""

    restored: list[int] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)
    kept: list[NotSplit] = field(default_factory=list)


def split(work: Work, record: RecordMerge) -> Split:
    """Split a merge whose survivor still stands."""
    table = Base.metadata.tables[record.table_name]
    result = Split()
    parent = _restore_survivor(work, table, record, result)
    images = record.images["rows"].values()
    parents = {image["id"]: image["parent_id"] for image in images if image.get("parent_id")}
    for image in images:
        bare = {**image, "parent_id": None} if image["id"] in parents else image
        insert_row(work, table, _with_living_references(work, table, bare, result))
        result.restored.append(image["id"])
    for child, above in (parents | parent).items():
        _set_parent(work, table, child, above, result)
    for name, image in record.images["dropped"]:
        insert_row(work, Base.metadata.tables[name], image)
    _move_back(work, record, result)
    alias = RecordAlias.__table__
    work.session.execute(alias.delete().where(alias.c.merge_id == record.id))  # type: ignore[attr-defined]
    record.state = PARTLY_SPLIT if result.kept else SPLIT
    record.split_at, record.split_by_id = work.now, work.actor.person_id
    work.session.flush()
    return result


def _restore_survivor(work: Work, table: Table, record: RecordMerge, result: Split) -> dict[int, int]:
    """Give the survivor its own cells back, unless somebody edited them since.

    Its parent is returned instead, to be set when all records stand again.
    """
    now = rows_by_id(work, table, [record.survivor_id])[record.survivor_id]
    before, after = record.images["before"], record.images["after"]
    free = {name for name in before if now[name] == after[name]}
    for name in sorted(set(before) - free - {"name_key", "last_effective_at"}):
        result.kept.append(NotSplit(table.name, record.survivor_id, name))
    values = {name: stored(table.c[name], before[name]) for name in free if name != "parent_id"}
    work.session.execute(
        update(table)
        .where(table.c.id == record.survivor_id)
        .values(**values, version=table.c.version + 1, changed_at=work.now)
    )
    if now["version"] == record.images["version"] + 1:
        _let_imports_follow(work, table.name, {record.survivor_id: record.images["version"]})
    return {record.survivor_id: before["parent_id"]} if "parent_id" in free and before["parent_id"] else {}


def _set_parent(work: Work, table: Table, child: int, above: int, result: Split) -> None:
    if work.session.execute(select(table.c.id).where(table.c.id == above)).first() is None:
        result.kept.append(NotSplit(table.name, child, "parent_id", gone=True))
        return
    work.session.execute(update(table).where(table.c.id == child).values(parent_id=above))


def _let_imports_follow(work: Work, table: str, versions: dict[int, int]) -> None:
    """Records stand again as imports left them, two versions on: their undo must not take that for an edit."""
    lines = Lineage.__table__
    for part in in_parts(sorted(versions)):
        work.session.execute(
            update(lines)  # type: ignore[arg-type]
            .where(
                lines.c.table_name == table,
                lines.c.record_id.in_(part),
                lines.c.undone.is_(False),
                lines.c.action != "unchanged",
            )
            .values(version=lines.c.version + 2)
        )


def _with_living_references(work: Work, table: Table, image: dict[str, Any], result: Split) -> dict[str, Any]:
    """Return an image without references to records that are gone meanwhile."""
    found = dict(image)
    for column in table.c:
        target = next((key.column.table for key in column.foreign_keys), None)
        value = found.get(column.name)
        if target is None or value is None or value == found["id"]:
            continue
        if work.session.execute(select(target.c.id).where(target.c.id == value)).first() is None:
            found[column.name] = None
            result.kept.append(NotSplit(table.name, image["id"], column.name, gone=True))
    return found


def _move_back(work: Work, record: RecordMerge, result: Split) -> None:
    groups: dict[tuple[str, str], list[list[Any]]] = {}
    for line in record.images["moved"]:
        groups.setdefault((line[0], line[1]), []).append(line)
    for (name, column), lines in groups.items():
        child = Base.metadata.tables[name]
        now = rows_by_id(work, child, [line[2] for line in lines])
        untouched: dict[int, int] = {}
        for _name, _column, row_id, before, version in lines:
            row = now.get(row_id)
            if row is None or row[column] != as_json(record.survivor_id):
                result.kept.append(NotSplit(name, row_id, column, gone=row is None))
                continue
            stamp = {"version": child.c.version + 1, "changed_at": work.now} if version is not None else {}
            work.session.execute(
                update(child).where(child.c.id == row_id).values(**{column: before}, **stamp)
            )
            result.moved[name] += 1
            if version is not None and row["version"] == version + 1:
                untouched[row_id] = version
        _let_imports_follow(work, name, untouched)
