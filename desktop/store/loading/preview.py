"""What a load does, cell by cell, and one hash over all of it: a dry run shows the one and is held to the other.

The hash names no id that this run has reserved: a run that is rolled back burns its ids, and the same
deeds must have the same hash the next time.
"""

from __future__ import annotations

import hashlib

import polars as pl
from sqlalchemy import JSON, Connection, Table

from desktop.store.loading import bulk
from desktop.store.loading.custom import is_custom
from desktop.store.loading.difference import Difference
from desktop.store.loading.specs import Spec

CELLS_KEPT = 200_000
"""How many changed cells are kept to be looked at; all of them are counted and hashed."""

NEW_RECORDS_KEPT = 500
"""Of how many new records of an entity the cells are kept."""

SCHEMA: dict[str, pl.DataType] = {
    "origin": pl.Int64(),
    "row": pl.Int64(),
    "entity": pl.String(),
    "record_id": pl.Int64(),
    "action": pl.String(),
    "field": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
_UNSHOWN = frozenset({"source_system", "row_key", "name_key", "version"})
_STAMPS = frozenset({"id", "version", "recorded_at", "changed_at", "operation_id"})
_LABELS = ("name", "number", "subject", "code")


class Preview:
    """Collects the cells that one load writes, as many as a person may look at, and hashes all of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._parts: list[pl.DataFrame] = []
        self._kept = 0
        self._made: dict[str, list[pl.Series]] = {}
        self._hash = hashlib.sha256()
        self.changed_cells = 0

    def created(self, table: Table, records: pl.DataFrame) -> None:
        """Take in new records ("id") of any table."""
        if records.is_empty():
            return
        self._made.setdefault(table.name, []).append(records["id"])
        self._take(table, "created", records)

    def note(self, spec: Spec, made: Difference, new: pl.DataFrame) -> None:
        """Take in what became of one entity's rows: `new` are its records as they are written."""
        self.created(spec.table, new)
        names = [*made.columns, "external_id", "source_system", "raw_values"]
        changed = made.changed
        old = {f"{name}_old": name for name in names if f"{name}_old" in changed.columns}
        self._take(spec.table, "before", changed.select(pl.col("_id").alias("id"), *old).rename(old))
        self._take(spec.table, "after", changed.select(pl.col("_id").alias("id"), *names))
        told = made.rows.select(pl.col("_id").alias("id"), "_origin", "_row", "action")
        self._take(spec.table, "rows", told)
        self._keep_new(spec, made, new)
        self._keep_changed(spec, made)

    def differences(self) -> pl.DataFrame:
        """Return the cells that are kept: references by the name of what they refer to."""
        cells = pl.concat([pl.DataFrame(schema=SCHEMA), *self._parts])
        return cells.sort("origin", "row", nulls_last=True, maintain_order=True)

    def fingerprint(self) -> str:
        """Return the hash of everything that was taken in so far."""
        return self._hash.hexdigest()

    def _take(self, table: Table, what: str, frame: pl.DataFrame) -> None:
        """Hash a set of lines; their order does not matter."""
        self._hash.update(f"{table.name}\x1f{what}\x1f{frame.height}\x1f".encode())
        if frame.is_empty():
            return
        references = {"id": table.name} | {
            column.name: key.column.table.name
            for column in table.c
            for key in column.foreign_keys
            if column.name in frame.columns
        }
        names = sorted(name for name in frame.columns if name == "id" or name not in _STAMPS)
        plain = frame.select(
            self._told(frame, name, references[name]) if name in references else frame[name] for name in names
        )
        self._hash.update("\x1f".join(names).encode())
        self._hash.update(plain.hash_rows().sort().to_numpy().tobytes())

    def _told(self, frame: pl.DataFrame, name: str, table_name: str) -> pl.Series:
        """Return ids, those of this run's own records as their ordinal below zero."""
        ids = frame[name].cast(pl.Int64)
        own = self._made.get(table_name)
        if not own or ids.null_count() == len(ids):
            return ids
        made = pl.concat(own)
        if len(made) == made[-1] - made[0] + 1 and (made.diff().drop_nulls() == 1).all():
            ordinal = made[0] - 1 - ids
            return ids.zip_with(~ids.is_between(made[0], made[-1]).fill_null(False), ordinal)
        ordinals = pl.DataFrame({name: made, "_n": pl.int_range(-1, -len(made) - 1, -1, eager=True)})
        joined = pl.DataFrame({name: ids}).join(ordinals, on=name, how="left", maintain_order="left")
        return joined.select(pl.coalesce("_n", name).alias(name)).to_series()

    def _keep_new(self, spec: Spec, made: Difference, new: pl.DataFrame) -> None:
        if new.is_empty():
            return
        some = new.head(NEW_RECORDS_KEPT)
        places = made.new.select(pl.col("_id").alias("id"), "_origin", "_row")
        some = some.join(places, on="id", how="left", maintain_order="left")
        for name in new.columns:
            if name not in _STAMPS | _UNSHOWN:
                cells = some.filter(pl.col(name).is_not_null())
                self._add(spec, name, "created", cells.with_columns(_id="id"), None, name)

    def _keep_changed(self, spec: Spec, made: Difference) -> None:
        for name in (*made.columns, "external_id", "raw_values"):
            cells = made.changed.filter(pl.col(f"{name}_changed"))
            self.changed_cells += cells.height
            self._add(spec, name, "updated", cells.head(CELLS_KEPT - self._kept), f"{name}_old", name)
            self._kept += min(cells.height, CELLS_KEPT - self._kept)

    def _add(
        self, spec: Spec, name: str, action: str, cells: pl.DataFrame, before: str | None, after: str
    ) -> None:
        if cells.is_empty():
            return
        texts = {"after": self._text(spec, name, cells[after])}
        texts["before"] = (
            self._text(spec, name, cells[before])
            if before
            else pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
        )
        part = cells.select(
            pl.col("_origin").alias("origin"),
            pl.col("_row").alias("row"),
            pl.lit(spec.entity).alias("entity"),
            pl.col("_id").alias("record_id"),
            pl.lit(action).alias("action"),
            pl.lit(field_of(spec, name)).alias("field"),
        ).with_columns(before=texts["before"], after=texts["after"])
        self._parts.append(part.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()))

    def _text(self, spec: Spec, name: str, values: pl.Series) -> pl.Series:
        """Return values as text: instants and days in ISO, references by name, whole numbers unscaled."""
        column = spec.table.c.get(name)
        if isinstance(values.dtype, pl.Datetime):
            return values.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        if column is None:  # a custom field
            return values.cast(pl.String)
        target = next((key.column.table for key in column.foreign_keys), None)
        if target is None or isinstance(column.type, JSON):
            return values.cast(pl.String)
        label = next((one for one in _LABELS if one in target.c), None)
        if label is None:
            return values.cast(pl.String)
        known = bulk.fetch(self._connection, target, ["id", label], values.drop_nulls().unique().to_list())
        joined = pl.DataFrame({"id": values}).join(known, on="id", how="left", maintain_order="left")
        number = pl.concat_str([pl.lit("#"), pl.col("id").cast(pl.String)])
        return joined.select(pl.coalesce(label, number)).to_series()


def field_of(spec: Spec, column: str) -> str:
    """Return the source field that a person knows a column by."""
    for link in spec.links:
        if link.column == column:
            return link.fields[-1]
    for field_name, renamed in spec.renamed:
        if renamed == column:
            return field_name
    if column in ("person_id", "unit_id"):
        return "owner"
    if is_custom(column):
        return column
    return column.removesuffix("_id") if column not in ("external_id",) else column
