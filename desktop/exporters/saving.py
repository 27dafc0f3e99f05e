"""Files that are whole or not there: written beside their place, then moved."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from desktop.errors import UserError
from desktop.i18n import N_


def save_bytes(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that the old one stays whole until the end."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise UserError(
            "file_not_written",
            N_("{file} could not be written: {why}."),
            remedy=N_("Close the file if it is open in Excel, or choose another folder or name."),
            file=str(path),
            why=problem.strerror or str(problem),
        ) from problem
