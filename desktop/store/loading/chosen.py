"""The fields by which a person wants a table's rows recognised, in place of the standard order (IMP-10)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from desktop.store.loading.batch import Origin
from desktop.store.loading.specs import Spec

_PLACED = ("pipeline_id", "stage_id", "status")
"""What a deal's stage, status and pipeline decide together."""


def columns_of(spec: Spec, field_name: str) -> tuple[str, ...]:
    """Return the columns of a record that a field (without its entity) is stored in."""
    if spec.entity == "opportunity" and field_name in ("stage", "status", "pipeline"):
        return _PLACED
    link = next((link for link in spec.links if field_name in link.fields), None)
    if link is not None:
        return (link.column,)
    return (dict(spec.renamed).get(field_name, field_name),)


def keys_by_origin(spec: Spec, origins: Sequence[Origin]) -> dict[int, tuple[str, ...]]:
    """Return, per origin that has keys of its own for this entity, those fields without the entity."""
    prefix = f"{spec.entity}."
    found = {
        index: tuple(name.removeprefix(prefix) for name in origin.keys if name.startswith(prefix))
        for index, origin in enumerate(origins)
    }
    return {index: names for index, names in found.items() if names}


def key_sources(spec: Spec, names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of source rows that hold a key's fields: what is hashed."""
    renamed = dict(spec.renamed)
    return tuple("name_key" if name == "name" and spec.named else renamed.get(name, name) for name in names)


def key_columns_of(spec: Spec, names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of stored records that a key's fields are compared with; empty if one is not stored."""
    columns = [
        column
        for name in names
        for column in (("name_key",) if name == "name" and spec.named else columns_of(spec, name))
    ]
    stored = all(column in spec.table.c for column in columns)
    return tuple(dict.fromkeys(columns)) if stored else ()


def complete(frame: pl.DataFrame, origins: Sequence[int], columns: Sequence[str]) -> pl.Expr:
    """Return whether a row is of one of the origins and has every key column filled."""
    if any(name not in frame.columns for name in columns):
        return pl.lit(False)
    filled = pl.all_horizontal(pl.col(name).is_not_null() for name in columns)
    return pl.col("_origin").is_in(list(origins)) & filled
