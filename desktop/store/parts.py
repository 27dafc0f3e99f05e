"""Long lists, a part at a time: a statement does not hold any number of values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 500


def in_parts(values: Sequence[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Yield the values in their order, `size` of them at a time."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])
