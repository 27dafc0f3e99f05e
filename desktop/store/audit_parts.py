"""A long audit trail is verified in parts, each in a process of its own: every entry needs only the hash before it.

A part that does not fit, or whose process fails, is looked at again by whoever asked: a child says yes and nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop.control import Control
from desktop.resources import own_command
from desktop.store.audit_reading import chunks, linked, readable

_ROOT = str(Path(__file__).resolve().parents[2])
if TYPE_CHECKING:
    from sqlalchemy import Connection

COMMAND = "_verify"
"""The hidden command that verifies one part."""
WORTH = 500_000
"""Entries for which another process is started: some seconds of work, of which beginning takes up to one."""


@dataclass(frozen=True, slots=True)
class Part:
    """The entries behind `after`, up to `last`; `before` is the hash that stands at `after`."""

    after: int
    last: int
    before: str


@dataclass(frozen=True, slots=True)
class Fitting:
    """What was found in a part whose entries all fit: its last hash, and whose details are not what they were."""

    head: str
    unlike: list[int]


def parts(connection: Connection, processes: int, worth: int = WORTH) -> list[Part]:
    """Return the trail cut into as many parts as there are processes, or into one; none if there is no entry."""
    from desktop.store.audit_chain import GENESIS

    last = newest(connection)
    count = max(1, min(processes, last // worth))
    ends = [last * number // count for number in range(count + 1)]
    found = readable(
        connection, f"SELECT position, hash FROM audit_entry WHERE position IN ({', '.join(map(str, ends))})"
    )
    hashes = {0: GENESIS, **{int(position): str(value) for position, value in found}}
    if any(end not in hashes for end in ends):
        return []
    return [Part(after, end, hashes[after]) for after, end in itertools.pairwise(ends)]


def newest(connection: Connection) -> int:
    """Return the highest position there is, 0 if there is no entry."""
    return int(connection.exec_driver_sql("SELECT coalesce(max(position), 0) FROM audit_entry").scalar_one())


def verified(connection: Connection, asked: Sequence[Part], control: Control) -> list[Fitting | None]:
    """Verify parts at the same time, each in a process of its own; None for one that somebody has to look at."""
    address = connection.engine.url.render_as_string(hide_password=False)

    def one(part: Part) -> Fitting | None:
        return _child(json.dumps({"url": address, **asdict(part)}), control)

    with ThreadPoolExecutor(len(asked)) as waiting:
        return list(waiting.map(one, asked))


def _child(job: str, control: Control) -> Fitting | None:
    """Run a child; the job, with the address and its password, goes through its standard input alone."""
    with subprocess.Popen(
        [*own_command(), COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [_ROOT, os.environ.get("PYTHONPATH")])),
        },
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as child:
        forget = control.on_cancel(child.kill)
        try:
            said, _nothing = child.communicate(job)
        finally:
            forget()
    control.check()
    if child.returncode:
        return None
    with contextlib.suppress(ValueError, TypeError):
        return Fitting(**json.loads(said))
    return None


def run() -> int:
    """Be the child: verify the part that standard input names, and say whether it fits."""
    gc.disable()  # Hundreds of thousands of texts and no cycle among them: looking for some takes a third of the time.
    job = json.loads(sys.stdin.read())
    address = job.pop("url")
    with contextlib.closing(_connected(address)) as driver:
        dialect = "sqlite" if address.startswith("sqlite:") else "postgresql"
        found = fitting(driver, dialect, Part(**job))
    if found is None:
        return 1
    print(json.dumps(asdict(found)))
    return 0


def _connected(address: str) -> Any:
    """Return a connection of the driver's own; a file is opened without what a server needs, which saves a second."""
    if address.startswith("sqlite:///"):
        import sqlite3

        return sqlite3.connect(address.removeprefix("sqlite:///"))
    from desktop.store.engine import database_url, make_engine

    return make_engine(database_url(address)).raw_connection().driver_connection


def fitting(driver: Any, dialect: str, part: Part) -> Fitting | None:
    """Return what was found in a part if every entry of it fits, else None."""
    before, expected, unlike = part.before, part.after + 1, list[int]()
    for chunk in chunks(driver, dialect, part.after, part.last):
        done = linked(chunk, before) if chunk.first == expected else None
        if done is None:
            return None
        before, expected = done[0], chunk.last + 1
        unlike += done[1]
    return Fitting(before, unlike) if expected == part.last + 1 else None
