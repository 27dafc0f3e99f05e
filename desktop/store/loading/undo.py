"""Taking an import run back: created records deleted, changed ones restored from their before-images.

Cells that were edited since are kept while the others of their record are restored, what other records
now refer to is blocked, and both are said (IMP-10). A file or chosen rows can be taken back alone, the rest
later.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from desktop.store.loading import bulk
from desktop.store.loading.after import rebuild_closure, refresh_last_effective
from desktop.store.loading.specs import SPECS
from desktop.store.loading.undo_changed import restore
from desktop.store.loading.undo_created import remove, remove_orphans
from desktop.store.loading.undo_state import Left, Place, Undoing, Undone, lineage
from desktop.store.workspace import Work

_ORDER = [
    "stage_event",
    *reversed([spec.table_name for spec in SPECS.values()]),
    "stage",
    "pipeline",
    "custom_field",
]
"""Whatever refers to something goes before it."""

_LINE = (
    "id",
    "table_name",
    "record_id",
    "action",
    "file",
    "sheet",
    "row",
    "before",
    "after",
    "version",
    "undone",
)
_CHANGES = pl.col("action") != "unchanged"


def take_back(
    work: Work, run_id: int, operation_id: str | None, places: Collection[Place] | None = None
) -> Undone:
    """Undo a run (or what came from some of its files or rows) as far as nothing stands against it."""
    with bulk.roomy(work.connection, work.control):
        return _take_back(Undoing(work, run_id, operation_id), places)


def _take_back(state: Undoing, places: Collection[Place] | None) -> Undone:
    every = bulk.fetch_of(state.connection, lineage(), _LINE, "run_id", state.run_id)
    open_lines = every.filter(~pl.col("undone")).sort("id")
    lines = open_lines.filter(_CHANGES)
    is_all = places is None
    if places is not None:
        wanted = _chosen(open_lines, places)
        state.result.chosen = wanted.height
        _name_other_rows(state, wanted, lines)
        lines, rest = wanted.filter(_CHANGES), lines.join(wanted, on="id", how="anti")
        # With the last of the run's rows goes what no row of its own brought.
        is_all = rest["row"].null_count() == rest.height
        lines = pl.concat([lines, rest]) if is_all else lines
    _reverse(state, lines)
    if is_all:
        state.remove_lone_events(lines)
    else:
        remove_orphans(state, _ORDER[1:-3], open_lines.filter(_CHANGES & pl.col("row").is_null()))
    rebuild_closure(state.connection)
    refresh_last_effective(state.connection, state.accounts)
    _mark(state)
    state.result.remaining = open_lines.filter(_CHANGES & ~pl.col("id").is_in(state.reversed_lines)).height
    return state.result


def _reverse(state: Undoing, lines: pl.DataFrame) -> None:
    # An event that no row describes goes with its deal.
    own = lines.filter((pl.col("table_name") != "stage_event") | pl.col("row").is_not_null())
    by_table = {str(name): part for (name,), part in own.partition_by("table_name", as_dict=True).items()}
    names = [name for name in _ORDER if name in by_table]
    for done, name in enumerate(names):
        state.work.control.report(done, len(names), name)
        restore(state, name, by_table[name].filter(pl.col("action") == "updated"))
    for name in names:
        remove(state, name, by_table[name].filter(pl.col("action") == "created"))


def _name_other_rows(state: Undoing, wanted: pl.DataFrame, lines: pl.DataFrame) -> None:
    """A chosen row that only repeats what another row brought cannot be taken back by itself."""
    key, source = ["table_name", "record_id"], ["file", "sheet", "row"]
    idle = wanted.join(wanted.filter(_CHANGES), on=source, how="anti", nulls_equal=True)
    chosen = wanted.filter(_CHANGES).select(key)
    repeats = idle.select(key).unique().join(chosen, on=key, how="anti")
    for row in lines.join(repeats, on=key, how="semi").iter_rows(named=True):
        if row["file"] is not None:
            place = Place(row["file"], row["sheet"], row["row"])
            state.result.blocked.append(Left(row["table_name"], row["record_id"], place=place))


def _mark(state: Undoing) -> None:
    lines = pl.DataFrame({"id": state.reversed_lines}, schema={"id": pl.Int64}).unique()
    bulk.update(state.connection, lineage(), lines.with_columns(pl.lit(True).alias("undone")))


def _chosen(lines: pl.DataFrame, places: Collection[Place]) -> pl.DataFrame:
    """Return the lines of the chosen rows, sheets and files."""
    files = [place.file for place in places if place.row is None and place.sheet is None]
    sheets = {(place.file, place.sheet) for place in places if place.row is None and place.sheet is not None}
    rows = {(place.file, place.sheet, place.row) for place in places if place.row is not None}
    picked = pl.DataFrame(
        [(file, sheet or "", row) for file, sheet, row in rows],
        schema={"file": pl.String, "_sheet": pl.String, "row": pl.Int64},
        orient="row",
    )
    whole = pl.DataFrame(list(sheets), schema={"file": pl.String, "_sheet": pl.String}, orient="row")
    named = lines.with_columns(pl.col("sheet").fill_null("").alias("_sheet"))
    found = pl.concat(
        [
            named.filter(pl.col("file").is_in(files)),
            named.join(whole, on=["file", "_sheet"], how="semi"),
            named.join(picked, on=["file", "_sheet", "row"], how="semi"),
        ]
    )
    return found.unique("id").sort("id").drop("_sheet")


__all__ = ["Left", "Place", "Undone", "take_back"]
