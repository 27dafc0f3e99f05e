"""One upgrade in a process of its own, which ends itself at a chosen moment: `upgrader DATABASE HOW AT`.

HOW is `whole`, `step` (killed before its AT-th statement), `time` (killed AT tenths of a millisecond into its work),
or `point` (killed where AT says: copied, checked, kept, replaced).
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from desktop.store import schema
from desktop.store.engine import database_url, make_engine
from desktop.store.keeping import embedded, files
from tests.faults.importer import before, die


def set_up(engine: Any, how: str, at: str) -> None:
    """Arrange for the end of this process."""
    if how == "time":
        signal.setitimer(signal.ITIMER_REAL, max(1, int(at)) / 10_000)
    elif how == "step":
        steps = iter(range(1, 1_000_000))

        def count(*_: Any) -> None:
            if next(steps) == int(at):
                die()

        event.listen(type(engine), "before_cursor_execute", count)
    elif how == "point":
        points: dict[str, Callable[[], None]] = {
            "copied": lambda: before(schema, "_run_migrations", lambda _: True),
            "checked": lambda: before(embedded, "check_whole", lambda _: True),
            "kept": lambda: before(files, "keep_beside", lambda _: True),
            "replaced": lambda: before(Path, "replace", lambda _: True),
        }
        points[at]()


def main(database: str, how: str, at: str) -> int:
    """Upgrade; return 0."""
    engine = make_engine(database_url(database))
    set_up(engine, how, at)
    schema.upgrade(engine)
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
