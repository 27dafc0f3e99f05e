"""Parts that follow when a template's tables grow: other sheets, names, charts, pictures, pivots, the calculation chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from desktop.exporters.references import RowMap, parse_area
from desktop.exporters.template_book import Book, SheetPart
from desktop.exporters.template_sheet import attribute, moved_formula

MARK = "_plumbline.report"
"""A hidden name that says which report a filled file holds; it survives saving in other programs."""

_CACHE = r"(?:\s*<(?:\w+:)?(?:num|str|multiLvlStr)Cache>.*?</(?:\w+:)?(?:num|str|multiLvlStr)Cache>)?"


def moved_charts(book: Book, maps: dict[str, RowMap]) -> Iterator[tuple[str, str]]:
    """Yield the charts whose ranges follow rows that are put in, without the values they remember of before."""
    for path in book.package.paths:
        if not re.fullmatch(r"/?xl/charts/chart(?:ex)?\d*\.xml", path, re.IGNORECASE):
            continue
        text = book.package.text(path)

        def moved(match: re.Match[str]) -> str:
            formula = moved_formula(match[2], maps)
            return match[0] if formula == match[2] else f"{match[1]}{formula}{match[3]}"

        new = re.sub(
            rf"(<(?:\w+:)?f(?:\s[^>]*)?>)([^<]*)(</(?:\w+:)?f>){_CACHE}", moved, text, flags=re.DOTALL
        )
        if new != text:
            yield path, new


def moved_drawings(book: Book, sheet: SheetPart, maps: dict[str, RowMap]) -> Iterator[tuple[str, str]]:
    """Yield the drawings of a sheet in which something lies below rows that are put in, or shows cells that move."""
    rows = maps.get(sheet.name.casefold(), RowMap(()))
    for target in sheet.targets("drawing"):
        text = book.package.text(target)

        def moved(match: re.Match[str]) -> str:
            first = re.search(r"<(?:\w+:)?from>.*?<(?:\w+:)?row>(\d+)<", match[0], re.DOTALL)
            more = rows.row(int(first[1]) + 1) - int(first[1]) - 1 if first else 0
            return re.sub(r"(<(?:\w+:)?row>)(\d+)", lambda one: f"{one[1]}{int(one[2]) + more}", match[0])

        new = re.sub(r"<((?:\w+:)?(?:one|two)CellAnchor)[\s>].*?</\1>", moved, text, flags=re.DOTALL)
        new = re.sub(
            r'(\s(?:textlink|cellRange)=")([^"]*)(?=")',
            lambda match: match[1] + moved_formula(match[2], maps, sheet.name),
            new,
        )
        if new != text:
            yield book.package.real(target), new


def moved_tables(book: Book, sheet: SheetPart, rows: RowMap, filled: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the tables of a sheet with their new areas."""
    for table in book.tables:
        if table.sheet != sheet.name:
            continue
        text = book.package.text(table.part)
        new = _moved_areas(text, rows, grows=table.part in filled)
        new = re.sub(
            r"(<(?:\w+:)?(?:calculatedColumnFormula|totalsRowFormula)[^>]*>)([^<]*)(<)",
            lambda match: (
                match[1] + moved_formula(match[2], {"": rows, sheet.name.casefold(): rows}) + match[3]
            ),
            new,
        )
        if new != text:
            yield table.part, new


def _moved_areas(text: str, rows: RowMap, *, grows: bool) -> str:
    def area(match: re.Match[str]) -> str:
        found = parse_area(match[2])
        if found is None:
            return match[0]
        return f'{match[1]}{(found.moved(rows) if grows else found.carried(rows)).text}"'

    return re.sub(r'(\sref=")([^"]*)"', area, text)


