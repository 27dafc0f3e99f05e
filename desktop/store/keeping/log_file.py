"""SQLite's log beside a database (`-wal`): what was committed and is not in the file yet.

SQLite takes of a log what its checksums vouch for and silently leaves out the rest. That is right
after a power cut, when the rest was never committed; it is a loss if the log was damaged.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from desktop.errors import DatabaseProblem
from desktop.i18n import N_

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGIC = 0x377F0682
"""Of a log whose checksums read words with the low byte first; the next number: high byte first."""
LARGEST = 64_000_000
"""Bytes that are looked at: a log of ours is taken in at 4 MB."""


def check_log(database: Path, log: Path, *, page_size: int) -> None:
    """Raise DatabaseProblem `database_damaged` for a log that is damaged, or of another database."""
    with log.open("rb") as stream:
        content = stream.read(LARGEST)
    if len(content) <= _HEADER.size:
        return
    magic, _version, size, _sequence, *salts, first, second = _HEADER.unpack_from(content)
    order = ">" if magic & 1 else "<"
    if magic & ~1 != _MAGIC or _checksum(content[:24], order) != (first, second):
        raise _damaged(database, "header")
    if size != page_size:
        raise _damaged(database, "page size")
    broken, commits = False, 0
    state = (first, second)
    for frame, page in _frames(content, size):
        _page, commit, *found, one, two = frame
        if found != salts:
            break  # left over from before the log was begun anew
        if not broken:
            state = _checksum(page[:8] + page[24:], order, state)
            broken = state != (one, two)
        if broken and commit:
            commits += 1
    # A power cut can leave one transaction that was not yet acknowledged, its last page before the others.
    if commits > 1:
        raise _damaged(database, "checksum")


def _frames(content: bytes, page_size: int) -> Iterator[tuple[tuple[int, ...], bytes]]:
    step = _FRAME.size + page_size
    for at in range(_HEADER.size, len(content) - step + 1, step):
        yield _FRAME.unpack_from(content, at), content[at : at + step]


def _checksum(data: bytes, order: str, state: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """Return SQLite's running checksum of a log (https://sqlite.org/fileformat2.html#walcksm)."""
    one, two = state
    for left, right in struct.iter_unpack(f"{order}2I", data):
        one = (one + left + two) & 0xFFFFFFFF
        two = (two + right + one) & 0xFFFFFFFF
    return one, two


def _damaged(database: Path, detail: str) -> DatabaseProblem:
    return DatabaseProblem(
        "database_damaged",
        N_("The log beside the database {path} is damaged or belongs to another file ({detail})."),
        remedy=N_("Restore the newest good backup: plumbline restore --newest. The damaged file is kept."),
        path=database,
        detail=detail,
    )
