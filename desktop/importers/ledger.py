"""What a source table holds, row by row, read from its own text: one side of an import's certificate.

Plain amounts (1200, 1,200.50, ¥1200) are read here by a rule of their own, not by the importer's, so that an
amount which the importer misread shows as a difference. Anything else (12万) is taken as the importer read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from desktop.importers.deciding import unit_of
from desktop.importers.measures import DATES, MEASURES
from desktop.importers.numbers import convention, number_in
from desktop.importers.tables import ACCEPT, ColumnMapping, ConvertedTable, EntityRows, SourceTable
from desktop.terms import Severity

SCHEMA: dict[str, pl.DataType] = {
    "table": pl.Int64(),
    "entity": pl.String(),
    "row": pl.Int64(),
    "owner": pl.String(),
    "dated": pl.String(),
    "year": pl.Int64(),
    "currency": pl.String(),
    "original": pl.Int64(),
    "amount": pl.Int64(),
    "plain": pl.Boolean(),
    "rejected": pl.Boolean(),
}
"""`original` is the amount as the file says it and `amount` as it was corrected, in minor units (null without);
`dated` is the field that `year` comes from, `plain` whether the amount was read by the rule of this module."""

_PLAIN = r"^[-+]?(?:\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d+)?$"
_MARKS = r"[\s¥￥]|元$|^(?:RMB|CNY)"
_YEAR = r"((?:19|20)\d{2})"


def source_ledger(index: int, table: ConvertedTable, original: SourceTable) -> pl.DataFrame:
    """Return the rows of a table's main entity and of its companions that carry money."""
    entities = [
        rows
        for rows in table.entities
        if rows.entity != "target" and (rows.entity == table.main_entity or rows.entity in MEASURES)
    ]
    parts = [_entity_ledger(index, table, rows, original) for rows in entities]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *parts])


def _entity_ledger(
    index: int, table: ConvertedTable, rows: EntityRows, original: SourceTable
) -> pl.DataFrame:
    """Return one entity's rows: those that came through, and those that were rejected."""
    entity, is_main = rows.entity, rows.entity == table.main_entity
    columns = {
        str(column.field).partition(".")[2]: column
        for column in table.mapping.columns
        if column.field and column.confidence >= ACCEPT and column.field.startswith(f"{entity}.")
    }
    base = original.frame.select("row")
    corrected = _corrected(base, table.mapping.table, original)
    needed = ["row", MEASURES.get(entity, ""), *DATES.get(entity, ())]
    own = rows.frame.select(name for name in needed if name in rows.frame.columns)
    typed = base.join(own, on="row", how="left", maintain_order="left")
    came = base["row"].is_in(rows.frame["row"].implode())
    lost = ~base["row"].is_in(table.entities[0].frame["row"].implode())
    measure = columns.get(MEASURES.get(entity, ""))
    after = _amounts(corrected, measure, typed, table) if measure else _no_amounts(base.height)
    before = after
    if measure and corrected is not original.frame:
        before = _before(original.frame, corrected, measure, after, table)
    dated, year = _years(entity, columns, corrected, typed, came)
    found = pl.DataFrame(
        {
            "table": pl.repeat(index, base.height, dtype=pl.Int64, eager=True),
            "entity": pl.repeat(entity, base.height, dtype=pl.String, eager=True),
            "row": base["row"],
            "owner": _without_faults(columns.get("owner"), corrected, table),
            "dated": dated,
            "year": year,
            "currency": _currency(columns.get("currency"), corrected),
            "original": before["amount"],
            "amount": after["amount"],
            "plain": after["plain"],
            "rejected": lost,
        }
    )
    # A row that was left out for another entity's fault counts where it would have had something to bring.
    bears = pl.lit(True) if is_main else pl.col("original").is_not_null()
    return found.filter(came | (lost & bears)).select(
        pl.col(name).cast(kind) for name, kind in SCHEMA.items()
    )


def _corrected(base: pl.DataFrame, table: SourceTable, original: SourceTable) -> pl.DataFrame:
    """Return every row of the file as it was corrected; rows left out by hand as they stood."""
    if table is original:
        return original.frame
    left_out = original.frame.join(table.frame, on="row", how="anti")
    return base.join(pl.concat([table.frame, left_out]), on="row", how="left", maintain_order="left")


def _amounts(
    frame: pl.DataFrame, column: ColumnMapping, typed: pl.DataFrame, table: ConvertedTable
) -> pl.DataFrame:
    """Return the amounts of a column in minor units, and whether each was plain."""
    cells = frame[f"c{column.index}"]
    name = str(column.field).partition(".")[2]
    factor = unit_of(column, table.mapping)
    sign = table.mapping.readings.get(str(column.field)) or convention(cells)
    texts = cells.str.replace_all(_MARKS, "") if cells.str.contains(_MARKS).any() else cells
    plain = texts.str.contains(_PLAIN).fill_null(False) & (sign == ".")
    values = _minors(texts.zip_with(plain, _nothing(len(texts))), factor)
    importers = typed[name] if name in typed.columns else _no_amounts(len(cells))["amount"]
    given = importers.zip_with(cells.is_not_null(), _no_amounts(len(cells))["amount"])
    return pl.DataFrame({"amount": values.zip_with(plain, given), "plain": plain})


