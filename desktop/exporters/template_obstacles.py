"""What rows that are put into a template would tear apart, or could not take along."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from desktop.exporters import template_words as words
from desktop.exporters.references import Area, Insertion, RowMap, parse_area
from desktop.exporters.template_book import Book, SheetPart
from desktop.exporters.template_computed import stuck_references
from desktop.exporters.template_faults import Fault, Target
from desktop.exporters.template_sheet import attribute
from desktop.letters import column_letters

MOST_SHOWN = 120
"""Signs of a formula that a fault shows."""


def obstacles(book: Book, targets: Sequence[Target], rows: Mapping[str, RowMap]) -> Iterator[Fault]:
    """Yield everything that stands in the way of filling these targets together."""
    yield from _overlaps(targets)
    own = {target.native.part for target in targets if target.native}
    for name, moved in rows.items():
        for insertion in moved.insertions:
            yield from _in_the_way(book, book.sheets[name], insertion, own)
    for stuck in stuck_references(book, {name.casefold(): moved for name, moved in rows.items()}):
        params = {"formula": stuck.formula[:MOST_SHOWN]}
        yield Fault("template_reference", stuck.sheet, stuck.place, stuck.message, stuck.remedy, params)


def _overlaps(targets: Sequence[Target]) -> Iterator[Fault]:
    for index, one in enumerate(targets):
        for other in targets[index + 1 :]:
            if one.sheet is not other.sheet or one == other:
                continue
            tables = one.table is not None and other.table is not None
            beside = tables and (one.more or other.more) and _rows_meet(one, other)
            if one.area.meets(other.area) or beside:
                yield _beside(one.sheet.name, other.area, one.name, other.name)


def _beside(sheet: str, area: Area, name: str, other: str) -> Fault:
    params = {"name": name, "other": other}
    return Fault("template_beside", sheet, area.text, words.BESIDE, words.BESIDE_DO, params)


def _in_the_way(book: Book, sheet: SheetPart, insertion: Insertion, own: set[str]) -> Iterator[Fault]:
    content = book.content(sheet)
    for table in book.tables:
        if table.sheet == sheet.name and table.part not in own and _torn(table.area, insertion):
            yield _beside(sheet.name, table.area, f"{insertion.first}:{insertion.last}", table.name)
    for merged in content.merges():
        if _torn(merged, insertion):
            params = {"name": merged.text}
            yield Fault("template_merged", sheet.name, merged.text, words.MERGED, words.MERGED_DO, params)
    for row, column, cell in content.formulas():
        attributes, _text = content.formula_parts(cell)
        kind = attribute(attributes, "t")
        area = parse_area(attribute(attributes, "ref") or "")
        if kind not in ("array", "dataTable") or area is None:
            continue
        if _torn(area, insertion) or (kind == "dataTable" and area.bottom > insertion.last):
            place = f"{column_letters(column)}{row}"
            yield Fault("template_array", sheet.name, place, words.ARRAY, words.ARRAY_DO, {"area": area.text})
    for place, what in _anchored(book, sheet, insertion.last):
        yield Fault("template_below", sheet.name, place, what, words.BELOW_DO, {"n": insertion.count})


def _anchored(book: Book, sheet: SheetPart, last: int) -> Iterator[tuple[str, str]]:
    """Yield what lies below a row and is not taken along: comments, controls, pivot tables."""
    for kind in ("comments", "threadedComment"):
        for part in sheet.targets(kind):
            for ref in re.findall(r'\sref="([A-Z]{1,3}\d+)"', book.package.text(part)):
                area = parse_area(ref)
                if area and area.top > last:
                    yield ref, words.COMMENT
                    return
    if not sheet.targets("comments"):
        for part in sheet.targets("vmlDrawing"):
            for anchor in re.findall(r"<x:Anchor>([^<]*)<", book.package.text(part)):
                numbers = [int(piece) for piece in anchor.split(",") if piece.strip().lstrip("-").isdigit()]
                if len(numbers) > 2 and numbers[2] >= last:
                    yield f"{numbers[2] + 1}:{numbers[2] + 1}", words.CONTROL
                    return
    for part in sheet.targets("pivotTable"):
        match = re.search(r'<(?:\w+:)?location[^>]*\sref="([^"]*)"', book.package.text(part))
        area = parse_area(match[1]) if match else None
        if area and area.bottom > last:
            yield area.text, words.PIVOT


def _torn(area: Area, insertion: Insertion) -> bool:
    return area.top <= insertion.last < area.bottom


def _rows_meet(one: Target, other: Target) -> bool:
    return one.area.top <= other.area.bottom and other.area.top <= one.area.bottom
