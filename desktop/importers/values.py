"""From a mapped table to typed rows: every value decided per column, every fault of every row told at once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from desktop.clock import DEFAULT_ZONE
from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers import choices, dates, numbers, people
from desktop.importers.checks import CellFaults, collect_issues, missing_keys, refuse_rows
from desktop.importers.fields import Field, field_among
from desktop.importers.mapping import DERIVED
from desktop.importers.months import period_of
from desktop.importers.outcome import ERRORS, NOTHING, Outcome, by_unique, nothing
from desktop.importers.tables import ACCEPT, ColumnMapping, ConvertedTable, EntityRows, Issue, TableMapping
from desktop.importers.value_maps import settle, with_choices
from desktop.periods import Period

_LONG_NUMBER = r"^\d\.\d+[eE]\+\d+$"
_TITLE_UNIT = re.compile(r"(?:单位\s*[:：]?\s*|[(（\[【]\s*)((?:百万|千万|万|亿|千)?元)")
"""How a title tells the unit of every amount below it: 单位：万元, 销售目标（万元）."""

_BLANK_WORDS = sorted({form for word in NOTHING for form in (word, word.upper(), word.title())})
_PERSON_NAMES = ("contact", "lead")


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
    typed: dict[str, pl.Series] = {}
    for column in columns:
        item = field_among(str(column.field), mapping.new_fields)
        cells = frame[f"c{column.index}"]
        chosen = with_choices(cells, mapping.value_maps.get(item.full_name))
        texts = cells if chosen is None else chosen.cells
        outcome = settle(chosen, decide(texts, item, column, mapping, zone, _country(item, columns, frame)))
        typed[item.full_name] = outcome.values
        faults.append(CellFaults(column, item, cells, outcome.codes))
    _name_people(typed)
    _derive(typed, main)
    rows = frame["row"]
    rejected, issues = refuse_rows(mapping, rows, faults, main)
    missing, key_issues = missing_keys(mapping, rows, typed, main)
    rejected |= missing
    issues += key_issues + collect_issues(mapping, rows, faults)
    raw = _raw_texts(rows, faults)
    entities = tuple(
        _entity_rows(entity, typed, rows, raw.get(entity), rejected, main)
        for entity in _entities(main, typed)
    )
    issues.sort(key=lambda issue: issue.row or 0)
    return ConvertedTable(mapping, main, entities, tuple(issues), rows.n_unique())


def decide(
    cells: pl.Series,
    item: Field,
    column: ColumnMapping,
    mapping: TableMapping,
    zone: str,
    countries: pl.Series | None = None,
) -> Outcome:
    """Return one column's values in the type of its field, with a fault's code where a cell has none."""
    errors = cells.str.starts_with("#").fill_null(False)
    if errors.any():
        errors = cells.str.contains(ERRORS).fill_null(False)
        clean = cells.zip_with(~errors, nothing(len(cells), pl.String))
        outcome = _decide(clean, item, column, mapping, zone, countries)
        told = cells.replace_strict(
            {"#NO_VALUE!": "formula_no_value"}, default="formula_error", return_dtype=pl.String
        )
        return Outcome(outcome.values, told.zip_with(errors, outcome.codes))
    return _decide(cells, item, column, mapping, zone, countries)


def _decide(
    cells: pl.Series,
    item: Field,
    column: ColumnMapping,
    mapping: TableMapping,
    zone: str,
    countries: pl.Series | None,
) -> Outcome:
    if item.scaled:
        return numbers.money(cells, item.scale, 1 if item.name == "quantity" else unit_of(column, mapping))
    match item.type:
        case "percent":
            return numbers.percent(cells, bounded=item.name == "probability")
        case "integer":
            return numbers.integer(cells, **_span(item, column))
        case "number":
            return numbers.number(cells)
        case "date":
            return dates.dates(cells, zone)
        case "datetime":
            return dates.instants(cells, zone)
        case "boolean":
            return choices.booleans(cells)
        case "enum" | "choice":
            return choices.choices(cells, item)
        case "list":
            return choices.lists(cells)
        case "phone":
            return people.phones(cells, countries)
        case "email":
            return people.emails(cells)
        case "period":
            return by_unique(cells, _period, pl.String)
        case _:
            return _text(cells, item)


def unit_of(column: ColumnMapping, mapping: TableMapping) -> int:
    """Return the factor of an amount's unit, from its header, else from a title that names one."""
    own = numbers.unit_in(column.header)
    if own is not None:
        return own
    if "元" in column.header:
        return 1
    table = mapping.table
    for text in (table.title, table.sheet or "", PurePosixPath(table.file).stem):
        told = _TITLE_UNIT.search(text)
        if told:
            return numbers.unit_in(told[1]) or 1
    return 1


def _span(item: Field, column: ColumnMapping) -> dict[str, Any]:
    header = column.header.casefold()
    if item.name == "duration_minutes":
        in_seconds = "秒" in header or "second" in header
        return {"span": "minutes", "factor": Decimal(1) / 60 if in_seconds else Decimal(1)}
    if item.name in ("duration_seconds", "web_dwell_seconds"):
        in_minutes = "分" in header or "min" in header
        return {"span": "seconds", "factor": Decimal(60) if in_minutes else Decimal(1)}
    return {}


def _period(text: str) -> tuple[str | None, str | None]:
    found = period_of(text)
    if found and not found.startswith("--"):
        return found, None
    bare = text.strip().removesuffix("年度").removesuffix("年")
    try:
        return Period.parse(bare).text, None
    except InvalidInput:
        day, _ = dates.moment_in(text, dates.Order("?"))
        return (f"{day:%Y-%m}", None) if day and day.day == 1 else (None, "period_invalid")


def _text(cells: pl.Series, item: Field) -> Outcome:
    """Return texts as they are; keys that a spreadsheet has turned into 1.23E+17 are faults."""
    blank = cells.is_in(_BLANK_WORDS).fill_null(False)
    values = cells.zip_with(~blank, nothing(len(cells), pl.String)) if blank.any() else cells
    codes = nothing(len(cells), pl.String)
    if item.key or item.name.endswith(("number", "code", "external_id")):
        damaged = values.str.contains(_LONG_NUMBER).fill_null(False)
        if damaged.any():
            values = values.zip_with(~damaged, nothing(len(cells), pl.String))
            told = pl.Series(["number_damaged"]).new_from_index(0, len(cells))
            codes = told.zip_with(damaged, codes)
    return Outcome(values, codes)


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
    if present and main in ("order", "order_line", "contact", "payment"):
        present.add(main)
    for entity in present:
        for name, source in DERIVED.get(entity, {}).items():
            origin = source.format(main=main)
            if origin in typed and f"{entity}.{name}" not in typed:
                typed[f"{entity}.{name}"] = typed[origin]


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
    if entity in ("account", "order", "contract") and names:
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
