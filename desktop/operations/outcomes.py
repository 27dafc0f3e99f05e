"""What became of each source row (or would), and the lists a person looks at before and after an import."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.errors import NotFound
from desktop.i18n import Locale
from desktop.importers.fields import entity_label, field
from desktop.importers.tables import ConvertedTable, SourceTable

if TYPE_CHECKING:
    import polars as pl

    from desktop.operations.import_results import ImportResult

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"
_RANK = {CREATED: 0, UPDATED: 1, UNCHANGED: 2}

_PART = 50_000

MOST_DIFFERENCES = 20_000
"""How many changed cells are listed on the screen; all of them are counted."""


def no_outcomes() -> pl.DataFrame:
    """Return a table of row outcomes without any."""
    import polars as pl

    return pl.DataFrame(schema={"origin": pl.Int64(), "row": pl.Int64(), "action": pl.String()})


def row_outcomes(tables: Sequence[ConvertedTable], actions: pl.DataFrame) -> pl.DataFrame:
    """Return origin, row and action of every source row that comes in, once, by its table's main entity.

    `actions` has entity, origin, row and action; of several the strongest counts: created, updated, unchanged.
    """
    import polars as pl

    mains = pl.DataFrame(
        {"origin": range(len(tables)), "entity": [table.main_entity for table in tables]},
        schema={"origin": pl.Int64(), "entity": pl.String()},
    )
    # Slice by slice: the texts of all rows at once would be the largest thing in memory.
    parts = [
        part.join(mains, on=["origin", "entity"], how="semi").select(
            "origin", "row", pl.col("action").replace_strict(_RANK, return_dtype=pl.Int8).alias("_rank")
        )
        for part in (actions.iter_slices(_PART) if actions.height else [actions])
    ]
    names = {rank: action for action, rank in _RANK.items()}
    return (
        pl.concat(parts)
        .group_by("origin", "row")
        .agg(pl.col("_rank").min())
        .with_columns(pl.col("_rank").replace_strict(names, return_dtype=pl.String).alias("action"))
        .select("origin", "row", "action")
    )


def rows_with(result: ImportResult, origin: int, action: str, table: SourceTable) -> pl.Series:
    """Return the positions in a table's frame of the rows that were (or would be) treated so.

    `origin` is the table's number in the run; rejected are all rows that nothing became of.
    """
    import polars as pl

    own = result.outcomes.filter(pl.col("origin") == origin)
    rows = table.frame["row"]
    if action == REJECTED:
        return (~rows.is_in(own["row"].implode())).arg_true()
    return rows.is_in(own.filter(pl.col("action") == action)["row"].implode()).arg_true()


def origin_of(result: ImportResult, table: SourceTable, tables: Sequence[ConvertedTable]) -> int | None:
    """Return a table's number in the run, or None if it was no part of it."""
    for number, converted in enumerate(tables):
        if converted.mapping.table.place == table.place:
            return number if number < len(result.tables) else None
    return None


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One cell of an existing record that an import changes: where it comes from, what it was and becomes."""

    id: int
    table: str
    row: int | None
    entity: str
    record: str
    record_id: int
    field: str
    before: str
    after: str


def difference_lines(
    result: ImportResult, tables: Sequence[ConvertedTable], locale: Locale
) -> list[DifferenceLine]:
    """Return the changed cells of existing records, by record, at most `MOST_DIFFERENCES`."""
    import polars as pl

    cells = result.differences
    if cells.is_empty():
        return []
    changed = cells.filter(pl.col("action") == UPDATED).head(MOST_DIFFERENCES)
    places = [" / ".join(part for part in (one.file, one.sheet) if part) for one in result.tables]
    names = _names(changed, tables)
    return [
        DifferenceLine(
            number,
            places[origin] if origin is not None and origin < len(places) else "",
            row,
            locale._(entity_label(entity)),
            names.get((origin, row), f"#{record}"),
            record,
            _label(entity, name, locale),
            before or "",
            after or "",
        )
        for number, (origin, row, entity, record, _action, name, before, after) in enumerate(
            changed.select(
                "origin", "row", "entity", "record_id", "action", "field", "before", "after"
            ).iter_rows()
        )
    ]


_NAMING = ("name", "subject", "number", "title", "external_id", "owner", "account_name", "contact_name")


def _names(
    changed: pl.DataFrame, tables: Sequence[ConvertedTable]
) -> dict[tuple[int | None, int | None], str]:
    """Return what the source rows that changed something call their record."""
    import polars as pl

    found: dict[tuple[int | None, int | None], str] = {}
    for origin, rows in changed.group_by("origin").agg("row").iter_rows():
        if origin is None or origin >= len(tables):
            continue
        main = tables[origin].of(tables[origin].main_entity)
        name = next((one for one in _NAMING if main is not None and one in main.frame.columns), None)
        if main is None or name is None:
            continue
        wanted: Collection[int] = {row for row in rows if row is not None}
        some = main.frame.filter(pl.col("row").is_in(pl.Series(sorted(wanted)).implode()))
        for row, text in some.select("row", name).iter_rows():
            if text:
                found[origin, row] = str(text)
    return found


def _label(entity: str, name: str, locale: Locale) -> str:
    try:
        return field(f"{entity}.{name}").label(chinese=locale.is_chinese)
    except NotFound:
        return name
