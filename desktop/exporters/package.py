"""A workbook's package, patched: parts that nobody touches keep their very bytes, place and stamps.

`zipfile` writes an entry anew when it is copied; here the compressed bytes of an untouched entry are copied as they
lie, so that what finance drew, recorded or signed in other parts is what it was, and equal input gives equal bytes.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping, Set
from io import BytesIO

from desktop.errors import InvalidInput
from desktop.i18n import N_

LARGEST_PART = 200_000_000
LARGEST_FILE = 400_000_000
MOST_PARTS = 2_000

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_SIZES_FOLLOW = 0x0008
_ENCRYPTED = 0x0001
_ZIP64 = 0x0001
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(code: str, message: str, remedy: str, file: str, **params: str | int) -> InvalidInput:
    """Return the error that names a template's fault, with its file."""
    return InvalidInput(code, message, remedy=remedy, file=file, **params)


class Package:
    """The entries of a workbook file; `text` reads one, `patched` returns the file with some replaced."""

    def __init__(self, content: bytes, name: str) -> None:
        """Raise InvalidInput for a file that is encrypted, no package, or a bomb."""
        self.name = name
        self._content = content
        if content[:8] == _COMPOUND:
            raise refused(
                "template_encrypted",
                N_("{file} is protected by a password or in the old .xls format."),
                N_("Take the password off or save it as .xlsx or .xlsm, then try again."),
                name,
            )
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
            self.entries = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError) as problem:
            raise self.unreadable() from problem
        self._by_name = {entry.filename.lstrip("/").casefold(): entry for entry in self.entries}
        size = sum(entry.file_size for entry in self.entries)
        if (
            len(self.entries) > MOST_PARTS
            or size > LARGEST_FILE
            or len(self._by_name) != len(self.entries)
            or any(entry.flag_bits & _ENCRYPTED for entry in self.entries)
        ):
            raise self.unreadable()

    def unreadable(self) -> InvalidInput:
        """Return the error of a file that is no whole workbook."""
        return refused(
            "template_unreadable",
            N_("{file} is not a readable .xlsx or .xlsm workbook."),
            N_("Open it in Excel, save it as .xlsx or .xlsm, and try again."),
            self.name,
        )

    def __contains__(self, path: str) -> bool:
        return path.lstrip("/").casefold() in self._by_name

    @property
    def paths(self) -> list[str]:
        """The names of all entries in their order."""
        return [entry.filename for entry in self.entries]

    def real(self, path: str) -> str:
        """Return how the package itself spells a part's name."""
        return self._by_name[path.lstrip("/").casefold()].filename

    def read(self, path: str) -> bytes:
        """Return a part's bytes; raise InvalidInput if they are damaged or larger than they say."""
        entry = self._by_name.get(path.lstrip("/").casefold())
        if entry is None or entry.file_size > LARGEST_PART:
            raise self.unreadable()
        try:
            with self._zip.open(entry) as stream:
                content = stream.read(entry.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
            raise self.unreadable() from problem
        if len(content) != entry.file_size:
            raise self.unreadable()
        return content

    def text(self, path: str) -> str:
        """Return a part as text; raise InvalidInput unless it is UTF-8 without a document type."""
        content = self.read(path)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise self.unreadable() from problem
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise self.unreadable()
        return text

    def patched(self, changed: Mapping[str, bytes], removed: Set[str] = frozenset()) -> bytes:
        """Return the package with parts replaced and removed; every other entry is copied byte for byte."""
        out = bytearray()
        directory = bytearray()
        count = 0
        for entry in self.entries:
            if entry.filename in removed:
                continue
            raw, packed = self._packed(entry, changed.get(entry.filename))
            offset = len(out)
            out += raw + packed[-1]
            directory += self._listed(entry, packed, offset)
            count += 1
        start = len(out)
        out += directory
        comment = self._zip.comment
        out += _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), start, len(comment)) + comment
        return bytes(out)

    def _packed(
        self, entry: zipfile.ZipInfo, content: bytes | None
    ) -> tuple[bytes, tuple[int, int, int, int, int, bytes]]:
        """Return the local header, and (flags, method, checksum, packed size, size, packed bytes)."""
        header = _LOCAL.unpack_from(self._content, entry.header_offset)
        begin = entry.header_offset + _LOCAL.size
        name = self._content[begin : begin + header[9]]
        extra = _without_zip64(self._content[begin + header[9] : begin + header[9] + header[10]])
        flags = header[2] & ~_SIZES_FOLLOW
        if content is None:
            at = begin + header[9] + header[10]
            data = self._content[at : at + entry.compress_size]
            packed = (flags, entry.compress_type, entry.CRC, entry.compress_size, entry.file_size, data)
        else:
            squeezer = zlib.compressobj(6, zlib.DEFLATED, -15)
            data = squeezer.compress(content) + squeezer.flush()
            packed = (flags & ~6, zipfile.ZIP_DEFLATED, zlib.crc32(content), len(data), len(content), data)
        flags, method, checksum, size, full, _data = packed
        raw = _LOCAL.pack(
            b"PK\x03\x04",
            20,
            flags,
            method,
            header[4],
            header[5],
            checksum,
            size,
            full,
            len(name),
            len(extra),
        )
        return raw + name + extra, packed

    def _listed(
        self, entry: zipfile.ZipInfo, packed: tuple[int, int, int, int, int, bytes], offset: int
    ) -> bytes:
        header = _LOCAL.unpack_from(self._content, entry.header_offset)
        begin = entry.header_offset + _LOCAL.size
        name = self._content[begin : begin + header[9]]
        extra = _without_zip64(entry.extra)
        flags, method, checksum, size, full, _data = packed
        made_by = entry.create_version | entry.create_system << 8
        listed = _CENTRAL.pack(
            b"PK\x01\x02", made_by, 20, flags, method, header[4], header[5], checksum, size, full,
            len(name), len(extra), len(entry.comment), 0, entry.internal_attr, entry.external_attr, offset,
        )  # fmt: skip
        return listed + name + extra + entry.comment


def _without_zip64(extra: bytes) -> bytes:
    """Drop the field of large sizes: nothing here is that large, and the sizes are written anew."""
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind != _ZIP64:
            kept += extra[at : at + 4 + length]
        at += 4 + length
    return kept