def moved_pivots(book: Book, maps: dict[str, RowMap], filled: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the sources of pivot tables that were filled: they grow along, and are read again on opening."""
    names = {table.name.casefold() for table in book.tables if table.sheet in filled}
    names |= {name.name.casefold() for name in book.names if (place := name.place()) and place[0] in filled}
    for path in book.package.paths:
        if not re.fullmatch(r"/?xl/pivotCache/pivotCacheDefinition\d*\.xml", path, re.IGNORECASE):
            continue
        text = book.package.text(path)
        source = re.search(r"<(?:\w+:)?worksheetSource(\s[^>]*)>", text)
        if source is None:
            continue
        sheet = attribute(source[1], "sheet") or ""
        name = attribute(source[1], "name") or ""
        if sheet not in filled and name.casefold() not in names:
            continue
        new = text
        area = parse_area(attribute(source[1], "ref") or "")
        rows = maps.get(sheet.casefold())
        if area and rows:
            moved = re.sub(r'(\sref=")[^"]*"', rf'\g<1>{area.moved(rows).text}"', source[0])
            new = new.replace(source[0], moved, 1)
        root = re.search(r"<(?:\w+:)?pivotCacheDefinition(\s[^>]*)>", new)
        if root and attribute(root[1], "refreshOnLoad") is None:
            new = new.replace(root[0], root[0][:-1] + ' refreshOnLoad="1">', 1)
        yield path, new


def moved_workbook(book: Book, maps: dict[str, RowMap], mark: str) -> str:
    """Return the workbook part: names follow, the file says which report it holds, and everything is recalculated."""
    p = book.prefix
    text = re.sub(
        rf"(<{p}definedName\s[^>]*>)([^<]*)(</{p}definedName>)",
        lambda match: match[1] + moved_formula(match[2], maps) + match[3],
        book.workbook,
    )
    text = re.sub(rf'<{p}definedName\s[^>]*name="{re.escape(MARK)}"[^>]*>[^<]*</{p}definedName>', "", text)
    own = f'<{p}definedName name="{MARK}" hidden="1">{escape(chr(34) + mark + chr(34))}</{p}definedName>'
    if f"</{p}definedNames>" in text:
        # Names are kept in order, and a sign before the letters comes first.
        text = re.sub(rf"(<{p}definedNames(?:\s[^>]*)?>)", lambda match: match[1] + own, text, count=1)
    else:
        text = re.sub(rf"<{p}definedNames\s*/>", "", text)
        before = re.search(
            rf"</{p}sheets>(?:\s*<{p}functionGroups.*?</{p}functionGroups>)?"
            rf"(?:\s*<{p}externalReferences.*?</{p}externalReferences>)?",
            text,
            re.DOTALL,
        )
        at = before.end() if before else len(text)
        text = f"{text[:at]}<{p}definedNames>{own}</{p}definedNames>{text[at:]}"
    return _recalculated(text, p)


def _recalculated(text: str, p: str) -> str:
    match = re.search(rf"<{p}calcPr(\s[^>]*?)?(/?)>", text)
    if match is None:
        return text.replace(f"</{p}definedNames>", f'</{p}definedNames><{p}calcPr fullCalcOnLoad="1"/>', 1)
    attributes = re.sub(r'\sfullCalcOnLoad="[^"]*"', "", match[1] or "")
    return text.replace(match[0], f'<{p}calcPr{attributes} fullCalcOnLoad="1"{match[2]}>', 1)


def without_chain(book: Book) -> tuple[dict[str, str], set[str]]:
    """Return the parts that change, and those that go, when the order of calculation is made anew."""
    found = next((target for kind, target in book.links.values() if kind == "calcChain"), None)
    if found is None or found not in book.package:
        return {}, set()
    chain = book.package.real(found)
    folder, _, file = book.main.rpartition("/")
    links = book.package.real(f"{folder}/_rels/{file}.rels")
    relations = re.sub(
        r"<((?:\w+:)?Relationship)\s(?=[^>]*/calcChain\")[^>]*?(?:/>|></\1>)", "", book.package.text(links)
    )
    types = book.package.real("[Content_Types].xml")
    without = re.sub(
        rf'<((?:\w+:)?Override)\s(?=[^>]*PartName="/{re.escape(chain.lstrip("/"))}")[^>]*?(?:/>|></\1>)',
        "",
        book.package.text(types),
        flags=re.IGNORECASE,
    )
    return {links: relations, types: without}, {chain}
