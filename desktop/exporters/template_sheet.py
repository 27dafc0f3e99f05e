"""One worksheet of a template as text: rows that are put in, cells that are written, everything else as it was.

The part is cut at its rows and cells and never built anew: what a cell, row or setting says beyond its value keeps
its text. Cells are written as numbers, truths and inline texts, so that the shared strings stay untouched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, unescape

from desktop.exporters.references import (
    LAST_ROW,
    Area,
    RowMap,
    parse_area,
    shifted,
    translated,
)
from desktop.letters import column_letters, column_number

_METADATA = re.compile(r'\s(?:cm|vm|ph)="[^"]*"')
_GUARDED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_ATTRIBUTE = re.compile(r'\s([\w:]+)="([^"]*)"')


class Unusual(ValueError):
    """A part that is lawful but written as no spreadsheet program writes it: it is not patched blindly."""


@dataclass(slots=True)
class CellText:
    """One cell: its attributes without place and type, its type, its formula element and the rest of its content."""

    attributes: str
    type: str
    formula: str = ""
    inner: str = ""

    @property
    def style(self) -> int:
        """The index of its style."""
        match = re.search(r'\ss="(\d+)"', self.attributes)
        return int(match[1]) if match else 0

    @property
    def is_empty(self) -> bool:
        """Whether it has a look and nothing else."""
        return not self.formula and not self.inner


@dataclass(slots=True)
class RowText:
    """One row: its number, its attributes without number and spans, and its cells by column."""

    number: int
    attributes: str
    cells: dict[int, CellText]


def plain(text: str) -> str:
    """Return the text that XML holds."""
    return unescape(text, _QUOTES)


def attribute(attributes: str, name: str) -> str | None:
    """Return an attribute's value, or None."""
    match = re.search(rf'(?:^|\s){name}="([^"]*)"', attributes)
    return plain(match[1]) if match else None


