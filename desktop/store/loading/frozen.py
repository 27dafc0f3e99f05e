"""Quotes and contracts that were approved stay as they are, whatever a file says: such a row is left out and named (PER-06)."""

from __future__ import annotations

import polars as pl
from sqlalchemy import select

from desktop.i18n import N_
from desktop.models.quotes import PaperVersion
from desktop.store.access.papers import CONTRACT_TERMS, FILLED_LATER, MOVED_BY_MERGES, QUOTE_TERMS
from desktop.store.loading import bulk
from desktop.store.loading.batch import Problem, problems_of
from desktop.store.loading.specs import Spec
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
    """Return quotes or contracts without the rows that would change what was approved, and what was left out."""
    if spec.entity not in _TERMS:
        return rows, []
    terms, column = _TERMS[spec.entity]
    names = [name for name in terms if name in rows.columns and name != MOVED_BY_MERGES]
    known = rows.filter(~pl.col("_new"))["_id"].unique().to_list()
    if not names or not known:
        return rows, []
    approved = {row[0] for row in work.rows(select(column).where(column.is_not(None)))}
    ids = [one for one in known if one in approved]
    if not ids:
        return rows, []
    stored = bulk.fetch(work.connection, spec.table, ["id", *names], ids)
    stored = stored.rename({"id": "_id"} | {name: f"{name}_old" for name in names})
    changed = [
        pl.when(_changes(name)).then(pl.lit(name)).otherwise(None).alias(f"{name}_says") for name in names
    ]
    told = rows.join(stored, on="_id", how="inner", maintain_order="left").with_columns(changed)
    said = pl.concat_list([f"{name}_says" for name in names]).list.drop_nulls()
    told = told.with_columns(said.list.join(", ").alias("fields")).filter(pl.col("fields") != "")
    problems = problems_of(told, spec, None, "paper_frozen", Severity.ROW, _FROZEN, parameters=("fields",))
    return rows.join(told, on="_k", how="anti", maintain_order="left"), problems


def _changes(name: str) -> pl.Expr:
    differs = pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_old"))
    # What an approved contract still lacks is given once.
    return differs & pl.col(f"{name}_old").is_not_null() if name in FILLED_LATER else differs
