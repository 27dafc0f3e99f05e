"""What a file really is, by its content and never by its name (security, bad files 8 to 10)."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import Literal

from desktop.importers.dbase import is_dbase

Kind = Literal[
    "xlsx", "xlsb", "ods", "xls", "oldest", "encrypted", "locked", "text", "html", "mhtml", "xml", "xml_workbook",
    "dbf", "vcf", "zip", "sqlite", "empty", "numbers", "pdf", "image", "word", "slides", "mail", "access", "archive",
    "program", "data", "memo", "other",
]  # fmt: skip
"""`encrypted` is an OLE2 wrapper around a protected .xlsx, `locked` an encrypted .ods, `oldest` a bare BIFF stream."""

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "other"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x00\x01\x00\x00Standard Jet DB", "access"),
    (b"\x00\x01\x00\x00Standard ACE DB", "access"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"PAR1", "data"),
    (b"ARROW1", "data"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"{\\rtf", "word"),
)
_BARE_STREAMS = (
    b"\x09\x00\x04\x00", b"\x09\x00\x06\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)  # fmt: skip
"""How Excel 2 to 4 begin, and Excel 5 and later where a program wrote the stream without its container."""

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_SAMPLE = 1 << 16


def sniff(path: Path) -> Kind:
    """Return what the file is; reads its first 64 KB, and the directory of a container."""
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return "empty"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK00PK\x03\x04")):
        return _sniff_zip(path)
    if head.startswith(_OLE2):
        return _sniff_ole2(path)
    if head.startswith(_BARE_STREAMS):
        return "oldest"
    for magic, kind in _MAGIC:
        if head.startswith(magic) and (kind != "other" or b"\x00" in head[:64]):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image"
    if is_dbase(head, path.stat().st_size):
        return "dbf"
    return _sniff_text(head)


def _sniff_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            return _sniff_parts(archive)
    except (
        zipfile.BadZipFile,
        KeyError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        zlib.error,
    ):
        # A container cut short has lost its directory: its first part's name still tells.
        with path.open("rb") as stream:
            head = stream.read(_SAMPLE)
        if b"xl/" in head or b"[Content_Types].xml" in head:
            return "xlsx"
        return "ods" if b"opendocument.spreadsheet" in head else "zip"


def _sniff_parts(archive: zipfile.ZipFile) -> Kind:
    names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "meta-inf/manifest.xml" in names and names & {"content.xml", "encrypted-package", "mimetype"}:
        manifest = archive.read("META-INF/manifest.xml")[: 1 << 20]
        if b"encryption-data" in manifest:
            return "locked"
        if b"opendocument.spreadsheet" in manifest or _is_ods(archive):
            return "ods"
        return "word" if b"opendocument" in manifest else "program"
    for sign, kind in _PARTS:
        if sign in names:
            return kind
    if any(name.endswith(".iwa") for name in names):
        return "numbers"
    return "zip"


_PARTS: tuple[tuple[str, Kind], ...] = (
    ("word/document.xml", "word"),
    ("ppt/presentation.xml", "slides"),
    ("index.zip", "numbers"),
    ("index.apxl", "numbers"),
    ("index/document.iwa", "numbers"),
    ("classes.dex", "program"),
)


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
    for name, kind in _STREAMS:
        if _utf16(name) in content:
            return kind
    return "other"


_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("WordDocument", "word"),
    ("PowerPoint Document", "slides"),
    ("__properties_version1.0", "mail"),
)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\x00\x00"


def _sniff_text(head: bytes) -> Kind:
    shown = _narrow(head)
    lowered = shown[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()
    if lowered.startswith(b"begin:vcard"):
        return "vcf"
    if lowered.startswith(b"<"):
        marked = _sniff_markup(lowered, shown.lower())
        if marked:
            return marked
    if re.match(
        rb"(?:[\w-]+: .*\r?\n(?:[ \t].*\r?\n)*){1,30}?mime-version:", lowered + b"\n"
    ) or lowered.startswith(b"mime-version:"):
        return "mhtml" if b"multipart/related" in lowered else "mail"
    if head.startswith(_UTF16_BOMS):
        return "text"
    if b"\x00" in head and not _looks_utf16(head):
        controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
        return "other" if controls > len(head) // 50 else "text"
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return "other" if controls > len(head) // 20 and not _looks_utf16(head) else "text"


def _narrow(head: bytes) -> bytes:
    """Return UTF-16 text as bytes of one character each, for looking at its beginning."""
    if head.startswith(_UTF16_BOMS) or (b"\x00" in head[:64] and _looks_utf16(head)):
        return head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")
    return head


def _sniff_markup(lowered: bytes, whole: bytes) -> Kind | None:
    is_page = re.match(
        rb"<(!doctype html|html|table|head|meta|style|body|div|center|font|form|title|link|script|tr|tbody|thead)\b",
        lowered,
    )
    if is_page or b"<html" in lowered:
        return "html"
    if b"<!entity" in lowered:
        return "xml_workbook"  # whose reader refuses every document type definition by that name
    if b"urn:schemas-microsoft-com:office:spreadsheet" in whole and b"<workbook" in whole.replace(
        b"<ss:", b"<"
    ):
        return "xml_workbook"
    if lowered.startswith((b"<?xml", b"<!doctype", b"<!entity")) or re.match(
        rb"<[a-z][\w:.-]*[\s/>]", lowered
    ):
        return "html" if b"<table" in whole and b"<td" in whole else "xml"
    return "html" if b"<table" in whole and b"<td" in whole else None


def _looks_utf16(head: bytes) -> bool:
    """Whether zero bytes stand where UTF-16 or UTF-32 text would have them."""
    even, odd = head[0::2], head[1::2]
    zeros = max(even.count(0), odd.count(0))
    quarters = [head[i::4].count(0) * 4 / max(1, len(head)) for i in range(4)]
    if min(quarters[0], quarters[1]) > 0.9 or min(quarters[2], quarters[3]) > 0.9:
        return True
    return zeros > len(head) // 20 and min(even.count(0), odd.count(0)) <= zeros // 4
