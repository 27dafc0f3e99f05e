"""Customers that refused: an import brings them, but gives them to nobody before their time (DUP-06)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from desktop.analytics.names import name_key
from desktop.i18n import N_
from desktop.store.loading import bulk
from desktop.store.loading.batch import Problem, problems_of
from desktop.store.loading.keys import mapped
from desktop.store.loading.specs import Spec
from desktop.store.refusals import blocked_until, refused_keys
from desktop.store.workspace import Work
from desktop.terms import Severity

_REFUSED = N_(
    "This customer refused and has no purchasing window; nobody is given it before {until}. The rest of the row is"
    " imported; assign it then, or let sales operations lift the refusal."
)


def without_refused(rows: pl.DataFrame, spec: Spec, work: Work) -> tuple[pl.DataFrame, list[Problem]]:
    """Return accounts or leads without the owners that a refusal keeps from them, and what was left out.

    What is new counts, and what would change hands; a row that leaves its record with its owner is none of these.
    """
    if spec.entity not in ("account", "lead") or "owner_id" not in rows.columns:
        return rows, []
    keys = refused_keys(work)
    if not keys:
        return rows, []
    owned = bulk.fetch(work.connection, spec.table, ["id", "owner_id"], rows["_id"].to_list())
    owned = owned.rename({"id": "_id", "owner_id": "_holder"})
    given = rows.join(owned, on="_id", how="left").filter(
        pl.col("owner_id").is_not_null() & pl.col("owner_id").ne_missing(pl.col("_holder"))
    )
    held = pl.concat([_by_rows(given, spec, keys), _by_records(given, spec, work)])
    held = held.group_by("_k").agg(pl.col("until").max())
    if held.is_empty():
        return rows, []
    told = rows.join(held, on="_k", how="inner", maintain_order="left")
    problems = problems_of(
        told, spec, "owner", "customer_refused", Severity.CELL, _REFUSED, parameters=("until",)
    )
    kept = pl.when(~pl.col("_k").is_in(held["_k"].implode())).then("owner_id").alias("owner_id")
    return rows.with_columns(kept), problems


def _by_rows(given: pl.DataFrame, spec: Spec, keys: Mapping[str, date]) -> pl.DataFrame:
    """Return the rows that say of themselves that they are such a customer, each with "until"."""
    told = given.with_columns(pl.col("name_key").alias("_name"))
    if spec.entity == "lead" and "company" in given.columns:
        named = pl.coalesce(mapped(given["company"], name_key), pl.col("name_key"))
        told = told.with_columns(named.alias("_name"))
    ways = {
        "_name": "name ",
        "credit_code": "code ",
        "phone": "phone ",
        "mobile": "phone ",
        "email": "mail ",
    }
    until = pl.DataFrame({"_key": list(keys), "until": [str(day) for day in keys.values()]})
    found = []
    for column, word in ways.items():
        if column in told.columns:
            value = pl.col(column)
            if column == "credit_code":
                value = value.str.to_uppercase()
            elif column == "email":
                value = value.str.to_lowercase()
            asked = told.select("_k", (pl.lit(word) + value).alias("_key"))
            found.append(asked.join(until, on="_key").select("_k", "until"))
    return pl.concat(found)


def _by_records(given: pl.DataFrame, spec: Spec, work: Work) -> pl.DataFrame:
    """Return the rows whose record, as it stands, is such a customer."""
    known = given.filter(~pl.col("_new"))
    refused = blocked_until(work, spec.table_name, known["_id"].to_list())
    days = pl.DataFrame(
        {"_id": list(refused), "until": [str(day) for day in refused.values()]},
        schema={"_id": pl.Int64, "until": pl.String},
    )
    return known.select("_k", "_id").join(days, on="_id").select("_k", "until")
