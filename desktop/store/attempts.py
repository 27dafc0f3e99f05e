"""Attempts that were refused go on record, in a transaction of their own, and not without end (security 52)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from desktop.clock import Clock

AGAIN_AFTER = timedelta(minutes=10)
"""The same refusal of the same operation is recorded once in this time."""
MOST_AN_HOUR = 30


class Attempts:
    """Decides which refusals of one workspace are put on record."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[tuple[str, str], datetime] = {}

    def worth_recording(self, code: str, operation: str) -> bool:
        """Whether this refusal is recorded; asking counts as recording it."""
        now = self._clock.now()
        self._last = {key: at for key, at in self._last.items() if now - at < timedelta(hours=1)}
        last = self._last.get((code, operation))
        if len(self._last) >= MOST_AN_HOUR or (last is not None and now - last < AGAIN_AFTER):
            return False
        self._last[code, operation] = now
        return True


def name_of(job: Callable[..., Any]) -> str:
    """Return what a piece of work is called; of a lambda, the function that it calls."""
    name = getattr(job, "__name__", "operation")
    if name != "<lambda>":
        return name[:100]
    code: Any = job.__code__
    names = [one for one in (*code.co_names, *code.co_freevars) if one != "work"]
    return str(names[0])[:100] if names else "operation"
