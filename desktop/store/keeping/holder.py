"""Who has an embedded database open: told to whoever opens it second (case 26).

SQLite itself keeps two windows from harming each other, so the second may go on; it only has to know.
The note beside the database is held by a lock of the operating system, which a process that ends in
whatever way lets go of, so that nobody is ever kept out by a note that was left behind.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import logging
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from io import BufferedRandom
from pathlib import Path

log = logging.getLogger(__name__)

_LOCKED_BYTE = 1 << 20
"""Far behind the note, so that Windows, whose locks keep readers out, lets everybody read it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The window that has a database open."""

    machine: str
    user: str
    process: int
    since: str
    """ISO 8601 with an offset."""


class Holding:
    """A claim on a database for as long as a window shows it; `other` is who had it before."""

    def __init__(self, stream: BufferedRandom | None, path: Path, other: Holder | None) -> None:
        self._stream = stream
        self._path = path
        self.other = other

    def release(self) -> None:
        """Let go."""
        if self._stream is None:
            return
        with contextlib.suppress(OSError):
            self._stream.truncate(0)
        self._stream.close()
        self._stream = None
        with contextlib.suppress(OSError):
            self._path.unlink()


def note_of(database: Path) -> Path:
    """Return the name of the note beside a database."""
    return database.with_name(database.name + ".open")


def hold(database: Path, now: datetime) -> Holding:
    """Say that this process has a database open; what is in the way of the note is no obstacle to work."""
    path = note_of(database)
    try:
        stream = path.open("r+b") if path.exists() else path.open("w+b")
    except OSError as problem:
        log.info("no note of who has %s open: %s", database, problem)
        return Holding(None, path, None)
    if not _lock(stream):
        other = _read(stream)
        stream.close()
        return Holding(None, path, other)
    me = Holder(platform.node(), _user(), os.getpid(), now.isoformat())
    stream.seek(0)
    stream.truncate(0)
    stream.write(json.dumps(asdict(me), ensure_ascii=False).encode())
    stream.flush()
    return Holding(stream, path, None)


def _read(stream: BufferedRandom) -> Holder:
    try:
        stream.seek(0)
        said = json.loads(stream.read(_LOCKED_BYTE))
        return Holder(str(said["machine"]), str(said["user"]), int(said["process"]), str(said["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder("", "", 0, "")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _lock(stream: BufferedRandom) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(_LOCKED_BYTE)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