class SheetText:
    """A worksheet part; `text()` returns it as it stands now."""

    def __init__(self, text: str) -> None:
        """Cut the part; raise Unusual for what cannot be cut safely."""
        root = re.search(r"<(\w+:)?worksheet[\s>]", text)
        if root is None:
            raise Unusual("no worksheet")
        self.prefix = p = root[1] or ""
        self._pattern = re.compile(
            rf"<{p}sheetData\s*/>|<{p}sheetData(?:\s[^>]*)?>(.*?)</{p}sheetData>", re.DOTALL
        )
        match = self._pattern.search(text)
        if match is None or "<!--" in text or "<![CDATA[" in text:
            raise Unusual("no sheetData")
        self.head, self.tail = text[: match.start()], text[match.end() :]
        self.rows: dict[int, RowText] = {}
        self._original = text
        self._cut(match[1] or "")
        self.changed = False

    def _cut(self, data: str) -> None:
        p = self.prefix
        row_pattern = re.compile(rf"<{p}row((?:\s[^>]*?)?)(?:/>|>(.*?)</{p}row>)", re.DOTALL)
        cell_pattern = re.compile(rf"<{p}c((?:\s[^>]*?)?)(?:/>|>(.*?)</{p}c>)", re.DOTALL)
        number = 0
        for match in row_pattern.finditer(data):
            number = int(attribute(match[1], "r") or number + 1)
            cells: dict[int, CellText] = {}
            column = 0
            for found in cell_pattern.finditer(match[2] or ""):
                place = attribute(found[1], "r")
                column = column_number(re.sub(r"\d+", "", place)) if place else column + 1
                cells[column] = self._cell(found[1], found[2] or "")
            attributes = re.sub(r'\s(?:r|spans)="[^"]*"', "", match[1])
            self.rows[number] = RowText(number, attributes, cells)

    def _cell(self, attributes: str, inner: str) -> CellText:
        formula = re.search(rf"<{self.prefix}f(?:\s[^>]*?)?(?:/>|>.*?</{self.prefix}f>)", inner, re.DOTALL)
        kind = attribute(attributes, "t") or "n"
        kept = re.sub(r'\s(?:r|t)="[^"]*"', "", attributes)
        if formula is None:
            return CellText(kept, kind, "", inner)
        return CellText(kept, kind, formula[0], inner[: formula.start()] + inner[formula.end() :])

    def cell(self, row: int, column: int) -> CellText | None:
        """Return a cell, or None where there is none."""
        line = self.rows.get(row)
        return line.cells.get(column) if line else None

    def formulas(self) -> Iterator[tuple[int, int, CellText]]:
        """Yield (row, column, cell) of every cell with a formula."""
        for number, row in self.rows.items():
            for column, cell in row.cells.items():
                if cell.formula:
                    yield number, column, cell

    def written_formulas(self) -> Iterator[tuple[int, int, CellText, str]]:
        """Yield (row, column, cell, text) of every formula, shared ones as they read in their own cell."""
        masters: dict[str, tuple[int, int, str]] = {}
        for row, column, cell in self.formulas():
            attributes, text = self.formula_parts(cell)
            if attribute(attributes, "t") == "shared":
                index = attribute(attributes, "si") or ""
                if text:
                    masters[index] = (row, column, text)
                top, left, text = masters.get(index, (row, column, ""))
                if not text:
                    raise Unusual("a shared formula without its text")
                text = translated(text, row - top, column - left)
            yield row, column, cell, text

    def rules(self) -> Iterator[tuple[list[Area], str]]:
        """Yield (cells, formula) of every conditional format and validation."""
        p = self.prefix
        block = rf"<((?:{p}|x14:)(?:conditionalFormatting|dataValidation))(\s[^>]*)?>(.*?)</\1>"
        for match in re.finditer(block, self.tail, re.DOTALL):
            inside = re.search(r"<xm:sqref>([^<]*)<", match[3])
            cells = inside[1] if inside else attribute(match[2] or "", "sqref") or ""
            areas = [area for one in cells.split() if (area := parse_area(one))]
            for text in re.findall(rf"<(?:{p}formula[12]?|xm:f)>([^<]*)<", match[3]):
                yield areas, plain(text)

    def formula_parts(self, cell: CellText) -> tuple[str, str]:
        """Return the attributes of a cell's formula element, and its text."""
        p = self.prefix
        match = re.fullmatch(rf"<{p}f((?:\s[^>]*?)?)(?:/>|>(.*)</{p}f>)", cell.formula, re.DOTALL)
        return (match[1], plain(match[2] or "")) if match else ("", "")

    def set_formula(self, cell: CellText, attributes: str, text: str) -> None:
        """Give a cell another formula; its cached value goes, as it is no longer true."""
        p = self.prefix
        cell.formula = f"<{p}f{attributes}>{escape(text)}</{p}f>"
        self.changed = True
        self.forget(cell)

    def forget(self, cell: CellText) -> None:
        """Take the cached value of a formula away, so that no reader takes the template's for ours."""
        p = self.prefix
        kept = re.sub(rf"<{p}v(?:\s[^>]*)?(?:/>|>.*?</{p}v>)", "", cell.inner, flags=re.DOTALL)
        if kept != cell.inner or cell.type != "n":
            cell.inner, cell.type = kept, "n"
            self.changed = True

    # rows that are put in

    def unshare(self, wanted: Callable[[str], bool] = lambda _text: True) -> None:
        """Write out formulas that are shared: each then moves by itself."""
        for _row, _column, cell, text in list(self.written_formulas()):
            attributes, _text = self.formula_parts(cell)
            if attribute(attributes, "t") == "shared" and wanted(text):
                self.set_formula(cell, re.sub(r'\s(?:t|si|ref)="[^"]*"', "", attributes), text)

    def shift_formulas(self, own: str, maps: dict[str, RowMap], filled: list[Area]) -> None:
        """Let every formula follow the rows that are put in; `own` is this sheet's name."""
        for row, _column, cell in self.formulas():
            attributes, text = self.formula_parts(cell)
            inside = any(area.top <= row <= area.bottom for area in filled)
            moved = shifted(text, own, maps, keep_relative=inside)
            rows = maps.get(own.casefold())
            ref = attribute(attributes, "ref")
            if rows and ref and (area := parse_area(ref)):
                attributes = attributes.replace(f'ref="{ref}"', f'ref="{area.carried(rows).text}"')
                self.set_formula(cell, attributes, moved)
            elif moved != text:
                self.set_formula(cell, attributes, moved)

    def move_rows(self, rows: RowMap) -> None:
        """Give the rows below their new numbers, and every setting its new area."""
        self.rows = {rows.row(number): row for number, row in self.rows.items()}
        for number, row in self.rows.items():
            row.number = number
        self.changed = True

        def areas(match: re.Match[str]) -> str:
            moved = []
            for part in match[3].split():
                area = parse_area(part)
                moved.append(area.moved(rows).text if area else part)
            return f'{match[1]}{match[2]}="{" ".join(moved)}"'

        p = self.prefix
        self.tail = re.sub(
            rf'(<{p}(?:mergeCell|hyperlink)\s[^>]*?)(\bref)="([^"]*)"',
            lambda match: f'{match[1]}\0{match[2]}="{_carried(match[3], rows)}"',
            self.tail,
        )
        # What was just carried along is marked, so that it does not grow like the areas of settings.
        self.tail = re.sub(r'(\s)(ref|sqref)="([^"]*)"', areas, self.tail).replace("\0", "")
        self.tail = re.sub(
            r"(<xm:)(sqref)>([^<]*)(?=<)", lambda match: areas(match).replace('="', ">")[:-1], self.tail
        )
        self.tail = re.sub(
            rf"(<{p}rowBreaks.*?</{p}rowBreaks>)",
            lambda match: re.sub(
                r'(\sid=")(\d+)"', lambda one: f'{one[1]}{rows.row(int(one[2]))}"', match[1]
            ),
            self.tail,
            flags=re.DOTALL,
        )

    def shift_settings(self, own: str, maps: dict[str, RowMap]) -> None:
        """Let the formulas of conditional formats, validations and sparklines follow, and links within the file."""
        p = self.prefix
        pattern = rf"(<(?:{p}formula|{p}formula1|{p}formula2|xm:f)>)([^<]*)(</)"
        tail = re.sub(
            pattern,
            lambda match: match[1] + _moved_text(match[2], own, maps) + match[3],
            self.tail,
        )
        tail = re.sub(
            r'(\slocation=")([^"]*)(")',
            lambda match: match[1] + _moved_text(match[2], own, maps, quote=True) + match[3],
            tail,
        )
        if tail != self.tail:
            self.tail, self.changed = tail, True

    # writing

    def line(self, number: int, like: RowText | None = None) -> RowText:
        """Return a row, made like another one where there is none."""
        row = self.rows.get(number)
        if row is None:
            row = self.rows[number] = RowText(number, like.attributes if like else "", {})
        return row

    def merges(self) -> list[Area]:
        """Return the merged cells."""
        found = re.findall(rf'<{self.prefix}mergeCell\s+ref="([^"]*)"', self.tail)
        return [area for text in found if (area := parse_area(text))]

    def add_merges(self, areas: list[Area]) -> None:
        """Merge cells of rows that were put in, as those of the row that they are like."""
        p = self.prefix
        added = "".join(f'<{p}mergeCell ref="{area.text}"/>' for area in areas)

        def count(match: re.Match[str]) -> str:
            return re.sub(r'count="(\d+)"', lambda one: f'count="{int(one[1]) + len(areas)}"', match[0])

        self.tail = re.sub(rf"<{p}mergeCells[^>]*>", count, self.tail, count=1)
        self.tail = self.tail.replace(f"</{p}mergeCells>", f"{added}</{p}mergeCells>", 1)

    def text(self) -> str:
        """Return the part: as it was if nothing changed."""
        if not self.changed:
            return self._original
        p = self.prefix
        lines = []
        right = bottom = 0
        for number in sorted(self.rows):
            row = self.rows[number]
            cells = "".join(self._written(number, column, row.cells[column]) for column in sorted(row.cells))
            attributes = f' r="{number}"{row.attributes}'
            lines.append(f"<{p}row{attributes}>{cells}</{p}row>" if cells else f"<{p}row{attributes}/>")
            right, bottom = max(right, *row.cells, 0), max(bottom, number)
        head = self.head
        if lines and right:
            first = min((column for row in self.rows.values() for column in row.cells), default=1)
            area = Area(min(self.rows), first, bottom, right)
            head = re.sub(rf'(<{p}dimension\s+ref=")[^"]*"', rf'\g<1>{area.text}"', head, count=1)
        return f"{head}<{p}sheetData>{''.join(lines)}</{p}sheetData>{self.tail}"

    def _written(self, row: int, column: int, cell: CellText) -> str:
        p = self.prefix
        kind = f' t="{cell.type}"' if cell.type != "n" else ""
        attributes = f' r="{column_letters(column)}{row}"{cell.attributes}{kind}'
        inner = cell.formula + cell.inner
        return f"<{p}c{attributes}>{inner}</{p}c>" if inner else f"<{p}c{attributes}/>"


