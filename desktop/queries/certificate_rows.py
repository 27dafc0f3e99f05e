"""Row by row: what a run's sources said, beside what the database says of the records that came of it."""

from __future__ import annotations

import polars as pl
from sqlalchemy import select

from desktop.analytics.names import name_key
from desktop.importers.measures import DATES, MEASURES
from desktop.models.people import Person
from desktop.queries.evidence import Evidence, lineage_rows
from desktop.store.loading import bulk
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work


def compared_rows(work: Work, run_id: int, evidence: Evidence) -> pl.DataFrame:
    """Return the ledger with what the database says of each row's record, and the group each side is in."""
    places = [(facts.file, facts.sheet) for facts in evidence.tables]
    lines = lineage_rows(work, run_id, places)
    undone = lines.group_by("entity", "record_id").agg(
        pl.col("undone").any().alias("undone"), pl.col("version").max().alias("left_version")
    )
    first = lines.unique(["table", "entity", "row"], keep="first").select(
        "table", "entity", "row", "record_id"
    )
    # Histories of stages belong to their deals and are no records that a lineage could answer for.
    ledger = evidence.ledger.filter(pl.col("entity").is_in(list(SPECS)))
    rows = ledger.join(first, on=["table", "entity", "row"], how="left", maintain_order="left")
    rows = rows.join(undone, on=["entity", "record_id"], how="left", maintain_order="left")
    entities = rows["entity"].unique(maintain_order=True).to_list()
    stored = [_stored(work, entity, rows) for entity in entities if entity in SPECS]
    there = pl.concat([pl.DataFrame(schema=_STORED), *stored])
    key = ["entity", "record_id", "dated"]
    rows = rows.join(there, on=key, how="left", nulls_equal=True, maintain_order="left")
    names, known = _people(work)
    told = [known.get(name_key(text), text) if text else None for text in rows["owner"].to_list()]
    here = [names.get(person) if person is not None else None for person in rows["owner_id"].to_list()]
    rows = rows.with_columns(
        pl.Series("owner", told, dtype=pl.String), pl.Series("here_owner", here, dtype=pl.String)
    )
    state = (
        pl.when("rejected")
        .then(pl.lit("rejected"))
        .when(pl.col("repeats").is_not_null())
        .then(pl.lit("repeated"))
        .when(pl.col("undone").fill_null(False))
        .then(pl.lit("undone"))
        .otherwise(pl.lit("counts"))
    )
    return rows.with_columns(state.alias("state"))


_STORED: dict[str, pl.DataType] = {
    "entity": pl.String(),
    "record_id": pl.Int64(),
    "dated": pl.String(),
    "version": pl.Int64(),
    "owner_id": pl.Int64(),
    "here_year": pl.Int64(),
    "here_currency": pl.String(),
    "found": pl.Int64(),
    "stands": pl.Boolean(),
}


def _stored(work: Work, entity: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return what stands in the database for an entity's records, once per field that dates them."""
    spec = SPECS[entity]
    wanted = rows.filter((pl.col("entity") == entity) & pl.col("record_id").is_not_null())
    days = [name for name in DATES.get(entity, ()) if name in spec.table.c]
    optional = [name for name in ("version", "owner_id", "currency", MEASURES.get(entity, "")) if name]
    names = ["id", *(name for name in optional if name in spec.table.c), *days]
    found = bulk.fetch(work.connection, spec.table, names, wanted["record_id"].to_list())
    for name, kind in (("version", pl.Int64), ("owner_id", pl.Int64), ("currency", pl.String)):
        if name not in found.columns:
            found = found.with_columns(pl.lit(None, dtype=kind).alias(name))
    measure = MEASURES.get(entity)
    amount = pl.col(measure) if measure in found.columns else pl.lit(None, dtype=pl.Int64)
    parts = []
    for dated in (None, *days):
        year = pl.col(dated).dt.year().cast(pl.Int64) if dated else pl.lit(None, dtype=pl.Int64)
        parts.append(
            found.select(
                pl.lit(entity).alias("entity"),
                pl.col("id").alias("record_id"),
                pl.lit(dated, dtype=pl.String).alias("dated"),
                "version",
                "owner_id",
                year.alias("here_year"),
                pl.col("currency").str.strip_chars().str.to_uppercase().alias("here_currency"),
                amount.alias("found"),
                pl.lit(True).alias("stands"),
            ).select(pl.col(name).cast(kind) for name, kind in _STORED.items())
        )
    return pl.concat(parts)


def _people(work: Work) -> tuple[dict[int, str], dict[str, str]]:
    """Return people's names by id, and by every text under which a source may know them."""
    names: dict[int, str] = {}
    known: dict[str, str] = {}
    for person in work.rows(select(Person.id, Person.name, Person.login, Person.email, Person.external_id)):
        names[person.id] = person.name
        for text in (person.external_id, person.email, person.login, person.name):
            if text:
                known[name_key(text)] = person.name
    return names, known
