"""Converting a large table ends soon after it is cancelled, in the middle of a column."""

from __future__ import annotations

import polars as pl
import pytest

from desktop.control import Control
from desktop.errors import Cancelled
from desktop.importers.outcome import by_unique, may_stop, stoppable


def test_a_column_is_left_in_its_middle() -> None:
    control = Control()
    parsed: list[str] = []

    def parse(cell: str) -> tuple[str, None]:
        parsed.append(cell)
        if len(parsed) == 3_000:
            control.cancel()
        return cell, None

    cells = pl.Series([str(number) for number in range(20_000)])
    with stoppable(control), pytest.raises(Cancelled):
        by_unique(cells, parse, pl.String)
    assert 3_000 <= len(parsed) < 6_000
    may_stop()
    assert by_unique(cells.head(10), lambda cell: (cell, None), pl.String).values.to_list() == [
        *map(str, range(10))
    ]
