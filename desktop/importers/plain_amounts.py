"""Amounts in their common writings, whole columns at once: 1234.5, ¥1,234.50, 12.5万元, 1,200."""

from __future__ import annotations

import polars as pl

from desktop.importers.outcome import nothing

_PLAIN = r"^([-+]?)(\d{1,13})(?:\.(\d+))?$"
_WRITTEN = (
    r"^(?:RMB|CNY|人民币|[¥￥$€£])?\s*([-+]?)[¥￥$€£]?\s*(\d{1,13}|\d{1,3}(?:,\d{3}){1,4})(?:\.(\d+))?"
    r"\s*(亿|千万|百万|万|千|[kKmMwW])?\s*元?整?$"
)
_POWERS = {"亿": 8, "千万": 7, "百万": 6, "m": 6, "万": 4, "w": 4, "千": 3, "k": 3}
_DIGITS = 18
"""So many figures fit into a whole number of 64 bits."""


def plain_minor(cells: pl.Series, scale: int) -> pl.Series:
    """Return the minor units of texts like -1234.5; null for any other text."""
    parts = pl.DataFrame({"c": cells}).select(
        sign=pl.col("c").str.extract(_PLAIN, 1),
        whole=pl.col("c").str.extract(_PLAIN, 2),
        rest=pl.col("c").str.extract(_PLAIN, 3),
    )
    return parts.select(_minor(scale).alias("m"))["m"]


def written_minor(cells: pl.Series, scale: int, factor: int) -> pl.Series:
    """Return the minor units of texts with a sign of currency, thousands or a unit; null for any other text.

    The decimal sign is the point. A text without a unit of its own counts in `factor`, a power of ten.
    """
    groups = cells.str.extract_groups(_WRITTEN).struct.unnest()
    groups.columns = ["sign", "whole", "rest", "unit"]
    parts = groups.with_columns(
        pl.col("whole").str.replace_all(",", "", literal=True), pl.col("unit").str.to_lowercase()
    )
    found = nothing(len(cells), pl.Int64)
    own = len(str(factor)) - 1
    for unit in parts.filter(pl.col("whole").is_not_null())["unit"].unique().to_list():
        power = scale + (own if unit is None else _POWERS[unit])
        same = pl.col("unit").eq_missing(pl.lit(unit, dtype=pl.String))
        minor = parts.select(pl.when(same).then(_minor(power)).alias("m"))["m"]
        found = found.zip_with(found.is_not_null(), minor)
    return found


def _minor(power: int) -> pl.Expr:
    """Return sign, whole and rest as a whole number of the 10^-power, rounded half up; null where it is too large."""
    rest = pl.col("rest").fill_null("") + "0" * (power + 1)
    whole = pl.col("whole").cast(pl.Int64, strict=False)
    minor = (
        whole * 10**power
        + rest.str.slice(0, power).cast(pl.Int64, strict=False)
        + (rest.str.slice(power, 1).cast(pl.Int64, strict=False) >= 5).cast(pl.Int64)
    )
    signed = pl.when(pl.col("sign") == "-").then(-minor).otherwise(minor)
    return pl.when(whole < 10 ** (_DIGITS - power)).then(signed)
