"""Writes a package part by part: what stands in another one is copied as it is, large parts are deflated as they come.

Every byte depends on the content alone: no clock, no order of threads, no name of the machine (security 61).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO

from desktop.errors import UserError
from desktop.i18n import N_

LEVEL = 6
_THREADS = 2
_WAITING = 4
"""Pieces that may wait for being deflated: they are what a large part costs in memory."""
_LARGEST = 0xFFFF_FFFF
_MIDNIGHT_1980 = (0, 0x21)
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_UTF8 = 0x800


@dataclass(frozen=True, slots=True)
class _Entry:
    name: bytes
    method: int
    crc: int
    packed: int
    size: int
    offset: int


@dataclass(slots=True)
class PackageWriter:
    """A package in the making; `close` writes its directory."""

    out: IO[bytes]
    entries: list[_Entry] = field(default_factory=list)
    offset: int = 0

    def copy(self, package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Take a part over without unpacking it."""
        stream = package.fp
        assert stream is not None
        stream.seek(part.header_offset + 26)
        name, extra = struct.unpack("<HH", stream.read(4))
        stream.seek(name + extra, 1)
        self._head(part.filename, part.compress_type, part.CRC, part.compress_size, part.file_size)
        self._put(stream.read(part.compress_size))

    def add(self, name: str, content: bytes) -> None:
        """Add a small part."""
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        self._head(name, zipfile.ZIP_DEFLATED, zlib.crc32(content), len(packed), len(content))
        self._put(packed)

    def add_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a large part, whose pieces are deflated beside each other and never all in memory."""
        start = self.offset
        self._head(name, zipfile.ZIP_DEFLATED, 0, 0, 0)
        crc = size = packed = 0
        waiting: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="deflate") as pool:
            try:
                for piece in pieces:
                    crc, size = zlib.crc32(piece, crc), size + len(piece)
                    waiting.append(pool.submit(_deflated, piece))
                    if len(waiting) >= _WAITING:
                        packed += self._put(waiting.popleft().result())
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            while waiting:
                packed += self._put(waiting.popleft().result())
        last = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        packed += self._put(last.flush())
        _require_room(max(size, packed, self.offset))
        entry = _Entry(name.encode(), zipfile.ZIP_DEFLATED, crc, packed, size, start)
        self.entries[-1] = entry
        self.out.seek(start)
        self.out.write(_local_header(entry))
        self.out.seek(self.offset)

    def close(self) -> None:
        """Write the directory."""
        start = self.offset
        for entry in self.entries:
            self._put(_central_header(entry))
        count = len(self.entries)
        self._put(_END + struct.pack("<HHHHIIH", 0, 0, count, count, self.offset - start, start, 0))

    def _head(self, name: str, method: int, crc: int, packed: int, size: int) -> None:
        entry = _Entry(name.encode(), method, crc, packed, size, self.offset)
        self.entries.append(entry)
        self._put(_local_header(entry))

    def _put(self, content: bytes) -> int:
        self.out.write(content)
        self.offset += len(content)
        return len(content)


def _deflated(piece: bytes) -> bytes:
    """Return a piece deflated by itself: the next one begins at a whole byte."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    return packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _fields(entry: _Entry) -> bytes:
    flags = 0 if entry.name.isascii() else _UTF8
    return struct.pack(
        "<HHHHIIIHH",
        *(flags, entry.method, *_MIDNIGHT_1980, entry.crc, entry.packed, entry.size, len(entry.name), 0),
    )


def _local_header(entry: _Entry) -> bytes:
    return _LOCAL + struct.pack("<H", 20) + _fields(entry) + entry.name


def _central_header(entry: _Entry) -> bytes:
    made_by_and_needed = struct.pack("<HH", 20, 20)
    rest = struct.pack("<HHHII", 0, 0, 0, 0, entry.offset)
    return _CENTRAL + made_by_and_needed + _fields(entry) + rest + entry.name


def _require_room(size: int) -> None:
    if size > _LARGEST:
        raise UserError(
            "workbook_beyond_format",
            N_("The table is too large for one workbook."),
            remedy=N_("Choose a shorter period or fewer columns."),
        )
