"""One import in a process of its own, which ends itself at a chosen moment: `importer DATABASE FOLDER HOW [AT]`.

HOW is `whole` (nothing happens), `step` (killed before its AT-th statement in bulk), `point` (killed where AT
says: begin, lineage, before_commit, after_commit), `time` (killed AT milliseconds into its work), or `disk` (no
file may grow beyond AT bytes). Prints the totals as JSON if it gets that far.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from desktop.errors import UserError
from desktop.operations.imports import migrate_plan, stock_of
from desktop.operations.migration import make_plan, read_and_map
from desktop.store.loading import bulk
from desktop.store.open import open_workspace
from desktop.store.workspace import Workspace

STOPPED = 3


def die() -> None:
    """End this process as a power cut would: no handler, no clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, when: Callable[[tuple[Any, ...]], bool]) -> None:
    """Die before a function of `owner` is called with arguments of which `when` says so."""
    plain = getattr(owner, name)

    def watched(*arguments: Any, **named: Any) -> Any:
        if when(arguments):
            die()
        return plain(*arguments, **named)

    setattr(owner, name, watched)


def set_up(how: str, at: str) -> None:
    """Arrange for the end of this process."""
    if how == "step":
        steps = iter(range(1, 1_000_000))
        before(bulk, "_cursor", lambda _: next(steps) == int(at))
    elif how == "point" and at == "begin":
        before(bulk, "roomy", lambda _: True)
    elif how == "point" and at == "lineage":
        before(bulk, "insert", lambda arguments: arguments[1].name == "import_lineage")
    elif how == "point" and at == "before_commit":
        before(Workspace, "_commit", lambda _: True)
    elif how == "point" and at == "after_commit":
        plain = Workspace._commit

        def committed(*arguments: Any) -> None:
            plain(*arguments)
            die()

        Workspace._commit = committed  # type: ignore[method-assign, assignment]
    elif how == "time":
        signal.setitimer(signal.ITIMER_REAL, int(at) / 1000)  # its signal ends the process at once
    elif how == "disk":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(at), int(at)))


def main(database: str, folder: str, how: str, at: str) -> int:
    """Import a folder into a database; return 0, or 3 if it was refused with a clear message."""
    plan = make_plan(read_and_map([folder]))
    workspace = open_workspace(database, create=False)
    set_up(how, at)
    stock = stock_of(workspace)
    try:
        result = migrate_plan(workspace, plan, stock=stock)
    except UserError as error:
        print(error.code, file=sys.stderr)
        return STOPPED
    finally:
        stock.close()
        workspace.close()
    print(json.dumps(result.totals))
    return 0


if __name__ == "__main__":
    database, folder, how, *rest = sys.argv[1:]
    sys.exit(main(database, folder, how, "".join(rest)))
