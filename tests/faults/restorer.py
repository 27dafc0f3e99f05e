"""One restore or backup in a process that ends itself: `restorer WHAT BACKUP DATABASE HOW AT`.

WHAT is `restore` or `backup`. HOW is `time` (killed AT milliseconds into its work) or `point` (killed before what AT names).
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

from desktop.operations.keeping import back_up, restore
from desktop.store.keeping import embedded, files, manifest, swapping
from tests.faults.importer import before

POINTS: dict[str, Callable[[], None]] = {
    "checking": lambda: before(embedded, "check_whole", lambda _: True),
    "keeping": lambda: before(embedded, "keep_beside", lambda _: True),
    "replacing": lambda: before(Path, "replace", lambda _: True),
    "durable": lambda: before(files, "make_durable", lambda _: True),
    "filling": lambda: before(swapping, "_fill", lambda _: True),
    "comparing": lambda: before(swapping, "require_same", lambda _: True),
    "exchanging": lambda: before(swapping, "_exchange", lambda _: True),
    "hashing": lambda: before(manifest, "sha256_of", lambda _: True),
}


def main(what: str, backup: str, database: str, how: str, at: str) -> int:
    """Do it; return 0."""
    if how == "time":
        signal.setitimer(signal.ITIMER_REAL, max(1, int(at)) / 1000)
    else:
        POINTS[at]()
    if what == "restore":
        restore(Path(backup), database)
    else:
        back_up(database, Path(backup))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
