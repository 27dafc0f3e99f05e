"""A console that dies: looks at the clock and ends itself with kill -9 in the middle of it."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from desktop.clock import FixedClock
from desktop.jobs.rule import Due
from desktop.jobs.runner import Runner
from desktop.operations import mail, outbox
from desktop.store.open import open_workspace
from desktop.store.workspace import Work
from tests.conftest import NOW
from tests.jobs.rules import hours_ago, noting


def die(*_: Any) -> None:
    """End this process at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(where: str, login: str, when: str) -> None:
    """Look at the clock and die before or after the write of a rule, or after a message was handed over."""
    workspace = open_workspace(where, login=login or None, clock=FixedClock(NOW))
    if when == "after sending":
        whole = mail.send

        def send_and_die(*arguments: Any) -> str:
            said = whole(*arguments)
            die()
            return said

        mail.send = send_and_die
        print(Runner(workspace, []).tick(), file=sys.stderr)
    elif when == "after the file":
        write = outbox._write_file

        def write_and_die(*arguments: Any) -> None:
            write(*arguments)
            die()

        outbox._write_file = write_and_die
        Runner(workspace, []).tick()
    else:

        def at_the_moment(work: Work, due: Due) -> None:
            die()

        where_to = {"before": {"before": at_the_moment}, "after": {"after": at_the_moment}}[when]
        Runner(workspace, [noting(hours_ago(2, 1), **where_to)]).tick()


if __name__ == "__main__":
    main(*sys.argv[1:])
