"""Fitting typed values to their columns: lists as JSON, texts within their width, numbers within range."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from sqlalchemy import JSON, BigInteger, Integer, String, Table

from desktop.i18n import N_
from desktop.store.loading import bulk
from desktop.store.loading.batch import Problem, problems_of
from desktop.store.loading.keys import mapped
from desktop.store.loading.specs import Spec
from desktop.terms import Severity

_TOO_LONG = N_("The text has {length} characters, but at most {limit} are kept here; the value is left out.")
_OUT_OF_RANGE = N_("{value} is too large for this field; the value is left out.")
_INT_MAX = 2**31 - 1


def fitted(frame: pl.DataFrame, spec: Spec, columns: list[str]) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the frame with database types; a value that its column cannot hold becomes an issue."""
    problems: list[Problem] = []
    for name in columns:
        column = spec.table.c[name]
        wanted = bulk.frame_type(column)
        have = frame.schema[name]
        if isinstance(column.type, JSON) and isinstance(have, pl.List):
            frame = frame.with_columns(_list_as_json(frame[name]).alias(name))
        elif have != wanted:
            frame = frame.with_columns(pl.col(name).cast(wanted))
        limit = getattr(column.type, "length", None) if isinstance(column.type, String) else None
        if limit:
            length = pl.col(name).str.len_chars()
            frame, found = _left_out(
                frame,
                spec,
                name,
                length > limit,
                "too_long",
                _TOO_LONG,
                {"length": length, "limit": pl.lit(limit)},
            )
            problems += found
        elif (
            isinstance(column.type, Integer)
            and not isinstance(column.type, BigInteger)
            and not column.foreign_keys
        ):
            wrong = pl.col(name).abs() > _INT_MAX
            frame, found = _left_out(
                frame, spec, name, wrong, "out_of_range", _OUT_OF_RANGE, {"value": pl.col(name)}
            )
            problems += found
    return frame, problems


def raw_values(new: str | None, old: str | None, filled: list[str]) -> str | None:
    """Return the kept source texts: the old ones, less those whose value is known now, and the new."""
    kept: dict[str, Any] = json.loads(old) if old else {}
    for name in filled:
        kept.pop(name, None)
    if new:
        kept.update(json.loads(new))
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None


def canonical_json(texts: pl.Series) -> pl.Series:
    """Return JSON texts in the one form in which loading writes them."""
    return mapped(texts, lambda text: json.dumps(json.loads(text), ensure_ascii=False))


def json_columns(table: Table) -> set[str]:
    """Return the names of a table's JSON columns."""
    return {column.name for column in table.c if isinstance(column.type, JSON)}


def with_lost_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with "_raw" also holding the texts of references that found nothing."""
    frame = frame.with_columns(mapped(frame["_raw"], lambda text: raw_values(text, None, [])).alias("_raw"))
    lost = [name for name in frame.columns if name.startswith("_lost_")]
    if not lost:
        return frame
    some = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in lost))
    texts = []
    for row in some.select("_raw", *lost).iter_rows(named=True):
        kept = json.loads(row["_raw"]) if row["_raw"] else {}
        kept.update({name.removeprefix("_lost_"): row[name] for name in lost if row[name] is not None})
        texts.append(json.dumps(kept, ensure_ascii=False, sort_keys=True))
    update = some.select("_k").with_columns(pl.Series("_raw", texts, dtype=pl.String))
    return frame.update(update, on="_k").drop(lost)


def _left_out(
    frame: pl.DataFrame,
    spec: Spec,
    name: str,
    wrong: pl.Expr,
    code: str,
    message: str,
    parameters: dict[str, pl.Expr],
) -> tuple[pl.DataFrame, list[Problem]]:
    bad = frame.filter(wrong.fill_null(False))
    if bad.is_empty():
        return frame, []
    shown = bad.with_columns(value.alias(key) for key, value in parameters.items())
    problems = problems_of(
        bad.select("_origin", "_row", pl.col(name).alias("_shown")).hstack(shown.select(list(parameters))),
        spec,
        name,
        code,
        Severity.CELL,
        message,
        value="_shown",
        parameters=tuple(parameters),
    )
    lost = bad.select("_k", pl.col(name).cast(pl.String).alias(f"_lost_{name}"))
    frame = frame.with_columns(pl.when(wrong.fill_null(False)).then(None).otherwise(pl.col(name)).alias(name))
    return frame.join(lost, on="_k", how="left", maintain_order="left"), problems


def _list_as_json(values: pl.Series) -> pl.Series:
    joined = values.list.join("\x1e")
    return mapped(joined, lambda text: json.dumps(text.split("\x1e"), ensure_ascii=False))