def _before(
    frame: pl.DataFrame,
    corrected: pl.DataFrame,
    column: ColumnMapping,
    after: pl.DataFrame,
    table: ConvertedTable,
) -> pl.DataFrame:
    """Return the amounts as they stood in the file: of cells that were corrected, what their first text said."""
    name = f"c{column.index}"
    factor = unit_of(column, table.mapping)
    same = frame[name].eq_missing(corrected[name])
    amounts = after["amount"].to_list()
    for place in (~same).arg_true().to_list():
        text = frame[name][place]
        number = number_in(text, ".")[0] if text else None
        has_unit = bool(text) and number_in(text, ".")[1]
        amounts[place] = None if number is None else _whole(number * (1 if has_unit else factor))
    return pl.DataFrame({"amount": pl.Series(amounts, dtype=pl.Int64), "plain": after["plain"]})


def _nothing(height: int) -> pl.Series:
    return pl.repeat(None, height, dtype=pl.String, eager=True)


def _minors(texts: pl.Series, factor: int) -> pl.Series:
    """Return plain amounts in minor units: whole columns at once where they have no more than two decimals."""
    bare = texts.str.replace_all(",", "", literal=True).alias("t")
    parts = bare.to_frame().select(
        pl.col("t").str.extract(r"^[-+]?(\d+)").cast(pl.Int64).alias("whole"),
        pl.col("t").str.extract(r"\.(\d+)$").fill_null("").alias("rest"),
        pl.when(pl.col("t").str.starts_with("-")).then(-1).otherwise(1).alias("sign"),
    )
    value = (pl.col("whole") * 100 + pl.col("rest").str.pad_end(2, "0").cast(pl.Int64)) * pl.col("sign")
    short = pl.col("rest").str.len_chars() <= 2
    cents = parts.select(pl.when(short).then(value * factor)).to_series()
    long = parts.select(~short).to_series() & bare.is_not_null()
    if not long.any():
        return cents
    exact = [_minor(text, factor) if odd else None for text, odd in zip(bare, long, strict=True)]
    return pl.Series(exact, dtype=pl.Int64).zip_with(long, cents)


def _minor(text: str, factor: int) -> int:
    return _whole(Decimal(text.replace(",", "")) * factor)


def _whole(amount: Decimal) -> int:
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _no_amounts(height: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "amount": pl.repeat(None, height, dtype=pl.Int64, eager=True),
            "plain": pl.repeat(True, height, dtype=pl.Boolean, eager=True),
        }
    )


def _years(
    entity: str,
    columns: Mapping[str, ColumnMapping],
    frame: pl.DataFrame,
    typed: pl.DataFrame,
    came: pl.Series,
) -> tuple[pl.Series, pl.Series]:
    """Return per row the field whose day counts, and the year of that day; of a rejected row that of its text."""
    day = frame.select("row").with_columns(
        pl.lit(None, dtype=pl.String).alias("dated"), pl.lit(None, dtype=pl.Int64).alias("year")
    )
    for name in DATES.get(entity, ()):
        if name not in columns:
            continue
        years = frame[f"c{columns[name].index}"].str.extract(_YEAR).cast(pl.Int64)
        if name in typed.columns:
            years = typed[name].dt.year().cast(pl.Int64).zip_with(came, years)
        free = pl.col("year").is_null() & pl.col("_y").is_not_null()
        day = day.with_columns(years.alias("_y")).select(
            pl.when(free).then(pl.lit(name)).otherwise("dated").alias("dated"),
            pl.when(free).then("_y").otherwise("year").alias("year"),
        )
    return day["dated"], day["year"]


def _currency(column: ColumnMapping | None, frame: pl.DataFrame) -> pl.Series:
    if column is None:
        return pl.repeat("CNY", frame.height, dtype=pl.String, eager=True)
    return frame[f"c{column.index}"].str.strip_chars().str.to_uppercase().fill_null("CNY")


def _without_faults(column: ColumnMapping | None, frame: pl.DataFrame, table: ConvertedTable) -> pl.Series:
    """Return a column's texts but those that were left out with a reason."""
    if column is None:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    cells = frame[f"c{column.index}"]
    faulty = [i.row for i in table.issues if i.column == column.header and i.severity is Severity.CELL]
    if not faulty:
        return cells
    nothing = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    return cells.zip_with(~frame["row"].is_in(faulty), nothing)