def _carried(text: str, rows: RowMap) -> str:
    area = parse_area(text)
    return area.carried(rows).text if area else text


def _moved_text(text: str, own: str, maps: dict[str, RowMap], *, quote: bool = False) -> str:
    """Return an escaped formula after rows were put in; the very text where nothing moves."""
    formula = plain(text)
    moved = shifted(formula, own, maps)
    if moved == formula:
        return text
    return escape(moved, {'"': "&quot;"} if quote else {})


def moved_formula(text: str, maps: dict[str, RowMap], own: str = "") -> str:
    """Return an escaped formula that stands outside of any sheet (a name, a chart) after rows were put in."""
    return _moved_text(text, own, maps)


def value_cell(prefix: str, attributes: str, value: str | float | bool | None) -> CellText:
    """Return a cell that holds a number, a truth or a text, with the look that the template gave it."""
    if "m=" in attributes or "ph=" in attributes:
        attributes = _METADATA.sub("", attributes)
    if value is None or value == "":
        return CellText(attributes, "n")
    if isinstance(value, bool):
        return CellText(attributes, "b", "", f"<{prefix}v>{int(value)}</{prefix}v>")
    if isinstance(value, str):
        space = ' xml:space="preserve"' if value != value.strip() or "\n" in value or "  " in value else ""
        text = _guarded(value)
        if "&" in text or "<" in text or ">" in text:
            text = escape(text)
        return CellText(
            attributes, "inlineStr", "", f"<{prefix}is><{prefix}t{space}>{text}</{prefix}t></{prefix}is>"
        )
    number = int(value) if value == int(value) and abs(value) < 1e15 else value
    return CellText(attributes, "n", "", f"<{prefix}v>{number!r}</{prefix}v>")


def _guarded(text: str) -> str:
    """Write a text that looks like an escape of the format so that it stays what it is."""
    return _GUARDED.sub("_x005F_", text) if "_x" in text else text


def room_below(area: Area, more: int) -> bool:
    """Whether a sheet has room for more rows."""
    return area.bottom + more <= LAST_ROW
