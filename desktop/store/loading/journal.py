"""The lineage of a run: what it did to which record, from which row, and what the record was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from sqlalchemy import Connection

from desktop.models.imports import Lineage
from desktop.store.loading import bulk
from desktop.store.loading.batch import Origin
from desktop.store.loading.difference import Difference
from desktop.store.loading.specs import Spec

_SCHEMA = {
    "table_name": pl.String(),
    "record_id": pl.Int64(),
    "action": pl.String(),
    "_origin": pl.Int64(),
    "row": pl.Int64(),
    "before": pl.String(),
    "after": pl.String(),
    "version": pl.Int64(),
}


_COMPACT = {
    **_SCHEMA,
    "table_name": pl.Categorical(),
    "action": pl.Categorical(),
    "_origin": pl.Int32(),
}
"""How lines are kept until they are written: texts that repeat are numbers meanwhile."""

_IMAGES = ("before", "after")
_PART = 50_000
"""Lines that are put together and written at a time."""


class Journal:
    """Collects the lineage of one run, and writes it once, in parts."""

    def __init__(self, connection: Connection, run_id: int, origins: Sequence[Origin]) -> None:
        self._connection = connection
        self._run_id = run_id
        self._origins = origins
        self._parts: list[pl.DataFrame] = []

    def note(self, spec: Spec, made: Difference) -> None:
        """Note what became of every source row of an entity.

        A record's before-image stands once: on the first row that changed it.
        """
        images = made.changed.select("_id", "before", "after", (pl.col("version") + 1).alias("_left"))
        rows = made.rows.join(images, on="_id", how="left", maintain_order="left")
        changes = pl.col("action") == "updated"
        first = changes & (pl.col("_k") == pl.col("_k").filter(changes).min().over("_id"))
        is_new = made.new.select("_id", pl.lit(True).alias("_made"))
        rows = rows.join(is_new, on="_id", how="left", maintain_order="left")
        # Later rows of a record that this run made or changed are kept as its provenance alone.
        action = (
            pl.when(pl.col("action") == "created")
            .then(pl.lit("created"))
            .when(first & pl.col("_made").is_null())
            .then(pl.lit("updated"))
            .otherwise(pl.lit("unchanged"))
        )
        self._add(
            rows.with_columns(action.alias("action")).select(
                pl.lit(spec.table_name).alias("table_name"),
                pl.col("_id").alias("record_id"),
                "action",
                "_origin",
                pl.col("_row").alias("row"),
                *(
                    pl.when(pl.col("action") == "updated").then(name).alias(name)
                    for name in ("before", "after")
                ),
                pl.when(pl.col("action") == "unchanged")
                .then(0)
                .otherwise(pl.col("_left").fill_null(1))
                .alias("version"),
            )
        )

    def created(self, table_name: str, ids: pl.Series) -> None:
        """Note records that no single row of a file describes."""
        self._add(
            pl.DataFrame({"record_id": ids}).select(
                pl.lit(table_name).alias("table_name"),
                "record_id",
                pl.lit("created").alias("action"),
                pl.lit(None, dtype=pl.Int64).alias("_origin"),
                pl.lit(None, dtype=pl.Int64).alias("row"),
                pl.lit(None, dtype=pl.String).alias("before"),
                pl.lit(None, dtype=pl.String).alias("after"),
                pl.lit(1, dtype=pl.Int64).alias("version"),
            )
        )

    def described(self, table_name: str, rows: pl.DataFrame) -> None:
        """Note records ("_id") that rows of a file ("_origin", "_row") describe, in a table without versions."""
        self._add(
            rows.select(
                pl.lit(table_name).alias("table_name"),
                pl.col("_id").alias("record_id"),
                pl.lit("created").alias("action"),
                "_origin",
                pl.col("_row").alias("row"),
                pl.lit(None, dtype=pl.String).alias("before"),
                pl.lit(None, dtype=pl.String).alias("after"),
                pl.lit(1, dtype=pl.Int64).alias("version"),
            )
        )

    def write_some(self) -> None:
        """Write what was noted if it is much; it goes on beside what follows where that is possible."""
        if sum(part.height for part in self._parts) >= _PART:
            self.write()

    def write(self) -> None:
        """Write all that was noted, in the order in which it was, and let go of it."""
        table = Lineage.metadata.tables["import_lineage"]
        waiting: list[pl.DataFrame] = []
        for part in self._drained():
            waiting.append(part)
            if sum(one.height for one in waiting) >= _PART:
                bulk.insert(self._connection, table, self._lines(pl.concat(waiting)))
                waiting.clear()
        if waiting:
            bulk.insert(self._connection, table, self._lines(pl.concat(waiting)))

    def _drained(self) -> Iterator[pl.DataFrame]:
        """Return what was noted, part by part; what has been returned is forgotten."""
        self._parts.reverse()
        while self._parts:
            for part in self._parts.pop().iter_slices(_PART):
                images = [pl.lit(None, dtype=pl.String).alias(n) for n in _IMAGES if n not in part.columns]
                yield part.with_columns(images).select(
                    pl.col(name).cast(kind) for name, kind in _SCHEMA.items()
                )

    def _lines(self, part: pl.DataFrame) -> pl.DataFrame:
        """Return lines as their table wants them: with the file and sheet of their origin."""
        origins = pl.DataFrame(
            {
                "_origin": range(len(self._origins)),
                "file": [origin.file[:400] for origin in self._origins],
                "sheet": pl.Series([origin.sheet for origin in self._origins], dtype=pl.String),
            },
            schema_overrides={"_origin": pl.Int64, "file": pl.String},
        )
        lines = part.join(origins, on="_origin", how="left", maintain_order="left")
        return lines.drop("_origin").with_columns(
            pl.lit(self._run_id, dtype=pl.Int64).alias("run_id"), pl.lit(False).alias("undone")
        )

    def _add(self, part: pl.DataFrame) -> None:
        """Keep lines; the images of a part that changed nothing are not even kept as blanks."""
        bare = [name for name in _IMAGES if part[name].null_count() == part.height]
        self._parts.append(
            part.select(pl.col(name).cast(kind) for name, kind in _COMPACT.items() if name not in bare)
        )
