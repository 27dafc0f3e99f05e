"""Which record an imported row is: by record id, document number, name, or its own hash.

The order is that of decisions.md (keys and identity): (source, record id) → document number or
credit code → exact normalised name if it is unique → new. Rows with different record ids of one
source never meet, and no weaker key joins rows whose numbers contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import polars as pl
from sqlalchemy import Connection

from desktop.store.loading import bulk
from desktop.store.loading.batch import with_columns_of
from desktop.store.loading.chosen import complete
from desktop.store.loading.merged import alias_lines
from desktop.store.loading.specs import Spec

_Decide: TypeAlias = Callable[
    [pl.DataFrame, "Register", Sequence[tuple[str, ...]], str], tuple[pl.DataFrame, list[str]]
]
_FOUND = {"_k": pl.UInt32(), "_id": pl.Int64()}


def key_columns(spec: Spec) -> dict[str, pl.DataType]:
    """Return the columns by which records of an entity are found, with their frame types."""
    names = ["id", "source_system", "external_id", "row_key"]
    names += [spec.number] if spec.number else []
    names += ["name_key"] if spec.named else []
    names += [name for key in spec.match for name in key]
    names += [name for name in ("email", "account_id") if name in spec.table.c]
    return {name: bulk.frame_type(spec.table.c[name]) for name in dict.fromkeys(names)}


class Register:
    """The records of one entity by their keys: those of the database, and those this run adds.

    A record has a line for every set of keys it is known under, so a record id that a row brings to
    a record known by name finds it from then on.
    """

    def __init__(self, spec: Spec, connection: Connection, more: Iterable[str] = ()) -> None:
        self.spec = spec
        self.columns = key_columns(spec) | {name: bulk.frame_type(spec.table.c[name]) for name in more}
        stored = bulk.fetch(connection, spec.table, list(self.columns))
        self.lines = pl.concat([stored, alias_lines(connection, spec, self.columns)])

    def add(self, rows: pl.DataFrame) -> None:
        """Add the keys of rows whose record is in "_id"."""
        named = rows.rename({"_id": "id", "_source": "source_system"})
        wanted = with_columns_of(named, self.columns).select(
            pl.col(name).cast(kind) for name, kind in self.columns.items()
        )
        self.lines = pl.concat([self.lines, wanted])

    def unique(self, names: Sequence[str], lines: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return the keys that belong to exactly one record, with its "_id"."""
        return self.counted(names, lines).filter(pl.col("_count") == 1).drop("_count")

    def counted(self, names: Sequence[str], lines: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return every different key with the number of records it belongs to and one "_id"."""
        return (
            (self.lines if lines is None else lines)
            .drop_nulls(list(names))
            .group_by(list(names))
            .agg(pl.col("id").n_unique().alias("_count"), pl.col("id").first().alias("_id"))
        )


def assign(
    rows: pl.DataFrame,
    register: Register,
    reserve: Callable[[int], list[int]],
    *,
    keep_duplicates: bool,
    chosen: Mapping[int, tuple[str, ...]] | None = None,
) -> pl.DataFrame:
    """Return the rows with "_id" (the record of each) and "_new" (whether this run creates it).

    `chosen` are per origin the columns by which a person wants its rows recognised.
    """
    spec = register.spec
    number = spec.number
    system = ("id", "source_system")
    rows = with_columns_of(
        rows, {name: kind for name, kind in register.columns.items() if name not in system}
    )
    found = []
    # Only what is asked for is copied about, not the whole of every row.
    asked = [name for name in rows.columns if name in register.columns and name not in system]
    slim = rows.select("_k", "_source", "_origin", *asked)
    for source in slim["_source"].unique(maintain_order=True):
        own = slim.filter(pl.col("_source") == source)
        keyed = own.filter(pl.col("external_id").is_not_null())
        plain = own.filter(pl.col("external_id").is_null())
        match = () if keep_duplicates else spec.match
        decisions: list[tuple[pl.DataFrame, _Decide, Sequence[tuple[str, ...]]]] = [
            (keyed, _by_record_id, match)
        ]
        for names in dict.fromkeys((chosen or {}).values()):
            hit = complete(plain, [o for o, own in (chosen or {}).items() if own == names], names)
            decisions.append((plain.filter(hit), _by_choice, (names,)))
            plain = plain.filter(~hit)
        parts = [plain]
        if number:
            parts = [plain.filter(pl.col(number).is_not_null()), plain.filter(pl.col(number).is_null())]
        decisions += [(part, _by_content, match) for part in parts]
        for part, by, steps in decisions:
            if part.is_empty():
                continue
            known, group = by(part, register, steps, source)
            decided = _with_new_ids(part, known, group, reserve)
            register.add(part.join(decided.select("_k", "_id"), on="_k"))
            found.append(decided)
    return rows.join(pl.concat(found), on="_k", how="left", maintain_order="left")


def _by_choice(
    rows: pl.DataFrame, register: Register, match: Sequence[tuple[str, ...]], _source: str
) -> tuple[pl.DataFrame, list[str]]:
    """What a person chose decides alone, whatever numbers and names say."""
    known = [_joined(rows, register.unique(("row_key",)), ("row_key",))]
    rest = rows.join(known[0], on="_k", how="anti")
    known += [_joined(rest, register.unique(names), names) for names in match]
    return pl.concat(known), ["row_key"]


def _by_record_id(
    rows: pl.DataFrame, register: Register, match: Sequence[tuple[str, ...]], source: str
) -> tuple[pl.DataFrame, list[str]]:
    of_source = (pl.col("source_system") == source) & pl.col("external_id").is_not_null()
    ours = register.lines.filter(of_source)
    known = [_joined(rows, register.unique(["external_id"], ours), ["external_id"])]
    rest = rows.join(known[0], on="_k", how="anti")
    strangers = register.lines.join(ours.select("id").unique(), on="id", how="anti")
    for step in _steps(register.spec, match):
        hits = _step(rest, register, strangers, step)
        # Two record ids of one source that mean the same stranger: neither may have it.
        claims = hits.join(rest.select("_k", "external_id"), on="_k").group_by("_id")
        single = claims.agg(pl.col("external_id").n_unique().alias("n")).filter(pl.col("n") == 1)
        hits = hits.join(single.select("_id"), on="_id", how="semi")
        known.append(hits)
        rest = rest.join(hits, on="_k", how="anti")
        strangers = strangers.filter(~pl.col("id").is_in(hits["_id"].unique().to_list()))
    return pl.concat(known), ["external_id"]


def _by_content(
    rows: pl.DataFrame, register: Register, match: Sequence[tuple[str, ...]], _source: str
) -> tuple[pl.DataFrame, list[str]]:
    number = register.spec.number
    by_number = number is not None and rows[number].null_count() == 0
    known: list[pl.DataFrame] = []
    rest = rows
    steps: list[tuple[str, ...]] = [("row_key",), *match]
    if by_number:
        steps.insert(0, (str(number),))
    for step in steps:
        hits = _step(rest, register, register.lines, step)
        if register.spec.ordinal and step in match:
            alone = rows.group_by(list(step)).len().filter(pl.col("len") == 1)
            single = rest.join(alone, on=list(step), how="semi")
            hits = hits.join(single, on="_k", how="semi")
        known.append(hits)
        rest = rest.join(hits, on="_k", how="anti")
    return pl.concat(known), [str(number)] if by_number else ["row_key"]


def _steps(spec: Spec, match: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [*([(spec.number,)] if spec.number else []), *match]


def _step(
    rows: pl.DataFrame, register: Register, lines: pl.DataFrame, names: tuple[str, ...]
) -> pl.DataFrame:
    """Return (_k, _id) of the rows that one key finds, where it finds exactly one record."""
    number = register.spec.number
    if not number or number in names or "row_key" in names:
        return _joined(rows, register.unique(names, lines), names)
    numbered = lines.filter(pl.col(number).is_not_null()).select("id").unique()
    unnumbered = lines.join(numbered, on="id", how="anti")
    with_number = rows.filter(pl.col(number).is_not_null())
    without = rows.filter(pl.col(number).is_null())
    return pl.concat(
        [
            _joined(with_number, register.unique(names, unnumbered), names),
            _joined(without, register.unique(names, lines), names),
        ]
    )


def _joined(rows: pl.DataFrame, keys: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return rows.join(keys, on=list(names)).select(pl.col(name).cast(kind) for name, kind in _FOUND.items())


def _with_new_ids(
    rows: pl.DataFrame, known: pl.DataFrame, group: list[str], reserve: Callable[[int], list[int]]
) -> pl.DataFrame:
    old = known.unique("_k", keep="first").with_columns(pl.lit(False).alias("_new"))
    rest = rows.join(old, on="_k", how="anti")
    groups = rest.select(group).unique(maintain_order=True)
    ids = pl.Series("_id", reserve(groups.height), dtype=pl.Int64)
    new = rest.join(groups.with_columns(ids), on=group).select("_k", "_id", pl.lit(True).alias("_new"))
    return pl.concat(
        [old.select("_k", "_id", "_new"), new.select(pl.col("_k").cast(pl.UInt32), "_id", "_new")]
    )
