"""The checks of a spreadsheet container before any library parses it (security, bad files 1 to 7).

Every part that will be read is inflated once and counted, so that a bomb is met here, with its
size known, and not in the parser. What the parser cannot say is noted on the way: which cells hold
errors, and which formulas hold no value.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.building import MAX_CELLS, too_large
from desktop.importers.cellmarks import BinarySheet, Marks, OpenSheets, binary_sheet_names, is_whole, old_book
from desktop.importers.containers import HEAD_BYTES, MAX_PARTS, MAX_TOTAL_BYTES, is_forged, is_too_large
from desktop.importers.decoding import Progress, no_progress
from desktop.importers.grid import NO_VALUE
from desktop.importers.spreadsheetml import dtd
from desktop.letters import column_number

_CHUNK = 1 << 20
_OVERLAP = 4096
_DTD = (b"<!DOCTYPE", b"<!ENTITY", b"<\x00!\x00D\x00O", b"<\x00!\x00E\x00N")
# Each pattern begins with a literal, or scanning a large sheet takes longer than parsing it.
_ROW = re.compile(rb'<row [^>]*?r="(\d{1,9})"')
_WIDE = re.compile(rb' r="([A-Z]{2,3})(\d{1,9})"')
_WIDE_PROBE = re.compile(rb' r="[A-Z]{2}')
_ERROR = re.compile(
    rb'<c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*?\bt="e"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>'
)
_UNVALUED = re.compile(
    rb'<c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_HIDDEN_ROW = re.compile(rb'<row [^>]*?hidden="(?:1|true)"[^>]*>')
_ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_OPEN_MARKS = (b'value-type="error"', b'visibility="collapse"', b'visibility="filter"')


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet's XML tells before it is parsed: its size, whether it begins in A1, its merged areas."""

    size: int
    begins_in_corner: bool
    rows: int
    merged: tuple[tuple[int, int, int, int], ...]


@dataclass
class Preflight:
    """What the container itself tells: error cells and hidden rows (from 0) per sheet part, and what is active in it.

    `parts` leads from a sheet's name to the part that holds it.
    """

    errors: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    hidden_rows: dict[str, set[int]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    hidden_sheets: set[str] = field(default_factory=set)
    sheets: dict[str, SheetFacts] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def preflight(path: Path, progress: Progress = no_progress) -> Preflight:
    """Inflate and check the parts of a container; raise InvalidInput if it must not be parsed."""
    found = Preflight()
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise too_large()
            total = done = 0
            whole = sum(part.compress_size for part in parts)
            for part in parts:
                name = part.filename.replace("\\", "/").lower()
                _warn(name, found)
                if name.endswith((".xml", ".rels", ".bin")) and "/media/" not in name:
                    total += _check_part(stream, part, name, found)
                    if total > MAX_TOTAL_BYTES:
                        raise too_large()
                done += part.compress_size
                progress(done, whole)
            _find_sheets(archive, found)
            _find_binary_sheets(archive, found)
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, ValueError, EOFError) as error:
        raise damaged() from error
    return found


def preflight_old(path: Path) -> Preflight:
    """Return what the records of an .xls tell; raise InvalidInput where they do not hold together."""
    found = Preflight()
    stream = old_stream(path)
    if stream is None or not is_whole(stream):
        raise damaged()
    sheets, found.warnings = old_book(stream)
    for name, marks in sheets:
        part = f"#{len(found.parts)}"
        found.parts[name] = part
        _keep(found, part, marks)
    return found


def old_stream(path: Path) -> bytes | None:
    """Return the workbook stream of an .xls, or None if its container cannot be walked."""
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as container:
            for name in ("Workbook", "Book"):
                if container.exists(name):
                    content: bytes = container.openstream(name).read()
                    return content
    except MemoryError:
        raise
    except Exception:
        # The library raises errors of many kinds; the readers decide whether the file is damaged.
        return None
    return None


def _keep(found: Preflight, part: str, marks: Marks) -> None:
    found.errors[part] = marks.errors
    found.hidden_rows[part] = marks.hidden_rows


def damaged() -> InvalidInput:
    """Return the error of a file that no reader can make sense of."""
    return InvalidInput(
        "damaged",
        N_("The file is damaged or incomplete."),
        remedy=N_("Open it in Excel or WPS, save it again as .xlsx and try once more."),
    )


def _warn(name: str, found: Preflight) -> None:
    for sign, warning in (
        ("vbaproject.bin", "macros"),
        ("xl/macrosheets/", "macros"),
        ("xl/externallinks/", "external_links"),
        ("xl/embeddings/", "embedded_objects"),
    ):
        if sign in name and warning not in found.warnings:
            found.warnings.append(warning)


