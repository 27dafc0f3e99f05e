"""References of a template that rows put in would leave pointing at other rows, without anybody being told.

Most references follow (`references.shifted`). What cannot: one reference over several sheets of which one grows,
places that are made of text or numbers (INDIRECT, OFFSET, INDEX), names that are relative to whoever uses them, and
rules over many cells that point from each to another row. Each is found before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from desktop.exporters import template_words as words
from desktop.exporters.references import Area, RowMap, parse_area, rewritten, shifted
from desktop.exporters.template_book import Book
from desktop.exporters.template_sheet import attribute, plain

_CALL = re.compile(r"(?<![\w.])(INDIRECT|OFFSET|INDEX)\(", re.IGNORECASE)
_COUNTS = re.compile(r"(?<![\w.])(COUNT\w*|ROWS?|X?MATCH)\(", re.IGNORECASE)
"""Who counts or looks for rows finds those that were put in."""
_NUMBER = re.compile(r"\s*[+-]?\d{1,7}\s*")
_TEXT = re.compile(r'"(?:[^"]|"")*"')
_LINKS = re.compile(
    r'(?:fmlaLink|fmlaRange|fmlaTxbx|fmlaGroup)="([^"]*)"|<x:Fmla(?:Link|Range|Pict|Txbx)>([^<]*)<'
)


@dataclass(frozen=True, slots=True)
class Stuck:
    """A reference that cannot follow: its sheet, its cell (or what it stands in), the formula, and why."""

    sheet: str
    place: str
    formula: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Formula:
    sheet: str
    place: str
    text: str
    areas: tuple[Area, ...] = ()
    """The cells that a rule is for: its references are relative to the first of them."""
    named: bool = False


def stuck_references(book: Book, maps: Mapping[str, RowMap]) -> Iterator[Stuck]:
    """Yield what would silently mean other rows once rows are put in; `maps` are by sheet name in lower case."""
    if not maps:
        return
    looking = _Look(book, dict(maps))
    for formula in _formulas(book):
        found = looking.at(formula)
        if found:
            yield Stuck(formula.sheet, formula.place, formula.text, *found)
    for sheet in book.sheets.values():
        for part in [*sheet.targets("ctrlProp"), *sheet.targets("vmlDrawing")]:
            for one, other in _LINKS.findall(book.package.text(part)):
                text = plain(one or other)
                if shifted(text, sheet.name, looking.maps) != text:
                    yield Stuck(sheet.name, text, text, words.LINKED, words.LINKED_DO)
    for path in book.package.paths:
        if re.fullmatch(r"/?xl/pivotCache/pivotCacheDefinition\d*\.xml", path, re.IGNORECASE):
            for found in re.findall(r"<(?:\w+:)?rangeSet(\s[^>]*)>", book.package.text(path)):
                name = attribute(found, "sheet") or ""
                if name.casefold() in maps:
                    area = attribute(found, "ref") or ""
                    yield Stuck(name, area, area, words.CONSOLIDATED, words.CONSOLIDATED_DO)


def _formulas(book: Book) -> Iterator[_Formula]:
    """Yield every formula of a template: cells, rules of formats and validations, names."""
    for sheet in book.sheets.values():
        content = book.content(sheet)
        for row, column, _cell, text in content.written_formulas():
            yield _Formula(sheet.name, Area(row, column, row, column).text, text)
        for areas, text in content.rules():
            yield _Formula(sheet.name, " ".join(area.text for area in areas), text, tuple(areas))
    for name in book.names:
        yield _Formula(name.scope or "", name.name, name.refers, named=True)


class _Look:
    """Looks at formulas; why one cannot follow, and what to do about it, or None."""

    def __init__(self, book: Book, maps: dict[str, RowMap]) -> None:
        self.book = book
        self.maps = maps
        self.order = [name.casefold() for name in book.sheets]
        self.tables = {table.name.casefold(): table for table in book.tables}

    def at(self, formula: _Formula) -> tuple[str, str] | None:
        text = formula.text
        if self._spans(text):
            return words.SPAN, words.SPAN_DO
        if formula.named and self._relative(text):
            return words.RELATIVE, words.RELATIVE_DO
        if any(self._across(text, formula.sheet, area) for area in formula.areas[:1]):
            return words.RULE, words.RULE_DO
        for name, arguments in _calls(text):
            if self._lost(name.upper(), arguments, formula.sheet):
                return words.COMPUTED, words.COMPUTED_DO
        return None

    def _spans(self, text: str) -> bool:
        """Whether a reference over several sheets would have to mean other rows on each."""
        found = False

        def visit(sheet: str | None, kind: str, area: str) -> str:
            nonlocal found
            if sheet is not None and ":" in sheet:
                ways = {shifted(area, name, self.maps) for name in self._between(sheet)}
                found |= bool(ways - {area})
            return area

        if ":" in text and "!" in text:
            rewritten(text, visit)
        return found

    def _between(self, span: str) -> list[str]:
        ends = [self.order.index(name) for name in span.casefold().split(":") if name in self.order]
        return self.order[min(ends) : max(ends) + 1] if len(ends) == 2 else self.order

    def _relative(self, text: str) -> bool:
        """Whether a name has a reference that is relative to who uses it, and would have to move."""
        found = False

        def visit(sheet: str | None, kind: str, area: str) -> str:
            nonlocal found
            loose = kind != "columns" and re.search(r"(?<![$0-9])[0-9]+", area) is not None
            found |= loose and shifted(area, (sheet or "").casefold(), self.maps) != area
            return area

        rewritten(text, visit)
        return found

    def _across(self, text: str, own: str, area: Area) -> bool:
        """Whether a rule for many cells points, from some of them, to rows that move otherwise than they do."""
        found = False
        none = RowMap(())
        mine = self.maps.get(own.casefold(), none)

        def visit(sheet: str | None, kind: str, one: str) -> str:
            nonlocal found
            theirs = mine if sheet is None else self.maps.get(sheet.casefold(), none)
            for loose in re.findall(r"[A-Za-z]([0-9]+)", one) if mine or theirs else ():
                row = int(loose)
                kept = theirs.row(row) - mine.row(area.top) == row - area.top
                # "The row above" stays the row above, whatever is put in between.
                found |= not (kept and theirs is mine) and _parted(row, area, mine, theirs)
            return one

        if area.height > 1:
            rewritten(text, visit)
        return found

    def _lost(self, name: str, arguments: list[str], own: str) -> bool:
        """Whether a place that is computed would be another one afterwards, or may be."""
        if name == "INDIRECT":
            return self._text_lost(arguments, own)
        base = self._place(arguments[0], own)
        if base is None:
            return False
        area, rows = base
        steps = [argument.strip() for argument in (arguments[1:2] if name == "INDEX" else arguments[1:4:2])]
        if not all(not step or _NUMBER.fullmatch(step) for step in steps):
            return name == "OFFSET" and not any(_COUNTS.search(step) for step in steps)
        down = int(steps[0] or 0) if steps else 0
        if name == "INDEX":
            if down < 1:
                return False
            top = bottom = area.top + down - 1
        else:
            height = int(steps[1]) if len(steps) > 1 and steps[1] else area.height
            top = area.top + down
            bottom = top + height - 1
        if not 1 <= top <= bottom:
            return False
        wanted = rows.area(top, bottom) if name == "OFFSET" else (rows.row(top), rows.row(top))
        got = area.moved(rows).top + top - area.top
        grown = area.moved(rows).height if name == "OFFSET" and not any(steps[1:]) else bottom - top + 1
        return wanted != (got, got + grown - 1)

    def _text_lost(self, arguments: list[str], own: str) -> bool:
        text = arguments[0].strip()
        if len(arguments) > 1 and arguments[1].strip().casefold() in ("0", "false"):
            return True
        if _TEXT.fullmatch(text):
            return self._says_lost(_said(text), own)
        sheet, _, cell = text.rpartition("!")
        place = parse_area(cell)
        part = self.book.sheet(sheet.strip("'").replace("''", "'") if sheet else own)
        if place and place.height == place.width == 1 and part:
            content = self.book.content(part)
            found = content.cell(place.top, place.left)
            return found is not None and (
                bool(found.formula) or self._says_lost(self.book.cell_text(content, found), own)
            )
        if _COUNTS.search(text):
            return any(self._says_lost(_said(piece), own) for piece in _TEXT.findall(text))
        # What is put together of cells and texts: a sheet's name may come from a cell, its rows may not.
        made = re.sub(
            r'[^"&]+|"(?:[^"]|"")*"', lambda one: _said(one[0]) if one[0].startswith('"') else "x", text
        ).replace("&", "")
        seen = _references(made)
        return "[" not in made and (
            not seen or any(self._says_lost(area, name) for name in self.maps for area in seen)
        )

    def _says_lost(self, text: str, own: str) -> bool:
        """Whether a text names rows that move."""
        return shifted(text, own, self.maps) != text

    def _place(self, text: str, own: str) -> tuple[Area, RowMap] | None:
        """Return the cells that a reference, name or table names, if their sheet grows."""
        text = text.strip()
        sheet, mark, cells = text.rpartition("!")
        area = parse_area(cells)
        if re.fullmatch(r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}", cells):
            area = Area(1, 1, 1_048_576, 1)
        if area is None:
            name = next(
                (one.place() for one in self.book.names if one.name.casefold() == text.casefold()), None
            )
            if name is None:
                return None
            sheet, area, mark = name[0], name[1], "!"
        name_of = sheet.strip("'").replace("''", "'") if mark else own
        rows = self.maps.get(name_of.casefold())
        return (area, rows) if rows else None


def _parted(row: int, area: Area, mine: RowMap, theirs: RowMap) -> bool:
    """Whether some cell of an area would have to move its relative reference otherwise than the first does."""
    away = row - area.top
    steps = {one.last for one in mine.insertions} | {one.last - away for one in theirs.insertions}
    rows = {area.bottom} | {step + more for step in steps for more in (0, 1)}
    moved = theirs.row(row) - mine.row(area.top)
    return any(
        theirs.row(one + away) - mine.row(one) != moved
        for one in rows
        if area.top <= one <= area.bottom and one + away > 0
    )


def _calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each call of a function that computes a place, with its arguments."""
    quiet = _TEXT.sub(lambda match: '"' + "x" * (len(match[0]) - 2) + '"', text)
    for match in _CALL.finditer(quiet):
        depth, start, arguments = 0, match.end(), []
        for at in range(match.end(), len(quiet)):
            sign = quiet[at]
            if depth == 0 and sign in ",)":
                arguments.append(text[start:at])
                start = at + 1
                if sign == ")":
                    break
            depth += (sign in "({[") - (sign in ")}]")
        if arguments:
            yield match[1], arguments


def _said(literal: str) -> str:
    return literal[1:-1].replace('""', '"')


def _references(text: str) -> list[str]:
    found: list[str] = []

    def visit(_sheet: str | None, _kind: str, area: str) -> str:
        found.append(area)
        return area

    rewritten(text, visit)
    return found
