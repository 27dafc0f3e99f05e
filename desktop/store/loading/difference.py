"""The difference between imported rows and stored records: what is created, changed, or the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection

from desktop.store.loading import bulk
from desktop.store.loading.custom import CustomFields
from desktop.store.loading.specs import Spec
from desktop.store.loading.values import canonical_json, json_columns, raw_values

_WITH_FRACTION = "%Y-%m-%dT%H:%M:%S%.6f+00:00"
"""As `datetime.isoformat` writes an instant with microseconds: undo compares these texts."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`new` are whole records to add; `changed` existing ones with their new values, their old ones as
    "<column>_old", and "before" and "after" (JSON); `rows` is each source row with its record and action.
    """

    new: pl.DataFrame
    changed: pl.DataFrame
    rows: pl.DataFrame
    columns: list[str]


def difference(
    rows: pl.DataFrame,
    spec: Spec,
    columns: list[str],
    connection: Connection,
    custom: CustomFields,
    only_blank: Sequence[str] = (),
) -> Difference:
    """Compare rows (with "_id" and "_new") with what is stored; only filled cells change anything.

    The columns of `only_blank` change nothing but what is blank.
    """
    merged, sizes = _merged(rows, columns)
    fresh = merged.filter(pl.col("_new"))
    # A login by which somebody signs in is not an import's to change.
    kept = [*only_blank, *(["login"] if spec.entity == "user" else [])]
    compared = _compared(merged.filter(~pl.col("_new")), spec, columns, connection, custom, kept)
    flags = [pl.col(f"{name}_changed") for name in _compared_names(columns)]
    changed = compared.filter(pl.any_horizontal(flags))
    changed = changed.with_columns(
        _images(changed, columns, "_old", "before"), _images(changed, columns, "", "after")
    )
    return Difference(fresh, changed, _actions(rows, columns, sizes, compared, changed), columns)


def _compared_names(columns: list[str]) -> list[str]:
    return [*columns, "raw_values", "external_id", "source_system"]


def _merged(rows: pl.DataFrame, columns: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return one line per record: of several rows for one, the last filled cell of each column counts."""
    sizes = rows.group_by("_id").len("_size")
    kept = ["_id", "_new", "_k", "_origin", "_row", "_source", "external_id", "row_key", "_raw", *columns]
    if sizes.height == rows.height:
        return rows.select(kept), sizes
    sized = rows.join(sizes, on="_id", maintain_order="left")
    single = sized.filter(pl.col("_size") == 1).select(kept)
    several = sized.filter(pl.col("_size") > 1)
    first = ["_new", "_k", "_origin", "_row", "_source"]
    folded = (
        several.sort("_k")
        .group_by("_id", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in first),
            *(pl.col(name).drop_nulls().last() for name in ("external_id", "row_key", "_raw", *columns)),
        )
    )
    return pl.concat([single, folded.select(kept)]), sizes