def _inflate(stream: object, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part's bytes without trusting its declared size."""
    stream.seek(part.header_offset)  # type: ignore[attr-defined]
    header = stream.read(30)  # type: ignore[attr-defined]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    stream.seek(skip, 1)  # type: ignore[attr-defined]
    left = part.compress_size
    if part.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (block := stream.read(min(_CHUNK, left))):  # type: ignore[attr-defined]
            left -= len(block)
            yield block
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("unknown compression")
    inflater = zlib.decompressobj(-15)
    while left > 0 and (block := stream.read(min(_CHUNK, left))):  # type: ignore[attr-defined]
        left -= len(block)
        while block:
            yield inflater.decompress(block, 4 * _CHUNK)
            block = inflater.unconsumed_tail
    if left > 0 or not inflater.eof:
        raise zipfile.BadZipFile("part cut short")


def _check_part(stream: object, part: zipfile.ZipInfo, name: str, found: Preflight) -> int:
    sheet = _Sheet() if "worksheets/" in name and name.endswith(".xml") else None
    binary = BinarySheet() if "worksheets/" in name and name.endswith(".bin") else None
    marked = _OpenMarks() if name == "content.xml" else None
    size = 0
    tail = b""
    for block in _inflate(stream, part):
        size += len(block)
        if is_too_large(size, part.compress_size):
            raise too_large()
        text = tail + block
        if not name.endswith(".bin") and any(sign in text for sign in _DTD):
            raise dtd()
        if sheet:
            sheet.scan(text)
        if binary:
            binary.feed(block)
        if marked:
            marked.scan(text)
        if name.endswith("sharedstrings.xml") and size == len(block) and is_forged(text[:HEAD_BYTES], part):
            raise damaged()
        tail = text[-_OVERLAP:]
    if sheet:
        sheet.finish()
        found.errors[name] = sheet.errors
        found.hidden_rows[name] = sheet.hidden_rows
        found.sheets[name] = SheetFacts(size, sheet.corner, sheet.rows, tuple(sheet.merged))
    if binary:
        if binary.marks.rows * binary.marks.columns > MAX_CELLS:
            raise too_large()
        _keep(found, name, binary.marks)
    if marked and marked.any:
        _keep_open_marks(stream, part, found)
    return size


class _OpenMarks:
    """Whether an .ods holds error cells or hidden rows at all."""

    def __init__(self) -> None:
        self.any = False

    def scan(self, text: bytes) -> None:
        """Take note of one block of the XML."""
        if not self.any:
            self.any = any(sign in text for sign in _OPEN_MARKS)


def _keep_open_marks(stream: object, part: zipfile.ZipInfo, found: Preflight) -> None:
    sheets = OpenSheets()
    for block in _inflate(stream, part):
        sheets.feed(block)
    sheets.feed(b"", last=True)
    for number, (name, marks) in enumerate(sheets.tables.items()):
        found.parts[name] = f"table {number}"
        _keep(found, f"table {number}", marks)


class _Sheet:
    """What is gathered while a sheet's XML goes by."""

    def __init__(self) -> None:
        self.errors: dict[tuple[int, int], str] = {}
        self.hidden_rows: set[int] = set()
        self.merged: list[tuple[int, int, int, int]] = []
        self.corner = False
        self.started = False
        self.rows = 0
        self.columns = 26

    def scan(self, text: bytes) -> None:
        """Take note of one block of the XML (with the end of the block before it)."""
        if not self.started and b"<c " in text:
            self.started = True
            self.corner = b'<c r="A1"' in text[: text.index(b"<c ") + 20]
        if b"<mergeCell " in text and len(self.merged) < 50_000:
            self.merged.extend(
                (int(r0) - 1, column_number(c0.decode()) - 1, int(r1) - 1, column_number(c1.decode()) - 1)
                for c0, r0, c1, r1 in _MERGED.findall(text)
            )
        rows = _ROW.findall(text)
        if rows:
            self.rows = max(self.rows, *map(int, rows))
        if _WIDE_PROBE.search(text):
            for letters, row in set(_WIDE.findall(text)):
                self.columns = max(self.columns, column_number(letters.decode()))
                self.rows = max(self.rows, int(row))
        if b'hidden="' in text:
            for row in _HIDDEN_ROW.findall(text):
                if number := _ROW_NUMBER.search(row):
                    self.hidden_rows.add(int(number[1]) - 1)
        if b't="e"' in text:
            for letters, row, value in _ERROR.findall(text):
                self.errors[int(row) - 1, column_number(letters.decode()) - 1] = value.decode(
                    "ascii", "replace"
                )
        if b"<f" in text:
            for letters, row in _UNVALUED.findall(text):
                self.errors[int(row) - 1, column_number(letters.decode()) - 1] = NO_VALUE

    def finish(self) -> None:
        if self.rows * self.columns > MAX_CELLS and self.columns > 26:
            raise too_large()


def _find_sheets(archive: zipfile.ZipFile, found: Preflight) -> None:
    """Note which part holds the sheet of which name."""
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    workbook = names.get("xl/workbook.xml")
    relations = names.get("xl/_rels/workbook.xml.rels")
    if not workbook or not relations:
        return
    from defusedxml.ElementTree import fromstring

    try:
        targets = {
            item.get("Id"): (item.get("Target") or "") for item in fromstring(archive.read(relations)).iter()
        }
        for item in fromstring(archive.read(workbook)).iter():
            if item.tag.rsplit("}", 1)[-1] != "sheet":
                continue
            identifier = next((v for k, v in item.attrib.items() if k.endswith("}id")), None)
            target = targets.get(identifier, "").lower().lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            found.parts[item.get("name") or ""] = part
            if item.get("state", "visible") != "visible":
                found.hidden_sheets.add(item.get("name") or "")
    except Exception as error:
        raise damaged() from error


def _find_binary_sheets(archive: zipfile.ZipFile, found: Preflight) -> None:
    """Note which part holds the sheet of which name in an .xlsb."""
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    workbook, relations = names.get("xl/workbook.bin"), names.get("xl/_rels/workbook.bin.rels")
    if not workbook or not relations:
        return
    from defusedxml.ElementTree import fromstring

    try:
        targets = {
            item.get("Id"): item.get("Target") or "" for item in fromstring(archive.read(relations)).iter()
        }
        for relation, name in binary_sheet_names(archive.read(workbook)):
            target = targets.get(relation, "").lower().lstrip("/")
            found.parts[name] = target if target.startswith("xl/") else f"xl/{target}"
    except Exception as error:
        raise damaged() from error
