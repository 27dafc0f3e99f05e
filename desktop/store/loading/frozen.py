"""Quotes and contracts that were approved stay as they are, whatever a file says: such a row is left out and named (PER-06)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from desktop.i18n import N_
from desktop.models.quotes import PaperVersion
from desktop.store.access.papers import CONTRACT_TERMS, FILLED_LATER, LINE_TERMS, MOVED_BY_MERGES, QUOTE_TERMS
from desktop.store.loading import bulk
from desktop.store.loading.batch import Problem, problems_of
from desktop.store.loading.specs import SPECS, Spec
from desktop.store.workspace import Work
from desktop.terms import Severity

_TERMS = {
    "quote": (QUOTE_TERMS, PaperVersion.quote_id),
    "contract": (CONTRACT_TERMS, PaperVersion.contract_id),
}
_FROZEN = N_(
    "This was approved and stays as it was approved; the row would change: {fields}. Ask for a change of the contract,"
    " or write a new quote after it; the other rows are imported."
)


def without_frozen(rows: pl.DataFrame, spec: Spec, work: Work) -> tuple[pl.DataFrame, list[Problem]]:
    """Return quotes, their lines or contracts without the rows that would change what was approved, and what was left out."""
    if spec.entity == "quote_line":
        return _without_frozen_lines(rows, spec, work)
    if spec.entity not in _TERMS:
        return rows, []
    terms, column = _TERMS[spec.entity]
    names = [name for name in terms if name in rows.columns and name != MOVED_BY_MERGES]
    known = rows.filter(~pl.col("_new"))["_id"].unique().to_list()
    if not names or not known:
        return rows, []
    approved = _approved(work, column)
    ids = [one for one in known if one in approved]
    if not ids:
        return rows, []
    stored = bulk.fetch(work.connection, spec.table, ["id", *names], ids)
    stored = stored.rename({"id": "_id"} | {name: f"{name}_old" for name in names})
    told = rows.join(stored, on="_id", how="inner", maintain_order="left")
    return _left_out(rows, told, spec, names)


def frozen_columns(work: Work, table: str, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Return the columns of each of these records that approval has frozen; records without any are missing."""
    if table == "quote_line":
        lines = bulk.fetch(work.connection, SPECS[table].table, ["id", "quote_id"], ids)
        approved = _approved(work, PaperVersion.quote_id)
        held = lines.filter(pl.col("quote_id").is_in(list(approved)))["id"].to_list()
        return dict.fromkeys(held, frozenset(SPECS[table].table.c.keys()))
    if table not in _TERMS:
        return {}
    terms, column = _TERMS[table]
    return dict.fromkeys(set(ids) & _approved(work, column), frozenset(terms))


def _approved(work: Work, column: InstrumentedAttribute[int | None]) -> set[int]:
    return {row[0] for row in work.rows(select(column).where(column.is_not(None)).distinct())}


def _without_frozen_lines(rows: pl.DataFrame, spec: Spec, work: Work) -> tuple[pl.DataFrame, list[Problem]]:
    """A line belongs to what was approved of its quote: none is added to it, and where it came from is not noted anew."""
    approved = list(_approved(work, PaperVersion.quote_id))
    if not approved or rows.is_empty():
        return rows, []
    names = [name for name in ("quote_id", *LINE_TERMS) if name in rows.columns]
    known = rows.filter(~pl.col("_new"))["_id"].unique().to_list()
    stored = bulk.fetch(work.connection, spec.table, ["id", *names], known)
    stored = stored.rename({"id": "_id"} | {name: f"{name}_old" for name in names})
    told = rows.join(stored, on="_id", how="left", maintain_order="left")
    told = told.filter(pl.col("quote_id").is_in(approved) | pl.col("quote_id_old").is_in(approved))
    rows, problems = _left_out(rows, told, spec, names)
    held = pl.col("_k").is_in(told["_k"].to_list())
    beside = ["external_id", "_raw", *(name for name in rows.columns if name.startswith("x_"))]
    return rows.with_columns(pl.when(~held).then(name).alias(name) for name in beside), problems


def _left_out(
    rows: pl.DataFrame, told: pl.DataFrame, spec: Spec, names: Sequence[str]
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows without those of `told` (beside what is stored) that change any of the names, and say which."""
    changed = [
        pl.when(_changes(name)).then(pl.lit(name)).otherwise(None).alias(f"{name}_says") for name in names
    ]
    said = pl.concat_list([f"{name}_says" for name in names]).list.drop_nulls()
    told = told.with_columns(changed).with_columns(said.list.join(", ").alias("fields"))
    told = told.filter(pl.col("fields") != "")
    problems = problems_of(told, spec, None, "paper_frozen", Severity.ROW, _FROZEN, parameters=("fields",))
    return rows.join(told, on="_k", how="anti", maintain_order="left"), problems


def _changes(name: str) -> pl.Expr:
    differs = pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_old"))
    # What an approved contract still lacks is given once.
    return differs & pl.col(f"{name}_old").is_not_null() if name in FILLED_LATER else differs
