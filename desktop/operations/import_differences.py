"""The cells that an import changes, as a person reads them: money with its decimals, days as days (IMP-10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desktop.errors import NotFound
from desktop.importers.fields import Field, field

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from desktop.store.loading.preview import Preview

LISTED = 1_000
"""How many changed cells the JSON document of a run lists; `differences` of the result has more."""

_PERCENT_SCALE = 2


def no_differences() -> pl.DataFrame:
    """Return a table of changed cells without any."""
    import polars as pl

    from desktop.store.loading.preview import SCHEMA

    return pl.DataFrame(schema=SCHEMA)


def readable(preview: Preview) -> pl.DataFrame:
    """Return origin, row, entity, record_id, action, field, before and after (text) of the cells that change."""
    import polars as pl

    cells = preview.differences()
    for entity, name in cells.select("entity", "field").unique(maintain_order=True).iter_rows():
        scale = _scale(entity, name)
        if scale is None:
            continue
        own = (pl.col("entity") == entity) & (pl.col("field") == name)
        cells = cells.with_columns(
            pl.when(own).then(_with_decimals(side, scale)).otherwise(side).alias(side)
            for side in ("before", "after")
        )
    return cells


def _scale(entity: str, name: str) -> int | None:
    """Return the decimals of a field that is kept as a whole number of minor units, None for any other."""
    try:
        found: Field = field(f"{entity}.{name}")
    except NotFound:
        return None
    if found.scaled:
        return found.scale
    return _PERCENT_SCALE if found.type == "percent" else None


def _with_decimals(side: str, scale: int) -> pl.Expr:
    import polars as pl

    number = pl.col(side).cast(pl.Int64, strict=False)
    whole = (number.abs() // 10**scale).cast(pl.String)
    rest = (number.abs() % 10**scale).cast(pl.String).str.zfill(scale)
    sign = pl.when(number < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str([sign, whole, pl.lit("."), rest])


def differences_json(cells: pl.DataFrame, places: Sequence[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """Return the first cells as JSON objects; `places` are file and sheet of each origin."""
    listed = []
    for row in cells.head(LISTED).iter_rows(named=True):
        origin = row.pop("origin")
        file, sheet = places[origin] if origin is not None and origin < len(places) else (None, None)
        listed.append({"file": file, "sheet": sheet, **row})
    return listed
