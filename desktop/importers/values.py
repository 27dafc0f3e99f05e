"""From a mapped table to typed rows: every value decided per column, every fault of every row told at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

import polars as pl

from desktop.clock import DEFAULT_ZONE
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.addresses import places, provinces_of
from desktop.importers.checks import CellFaults, collect_issues, column_issues, missing_keys, refuse_rows
from desktop.importers.currencies import told_by_amounts
from desktop.importers.deciding import CURRENCY_OF, decided
from desktop.importers.fields import Field, field_among
from desktop.importers.mapping import DERIVED
from desktop.importers.outcome import Outcome, may_stop, nothing
from desktop.importers.tables import ACCEPT, ColumnMapping, ConvertedTable, EntityRows, Issue, TableMapping
from desktop.importers.value_maps import settle, with_choices

_PERSON_NAMES = ("contact", "lead")
_LARGE = 5_000
"""Rows from which a second thread is worth its while."""


def convert(mapping: TableMapping, zone: str = DEFAULT_ZONE) -> ConvertedTable:
    """Return the typed rows of a recognised table; raise InvalidInput if its entity is unknown (IMP-10).

    Columns mapped below `ACCEPT` are left out. Times without a zone are meant in `zone`.
    """
    if mapping.entity is None:
        raise InvalidInput(
            "entity_unknown",
            N_("What the rows of “{table}” are was not recognised."),
            remedy=N_("Map its columns by hand, or leave it out."),
            table=mapping.table.sheet or mapping.table.file,
        )
    columns = [column for column in mapping.columns if column.field and column.confidence >= ACCEPT]
    if any(column.period for column in columns):
        return _convert_wide(mapping, columns, zone)
    return _convert(mapping, columns, mapping.table.frame, zone)


def _convert(
    mapping: TableMapping, columns: Sequence[ColumnMapping], frame: pl.DataFrame, zone: str
) -> ConvertedTable:
    main = str(mapping.entity)
    faults: list[CellFaults] = []
    remarks: list[Issue] = []
    typed: dict[str, pl.Series] = {}
    for column, item, outcome in _outcomes(mapping, columns, frame, zone):
        typed[item.full_name] = outcome.values
        remarks += column_issues(mapping, column, item, outcome)
        faults.append(CellFaults(column, item, frame[f"c{column.index}"], outcome.codes))
    _name_people(typed)
    _derive(typed, main)
    derived = _place(typed) | _currency(typed, columns, frame)
    rows = frame["row"]
    rejected, issues = refuse_rows(mapping, rows, faults, main)
    missing, key_issues = missing_keys(mapping, rows, typed, main)
    rejected |= missing
    issues += key_issues + collect_issues(mapping, rows, faults) + remarks
    raw = _raw_texts(rows, faults)
    entities = tuple(
        _entity_rows(entity, typed, rows, raw.get(entity), rejected, main)
        for entity in _entities(main, typed)
    )
    issues.sort(key=lambda issue: issue.row or 0)
    return ConvertedTable(mapping, main, entities, tuple(issues), rows.n_unique(), derived)


def _outcomes(
    mapping: TableMapping, columns: Sequence[ColumnMapping], frame: pl.DataFrame, zone: str
) -> list[tuple[ColumnMapping, Field, Outcome]]:
    """Return what became of each column, in their order; of a large table two are decided at a time."""

    def outcome_of(column: ColumnMapping) -> tuple[ColumnMapping, Field, Outcome]:
        may_stop()
        item = field_among(str(column.field), mapping.new_fields)
        cells = frame[f"c{column.index}"]
        chosen = with_choices(cells, mapping.value_maps.get(item.full_name))
        texts = cells if chosen is None else chosen.cells
        found = decided(texts, item, column, mapping, zone, _country(item, columns, frame))
        outcome = settle(chosen, found)
        if outcome.values.dtype == pl.String and outcome.values.equals(cells):
            # Text that is taken over as it stands is held once, not twice.
            outcome = replace(outcome, values=cells)
        return column, item, outcome

    if frame.height < _LARGE:
        return [outcome_of(column) for column in columns]
    here = copy_context()  # what may stop the work is known to the thread that began it
    with ThreadPoolExecutor(2, "plumbline-columns") as pool:
        return list(pool.map(lambda column: here.copy().run(outcome_of, column), columns))


def _country(item: Field, columns: Sequence[ColumnMapping], frame: pl.DataFrame) -> pl.Series | None:
    if item.type != "phone":
        return None
    name = f"{item.entity}.country"
    return next((frame[f"c{column.index}"] for column in columns if column.field == name), None)


def _name_people(typed: dict[str, pl.Series]) -> None:
    """Make a person's full name from its parts where the table has the parts only."""
    for entity in _PERSON_NAMES:
        first, last = typed.get(f"{entity}.first_name"), typed.get(f"{entity}.last_name")
        if first is None and last is None:
            continue
        height = len(first if first is not None else last)  # type: ignore[arg-type]
        parts = pl.DataFrame(
            {
                "f": first if first is not None else nothing(height, pl.String),
                "l": last if last is not None else nothing(height, pl.String),
                "n": typed.get(f"{entity}.name", nothing(height, pl.String)),
            }
        )
        han = pl.col("l").str.contains(r"[\u4e00-\u9fff]").fill_null(False)
        joined = (
            pl.when(han)
            .then(pl.concat_str(pl.col("l"), pl.col("f").fill_null("")))
            .otherwise(pl.concat_str("f", "l", separator=" ", ignore_nulls=True).str.strip_chars())
        )
        made = pl.when(joined.str.len_bytes() > 0).then(joined)
        typed[f"{entity}.name"] = parts.select(pl.coalesce(pl.col("n"), made).alias("n"))["n"]


