"""What a template is made of, as far as filling it has to know: sheets, names, tables, styles, date system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from desktop.exporters.package import Package
from desktop.exporters.references import Area, parse_area, unquoted
from desktop.exporters.stored import joined_path
from desktop.exporters.template_sheet import CellText, SheetText, Unusual, attribute, plain
from desktop.exporters.verify import is_date

WORKBOOK = "xl/workbook.xml"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


@dataclass(slots=True)
class Table:
    """A native table: its part, name, area with head, columns, and whether a row of totals follows."""

    part: str
    name: str
    sheet: str
    area: Area
    columns: tuple[str, ...]
    head: int
    totals: int
    foreign: bool

    @property
    def data(self) -> Area:
        """The area of its data rows."""
        return Area(
            self.area.top + self.head, self.area.left, self.area.bottom - self.totals, self.area.right
        )


@dataclass(slots=True)
class Name:
    """A defined name: its text, what it refers to, and the sheet on which alone it is known."""

    name: str
    refers: str
    scope: str | None

    def place(self) -> tuple[str, Area] | None:
        """Return sheet and area if it names one area of one sheet."""
        match = re.fullmatch(r"('(?:[^']|'')+'|[^'!\[\]]+)!(\S+)", self.refers.strip())
        area = parse_area(match[2]) if match else None
        return (unquoted(match[1]), area) if match and area else None


@dataclass(slots=True)
class SheetPart:
    """A worksheet: its name, part, relations (id → kind, target), and, once asked for, its text."""

    name: str
    part: str
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)
    content: SheetText | None = None

    def targets(self, kind: str) -> list[str]:
        """Return the parts of one kind that belong to it."""
        return [target for found, target in self.relations.values() if found == kind]


class Book:
    """A template's package with its names and tables."""

    def __init__(self, package: Package) -> None:
        """Read the parts that say where things are; raises InvalidInput."""
        self.package = package
        self.types = self._types()
        main = next(
            (target for kind, target in self.relations("").values() if kind == "officeDocument"), WORKBOOK
        )
        if main not in package:
            raise package.unreadable()
        self.main = package.real(main)
        self.workbook = package.text(main)
        found = re.search(r"<(\w+:)?workbook[\s>]", self.workbook)
        if found is None:
            raise package.unreadable()
        self.prefix = found[1] or ""
        self.links = self.relations(main)
        self.sheets = {sheet.name: sheet for sheet in self._sheets()}
        self.names = list(self._names())
        self.tables = [table for sheet in self.sheets.values() for table in self._tables(sheet)]
        self.dates_1904 = bool(re.search(r'<(?:\w+:)?workbookPr[^>]*\sdate1904="(?:1|true)"', self.workbook))
        self.date_styles, self.locked_styles = self._styles()
        self._strings: list[str] | None = None

    @property
    def has_macros(self) -> bool:
        """Whether it is a workbook with macros (.xlsm)."""
        return self.types.get("/" + self.main.casefold()) == _MACROS

    @property
    def is_workbook(self) -> bool:
        """Whether it is a workbook, and no template type (.xltx) that Excel opens under no other name."""
        return self.types.get("/" + self.main.casefold(), _MAIN) in (_MAIN, _MACROS)

    def _types(self) -> dict[str, str]:
        text = self.package.text("[Content_Types].xml")
        return {
            (attribute(match, "PartName") or "").casefold(): attribute(match, "ContentType") or ""
            for match in re.findall(r"<(?:\w+:)?Override(\s[^>]*)/?>", text)
        }

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part: id → (kind, path of the target)."""
        folder, _, file = part.rpartition("/")
        path = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
        if path not in self.package:
            return {}
        found = {}
        for match in re.findall(r"<(?:\w+:)?Relationship(\s[^>]*)>", self.package.text(path)):
            kind = (attribute(match, "Type") or "").rpartition("/")[2]
            target = attribute(match, "Target") or ""
            external = attribute(match, "TargetMode") == "External"
            found[attribute(match, "Id") or ""] = (kind, target if external else joined_path(folder, target))
        return found

    def _sheets(self) -> Iterator[SheetPart]:
        for match in re.findall(rf"<{self.prefix}sheet(\s[^>]*)>", self.workbook):
            link = re.search(r'\s\w+:id="([^"]*)"', match)
            kind, target = self.links.get(link[1] if link else "", ("", ""))
            if kind == "worksheet" and target in self.package:
                part = self.package.real(target)
                yield SheetPart(attribute(match, "name") or "", part, self.relations(part))

    def _names(self) -> Iterator[Name]:
        order = [
            attribute(match, "name") or ""
            for match in re.findall(rf"<{self.prefix}sheet(\s[^>]*)>", self.workbook)
        ]
        p = self.prefix
        for attributes, text in re.findall(
            rf"<{p}definedName(\s[^>]*)>([^<]*)</{p}definedName>", self.workbook
        ):
            scope = attribute(attributes, "localSheetId")
            yield Name(
                attribute(attributes, "name") or "",
                plain(text),
                order[int(scope)] if scope and int(scope) < len(order) else None,
            )

    def _tables(self, sheet: SheetPart) -> Iterator[Table]:
        for target in sheet.targets("table"):
            text = self.package.text(target)
            root = re.search(r"<(?:\w+:)?table(\s[^>]*)>", text)
            area = parse_area(attribute(root[1], "ref") or "") if root else None
            if root is None or area is None:
                raise self.package.unreadable()
            columns = tuple(
                _column_name(match) for match in re.findall(r"<(?:\w+:)?tableColumn(\s[^>]*)>", text)
            )
            yield Table(
                self.package.real(target),
                attribute(root[1], "displayName") or attribute(root[1], "name") or "",
                sheet.name,
                area,
                columns,
                int(attribute(root[1], "headerRowCount") or 1),
                int(attribute(root[1], "totalsRowCount") or 0),
                attribute(root[1], "tableType") == "queryTable",
            )

    def _styles(self) -> tuple[set[int], set[int]]:
        """Return the cell styles that show dates, and those whose cells are locked."""
        path = next((target for kind, target in self.links.values() if kind == "styles"), None)
        if path is None or path not in self.package:
            return set(), {0}
        text = self.package.text(path)
        codes = {
            attribute(match, "numFmtId") or "": attribute(match, "formatCode") or ""
            for match in re.findall(r"<(?:\w+:)?numFmt(\s[^>]*)>", text)
        }
        block = re.search(r"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", text, re.DOTALL)
        dates, locked = set(), set()
        found = re.findall(
            r"<(?:\w+:)?xf(\s[^>]*?)(/>|>.*?</(?:\w+:)?xf>)", block[0] if block else "", re.DOTALL
        )
        for index, (attributes, inner) in enumerate(found):
            number = attribute(attributes, "numFmtId") or "0"
            if is_date(codes.get(number, f"#{number}")):
                dates.add(index)
            if not re.search(r'protection[^>]*\slocked="(?:0|false)"', inner):
                locked.add(index)
        return dates, locked or {0}

    def sheet(self, name: str) -> SheetPart | None:
        """Return a worksheet by its name, whatever its case."""
        return next((one for key, one in self.sheets.items() if key.casefold() == name.casefold()), None)

    def content(self, sheet: SheetPart) -> SheetText:
        """Return a worksheet's text, cut once; raise InvalidInput if it cannot be patched."""
        if sheet.content is None:
            try:
                sheet.content = SheetText(self.package.text(sheet.part))
            except Unusual as problem:
                raise self.package.unreadable() from problem
        return sheet.content

    def cell_text(self, sheet: SheetText, cell: CellText | None) -> str:
        """Return what a cell says if it is a text, for telling headers."""
        if cell is None:
            return ""
        if cell.type == "s":
            match = re.search(r"<(?:\w+:)?v>(\d+)<", cell.inner)
            index = int(match[1]) if match else -1
            strings = self.strings()
            return strings[index] if 0 <= index < len(strings) else ""
        pieces = re.findall(r"<(?:\w+:)?[tv](?:\s[^>]*)?>([^<]*)<", cell.inner)
        return plain("".join(pieces))

    def strings(self) -> list[str]:
        """Return the shared strings as plain texts."""
        if self._strings is None:
            path = next((target for kind, target in self.links.values() if kind == "sharedStrings"), None)
            text = self.package.text(path) if path and path in self.package else ""
            text = re.sub(r"<(?:\w+:)?rPh[\s>].*?</(?:\w+:)?rPh>", "", text, flags=re.DOTALL)
            self._strings = [
                plain("".join(re.findall(r"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)<", item)))
                for item in re.findall(
                    r"<(?:\w+:)?si(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?si>)", text, re.DOTALL
                )
            ]
        return self._strings


def _column_name(attributes: str) -> str:
    name = attribute(attributes, "name") or ""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), name)
