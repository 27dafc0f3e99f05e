"""Plain workbooks as old systems write them: inline strings, few styles, a title merged over the table.

The old CRM's files are made here, not by `desktop.exporters.workbook`, because they stand for another
program's output: strings inline as streaming Java writers have them, no tables, no definitions.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

from desktop.letters import column_letters

Cell = str | int | float | Decimal | date | None

_EPOCH = date(1899, 12, 30)
_STAMP = (2026, 11, 18, 8, 42, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BATCH = 500
_TITLE, _HEADER, _DAY, _INSTANT = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with optional title lines above it; `titles` are merged over the table's width."""

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    titles: Sequence[str] = ()


def serial(moment: date) -> float:
    """Return the Excel serial number of a day, or of a wall-clock time."""
    days = float(date(moment.year, moment.month, moment.day).toordinal() - _EPOCH.toordinal())
    if isinstance(moment, datetime):
        days += (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86400
    return days


def _cell(reference: str, value: Cell, style: int = 0) -> str:
    mark = f' s="{style}"' if style else ""
    if isinstance(value, str):
        text = escape(value)
        return f'<c r="{reference}"{mark} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(value, datetime):
        return f'<c r="{reference}" s="{_INSTANT}"><v>{serial(value):.10g}</v></c>'
    if isinstance(value, date):
        return f'<c r="{reference}" s="{_DAY}"><v>{serial(value):.0f}</v></c>'
    return f'<c r="{reference}"{mark}><v>{value}</v></c>'


def _row(number: int, letters: Sequence[str], values: Sequence[Cell], style: int = 0) -> str:
    cells = "".join(
        _cell(f"{letter}{number}", value, style)
        for letter, value in zip(letters, values, strict=False)
        if value is not None and value != ""
    )
    return f'<row r="{number}">{cells}</row>'


def _sheet_xml(sheet: Sheet) -> Iterator[str]:
    width = len(sheet.headers)
    letters = [column_letters(index + 1) for index in range(width)]
    columns = f'<cols><col min="1" max="{width}" width="20" customWidth="1"/></cols>'
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">{columns}<sheetData>'
    merged = []
    number = 0
    for title in sheet.titles:
        number += 1
        yield _row(number, letters, (title,), _TITLE)
        merged.append(f'<mergeCell ref="A{number}:{letters[-1]}{number}"/>')
    number += 1
    yield _row(number, letters, sheet.headers, _HEADER)
    for row in sheet.rows:
        number += 1
        yield _row(number, letters, row)
    merges = f'<mergeCells count="{len(merged)}">{"".join(merged)}</mergeCells>' if merged else ""
    yield f"</sheetData>{merges}</worksheet>"


_STYLES = f"""{_HEAD}<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FF00CCFF"/></patternFill></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="5"><xf/><xf fontId="1" fillId="2" applyFont="1" applyFill="1"/><xf fontId="1" applyFont="1"/>
<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""


def write_workbook(path: Path, sheets: Sequence[Sheet], names: Mapping[str, str] | None = None) -> None:
    """Write the sheets to an .xlsx file with some `names` of cells; the same content gives the same bytes."""
    named = "".join(
        f'<definedName name="{name}">{escape(place)}</definedName>' for name, place in (names or {}).items()
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    listed = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        f"{kinds}</Types>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets>'
        f"{f'<definedNames>{named}</definedNames>' if named else ''}</workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId{len(sheets) + 1}" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, text in parts.items():
            package.writestr(_entry(name), text, zipfile.ZIP_DEFLATED, 1)
        for number, sheet in enumerate(sheets, 1):
            with package.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w") as part:
                for lines in _batches(_sheet_xml(sheet)):
                    part.write(lines.encode())


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a part with a fixed date, so that the bytes depend on the content alone."""
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _batches(lines: Iterator[str]) -> Iterator[str]:
    while batch := "".join(islice(lines, _BATCH)):
        yield batch
