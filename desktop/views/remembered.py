"""The answers of this session's last reads, in memory only, for when the database cannot be reached.

Nothing is written to disk: a copy of customers on a laptop would outlive the right to see them (security
55), and a window that is closed has nothing to lose. What is kept goes with the window and the login.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

MOST = 400
"""How many answers are kept; the one unused for longest makes room."""

_PLAIN = (str, int, float, bool, bytes, date, Decimal, Enum, type(None), type)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read, and the moment that it shows."""

    found: Any
    at: datetime


class Remembered:
    """Answers by page and question; safe to be used from any thread."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Any, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, page: object, query: Callable[..., Any], found: Any, at: datetime) -> None:
        """Keep an answer, if its question can be known again."""
        asked = question(query)
        if asked is None:
            return
        key = (type(page), asked)
        with self._lock:
            self._answers[key] = Answer(found, at)
            self._answers.move_to_end(key)
            while len(self._answers) > MOST:
                self._answers.popitem(last=False)

    def of(self, page: object, query: Callable[..., Any]) -> Answer | None:
        """Return the last answer to the same question of the same kind of page."""
        asked = question(query)
        if asked is None:
            return None
        with self._lock:
            return self._answers.get((type(page), asked))


def question(query: Callable[..., Any]) -> Any:
    """Return what a query asks, as something that is equal when it is asked again; None where that is unsure.

    A query is a function with everything it asks for in what it encloses: the same code over equal plain
    values is the same question. One that encloses anything that can change (a page, a list) is none.
    """
    code = getattr(query, "__code__", None)
    if code is None or getattr(query, "__self__", None) is not None:
        return None
    try:
        cells = [cell.cell_contents for cell in query.__closure__ or ()]
    except ValueError:  # a cell that is not filled yet
        return None
    parts = [_plain(value) for value in (*cells, *(query.__defaults__ or ()))]
    if any(part is None for part in parts):
        return None
    return code, tuple(parts)


def _plain(value: Any) -> Any:
    """Return a hashable stand-in for a value that cannot change, or None."""
    if isinstance(value, _PLAIN):
        return (type(value), value)
    if isinstance(value, tuple | frozenset):
        parts = [_plain(part) for part in value]
        return None if None in parts else (type(value), tuple(parts))
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: str(item[0]))
        parts = [_plain(part) for item in items for part in item]
        return None if None in parts else (dict, tuple(parts))
    if is_dataclass(value) and not isinstance(value, type):
        if not value.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            return None
        parts = [_plain(getattr(value, name)) for name in value.__dataclass_fields__]
        return None if None in parts else (type(value), tuple(parts))
    asks = getattr(value, "asks", None)  # a source of rows is what its two functions ask
    if isinstance(asks, tuple):
        return _plain(asks)
    if callable(value) and (asked := question(value)) is not None:
        return ("function", asked)
    return None
