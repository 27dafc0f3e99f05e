"""Keys of imported rows: normalised names, and the hash of a row that has no key of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from desktop.analytics.names import name_key
from desktop.store.loading.chosen import complete, key_sources
from desktop.store.loading.specs import Spec

_NOT_CONTENT = frozenset({"_k", "_origin", "_row", "_source", "name_key"})

_PART = 50_000
"""Rows whose texts are looked at together: what that takes is let go of before the next."""


def mapped(values: pl.Series, function: Callable[[str], str | None]) -> pl.Series:
    """Return a text column with `function` applied once to each different value of a part of it."""
    if len(values) > _PART:
        parts = [mapped(values.slice(start, _PART), function) for start in range(0, len(values), _PART)]
        return pl.concat(parts, rechunk=True)
    different = values.drop_nulls().unique()
    found = [function(value) for value in different]
    return values.replace_strict(
        different, pl.Series(found, dtype=pl.String), default=None, return_dtype=pl.String
    )


def with_name_key(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with `name_key`, the exact normalised form of `name`."""
    if (
        "name_key" in frame.columns
        and "name" in frame.columns
        and not frame.filter(pl.col("name").is_not_null() & pl.col("name_key").is_null()).height
    ):
        return frame
    return frame.with_columns(mapped(frame["name"], name_key).alias("name_key"))


def row_key_of_name(spec: Spec, source: str, name: str) -> str:
    """Return the row key of a record that is known by its name alone."""
    basis = [name_key(name) if part == "name_key" else "" for part in spec.basis]
    return _hashed("\x1f".join([spec.entity, source, "basis", *basis, "0"]))


def with_row_key(
    frame: pl.DataFrame,
    spec: Spec,
    *,
    keep_duplicates: bool,
    chosen: Mapping[int, tuple[str, ...]] | None = None,
) -> pl.DataFrame:
    """Return the frame with `row_key` for rows without a record id (decisions, keys and identity).

    The hash is of the document number, else of the fields that name such a record, else of the whole
    row; equal rows of one table are told apart by their ordinal where the entity wants that. Source
    text is hashed, never ids of this database, so that every database gives the same key. `chosen` are
    per origin the fields by which a person wants its rows recognised: they come before all of that.
    """
    content = sorted(n for n in frame.columns if n not in _NOT_CONTENT and not n.startswith("x_"))
    basis = [name for name in spec.basis if name in frame.columns]
    whole = _joined(frame, content)
    choice = pl.concat_str([pl.lit("row"), whole], separator="\x1f")
    if basis and not keep_duplicates:
        padded = [_text(frame, name) if name in frame.columns else pl.lit("") for name in spec.basis]
        any_known = pl.any_horizontal(pl.col(name).is_not_null() for name in basis)
        by_basis = pl.concat_str([pl.lit("basis"), *padded], separator="\x1f")
        choice = pl.when(any_known).then(by_basis).otherwise(choice)
    if spec.number and spec.number in frame.columns:
        by_number = pl.concat_str([pl.lit("number"), _text(frame, spec.number)], separator="\x1f")
        choice = pl.when(pl.col(spec.number).is_not_null()).then(by_number).otherwise(choice)
    by_choice = pl.lit(False)
    for names in set((chosen or {}).values()):
        sources = key_sources(spec, names)
        hit = complete(frame, [index for index, own in (chosen or {}).items() if own == names], sources)
        told = [pl.lit("keys"), *(pl.lit(n) + "=" + _text(frame, n) for n in sources if n in frame.columns)]
        choice = pl.when(hit).then(pl.concat_str(told, separator="\x1f")).otherwise(choice)
        by_choice = by_choice | hit
    prefixed = pl.concat_str([pl.lit(spec.entity), pl.col("_source"), choice], separator="\x1f")
    if not (spec.ordinal or keep_duplicates):
        alone = pl.concat_str([prefixed, pl.lit("0")], separator="\x1f")
        return frame.with_columns(_hashes(frame, alone))
    keyed = frame.with_columns(prefixed.alias("_identity"))
    ordinal = pl.int_range(pl.len()).over("_origin", "_identity")
    if spec.number and spec.number in frame.columns:
        # A document number means one document, however often a table repeats it.
        ordinal = pl.when(pl.col(spec.number).is_null()).then(ordinal).otherwise(0)
    ordinal = pl.when(by_choice).then(0).otherwise(ordinal)
    keyed = keyed.with_columns(ordinal.alias("_ordinal"))
    numbered = pl.concat_str(["_identity", pl.col("_ordinal").cast(pl.String)], separator="\x1f")
    return frame.with_columns(_hashes(keyed, numbered))


def _hashes(frame: pl.DataFrame, identity: pl.Expr) -> pl.Series:
    """Return `row_key`: the hash of its identity for each row without a record id."""
    parts = [pl.Series("row_key", [], dtype=pl.String)]
    for part in frame.iter_slices(_PART):
        if part["external_id"].null_count():
            texts = part.select(pl.when(pl.col("external_id").is_null()).then(identity)).to_series()
            hashes = [None if text is None else _hashed(text) for text in texts]
            parts.append(pl.Series("row_key", hashes, dtype=pl.String))
        else:
            parts.append(pl.repeat(None, part.height, dtype=pl.String, eager=True).alias("row_key"))
    return pl.concat(parts, rechunk=True)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _joined(frame: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    if not names:
        return pl.lit("")
    parts = [
        pl.when(pl.col(name).is_not_null()).then(
            pl.concat_str([pl.lit(name), _text(frame, name)], separator="=")
        )
        for name in names
    ]
    return pl.concat_str(parts, separator="\x1f", ignore_nulls=True)


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    value = pl.col(name)
    if isinstance(frame.schema[name], pl.List):
        return value.list.join("\x1e").fill_null("")
    return value.cast(pl.String).fill_null("")
