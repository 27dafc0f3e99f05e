"""Writers of the old formats that no library writes any more, byte by byte."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Field = tuple[str, str, int, int]
"""Name, type, length, decimals of a dBASE field."""


def write_dbf(
    path: Path,
    fields: Sequence[Field],
    records: Iterable[Sequence[bytes]],
    *,
    version: int = 0x03,
    code_page: int = 0,
    deleted: Iterable[int] = (),
    encoding: str = "gb18030",
) -> Path:
    """Write a dBASE table; each record is the bytes of its fields, padded here with blanks."""
    gone = set(deleted)
    rows = []
    for number, record in enumerate(records):
        cells = [cell[:size].ljust(size) for cell, (_, _, size, _) in zip(record, fields, strict=True)]
        rows.append((b"*" if number in gone else b" ") + b"".join(cells))
    length = 1 + sum(size for _, _, size, _ in fields)
    first = 32 + 32 * len(fields) + 1
    head = struct.pack("<B3BIHH16xBB2x", version, 126, 3, 5, len(rows), first, length, 0, code_page)
    for name, kind, size, decimals in fields:
        head += struct.pack("<11sc4xBB14x", name.encode(encoding)[:10], kind.encode(), size, decimals)
    path.write_bytes(head + b"\r" + b"".join(rows) + b"\x1a")
    return path


def write_fpt(path: Path, texts: Sequence[bytes], block: int = 64) -> list[int]:
    """Write a FoxPro memo file and return the block numbers of its texts."""
    content = bytearray(512)
    content[6:8] = struct.pack(">H", block)
    places = []
    for text in texts:
        places.append(len(content) // block)
        piece = struct.pack(">II", 1, len(text)) + text
        content += piece.ljust(-(-len(piece) // block) * block, b"\x00")
    path.write_bytes(bytes(content))
    return places


def write_dbt(path: Path, texts: Sequence[bytes], *, four: bool) -> list[int]:
    """Write a memo file of dBASE III or IV and return the block numbers of its texts."""
    content = bytearray(512)
    if four:
        content[20:22] = struct.pack("<H", 512)
    places = []
    for text in texts:
        places.append(len(content) // 512)
        piece = b"\xff\xff\x08\x00" + struct.pack("<I", len(text) + 8) + text if four else text + b"\x1a\x1a"
        content += piece.ljust(-(-len(piece) // 512) * 512, b"\x00")
    path.write_bytes(bytes(content))
    return places


def write_zip(path: Path, files: Mapping[str, bytes], names: str = "utf-8") -> Path:
    """Write an archive; with another encoding than UTF-8 the names are put in as old programs do."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 3, 5, 10, 20, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    if names != "utf-8":
        raw = path.read_bytes()
        for name in files:
            new = name.encode(names)
            old = name.encode("utf-8")
            if new != old:
                raw = _renamed(raw, old, new)
        path.write_bytes(raw)
    return path


def _renamed(raw: bytes, old: bytes, new: bytes) -> bytes:
    """Put a name of another length into a one-file archive, and take the UTF-8 flag away."""
    local, directory = raw.index(b"PK\x03\x04"), raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    head = bytearray(raw[local:directory])
    head[6:8] = b"\x00\x00"
    head[26:28] = struct.pack("<H", len(new))
    central = bytearray(raw[directory:end])
    central[8:10] = b"\x00\x00"
    central[28:30] = struct.pack("<H", len(new))
    head = bytearray(bytes(head).replace(old, new, 1))
    central = bytearray(bytes(central).replace(old, new, 1))
    tail = bytearray(raw[end:])
    tail[12:20] = struct.pack("<II", len(central), len(head))
    return bytes(head + central + tail)


