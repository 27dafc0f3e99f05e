"""Tables of known databases that were written out without a header: their columns are known by name and number."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import PurePosixPath

from desktop.importers.looks import DATE_LOOK, ID_LOOK, Head
from desktop.resources import resource


@cache
def _known() -> dict[tuple[str, int], tuple[str, ...]]:
    with resource("known_dumps.csv").open(encoding="utf-8", newline="") as stream:
        tables = [
            (row["file"].casefold(), tuple(row["columns"].split("|"))) for row in csv.DictReader(stream)
        ]
    return {(name, len(columns)): columns for name, columns in tables}


def columns_of(file: str, head: Head) -> Sequence[str] | None:
    """Return the columns of a dump, by the file's name, if their number and the kinds of the last ones agree."""
    if not head.cells:
        return None
    names = _known().get((PurePosixPath(file).stem.casefold(), len(head.cells[0])))
    if names is None:
        return None
    for index, name in enumerate(names):
        expected = {"ModifiedDate": DATE_LOOK, "rowguid": ID_LOOK}.get(name)
        looks = [row[index] for row in head.looks[:20] if row[index]]
        if expected and any(look != expected for look in looks):
            return None
    return names