def _compared(
    merged: pl.DataFrame,
    spec: Spec,
    columns: list[str],
    connection: Connection,
    custom: CustomFields,
    only_blank: Sequence[str],
) -> pl.DataFrame:
    """Join the stored values to the incoming, and flag each column that differs."""
    own_fields = custom.names(spec, columns)
    plain_columns = [name for name in columns if name not in own_fields]
    stored_names = list(
        dict.fromkeys(["id", "version", "source_system", "external_id", "raw_values", *plain_columns])
    )
    ids = merged["_id"].to_list()
    stored = bulk.fetch(connection, spec.table, stored_names, ids)
    if own_fields:
        stored = stored.join(custom.stored(spec, own_fields, ids), on="id", how="left")
    for name in json_columns(spec.table) & set(stored_names):
        stored = stored.with_columns(canonical_json(stored[name]).alias(name))
    stored = stored.rename({name: f"{name}_old" for name in stored.columns if name not in ("id", "version")})
    both = merged.join(stored, left_on="_id", right_on="id", how="left")
    for name in only_blank:
        both = both.with_columns(_unless_known(both, name))
    flags = [
        (pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_old"))).alias(f"{name}_changed")
        for name in columns
    ]
    adopts = pl.col("external_id").is_not_null() & pl.col("external_id_old").is_null()
    both = both.with_columns(_kept_raw(both, columns)).with_columns(
        *flags,
        adopts.alias("external_id_changed"),
        (adopts & (pl.col("source_system_old") != pl.col("_source"))).alias("source_system_changed"),
        pl.when(adopts).then("external_id").otherwise("external_id_old").alias("external_id"),
        pl.when(adopts).then("_source").otherwise("source_system_old").alias("source_system"),
        pl.col("raw_values").ne_missing(pl.col("raw_values_old")).alias("raw_values_changed"),
    )
    return both.with_columns(
        pl.coalesce(name, f"{name}_old").alias(name) for name in columns if f"{name}_old" in both.columns
    )


def _unless_known(both: pl.DataFrame, name: str) -> list[pl.Expr]:
    if name not in both.columns:
        return []
    return [pl.when(pl.col(f"{name}_old").is_null()).then(pl.col(name)).alias(name)]


def _kept_raw(both: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Return `raw_values`: only rows that had or bring source texts need looking at."""
    rows = both.select("_raw", "raw_values_old", *columns)
    touched = (both["_raw"].is_not_null() | both["raw_values_old"].is_not_null()).to_list()
    found: list[str | None] = [None] * both.height
    for index in (i for i, flag in enumerate(touched) if flag):
        row = rows.row(index, named=True)
        filled = [name.removesuffix("_id") for name in columns if row[name] is not None]
        found[index] = raw_values(row["_raw"], row["raw_values_old"], filled + columns_filled(row, columns))
    return pl.Series("raw_values", found, dtype=pl.String)


def columns_filled(row: dict[str, Any], columns: list[str]) -> list[str]:
    """Return the source fields that a row's filled columns come from."""
    fields: list[str] = []
    for name in columns:
        if row[name] is None:
            continue
        fields.append(name)
        if name.endswith("_id"):
            stem = name.removesuffix("_id")
            fields += [f"{stem}_name", f"{stem}_external_id", f"{stem}_number"]
    return fields


def _images(changed: pl.DataFrame, columns: list[str], side: str, name_of_image: str) -> pl.Series:
    """Return the old ("_old") or new values of the changed columns of each record, as a JSON object."""
    cells = [
        pl.when(pl.col(f"{name}_changed")).then(_json_member(name, changed.schema[f"{name}{side}"], side))
        for name in _compared_names(columns)
    ]
    members = pl.concat_str(cells, separator=", ", ignore_nulls=True)
    image = pl.concat_str([pl.lit("{"), members, pl.lit("}")])
    return changed.select(image.alias(name_of_image)).to_series().cast(pl.String)


def _json_member(name: str, kind: pl.DataType, side: str) -> pl.Expr:
    """Return a column's values as members of a JSON object; instants and days as ISO text."""
    value = pl.col(f"{name}{side}")
    if isinstance(kind, pl.Datetime):
        utc = value.dt.convert_time_zone("UTC")
        whole = utc.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        value = pl.when(utc.dt.microsecond() == 0).then(whole).otherwise(utc.dt.strftime(_WITH_FRACTION))
    elif kind == pl.Date:
        value = value.dt.strftime("%Y-%m-%d")
    return pl.struct(value.alias(name)).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


def _actions(
    rows: pl.DataFrame,
    columns: list[str],
    sizes: pl.DataFrame,
    compared: pl.DataFrame,
    changed: pl.DataFrame,
) -> pl.DataFrame:
    """Return _k, _origin, _row, _id and action of every row."""
    base = rows.select("_k", "_origin", "_row", "_id", "_new").join(sizes, on="_id", maintain_order="left")
    touched = changed.select("_id", pl.lit(True).alias("_touched"))
    base = base.join(touched, on="_id", how="left", maintain_order="left").with_columns(
        pl.col("_touched").fill_null(False)
    )
    first = pl.col("_k") == pl.col("_k").min().over("_id")
    simple = (
        pl.when(pl.col("_new") & first)
        .then(pl.lit("created"))
        .when(~pl.col("_new") & pl.col("_touched") & (pl.col("_size") == 1))
        .then(pl.lit("updated"))
        .otherwise(pl.lit("unchanged"))
    )
    base = base.with_columns(simple.alias("action"))
    several = base.filter((pl.col("_size") > 1) & (pl.col("_new") | pl.col("_touched")))
    if several.is_empty():
        return base.select("_k", "_origin", "_row", "_id", "action")
    moved = _moved(rows.join(several.select("_k"), on="_k", how="semi"), columns, compared)
    return base.with_columns(
        pl.when((pl.col("action") == "unchanged") & pl.col("_k").is_in(moved))
        .then(pl.lit("updated"))
        .otherwise("action")
        .alias("action")
    ).select("_k", "_origin", "_row", "_id", "action")


def _moved(several: pl.DataFrame, columns: Sequence[str], compared: pl.DataFrame) -> list[int]:
    """Return the rows that changed their record as the rows before them had left it."""
    old = compared.select(
        pl.col("_id"), pl.lit(-1, dtype=pl.Int64).alias("_k"), *(pl.col(f"{n}_old").alias(n) for n in columns)
    ).join(several.select("_id").unique(), on="_id", how="semi")
    stacked = pl.concat(
        [old, several.select("_id", pl.col("_k").cast(pl.Int64), *columns)], how="vertical_relaxed"
    ).sort("_id", "_k")
    states = stacked.with_columns(
        pl.col(name).forward_fill().over("_id").shift(1).over("_id").alias(f"{name}_was") for name in columns
    )
    moves = pl.any_horizontal(
        [pl.col(n).is_not_null() & pl.col(n).ne_missing(pl.col(f"{n}_was")) for n in columns]
    )
    return states.filter(moves & (pl.col("_k") >= 0))["_k"].to_list()
