"""Archives (.zip) of legacy files: checked, then unpacked into the private folder of the reading child.

Nothing is written under a name that the archive gives: each file gets a folder of its own there.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.building import too_large
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.encoding import find_encoding
from desktop.importers.passwords import encrypted

MAX_FILES = 2_000
MAX_FILE_BYTES = 400_000_000
MAX_TOTAL_BYTES = 1_000_000_000
MAX_RATIO = 400
"""Times that a file of more than `_SUSPECT_BYTES` may grow when it is unpacked."""

_SUSPECT_BYTES = 50_000_000
_CHUNK = 1 << 20
_IGNORED = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
_MEMOS = (".dbt", ".fpt")
_AES = 99


@dataclass(frozen=True)
class Member:
    """A file out of an archive: the name by which reports call it in there, and where it lies now."""

    name: str
    path: Path


def unpack(
    path: Path, folder: Path, passwords: Sequence[str] = (), progress: Progress = no_progress
) -> Iterator[Member | tuple[str, InvalidInput]]:
    """Yield every file of an archive, or its name with the reason why it is not unpacked.

    Raises InvalidInput if the archive as a whole is damaged, a bomb, or locked by another password.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise damaged() from error
    with archive:
        entries = [(member_name(entry), entry) for entry in archive.infolist()]
        wanted = [
            (name, entry) for name, entry in entries if name and not entry.is_dir() and _is_wanted(name)
        ]
        if len(wanted) > MAX_FILES:
            raise too_large()
        _refuse_bombs([entry for _, entry in wanted])
        total, done, written = sum(entry.file_size for _, entry in wanted), 0, 0
        seen: set[str] = set()
        families: dict[str, int] = {}
        # Memo files come first, so that they lie there when their table is read.
        wanted.sort(key=lambda item: not item[0].lower().endswith(_MEMOS))
        for number, (name, entry) in enumerate(wanted):
            safe = safe_name(name)
            shown = safe or PurePosixPath(name.replace("\\", "/")).name or str(number + 1)
            if safe is None or safe.casefold() in seen:
                yield shown[:300], _bad_name()
                continue
            seen.add(safe.casefold())
            family = families.setdefault(safe.casefold().rpartition(".")[0] or safe, number)
            target = folder / f"{family}" / _file_name(safe)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                written += _write(archive, entry, target, passwords, MAX_TOTAL_BYTES - written)
            except _Unreadable:
                yield safe, damaged()
                continue
            done += entry.file_size
            progress(done, total)
            if not safe.lower().endswith(_MEMOS) or not _has_table(safe, wanted):
                yield Member(safe, target)


def member_name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name, read as GBK or another encoding where its writer did not use UTF-8."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    if raw.isascii():
        return entry.filename
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode(find_encoding(raw) or "cp437", "replace")


def safe_name(name: str) -> str | None:
    """Return a name as a relative POSIX path, or None if it leads out of the archive or is no name."""
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if not parts or plain.startswith("/") or ".." in parts or ":" in parts[0]:
        return None
    if any(ord(char) < 32 or char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068" for char in plain):
        return None
    return "/".join(parts) if len(plain) <= 1_000 else None


def damaged() -> InvalidInput:
    """Return the error of an archive that cannot be unpacked."""
    return InvalidInput(
        "damaged",
        N_("The archive is damaged or incomplete."),
        remedy=N_("Unpack it yourself and give the files in it, or pack it again as .zip."),
    )


def _bad_name() -> InvalidInput:
    return InvalidInput(
        "name_unsafe",
        N_("The file's name in the archive leads out of it, or stands there twice."),
        remedy=N_("Unpack the archive yourself and give the file by itself."),
    )


class _Unreadable(Exception):
    """One file of the archive is damaged; the others may be whole."""


def _is_wanted(name: str) -> bool:
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    if not parts or "__MACOSX" in parts or any(part.startswith(".") and part != ".." for part in parts):
        return False
    return not parts[-1].startswith("~$") and parts[-1].lower() not in _IGNORED


def _has_table(memo: str, wanted: Sequence[tuple[str, zipfile.ZipInfo]]) -> bool:
    """Whether the table that a memo file belongs to is in the archive, too: then it is no source by itself."""
    table = memo.casefold().rpartition(".")[0] + ".dbf"
    return any((safe_name(name) or "").casefold() == table for name, _ in wanted)


def _file_name(name: str) -> str:
    """Return a name that any system can write: only the ending is kept, by which memo files are found."""
    ending = PurePosixPath(name).suffix.lower()
    return f"file{ending}" if ending[1:].isalnum() and ending.isascii() and len(ending) < 8 else "file"


def _refuse_bombs(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse by what the directory says; `_write` counts what really comes out."""
    if sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise too_large()
    for entry in entries:
        dense = entry.file_size > _SUSPECT_BYTES and entry.file_size > MAX_RATIO * max(1, entry.compress_size)
        if entry.file_size > MAX_FILE_BYTES or dense:
            raise too_large()


def _write(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, passwords: Sequence[str], left: int
) -> int:
    if not entry.flag_bits & 1:
        return _copy(archive, entry, target, None, left)
    if entry.compress_type == _AES:
        raise _aes()
    for password in passwords:
        for codec in ("utf-8", "gb18030"):
            try:
                return _copy(archive, entry, target, password.encode(codec), left)
            except (_Unreadable, RuntimeError, UnicodeEncodeError):
                continue
    raise encrypted()


def _aes() -> InvalidInput:
    return InvalidInput(
        "encrypted",
        N_("The archive is protected by a password in a way that cannot be opened here (AES)."),
        remedy=N_("Unpack it yourself and give the files in it."),
    )


def _copy(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, password: bytes | None, left: int
) -> int:
    limit = min(MAX_FILE_BYTES, left)
    written = 0
    try:
        with archive.open(entry, pwd=password) as source, target.open("wb") as out:
            while block := source.read(_CHUNK):
                written += len(block)
                if written > limit or (
                    written > _SUSPECT_BYTES and written > MAX_RATIO * max(1, entry.compress_size)
                ):
                    raise too_large()
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, struct.error) as error:
        raise _Unreadable from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):
            raise
        raise _Unreadable from error  # led to a place that the file does not have
    return written
