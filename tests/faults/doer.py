"""Carries out operations in children that end at a chosen moment; started once, asked many times (cases 20, 21).

Reads one JSON object a line (`database`, `login` where the database has no logins, `what`, `arguments`, `seconds`
or null) and answers with one: `ended` (the exit code; negative: killed) and `took` (seconds of the operation, if
it came to its end). The child is a fork, so that a kill costs no start of the program; this process itself does
nothing that leaves threads or connections behind.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from desktop.clock import FixedClock
from desktop.i18n import Locale
from desktop.operations.approvals import approve_report, withdraw_report
from desktop.operations.duplicates import merge_records, unmerge
from desktop.operations.handover import hand_over
from desktop.operations.reports import export_report, submit_report
from desktop.operations.settings import add_calendar_event, set_threshold
from desktop.operations.undo import undo_import
from desktop.store import watch
from desktop.store.open import open_workspace
from desktop.store.workspace import Workspace
from desktop.terms import CalendarKind
from tests.conftest import NOW


def submit(workspace: Workspace, report: int) -> None:
    workspace.write(lambda work: submit_report(work, report))


def withdraw(workspace: Workspace, report: int) -> None:
    workspace.write(lambda work: withdraw_report(work, report))


def approve(workspace: Workspace, report: int) -> None:
    workspace.write(lambda work: approve_report(work, report))


def export(workspace: Workspace, report: int, path: str) -> None:
    export_report(workspace, report, Path(path), Locale("zh_CN"))


def merge(workspace: Workspace, into: int, other: int) -> None:
    workspace.write(lambda work: merge_records(work, "account", into, [other]))


def split(workspace: Workspace, merged: int) -> None:
    workspace.write(lambda work: unmerge(work, merged))


def undo(workspace: Workspace, run: int) -> None:
    workspace.write(lambda work: undo_import(work, run))


def configure(workspace: Workspace, value: str, since: str) -> None:
    day = date.fromisoformat(since)
    workspace.write(lambda work: set_threshold(work, "silent.remind_days", value, day))


def mark_calendar(workspace: Workspace, name: str) -> None:
    workspace.write(
        lambda work: add_calendar_event(
            work, name=name, kind=CalendarKind.HOLIDAY, starts_on=work.today, ends_on=work.today
        )
    )


def handover(workspace: Workspace, leaver: int, receiver: int) -> None:
    workspace.write(lambda work: hand_over(work, leaver, receiver))


OPERATIONS: dict[str, Callable[..., None]] = {
    one.__name__: one
    for one in (submit, withdraw, approve, export, merge, split, undo, configure, mark_calendar, handover)
}


def carry_out(asked: dict[str, Any], answer: int) -> None:
    """Do what is asked, in the child."""
    watch.WATCHDOG = watch.Watchdog()  # a thread of before the fork is none here
    workspace = open_workspace(asked["database"], login=asked["login"], clock=FixedClock(NOW))
    if asked["seconds"] is not None:
        signal.setitimer(signal.ITIMER_REAL, asked["seconds"])  # its signal ends the process at once
    began = time.perf_counter()
    OPERATIONS[asked["what"]](workspace, **asked["arguments"])
    took = time.perf_counter() - began
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.write(answer, json.dumps(took).encode())


def main() -> None:
    """Answer until nobody asks any more."""
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                carry_out(json.loads(line), writing)
                code = 0
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
            os._exit(code)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        took = os.read(reading, 100)
        os.close(reading)
        ended = os.waitstatus_to_exitcode(status)
        print(json.dumps({"ended": ended, "took": json.loads(took) if took else None}), flush=True)


if __name__ == "__main__":
    main()
