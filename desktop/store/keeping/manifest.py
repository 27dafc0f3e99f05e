"""The end of a backup file: what it holds, so that a damaged, foreign or newer one is refused.

A backup is what the database's own tools read (an SQLite file; an archive of pg_dump) with a manifest
after its last byte, which those tools do not look at. One file, so the two cannot be parted.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from desktop.control import Control
from desktop.errors import DatabaseProblem, InvalidInput, NotFound, UserError
from desktop.i18n import N_
from desktop.store import schema

MAGIC = b"PLUMBLN1"
SQLITE_HEAD = b"SQLite format 3\x00"
ARCHIVE_HEAD = b"PGDMP"
_TAIL = struct.Struct(">32sQ8s")
"""SHA-256 of the manifest's bytes, their number, the magic word."""
_BLOCK = 1 << 20
_MOST = 1 << 24

Kind = Literal["sqlite", "postgresql"]
Why = Literal["asked", "daily", "before_upgrade", "before_import"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of which database, of when, by whom, and how to know that it is whole."""

    kind: Kind
    schema: str
    database: str
    made_at: str
    """ISO 8601 with an offset."""
    made_by: str
    machine: str
    why: Why
    program: str
    counts: dict[str, int]
    """Rows per table."""
    digest: str | None
    """The business digest of all tables (cli.md); None where it was not taken."""
    size: int = 0
    """Bytes before the manifest."""
    sha256: str = ""
    """Of those bytes."""
    format: str = "plumbline-backup"
    version: int = 1
    logins: dict[str, str] = field(default_factory=dict)
    """Team database: the login roles there were, with their jobs. Never a password."""


def sha256_of(path: Path, size: int, control: Control | None = None) -> str:
    """Return the SHA-256 of the first `size` bytes of a file."""
    control = control or Control()
    digest, left = hashlib.sha256(), size
    with path.open("rb") as stream:
        while left and (block := stream.read(min(_BLOCK, left))):
            digest.update(block)
            left -= len(block)
            control.report(size - left, size)
    return digest.hexdigest()


def append_manifest(path: Path, manifest: Manifest, control: Control | None = None) -> Manifest:
    """Write a manifest after the last byte of a file, with the size and hash of what is there; return it."""
    size = path.stat().st_size
    whole = Manifest(**{**asdict(manifest), "size": size, "sha256": sha256_of(path, size, control)})
    body = json.dumps(asdict(whole), ensure_ascii=False, sort_keys=True).encode()
    with path.open("ab") as stream:
        stream.write(body + _TAIL.pack(hashlib.sha256(body).digest(), len(body), MAGIC))
        stream.flush()
    return whole


def read_manifest(path: Path) -> Manifest | None:
    """Return the manifest of a file, None where there is none; what it says is not checked here.

    Raises NotFound, and DatabaseProblem `backup_damaged` where the manifest itself is not whole.
    """
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, 2)
            if end < _TAIL.size:
                return None
            stream.seek(end - _TAIL.size)
            seal, length, magic = _TAIL.unpack(stream.read(_TAIL.size))
            if magic != MAGIC:
                return None
            if length > min(_MOST, end - _TAIL.size):
                raise damaged(path, "manifest")
            stream.seek(end - _TAIL.size - length)
            body = stream.read(length)
    except OSError as error:
        raise NotFound(
            "backup_missing",
            N_("The backup {file} cannot be read: {why}."),
            remedy=N_("Check the spelling of the file or folder."),
            file=str(path),
            why=error.strerror or str(error),
        ) from error
    if hashlib.sha256(body).digest() != seal:
        raise damaged(path, "manifest")
    return _parsed(path, body, end - _TAIL.size - length)


def _parsed(path: Path, body: bytes, size: int) -> Manifest:
    document: dict[str, Any] = json.loads(body)
    if document.get("version") != 1 or document.get("format") != "plumbline-backup":
        raise InvalidInput(
            "backup_newer",
            N_("The backup {file} was made by a newer Plumbline ({program})."),
            remedy=N_("Please upgrade this console. The database was not touched."),
            file=str(path),
            program=document.get("program", "?"),
        )
    if document["size"] != size:
        raise damaged(path, "size")
    return Manifest(**document)


def damaged(path: Path, detail: str) -> DatabaseProblem:
    """Return the refusal of a backup that is not as it was made."""
    return DatabaseProblem(
        "backup_damaged",
        N_("The backup {file} is damaged ({detail}); it was not restored."),
        remedy=N_("Use another backup: plumbline restore --list shows what there is."),
        file=str(path),
        detail=detail,
    )


def foreign(path: Path) -> UserError:
    """Return the refusal of a file that is no backup."""
    return UserError(
        "backup_foreign",
        N_("{file} is no backup of Plumbline."),
        remedy=N_("Choose a file that plumbline backup wrote: plumbline restore --list shows them."),
        file=str(path),
    )


def require_sound(path: Path, manifest: Manifest, control: Control | None = None) -> None:
    """Raise DatabaseProblem unless a backup is as it was made, and of a schema that this console knows."""
    if sha256_of(path, manifest.size, control) != manifest.sha256:
        raise damaged(path, "SHA-256")
    if manifest.schema > schema.HEAD:
        schema.require_current(manifest.schema)
