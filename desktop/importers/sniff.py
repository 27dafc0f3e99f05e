"""What a file really is, by its content and never by its name (security, bad files 8 to 10)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

Kind = Literal["xlsx", "xlsb", "ods", "xls", "encrypted", "locked", "text", "html", "xml", "empty", "other"]
"""`encrypted` is an OLE2 wrapper around a protected .xlsx, `locked` an encrypted .ods."""

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY_MAGIC = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"SQLite format 3\x00",
    b"\x1f\x8b",
    b"BZh",
    b"7z\xbc\xaf",
    b"Rar!",
    b"PAR1",
    b"ARROW1",
    b"MZ",
    b"\x7fELF",
    b"{\\rtf",
)
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SAMPLE = 1 << 16


def sniff(path: Path) -> Kind:
    """Return what the file is; reads its first 64 KB, and the directory of a container."""
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return "empty"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _sniff_zip(path)
    if head.startswith(_OLE2):
        return _sniff_ole2(path)
    if head.startswith(_BINARY_MAGIC):
        return "other"
    return _sniff_text(head)


def _sniff_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
            if "xl/workbook.bin" in names:
                return "xlsb"
            if any(name.startswith("xl/") for name in names):
                return "xlsx"
            if "content.xml" in names and "meta-inf/manifest.xml" in names:
                manifest = archive.read("META-INF/manifest.xml")[: 1 << 20]
                if b"encryption-data" in manifest:
                    return "locked"
                if b"opendocument.spreadsheet" in manifest or _is_ods(archive):
                    return "ods"
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError, EOFError):
        # A container cut short has lost its directory: its first part's name still tells.
        head = path.open("rb").read(_SAMPLE)
        if b"xl/" in head or b"[Content_Types].xml" in head:
            return "xlsx"
        return "ods" if b"opendocument.spreadsheet" in head else "other"
    return "other"


def _is_ods(archive: zipfile.ZipFile) -> bool:
    try:
        return b"spreadsheet" in archive.read("mimetype")[:200]
    except KeyError:
        return False


def _sniff_ole2(path: Path) -> Kind:
    content = path.read_bytes()
    if _utf16("EncryptedPackage") in content:
        return "encrypted"
    if _utf16("Workbook") in content or _utf16("Book") in content:
        return "xls"
    return "other"


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\x00\x00"


def _sniff_text(head: bytes) -> Kind:
    if head.startswith(_UTF16_BOMS):
        return "text"
    lowered = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|table|head|meta|style|body|div)\b", lowered):
        return "html"
    if lowered.startswith(b"<?xml") or lowered.startswith(b"<workbook"):
        return "html" if b"<html" in lowered else "xml"
    if b"\x00" in head and not _looks_utf16(head):
        controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
        return "other" if controls > len(head) // 50 else "text"
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return "other" if controls > len(head) // 20 and not _looks_utf16(head) else "text"


def _looks_utf16(head: bytes) -> bool:
    """Whether zero bytes stand where UTF-16 or UTF-32 text would have them."""
    even, odd = head[0::2], head[1::2]
    zeros = max(even.count(0), odd.count(0))
    quarters = [head[i::4].count(0) * 4 / max(1, len(head)) for i in range(4)]
    if min(quarters[0], quarters[1]) > 0.9 or min(quarters[2], quarters[3]) > 0.9:
        return True
    return zeros > len(head) // 20 and min(even.count(0), odd.count(0)) <= zeros // 4
