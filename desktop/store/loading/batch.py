"""What loading is given and what it gives back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from desktop.store.loading.specs import Spec
from desktop.terms import Severity

if TYPE_CHECKING:
    from desktop.store.loading.preview import Preview


class Definition(Protocol):
    """What a load must know of a custom field that rows bring."""

    @property
    def full_name(self) -> str:
        """The name under which columns are mapped to it."""
        ...

    @property
    def code(self) -> str:
        """What tells it from other fields of its entity."""
        ...

    @property
    def label(self) -> str:
        """What people call it."""
        ...

    @property
    def label_en(self) -> str:
        """What people call it in English, if that is another word."""
        ...

    @property
    def type(self) -> str:
        """What kind of values it holds."""
        ...

    @property
    def options(self) -> tuple[str, ...]:
        """What a choice is picked from."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """A table of a file, and the legacy system it came from.

    `keys` are the fields ("account.name") by which a person wants its rows recognised, `rules` how a field
    of existing records is updated ("fill_blank", "newest"), `new_fields` what the custom fields of its
    columns are, `derived` the fields that no column of it holds; all are empty by default.
    """

    file: str
    sheet: str | None
    source_system: str
    keys: tuple[str, ...] = ()
    rules: Mapping[str, str] = attribute(default_factory=dict)
    new_fields: tuple[Definition, ...] = ()
    derived: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Batch:
    """Typed rows of one entity from one origin (its place in the list of origins).

    `frame` has "row", a column per field, and "_raw" (JSON of the cells whose value was left out).
    """

    entity: str
    origin: int
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that loading found wrong with a row; `field` is the source field, not the column."""

    entity: str
    origin: int
    row: int | None
    field: str | None
    code: str
    severity: Severity
    message: str
    params: dict[str, Any] = attribute(default_factory=dict)
    value: str | None = None


@dataclass(slots=True)
class Loaded:
    """What a load did: records per entity and action, the action of every source row, the problems."""

    records: dict[str, Counter[str]] = attribute(default_factory=dict)
    rows: list[pl.DataFrame] = attribute(default_factory=list)
    problems: list[Problem] = attribute(default_factory=list)
    preview: Preview | None = None

    def count(self, entity: str, action: str, number: int) -> None:
        """Add to the records of an entity."""
        if number:
            self.records.setdefault(entity, Counter())[action] += number

    def row_actions(self) -> pl.DataFrame:
        """Return entity, origin, row and action of every source row that was loaded."""
        schema = {"entity": pl.String(), "origin": pl.Int64(), "row": pl.Int64(), "action": pl.String()}
        return pl.concat([pl.DataFrame(schema=schema), *self.rows])


def combined(spec: Spec, batches: Sequence[Batch], origins: Sequence[Origin]) -> pl.DataFrame:
    """Return all rows of one entity in one frame, in their order, under the database's column names.

    Besides the fields it has "_k" (its place), "_origin", "_row", "_source" and "_raw".
    """
    renamed = dict(spec.renamed)
    frames = []
    for batch in batches:
        frame = batch.frame.rename({"row": "_row"}).rename(
            {old: new for old, new in renamed.items() if old in batch.frame.columns}
        )
        frames.append(
            frame.with_columns(
                pl.lit(batch.origin, dtype=pl.Int64).alias("_origin"),
                pl.lit(origins[batch.origin].source_system, dtype=pl.String).alias("_source"),
            )
        )
    together = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed")
    together = together.with_row_index("_k")
    return with_columns_of(together, {"_raw": pl.String(), "external_id": pl.String()})


def with_columns_of(frame: pl.DataFrame, wanted: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return the frame with the wanted columns that it lacks, all null."""
    return frame.with_columns(
        pl.lit(None, dtype=kind).alias(name) for name, kind in wanted.items() if name not in frame.columns
    )


def problems_of(
    frame: pl.DataFrame,
    spec: Spec,
    field_name: str | None,
    code: str,
    severity: Severity,
    message: str,
    *,
    value: str | None = None,
    parameters: Iterable[str] = (),
) -> list[Problem]:
    """Return a problem for every row of a frame; `parameters` are columns whose values fill the message."""
    return [
        Problem(
            spec.entity,
            row["_origin"],
            row["_row"],
            field_name,
            code,
            severity,
            message,
            {name: row[name] for name in parameters},
            None if value is None or row[value] is None else str(row[value]),
        )
        for row in frame.select(
            list(dict.fromkeys(["_origin", "_row", *parameters, *([value] if value else [])]))
        ).iter_rows(named=True)
    ]