def xml_workbook(sheets: Mapping[str, str], options: str = "", encoding: str = "UTF-8") -> bytes:
    """Return a SpreadsheetML 2003 workbook; each sheet is the XML of its rows."""
    parts = [
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:html="http://www.w3.org/TR/REC-html40">'
    ]
    parts += [
        f'<Worksheet ss:Name="{name}"><Table>{rows}</Table>'
        f'<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">{options}</WorksheetOptions></Worksheet>'
        for name, rows in sheets.items()
    ]
    return "".join([*parts, "</Workbook>"]).encode(encoding)


def biff_stream(version: int, rows: Sequence[Sequence[str | float | None]], encoding: str = "gbk") -> bytes:
    """Return a bare worksheet stream of Excel 2, 3 or 4: labels and numbers."""
    mark = {2: 0x0009, 3: 0x0209, 4: 0x0409}[version]
    body = {2: struct.pack("<HH", 2, 0x10)}.get(version, struct.pack("<HHH", 0, 0x10, 0))
    out = [_record(mark, body), _record(0x42, struct.pack("<H", 936))]
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            place = struct.pack("<HH", row, column)
            if isinstance(value, str):
                text = value.encode(encoding)
                if version == 2:
                    out.append(_record(0x04, place + bytes(3) + bytes([len(text)]) + text))
                else:
                    out.append(_record(0x0204, place + struct.pack("<HH", 0, len(text)) + text))
            elif value is not None:
                number = struct.pack("<d", value)
                out.append(
                    _record(0x03, place + bytes(3) + number)
                    if version == 2
                    else _record(0x0203, place + b"\x00\x00" + number)
                )
    return b"".join([*out, _record(0x0A, b"")])


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def write_xlsb(
    path: Path, rows: Sequence[Sequence[str | float | bytes | None]], hidden: Iterable[int] = ()
) -> Path:
    """Write an .xlsb of one sheet; a single byte is the code of an error."""
    gone = set(hidden)
    extent = struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max(0, *map(len, rows)) - 1)
    sheet = _part_record(129) + _part_record(148, extent) + _part_record(145)
    for number, cells in enumerate(rows):
        flags = 0x10 if number in gone else 0
        sheet += _part_record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, flags, 0, 0))
        for column, value in enumerate(cells):
            place = struct.pack("<II", column, 0)
            if isinstance(value, bytes):
                sheet += _part_record(3, place + value)
            elif isinstance(value, str):
                text = value.encode("utf-16-le")
                sheet += _part_record(6, place + struct.pack("<I", len(value)) + text)
            elif value is not None:
                sheet += _part_record(5, place + struct.pack("<d", value))
    sheet += _part_record(146) + _part_record(130)
    name, relation = (struct.pack("<I", len(text)) + text.encode("utf-16-le") for text in ("客户", "rId1"))
    book = _part_record(131) + _part_record(143)
    book += (
        _part_record(156, struct.pack("<II", 0, 1) + relation + name) + _part_record(144) + _part_record(132)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "xl/workbook.bin": book,
        "xl/worksheets/sheet1.bin": sheet,
        "xl/_rels/workbook.bin.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
        ).encode(),
    }
    return write_zip(path, parts)


def _part_record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(body), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + body


def ods_content(rows: str) -> str:
    """Return the content of an .ods with one table of these rows."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="客户">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def ods_cell(text: str, kind: str = "string") -> str:
    """Return one cell of an .ods; kind is string, float or error."""
    value = f' office:value="{text}"' if kind == "float" else ""
    error = ' calcext:value-type="error" table:formula="of:=1/0"' if kind == "error" else ""
    told = "string" if kind == "error" else kind
    return f'<table:table-cell office:value-type="{told}"{value}{error}><text:p>{text}</text:p></table:table-cell>'


ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def write_ods(path: Path, content: str, manifest: str = "", extra: Mapping[str, bytes] | None = None) -> Path:
    """Write an .ods; `manifest` goes into the manifest's element, `extra` replaces or adds parts."""
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    head = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}" '
        'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
    )
    parts = {
        "mimetype": ODS_TYPE.encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": f"{head}{manifest}</manifest:manifest>".encode(),
    }
    return write_zip(path, {**parts, **(extra or {})})
