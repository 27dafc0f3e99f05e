"""dBASE III, IV, 5, FoxPro and Visual FoxPro tables (.dbf), with the memo file that lies beside them."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from desktop.importers.building import GridBuilder
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.encoding import find_encoding
from desktop.importers.grid import BOOLEAN, DATE, NUMBER, TEXT, Grid, number_text

VERSIONS = frozenset(
    {0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8C, 0xCB, 0xE5, 0xF5, 0xFB}
)
"""First bytes of the tables that exist; which of them decides how memos are kept."""

_CODE_PAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850", 0x0B: "cp437",
    0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850", 0x13: "cp932",
    0x14: "cp850", 0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437", 0x1A: "cp850",
    0x1B: "cp437", 0x1C: "cp863", 0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852", 0x24: "cp860",
    0x25: "cp850", 0x26: "cp866", 0x37: "cp850", 0x40: "cp852", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950",
    0x50: "cp874", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865",
    0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932",
    0x7C: "cp874", 0x86: "cp737", 0x87: "cp852", 0x88: "cp857", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254",
    0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_WESTERN = frozenset({"cp437", "cp850", "cp1252"})
"""What programs put in without asking: believed only as long as the bytes do not read better otherwise."""

_TEXT_TYPES = frozenset("CMVW")
_MAX_FIELDS = 2_048
_MAX_MEMO = 1 << 20
_JULIAN_DAY_OF_YEAR_1 = 1_721_425


@dataclass(frozen=True)
class _Field:
    name: bytes
    type: str
    start: int
    length: int
    decimals: int


@dataclass(frozen=True)
class _Header:
    version: int
    rows: int
    first: int
    length: int
    code_page: int
    fields: tuple[_Field, ...]


def is_dbase(head: bytes, size: int) -> bool:
    """Whether a file begins like a dBASE table whose fields add up to its record length."""
    try:
        header = _header(head)
    except (ValueError, struct.error):
        return False
    return bool(header.fields) and size >= header.first


def read_dbase(path: Path, progress: Progress = no_progress) -> tuple[Grid, str]:
    """Return the grid (field names in its first row) and the encoding; raise ValueError if it is damaged.

    Deleted records are left out, with the warning "deleted_records"; row numbers count them, as Excel
    does. A memo whose file is missing stays blank, with the warning "memo_missing".
    """
    with path.open("rb") as stream:
        header = _header(stream.read(65_536))
    size = path.stat().st_size
    held = max(0, size - header.first) // header.length
    if held < header.rows:
        raise ValueError("records are missing")
    memo = _memo_of(path, header)
    builder = GridBuilder()
    encoding = _encoding(path, header, memo)
    for column, field in enumerate(header.fields):
        builder.put(0, column, _decoded(field.name, encoding))
    deleted = 0
    readers = [_reader(field, encoding, memo) for field in header.fields]
    for number, record in enumerate(_records(path, header, progress), start=1):
        if record[:1] == b"*":
            deleted += 1
            continue
        for column, (field, read) in enumerate(zip(header.fields, readers, strict=True)):
            text, kind = read(record[field.start : field.start + field.length])
            if text:
                builder.put(number, column, text, kind)
    if deleted:
        builder.warnings.append("deleted_records")
    if memo is None and any(field.type == "M" for field in header.fields):
        builder.warnings.append("memo_missing")
    return builder.finish(), encoding


def _header(head: bytes) -> _Header:
    if len(head) < 65 or head[0] not in VERSIONS:
        raise ValueError("no dBASE table")
    rows, first, length = struct.unpack_from("<IHH", head, 4)
    if length < 2 or first < 65:
        raise ValueError("no dBASE table")
    fields: list[_Field] = []
    at, start = 32, 1
    while at + 32 <= min(len(head), first) and head[at] not in (0x0D, 0x00):
        name, kind, _, size, decimals = struct.unpack_from("<11sc4sBB", head, at)
        letter = kind.decode("latin-1")
        if letter not in "CNFLDTBIYMGPVWQO+@0" or len(fields) >= _MAX_FIELDS:
            raise ValueError("no dBASE table")
        if letter == "C" and head[0] != 0x30:
            size += decimals << 8  # long character fields of Clipper and FoxPro
        if letter == "C" and start + size > length:
            size &= 0xFF
        fields.append(_Field(name.split(b"\x00")[0], letter, start, size, decimals))
        start += size
        at += 32
    if start != length or not fields:
        raise ValueError("the fields do not fill the record")
    shown = tuple(field for field in fields if field.type not in "0GPO@" or field.type in "O@")
    return _Header(head[0], rows, first, length, head[29], shown)


def _records(path: Path, header: _Header, progress: Progress) -> Iterator[bytes]:
    size = path.stat().st_size
    at_once = max(1, (1 << 20) // header.length)
    left = header.rows
    with path.open("rb") as stream:
        stream.seek(header.first)
        while left:
            block = stream.read(min(at_once, left) * header.length)
            count = len(block) // header.length
            if not count:
                raise ValueError("records are missing")
            progress(stream.tell(), size)
            for index in range(count):
                yield block[index * header.length : (index + 1) * header.length]
            left -= count


def _encoding(path: Path, header: _Header, memo: _Memo | None) -> str:
    """Return the codec that the code page byte names, or the one in which the texts read best."""
    told = _CODE_PAGES.get(header.code_page)
    if told and told not in _WESTERN:
        return told
    sample = [field.name for field in header.fields]
    texts = [field for field in header.fields if field.type in _TEXT_TYPES and field.type != "M"]
    size = 0
    for record in _records(path, header, no_progress):
        for field in texts:
            content = record[field.start : field.start + field.length].rstrip(b" \x00")
            if not content.isascii():
                sample.append(content)
                size += len(content)
        if size > 200_000:
            break
    if memo is not None and size < 1000:
        sample += memo.sample()
    content = b"\n".join(sample)
    if content.isascii():
        return told or "ascii"
    found = find_encoding(content) or told or "cp1252"
    if told and found in ("cp1252", "latin-1", "cp1251", "cp932", "euc_kr", "big5"):
        return told
    return found


def _decoded(content: bytes, encoding: str) -> str:
    return codecs.decode(content, encoding, "replace").replace("\x00", "")


_Reader = Callable[[bytes], tuple[str | None, int]]


def _reader(field: _Field, encoding: str, memo: _Memo | None) -> _Reader:
    def text(cell: bytes) -> tuple[str | None, int]:
        return _decoded(cell.rstrip(b" \x00"), encoding), TEXT

    def memo_text(cell: bytes) -> tuple[str | None, int]:
        content = memo.at(cell) if memo else b""
        return _decoded(content, encoding).replace("\r\n", "\n"), TEXT

    binary: dict[str, _Reader] = {
        "I": lambda cell: _integer(cell, 1),
        "+": lambda cell: _integer(cell, 1),
        "Y": lambda cell: _integer(cell, 10_000),
        "T": _moment,
        "@": _moment,
        "O": _double,
    }
    if field.type in binary:
        return binary[field.type]
    if field.type == "B":
        return _double if field.length == 8 else memo_text
    if field.type == "M":
        return memo_text
    return {"N": _figure, "F": _figure, "D": _day, "L": _logical}.get(field.type, text)


def _figure(cell: bytes) -> tuple[str | None, int]:
    text = cell.strip(b" \x00").decode("latin-1")
    if not text or set(text) <= set("*"):
        return ("#NUM!", TEXT) if text else (None, NUMBER)
    if "." not in text and text.lstrip("-").isdigit():
        return str(int(text)), NUMBER
    try:
        return number_text(float(text)), NUMBER
    except ValueError:
        return text, TEXT


def _day(cell: bytes) -> tuple[str | None, int]:
    text = cell.strip(b" \x00").decode("latin-1")
    if len(text) != 8 or not text.isdigit() or text == "00000000":
        return (text or None) if text.strip("0") else None, TEXT
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat(), DATE
    except ValueError:
        return text, TEXT


def _logical(cell: bytes) -> tuple[str | None, int]:
    if cell in (b"T", b"t", b"Y", b"y"):
        return "TRUE", BOOLEAN
    return ("FALSE", BOOLEAN) if cell in (b"F", b"f", b"N", b"n") else (None, BOOLEAN)


def _integer(cell: bytes, divisor: int) -> tuple[str | None, int]:
    value = int.from_bytes(cell, "little", signed=True)
    if divisor == 1:
        return str(value), NUMBER
    whole, rest = divmod(abs(value), divisor)
    text = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return (f"-{text}" if value < 0 else text), NUMBER


def _double(cell: bytes) -> tuple[str | None, int]:
    return number_text(struct.unpack("<d", cell)[0]), NUMBER


def _moment(cell: bytes) -> tuple[str | None, int]:
    if len(cell) != 8 or not cell.strip(b"\x00 "):
        return None, DATE
    day, milliseconds = struct.unpack("<ii", cell)
    try:
        then = date.fromordinal(day - _JULIAN_DAY_OF_YEAR_1)
    except (ValueError, OverflowError):
        return None, DATE
    seconds = min(max(0, round(milliseconds / 1000)), 86_399)
    return (f"{then}T{timedelta(seconds=seconds)!s:0>8}" if seconds else then.isoformat()), DATE


class _Memo:
    """The texts of a memo file, found by block number."""

    def __init__(self, path: Path, version: int) -> None:
        self._content = path.read_bytes()
        self._fox = path.suffix.lower() == ".fpt"
        self._four = version in (0x8B, 0xCB, 0x04, 0x63, 0x43)
        size = self._content[6:8] if self._fox else b""
        self._block = int.from_bytes(size, "big") if self._fox else 512
        if self._four:
            self._block = int.from_bytes(self._content[20:22], "little") or 512
        self._block = self._block or 512

    def at(self, cell: bytes) -> bytes:
        """Return the text that a record's memo field points at."""
        if len(cell) == 4:
            number = int.from_bytes(cell, "little")
        else:
            digits = cell.strip(b" \x00")
            number = int(digits) if digits.isdigit() else 0
        start = number * self._block
        if not number or start + 8 > len(self._content):
            return b""
        if self._fox:
            kind, size = struct.unpack_from(">II", self._content, start)
            return self._content[start + 8 : start + 8 + min(size, _MAX_MEMO)] if kind == 1 else b""
        if self._content[start : start + 4] == b"\xff\xff\x08\x00":
            size = int.from_bytes(self._content[start + 4 : start + 8], "little")
            return self._content[start + 8 : start + max(8, min(size, _MAX_MEMO))].rstrip(b"\x1a\x00")
        end = self._content.find(b"\x1a", start)
        return self._content[start : min(end if end >= 0 else start + 512, start + _MAX_MEMO)]

    def sample(self) -> list[bytes]:
        """Return some of the texts, to tell their encoding by."""
        return [self._content[512:100_000].replace(b"\x00", b" ")]


def _memo_of(path: Path, header: _Header) -> _Memo | None:
    if not any(field.type == "M" for field in header.fields):
        return None
    for beside in sorted(path.parent.glob("*")):
        if beside.stem.lower() == path.stem.lower() and beside.suffix.lower() in (".fpt", ".dbt"):
            if beside.stat().st_size > 500_000_000:
                return None
            return _Memo(beside, header.version)
    return None
