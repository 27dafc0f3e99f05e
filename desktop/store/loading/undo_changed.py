"""Changed records restored from their before-images, cell by cell where somebody edited since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import JSON, Date, Table, select

from desktop.models import Base
from desktop.models.base import Instant, as_json
from desktop.store.loading import bulk
from desktop.store.loading.custom import is_custom
from desktop.store.loading.frozen import frozen_columns
from desktop.store.loading.keys import with_name_key
from desktop.store.loading.merged import merged_away
from desktop.store.loading.specs import ENTITY_OF_TABLE, SPECS
from desktop.store.loading.undo_state import Left, Undoing, lineage
from desktop.store.loading.values import canonical_json


@dataclass(slots=True)
class _Change:
    """One record that the run changed: what it found and left, the version it left, and that of today."""

    line: int
    record: int
    before: dict[str, Any]
    after: dict[str, Any] | None
    version: int
    now: int


def restore(state: Undoing, name: str, lines: pl.DataFrame) -> None:
    """Restore the records of one table that the run changed; cells that were edited since are kept."""
    if lines.is_empty():
        return
    table = Base.metadata.tables[name]
    changes = _changes(state, table, lines)
    frozen = frozen_columns(state.work, name, [change.record for change in changes])
    whole = [one for one in changes if one.now == one.version and one.record not in frozen]
    moved = [one for one in changes if one.now != one.version or one.record in frozen]
    ready = [(change, tuple(change.before)) for change in whole]
    partly: list[tuple[_Change, tuple[str, ...]]] = []
    for change, changed in _edited_since(state, table, moved):
        held = frozen.get(change.record, frozenset())
        edited = tuple(column for column in change.before if column in changed or column in held)
        free = tuple(column for column in change.before if column not in edited)
        if edited:
            by = "paper_version" if any(column in held for column in edited) else ""
            state.result.kept.append(Left(name, change.record, by, columns=edited, restored=bool(free)))
        if free:
            (partly if edited else ready).append((change, free))
    _write_back(state, table, [*ready, *partly])
    for column in ("owner_id", "stage_id"):
        ids = [change.record for change, columns in (*ready, *partly) if column in columns]
        state.forget_history(name, column, ids)
    _let_other_runs_follow(state, name, [c for c, _columns in ready], [c for c, _columns in partly])
    state.note_reversed([change.line for change, _columns in ready])


def _changes(state: Undoing, table: Table, lines: pl.DataFrame) -> list[_Change]:
    """Return the records that still stand; those that somebody deleted are kept as they are: gone."""
    versions = state.versions(table, lines["record_id"].to_list())
    absent = [record for record in lines["record_id"] if record not in versions]
    merged = merged_away(state.connection, table, absent) if absent else {}
    found = []
    for row in lines.select("id", "record_id", "before", "after", "version").iter_rows():
        line, record, before, after, version = row
        if record in merged:
            state.result.blocked.append(Left(table.name, record, "record_merge", merged[record]))
            continue
        if record not in versions:
            state.result.kept.append(Left(table.name, record, gone=True))
            state.reversed_lines.append(line)
            continue
        told = json.loads(after) if after else None
        found.append(_Change(line, record, json.loads(before), told, version, versions[record]))
    return found


def _edited_since(
    state: Undoing, table: Table, changes: Sequence[_Change]
) -> Iterable[tuple[_Change, tuple[str, ...]]]:
    """Yield each change with those of its columns that do not hold any more what the run left there."""
    names = sorted({column for change in changes for column in change.before})
    if not names:
        return
    ids = [change.record for change in changes]
    own = [name for name in names if name in table.c]
    stored = bulk.fetch(state.connection, table, ["id", *own], ids)
    if len(own) < len(names):
        spec = SPECS[ENTITY_OF_TABLE[table.name]]
        beside = state.custom.stored(spec, state.custom.names(spec, names), ids)
        stored = stored.join(beside, on="id", how="left")
    for name in own:
        if isinstance(table.c[name].type, JSON):
            stored = stored.with_columns(canonical_json(stored[name]).alias(name))
    now = {row["id"]: row for row in stored.iter_rows(named=True)}
    for change in changes:
        if change.after is None:
            yield change, tuple(change.before)
            continue
        values = now[change.record]
        yield change, tuple(c for c in change.before if as_json(values.get(c)) != change.after.get(c))


def _write_back(state: Undoing, table: Table, changes: Sequence[tuple[_Change, tuple[str, ...]]]) -> None:
    records = [change.record for change, _columns in changes]
    if table.name == "activity":
        state.remember_accounts(records)
    groups: dict[tuple[str, ...], list[_Change]] = {}
    for change, columns in changes:
        groups.setdefault(tuple(sorted(columns)), []).append(change)
    for columns, members in groups.items():
        data: dict[str, Any] = {"id": [change.record for change in members]}
        for column in columns:
            if is_custom(column):
                before = {change.record: change.before[column] for change in members}
                state.custom.restore(table.name, column, before)
                continue
            values = [_stored_value(table, column, change.before[column]) for change in members]
            data[column] = pl.Series(column, values, dtype=bulk.frame_type(table.c[column]))
        frame = pl.DataFrame(data, schema_overrides={"id": pl.Int64}).with_columns(
            pl.Series("version", [change.now + 1 for change in members], dtype=pl.Int64),
            pl.lit(state.work.now).alias("changed_at"),
        )
        if "name" in columns and "name_key" in table.c:
            frame = with_name_key(frame)
        bulk.update(state.connection, table, frame)
    if table.name == "activity":
        state.remember_accounts(records)


def _let_other_runs_follow(
    state: Undoing, name: str, whole: Sequence[_Change], partly: Sequence[_Change]
) -> None:
    """The record has moved one version on, and one of the runs that made it what it is no longer counts.

    Taking back therefore shifts the versions that other runs left: by two for runs before this one, by
    one for those after it. Then each run still stands as far from the next as the edits between them,
    and a record that nobody edited stands where its last run left it.
    """
    ours = {change.record: change.version for change in whole}
    stays = {change.record: change.version for change in partly}
    if not ours and not stays:
        return
    table = lineage()
    others = state.work.rows(
        select(table.c.id, table.c.record_id, table.c.version, table.c.run_id).where(
            table.c.table_name == name, table.c.undone.is_(False), table.c.action != "unchanged"
        )
    )
    moved = []
    for line in others:
        if line.run_id != state.run_id and line.record_id in ours:
            moved.append((line.id, line.version + (2 if line.version < ours[line.record_id] else 1)))
        elif line.record_id in stays:
            moved.append((line.id, line.version + 1))
    schema = {"id": pl.Int64, "version": pl.Int64}
    bulk.update(state.connection, table, pl.DataFrame(moved, schema=schema, orient="row"))


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
