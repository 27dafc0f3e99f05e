"""How values travel between frames and each database: dates and instants as text, truth as a number or a letter."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import JSON, BigInteger, Boolean, Column, Connection, Date, Float, Integer, String, Table

from desktop.models.base import Instant

_INSTANT = pl.Datetime("us", "UTC")


def frame_type(column: Column[Any]) -> pl.DataType:
    """Return the frame type of a database column."""
    kind = column.type
    if isinstance(kind, Instant):
        return _INSTANT
    if isinstance(kind, Date):
        return pl.Date()
    if isinstance(kind, Boolean):
        return pl.Boolean()
    if isinstance(kind, Float):
        return pl.Float64()
    if isinstance(kind, Integer | BigInteger):
        return pl.Int64()
    if isinstance(kind, String | JSON):
        return pl.String()
    raise TypeError(f"no frame type for {column}")


def text_type(kind: pl.DataType) -> pl.DataType:
    """How a value travels: dates and instants as text, truth as a number."""
    if isinstance(kind, pl.Date | pl.Datetime):
        return pl.String()
    return pl.Int64() if kind == pl.Boolean else kind


def from_storage(name: str, kind: pl.DataType, travelled: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if kind == pl.Date:
        return value.str.to_date("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        plain = value.str.head(26).str.replace(r"[+Z].*$", "")
        return plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone("UTC")
    if kind == pl.Boolean:
        return (value == "t") if travelled == pl.String else value.cast(pl.Boolean)
    return value


def stored(connection: Connection, table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame in the form in which this database takes its values."""
    sqlite = connection.dialect.name == "sqlite"
    changed = []
    for name, kind in frame.schema.items():
        value = pl.col(name)
        if kind == pl.Null:
            changed.append(value.cast(frame_type(table.c[name])))
        elif isinstance(kind, pl.Datetime):
            utc = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            form = "%Y-%m-%d %H:%M:%S%.6f" if sqlite else "%Y-%m-%d %H:%M:%S%.6f+00"
            changed.append(utc.dt.strftime(form).alias(name))
        elif kind == pl.Date:
            changed.append(value.dt.strftime("%Y-%m-%d"))
        elif kind == pl.Boolean and sqlite:
            changed.append(value.cast(pl.Int64))
        elif kind == pl.String and not sqlite:
            # PostgreSQL text cannot hold the zero character, which some legacy exports contain.
            changed.append(value.str.replace_all("[\x00\x01]", ""))
    return frame.with_columns(changed)
