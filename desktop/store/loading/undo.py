"""Taking an import run back: created records deleted, changed ones restored from their before-images.

What was edited since is kept, what other records now refer to is blocked, and both are said (IMP-10).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import JSON, Connection, Date, Table, select, update

from desktop.models import Base
from desktop.models.base import Instant
from desktop.models.imports import Lineage
from desktop.store.loading import bulk
from desktop.store.loading.after import rebuild_closure, refresh_last_effective
from desktop.store.loading.keys import with_name_key
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work

_ORDER = [
    "stage_event",
    *reversed([spec.table_name for spec in SPECS.values()]),
    "stage",
    "pipeline",
]
"""Whatever refers to something goes before it."""

_DEPENDENT = {"stage_event": "opportunity_id", "org_closure": "descendant_id"}
"""Rows that have no life of their own: they go with what they describe."""


@dataclass(frozen=True, slots=True)
class Left:
    """A record that was not taken back: changed since (`version` moved on), or referred to by `by`."""

    table: str
    record_id: int
    by: str = ""
    by_id: int | None = None


@dataclass(slots=True)
class Undone:
    """What taking back did: records reversed, kept because they were edited, blocked by others."""

    reversed: int = 0
    kept: list[Left] = field(default_factory=list)
    blocked: list[Left] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """One source row: file, sheet (None for text files) and row number."""

    file: str
    sheet: str | None
    row: int


def take_back(
    work: Work, run_id: int, operation_id: str | None, places: Collection[Place] | None = None
) -> Undone:
    """Undo a run (or the records that came from some of its rows) as far as nothing stands against it."""
    with bulk.roomy(work.connection):
        return _Undo(work, run_id, operation_id, places).run()


class _Undo:
    def __init__(
        self, work: Work, run_id: int, operation_id: str | None, places: Collection[Place] | None
    ) -> None:
        self.work = work
        self.connection: Connection = work.connection
        self.run_id = run_id
        self.operation_id = operation_id
        self.places = None if places is None else {(p.file, p.sheet, p.row) for p in places}
        self.result = Undone()
        self.accounts: set[int] = set()
        self.reversed_lines: list[int] = []

    def run(self) -> Undone:
        lines = self._lines()
        by_table = {name: [line for line in lines if _is_own(line, name)] for name in _ORDER}
        for done, (name, own) in enumerate(by_table.items()):
            self.work.control.report(done, len(by_table), name)
            self._restore(name, [line for line in own if line.action == "updated"])
        for name, own in by_table.items():
            self._delete(name, [line for line in own if line.action == "created"])
        self._remove_lone_events()
        rebuild_closure(self.connection)
        refresh_last_effective(self.connection, self.accounts)
        self._mark()
        return self.result

    def _lines(self) -> list[Any]:
        lines = self.work.rows(
            select(
                Lineage.id,
                Lineage.table_name,
                Lineage.record_id,
                Lineage.action,
                Lineage.before,
                Lineage.version,
                Lineage.file,
                Lineage.sheet,
                Lineage.row,
            )
            .where(Lineage.run_id == self.run_id, Lineage.undone.is_(False), Lineage.action != "unchanged")
            .order_by(Lineage.id)
        )
        if self.places is None:
            return lines
        return [line for line in lines if (line.file, line.sheet, line.row) in self.places]

    def _versions(self, table: Table, ids: list[int]) -> dict[int, int]:
        if "version" not in table.c:
            found = bulk.fetch(self.connection, table, ["id"], ids)
            return dict.fromkeys(found["id"].to_list(), 1)
        return dict(bulk.fetch(self.connection, table, ["id", "version"], ids).iter_rows())

    def _restore(self, name: str, lines: list[Any]) -> None:
        if not lines:
            return
        table = Base.metadata.tables[name]
        versions = self._versions(table, [line.record_id for line in lines])
        ready = []
        for line in lines:
            if versions.get(line.record_id) == line.version:
                ready.append(line)
            else:
                self.result.kept.append(Left(name, line.record_id))
        for columns, group in _by_columns(ready).items():
            self._write_back(table, columns, group)
        self._forget_histories(name, [line.record_id for line in ready])
        self._let_earlier_runs_follow(name, ready)
        self._note_reversed(name, ready)

    def _write_back(self, table: Table, columns: tuple[str, ...], lines: list[Any]) -> None:
        if table.name == "activity":
            self._remember_accounts([line.record_id for line in lines])
        data: dict[str, Any] = {"id": [line.record_id for line in lines]}
        for column in columns:
            values = [_stored_value(table, column, line.before[column]) for line in lines]
            data[column] = pl.Series(column, values, dtype=bulk.frame_type(table.c[column]))
        frame = pl.DataFrame(data, schema_overrides={"id": pl.Int64}).with_columns(
            pl.Series("version", [line.version + 1 for line in lines], dtype=pl.Int64),
            pl.lit(self.work.now).alias("changed_at"),
        )
        if "name" in columns and "name_key" in table.c:
            frame = with_name_key(frame)
        bulk.update(self.connection, table, frame)
        if table.name == "activity":
            self._remember_accounts([line.record_id for line in lines])

    def _let_earlier_runs_follow(self, name: str, lines: list[Any]) -> None:
        """The record is again as an earlier run left it, two versions on: that run may be undone in turn.

        The runs before that one follow too, so that their versions stay one apart from each other's;
        where somebody edited in between, they are not.
        """
        ours = {line.record_id: line.version for line in lines}
        earlier = self.work.rows(
            select(Lineage.id, Lineage.record_id, Lineage.version)
            .where(
                Lineage.table_name == name,
                Lineage.run_id != self.run_id,
                Lineage.undone.is_(False),
                Lineage.action != "unchanged",
            )
            .order_by(Lineage.version.desc())
        )
        moved = []
        for one in earlier:
            if ours.get(one.record_id) == one.version + 1:
                moved.append((one.id, one.version + 2))
                ours[one.record_id] = one.version
        if moved:
            bulk.update(
                self.connection,
                Base.metadata.tables["import_lineage"],
                pl.DataFrame(moved, schema={"id": pl.Int64, "version": pl.Int64}, orient="row"),
            )

    def _delete(self, name: str, lines: list[Any]) -> None:
        if not lines:
            return
        table = Base.metadata.tables[name]
        versions = self._versions(table, [line.record_id for line in lines])
        ready = {}
        for line in lines:
            if line.record_id not in versions:
                self.reversed_lines.append(line.id)  # somebody deleted it already: nothing is left to undo
            elif versions[line.record_id] == line.version:
                ready[line.record_id] = line
            else:
                self.result.kept.append(Left(name, line.record_id))
        for record_id, (by, by_id) in self._referred(table, set(ready)).items():
            self.result.blocked.append(Left(name, record_id, by, by_id))
            del ready[record_id]
        ids = list(ready)
        if name == "activity":
            self._remember_accounts(ids)
        self._forget_histories(name, ids)
        for dependent, column in _DEPENDENT.items():
            child = Base.metadata.tables[dependent]
            if any(key.column.table is table for key in child.c[column].foreign_keys):
                bulk.delete(self.connection, child, ids, column)
        if name == "org_unit":
            bulk.delete(self.connection, Base.metadata.tables["org_closure"], ids, "ancestor_id")
        bulk.delete(self.connection, table, ids)
        self._note_reversed(name, list(ready.values()))

    def _referred(self, table: Table, ids: set[int]) -> dict[int, tuple[str, int | None]]:
        """Return which of the records others refer to, and one of those others."""
        found: dict[int, tuple[str, int | None]] = {}
        keys = [
            (other, column)
            for other in Base.metadata.tables.values()
            for column in other.c
            if any(key.column.table is table for key in column.foreign_keys)
            and not (other.name in _DEPENDENT and other is not table)
        ]
        for other, column in keys:
            hit = bulk.distinct(self.connection, other, column.name) & ids
            if not hit:
                continue
            names = ["id", column.name] if "id" in other.c else [column.name]
            rows = bulk.fetch(self.connection, other, names)
            for row in rows.filter(pl.col(column.name).is_in(list(hit))).iter_rows(named=True):
                record_id, by_id = row[column.name], row.get("id")
                if other is not table or by_id not in ids:
                    found.setdefault(record_id, (other.name, by_id))
        return self._spread(table, ids, found)

    def _spread(
        self, table: Table, ids: set[int], found: dict[int, tuple[str, int | None]]
    ) -> dict[int, tuple[str, int | None]]:
        """What a blocked record of the same table refers to (its parent) is blocked as well."""
        own = [c.name for c in table.c if any(key.column.table is table for key in c.foreign_keys)]
        if not own or not found:
            return found
        parents = bulk.fetch(self.connection, table, ["id", *own], ids)
        pending = set(found)
        while pending:
            above: set[int] = set()
            for name in own:
                for child, parent in parents.select("id", name).drop_nulls().iter_rows():
                    if child in pending and parent in ids and parent not in found:
                        found[parent] = (table.name, child)
                        above.add(parent)
            pending = above
        return found

    def _forget_histories(self, name: str, ids: list[int]) -> None:
        """Remove the ownership rows and stage events that the run wrote for these records."""
        if not ids or self.operation_id is None:
            return
        wanted = set(ids)
        owned = next((s.owned for s in SPECS.values() if s.table_name == name and s.owned), None)
        if owned:
            table = Base.metadata.tables["ownership"]
            rows = self.work.rows(
                select(table.c.id, table.c.record_id).where(
                    table.c.operation_id == self.operation_id, table.c.kind == str(owned)
                )
            )
            bulk.delete(self.connection, table, [row.id for row in rows if row.record_id in wanted])
        if name == "opportunity":
            table = Base.metadata.tables["stage_event"]
            mine = self.work.rows(
                select(Lineage.id, Lineage.record_id).where(
                    Lineage.run_id == self.run_id,
                    Lineage.table_name == "stage_event",
                    Lineage.undone.is_(False),
                )
            )
            events = bulk.fetch(
                self.connection, table, ["id", "opportunity_id"], [row.record_id for row in mine]
            )
            gone = events.filter(pl.col("opportunity_id").is_in(ids))["id"].to_list()
            bulk.delete(self.connection, table, gone)
            self.reversed_lines += [row.id for row in mine if row.record_id in set(gone)]

    def _remove_lone_events(self) -> None:
        """Remove the stage events that the run added to deals which it did not otherwise touch."""
        lines = [line for line in self._lines() if line.table_name == "stage_event"]
        gone = set(self.reversed_lines)
        lines = [line for line in lines if line.id not in gone]
        table = Base.metadata.tables["stage_event"]
        events = bulk.fetch(self.connection, table, ["id", "opportunity_id"], [e.record_id for e in lines])
        stay = {
            left.record_id
            for left in (*self.result.kept, *self.result.blocked)
            if left.table == "opportunity"
        }
        removable = set(events.filter(~pl.col("opportunity_id").is_in(list(stay)))["id"].to_list())
        bulk.delete(self.connection, table, removable)
        self._note_reversed("stage_event", [line for line in lines if line.record_id in removable])

    def _remember_accounts(self, activities: list[int]) -> None:
        found = bulk.fetch(self.connection, Base.metadata.tables["activity"], ["account_id"], activities)
        self.accounts |= set(found["account_id"].drop_nulls().to_list())

    def _note_reversed(self, name: str, lines: list[Any]) -> None:
        self.result.reversed += len(lines)
        self.reversed_lines += [line.id for line in lines]

    def _mark(self) -> None:
        table = Base.metadata.tables["import_lineage"]
        if self.reversed_lines:
            lines = pl.DataFrame({"id": self.reversed_lines}, schema={"id": pl.Int64})
            bulk.update(self.connection, table, lines.with_columns(pl.lit(True).alias("undone")))
        if self.places is None and not self.result.kept and not self.result.blocked:
            self.connection.execute(update(Lineage).where(Lineage.run_id == self.run_id).values(undone=True))


def _is_own(line: Any, table_name: str) -> bool:
    """Whether a line tells of a record of the table; an event no row describes goes with its deal."""
    return bool(line.table_name == table_name and (table_name != "stage_event" or line.row is not None))


def _by_columns(lines: list[Any]) -> dict[tuple[str, ...], list[Any]]:
    groups: dict[tuple[str, ...], list[Any]] = {}
    for line in lines:
        groups.setdefault(tuple(sorted(line.before)), []).append(line)
    return groups


def _stored_value(table: Table, column: str, value: Any) -> Any:
    """Return a before-image's value as a frame holds it."""
    if value is None:
        return None
    kind = table.c[column].type
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, JSON) and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value
