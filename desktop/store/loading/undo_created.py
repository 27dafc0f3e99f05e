"""Created records deleted, unless they were edited since or others refer to them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from desktop.models import Base
from desktop.store.loading import bulk
from desktop.store.loading.frozen import frozen_columns
from desktop.store.loading.merged import merged_away
from desktop.store.loading.undo_references import DEPENDENT, referred
from desktop.store.loading.undo_state import Left, Undoing


def remove(state: Undoing, name: str, lines: pl.DataFrame, *, quietly: bool = False) -> None:
    """Delete created records; `quietly` leaves what cannot go without a word."""
    if lines.is_empty():
        return
    table = Base.metadata.tables[name]
    versions = state.versions(table, lines["record_id"].to_list())
    absent = [record for record in lines["record_id"] if record not in versions]
    gone = merged_away(state.connection, table, absent) if absent else {}
    ready: dict[int, int] = {}
    for line, record, version in lines.select("id", "record_id", "version").iter_rows():
        if record in gone:
            state.result.blocked.append(Left(name, record, "record_merge", gone[record]))
        elif record not in versions:
            state.reversed_lines.append(line)  # somebody deleted it already: nothing is left to undo
        elif versions[record] == version:
            ready[record] = line
        elif not quietly:
            state.result.kept.append(Left(name, record))
    for record, (by, by_id) in referred(state.connection, table, set(ready)).items():
        del ready[record]
        if not quietly:
            state.result.blocked.append(Left(name, record, by, by_id))
    for record in frozen_columns(state.work, name, ready):
        del ready[record]
        if not quietly:
            state.result.blocked.append(Left(name, record, "paper_version"))
    ids = list(ready)
    if name == "activity":
        state.remember_accounts(ids)
    state.forget_history(name, "owner_id", ids)
    state.forget_history(name, "stage_id", ids)
    for dependent, column in DEPENDENT.items():
        child = Base.metadata.tables[dependent]
        if any(key.column.table is table for key in child.c[column].foreign_keys):
            bulk.delete(state.connection, child, ids, column)
    if name == "org_unit":
        bulk.delete(state.connection, Base.metadata.tables["org_closure"], ids, "ancestor_id")
    state.custom.forget(name, ids)
    bulk.delete(state.connection, table, ids)
    state.note_reversed(list(ready.values()))


def remove_orphans(state: Undoing, names: Sequence[str], lines: pl.DataFrame) -> None:
    """Delete what no row of its own brought (a customer made from a contract's words) if nothing needs it.

    Stages go when their whole pipeline is needed no more.
    """
    lines = lines.filter(~pl.col("id").is_in(state.reversed_lines))
    for name in names:
        remove(state, name, lines.filter(pl.col("table_name") == name), quietly=True)
    stages = lines.filter(pl.col("table_name") == "stage")
    table = Base.metadata.tables["stage"]
    ids = stages["record_id"].to_list()
    needed = set(referred(state.connection, table, set(ids)))
    parents = bulk.fetch(state.connection, table, ["id", "pipeline_id"], ids)
    busy = parents.filter(pl.col("id").is_in(needed))["pipeline_id"].unique()
    made = lines.filter(pl.col("table_name") == "pipeline")
    free = parents.filter(
        ~pl.col("pipeline_id").is_in(busy.implode())
        & pl.col("pipeline_id").is_in(made["record_id"].implode())
    )
    remove(state, "stage", stages.join(free, left_on="record_id", right_on="id", how="semi"), quietly=True)
    remove(state, "pipeline", made, quietly=True)
    remove(state, "custom_field", lines.filter(pl.col("table_name") == "custom_field"), quietly=True)
