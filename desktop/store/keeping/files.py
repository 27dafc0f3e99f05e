"""Putting a large file in its place: written beside it, made durable, then moved over it in one step."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.errors import UserError
from desktop.i18n import N_

LEFT_BEHIND_SECONDS = 3_600
"""How long nothing has been written into a draft that nobody is writing any more."""
SPARE_BYTES = 200_000_000
"""What must stay free on a disk after a backup that nobody asked for."""


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """Give a name beside `target`; what is there at the end takes its place, whole, or nothing changes.

    Raises UserError `file_not_written` for whatever the disk or the folder has against it.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _forget(draft)
        yield draft
        make_durable(draft)
        draft.replace(target)
        make_durable(target.parent)
    except OSError as problem:
        raise not_written(target, problem.strerror or str(problem)) from problem
    finally:
        _forget(draft)


def sweep(target: Path) -> None:
    """Remove drafts beside `target` that a process which was ended has left behind."""
    for draft in target.parent.glob(f".{glob.escape(target.name)}.*.part*"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > LEFT_BEHIND_SECONDS:
                draft.unlink()


def not_written(target: Path, why: str) -> UserError:
    """Return the refusal of a target that cannot be written: another name is the way on."""
    return UserError(
        "file_not_written",
        N_("{file} could not be written: {why}."),
        remedy=N_("Close the file if it is open in Excel, or choose another folder or name."),
        file=str(target),
        why=why,
    )


def make_durable(path: Path) -> None:
    """Have the operating system write a file, or a folder's list of names, to the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows has no such thing for folders
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_beside(path: Path, kept: Path) -> None:
    """Give a file a second name, without a moment in which it has none; where links cannot be, a copy."""
    try:
        os.link(path, kept)
    except OSError:
        with written_beside(kept) as draft:
            shutil.copy2(path, draft)


def unused(path: Path) -> Path:
    """Return the path, or the first numbered variant of it that is not there."""
    numbered = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 10_000))
    return path if not path.exists() else next(other for other in numbered if not other.exists())


def has_room(folder: Path, size: int) -> bool:
    """Whether a file of that many bytes leaves enough room on the disk of a folder."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free >= size + SPARE_BYTES


def side_files(path: Path) -> tuple[Path, Path]:
    """Return the two files that SQLite keeps beside a database: its log and the index of that."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _forget(draft: Path) -> None:
    for path in (draft, *side_files(draft), draft.with_name(draft.name + "-journal")):
        with contextlib.suppress(OSError):
            path.unlink()