def _derive(typed: dict[str, pl.Series], main: str) -> None:
    """Give companions the fields that join them to the row they stand in."""
    present = {name.split(".", 1)[0] for name in typed} - {main}
    if present and main in ("order", "order_line", "quote_line", "milestone", "contact", "payment"):
        present.add(main)
    for entity in present:
        for name, source in DERIVED.get(entity, {}).items():
            origin = source.format(main=main)
            if origin in typed and f"{entity}.{name}" not in typed:
                typed[f"{entity}.{name}"] = typed[origin]


def _place(typed: dict[str, pl.Series]) -> frozenset[str]:
    """Fill an account's province and city from its address, where no column holds them; return what was filled."""
    address, city = typed.get("account.address"), typed.get("account.city")
    found: dict[str, pl.Series] = {}
    if address is not None and not {"account.province", "account.city"} & set(typed):
        told = places(address)
        found = {f"account.{name}": told[name] for name in ("province", "city")}
    elif city is not None and "account.province" not in typed:
        found = {"account.province": provinces_of(city)}
    filled = {name: values for name, values in found.items() if values.null_count() < len(values)}
    typed |= filled
    return frozenset(filled)


def _currency(
    typed: dict[str, pl.Series], columns: Sequence[ColumnMapping], frame: pl.DataFrame
) -> frozenset[str]:
    """Fill an amount's currency from its own text, where no column holds it; return what was filled."""
    for column in columns:
        name = CURRENCY_OF.get(str(column.field))
        if name and name not in typed:
            told = told_by_amounts(frame[f"c{column.index}"], column.header)
            if told is not None:
                typed[name] = told
                return frozenset({name})
    return frozenset()


def _entities(main: str, typed: dict[str, pl.Series]) -> list[str]:
    others = dict.fromkeys(name.split(".", 1)[0] for name in typed)
    return [main, *(entity for entity in others if entity != main)]


def _raw_texts(rows: pl.Series, faults: Sequence[CellFaults]) -> dict[str, dict[int, str]]:
    """Return per entity and row position a JSON object of the texts whose values were left out."""
    kept: dict[str, dict[int, dict[str, str]]] = {}
    for fault in faults:
        for position, text in fault.left_out():
            kept.setdefault(fault.item.entity, {}).setdefault(position, {})[fault.item.name] = text
    return {
        entity: {position: json.dumps(texts, ensure_ascii=False) for position, texts in cells.items()}
        for entity, cells in kept.items()
    }


def _entity_rows(
    entity: str,
    typed: dict[str, pl.Series],
    rows: pl.Series,
    raw: dict[int, str] | None,
    rejected: set[int],
    main: str,
) -> EntityRows:
    prefix = f"{entity}."
    columns = {name.removeprefix(prefix): values for name, values in typed.items() if name.startswith(prefix)}
    texts = [None] * len(rows) if not raw else [raw.get(position) for position in range(len(rows))]
    frame = pl.DataFrame({"row": rows, **columns, "_raw": pl.Series(texts, dtype=pl.String)})
    if rejected:
        frame = frame.filter(~pl.col("row").is_in(list(rejected)))
    if entity != main:
        frame = _companion(entity, frame)
    return EntityRows(entity, frame, frozenset(rejected) if entity == main else frozenset())


_IDENTITY = {
    "account": ("external_id", "name"),
    "contact": ("external_id", "name", "last_name"),
    "order": ("number",),
    "quote": ("number",),
    "contract": ("number", "name"),
    "payment": ("amount",),
    "invoice": ("amount",),
    "payment_plan": ("amount",),
    "order_line": ("product", "product_code", "quantity"),
}


def _companion(entity: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows in which a companion stands at all, once per account or order."""
    names = [name for name in _IDENTITY.get(entity, ()) if name in frame.columns]
    if names:
        frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names))
    if entity in ("account", "order", "quote", "contract") and names:
        frame = (
            frame.group_by(names[0], maintain_order=True)
            .agg(pl.exclude(names[0]).drop_nulls().first())
            .select(frame.columns)
            .sort("row", maintain_order=True)
        )
    return frame


def _convert_wide(mapping: TableMapping, columns: Sequence[ColumnMapping], zone: str) -> ConvertedTable:
    """Turn a sheet with a column per month into one row per person and month."""
    frame = mapping.table.frame
    plain = [column for column in columns if not column.period]
    parts: list[ConvertedTable] = []
    for month in (column for column in columns if column.period):
        filled = frame.filter(pl.col(f"c{month.index}").is_not_null())
        one = ColumnMapping(month.index, month.header, month.field, month.confidence, month.reason)
        parts.append(_convert(mapping, [*plain, one], filled, zone))
    frames: list[pl.DataFrame] = []
    for part, month in zip(parts, (column for column in columns if column.period), strict=True):
        rows = part.entities[0].frame
        told = str(month.period)
        own = pl.concat_str("period", pl.lit(told[1:])) if told.startswith("--") else pl.lit(told)
        rows = rows.with_columns(own.alias("period"))
        frames.append(rows)
    together = pl.concat(frames, how="diagonal").sort("row", "period", maintain_order=True)
    rejected = frozenset().union(*(part.entities[0].rejected_rows for part in parts))
    together = together.filter(~pl.col("row").is_in(list(rejected))) if rejected else together
    issues: dict[tuple[int | None, str | None, str], Issue] = {}
    for part in parts:
        for issue in part.issues:
            issues.setdefault((issue.row, issue.column, issue.code), issue)
    return ConvertedTable(
        mapping,
        "target",
        (EntityRows("target", together, rejected),),
        tuple(sorted(issues.values(), key=lambda issue: issue.row or 0)),
        frame.height,
    )
