"""What of a template is to be filled, and everything that stands in the way, found before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from desktop.exporters import template_words as words
from desktop.exporters.layouts import Kind
from desktop.exporters.references import Area, Insertion, RowMap
from desktop.exporters.template_book import Book, Name, SheetPart, Table
from desktop.exporters.template_faults import Fault, Target, TemplateRefused
from desktop.exporters.template_obstacles import obstacles
from desktop.exporters.template_sheet import SheetText, attribute, room_below
from desktop.exporters.template_values import (
    FillColumn,
    FillData,
    FillTable,
    FillValue,
    keys_of,
    name_key,
    own_key,
)
from desktop.letters import column_letters


@dataclass(slots=True)
class Plan:
    """All targets, where rows go on each sheet, and the names that mean nothing here."""

    targets: list[Target]
    rows: dict[str, RowMap]
    unused: list[str]


class Planner:
    """Finds the targets and collects the faults."""

    def __init__(self, book: Book, data: FillData) -> None:
        self.book = book
        self.faults: list[Fault] = []
        self.known: dict[str, FillValue | FillTable] = {}
        items: list[FillValue | FillTable] = [*data.values, *data.tables]
        for item in items:
            for key in keys_of(item):
                # What is listed first keeps a name that two things have.
                self.known.setdefault(key, item)
        self.tables = {key: table for table in data.tables for key in keys_of(table)}

    def plan(self) -> Plan:
        """Return what to do; raise TemplateRefused if anything stands in the way."""
        self._whole_file()
        targets, unused = [], []
        for table in self.book.tables:
            found = self._native(table)
            targets += [found] if found else []
        taken = {table.name.casefold() for table in self.book.tables}
        for name in self.book.names:
            if name.name.casefold() in taken or name.name.startswith(("_xlnm", "_plumbline")):
                continue
            key, prefixed = own_key(name.name)
            item = self.known.get(key)
            if item is None:
                unused.append(name.name)
                if prefixed:
                    self._fault(
                        "template_name_unknown", "", "", words.UNKNOWN, words.UNKNOWN_DO, name=name.name
                    )
                continue
            found = self._named(name, item)
            targets += [found] if found else []
        if not targets and not self.faults:
            offered = tuple(
                mark.join(_offered(self.known.values(), at)) for at, mark in ((0, "、"), (1, ", "))
            )
            own = "、".join([*(table.name for table in self.book.tables), *unused])
            said = words.NOTHING_OWN if own else words.NOTHING
            self._fault("template_names_missing", "", "", said, words.NOTHING_DO, names=offered, own=own)
        rows = self._rows(targets)
        for target in targets:
            self._protected(target)
        self.faults += obstacles(self.book, targets, rows)
        if self.faults:
            raise TemplateRefused(self.book.package.name, self.faults)
        return Plan(targets, rows, unused)

    def _fault(self, code: str, sheet: str, cell: str, message: str, remedy: str, **params: Any) -> None:
        self.faults.append(Fault(code, sheet, cell, message, remedy, params))

    def _whole_file(self) -> None:
        paths = [path.casefold() for path in self.book.package.paths]
        if any(path.lstrip("/").startswith("xl/externallinks/") for path in paths):
            self._fault("template_external_links", "", "", words.EXTERNAL, words.EXTERNAL_DO)
        if any(path.lstrip("/").startswith("_xmlsignatures/") for path in paths):
            self._fault("template_signed", "", "", words.SIGNED, words.SIGNED_DO)
        if not self.book.is_workbook:
            self._fault("template_type", "", "", words.TYPE, words.TYPE_DO)

    # what goes where

    def _native(self, table: Table) -> Target | None:
        key, prefixed = own_key(table.name)
        item = self.tables.get(key)
        if item is None:
            if prefixed:
                self._fault(
                    "template_name_unknown",
                    table.sheet,
                    table.area.text,
                    words.UNKNOWN,
                    words.UNKNOWN_DO,
                    name=table.name,
                )
            return None
        if table.foreign:
            self._fault(
                "template_query", table.sheet, table.area.text, words.QUERY, words.QUERY_DO, name=table.name
            )
            return None
        columns = _matched(item.columns, table.columns)
        if not any(column is not None for column in columns):
            self._shape(table.sheet, table.area.text, table.name, item)
            return None
        return self._checked(
            Target(table.name, self.book.sheets[table.sheet], table.data, None, item, columns, table)
        )

    def _named(self, name: Name, item: FillValue | FillTable) -> Target | None:
        place = name.place()
        sheet = self.book.sheet(place[0]) if place else None
        if place is None or sheet is None:
            where = name.scope or ""
            self._fault(
                "template_name_broken",
                where,
                "",
                words.BROKEN,
                words.BROKEN_DO,
                name=name.name,
                refers=name.refers,
            )
            return None
        area = place[1]
        if isinstance(item, FillValue):
            merged = area in self.book.content(sheet).merges()
            if area.height * area.width > 1 and not merged:
                self._fault(
                    "template_shape", sheet.name, area.text, words.ONE_CELL, words.ONE_CELL_DO, name=name.name
                )
                return None
            return self._checked(Target(name.name, sheet, area, value=item))
        return self._range(name, sheet, area, item)

    def _range(self, name: Name, sheet: SheetPart, area: Area, item: FillTable) -> Target | None:
        content = self.book.content(sheet)
        for head, data in ((area.top, Area(area.top + 1, *_rest(area))), (area.top - 1, area)):
            if head < 1 or data.height < 1:
                continue
            headers = [
                self.book.cell_text(content, content.cell(head, column))
                for column in range(area.left, area.right + 1)
            ]
            columns = _matched(item.columns, headers)
            if sum(column is not None for column in columns) * 2 >= max(
                1, min(area.width, len(item.columns))
            ):
                return self._checked(Target(name.name, sheet, data, None, item, columns))
        if area.width != len(item.columns):
            self._shape(sheet.name, area.text, name.name, item)
            return None
        return self._checked(Target(name.name, sheet, area, None, item, tuple(range(area.width))))

    def _shape(self, sheet: str, cell: str, name: str, item: FillTable) -> None:
        columns = "、".join(column.titles[0] for column in item.columns)
        self._fault(
            "template_shape",
            sheet,
            cell,
            words.SHAPE,
            words.SHAPE_DO,
            name=name,
            n=len(item.columns),
            columns=columns,
        )

    # what stands in the way

    def _checked(self, target: Target) -> Target:
        """Look at the cells that will be written."""
        content = self.book.content(target.sheet)
        if target.value is not None:
            self._cell(
                target, content, target.area.top, target.area.left, target.value.kind, target.value.value
            )
            return target
        table, area = target.table, target.area
        if table is None:
            return target
        for offset, index in enumerate(target.columns):
            if index is None:
                continue
            kind = table.columns[index].kind
            filled = next((row[index] for row in table.rows if row[index] is not None), None)
            for row in range(area.top, area.bottom + 1):
                if not self._cell(target, content, row, area.left + offset, kind, filled):
                    break
        for merged in content.merges():
            if merged.meets(area) and merged.height > 1:
                self._fault(
                    "template_merged",
                    target.sheet.name,
                    merged.text,
                    words.MERGED,
                    words.MERGED_DO,
                    name=target.name,
                )
        if not room_below(area, target.more):
            self._fault(
                "template_no_room",
                target.sheet.name,
                area.text,
                words.NO_ROOM,
                words.NO_ROOM_DO,
                name=target.name,
            )
        return target

    def _cell(
        self, target: Target, content: SheetText, row: int, column: int, kind: Kind, value: Any
    ) -> bool:
        cell = content.cell(row, column)
        place = f"{column_letters(column)}{row}"
        if cell is not None and cell.formula:
            self._fault(
                "template_formula",
                target.sheet.name,
                place,
                words.FORMULA,
                words.FORMULA_DO,
                name=target.name,
            )
            return False
        style = cell.style if cell else 0
        dated = kind in (Kind.DATE, Kind.INSTANT) and value is not None and not isinstance(value, str)
        if dated and style not in self.book.date_styles:
            self._fault(
                "template_not_a_date", target.sheet.name, place, words.DATE, words.DATE_DO, name=target.name
            )
            return False
        return True

    def _protected(self, target: Target) -> None:
        content = self.book.content(target.sheet)
        match = re.search(rf"<{content.prefix}sheetProtection(\s[^>]*)>", content.tail)
        if match is None or attribute(match[1], "sheet") not in ("1", "true"):
            return
        sheet = target.sheet.name
        if target.more and attribute(match[1], "insertRows") not in ("0", "false"):
            self._fault(
                "template_protected", sheet, target.area.text, words.NO_ROWS, words.NO_ROWS_DO, n=target.more
            )
        columns = target.columns or (0,)
        for row in range(target.area.top, (target.area.bottom if target.table else target.area.top) + 1):
            for offset, index in enumerate(columns):
                cell = content.cell(row, target.area.left + offset)
                if index is not None and (cell.style if cell else 0) in self.book.locked_styles:
                    place = f"{column_letters(target.area.left + offset)}{row}"
                    self._fault("template_protected", sheet, place, words.LOCKED, words.LOCKED_DO)
                    return

    def _rows(self, targets: list[Target]) -> dict[str, RowMap]:
        found: dict[str, list[Insertion]] = {}
        for target in targets:
            if target.more:
                found.setdefault(target.sheet.name, []).append(
                    Insertion(target.area.top, target.area.bottom, target.more)
                )
        return {sheet: RowMap(insertions) for sheet, insertions in found.items()}


def _matched(columns: Sequence[FillColumn], headers: Sequence[str]) -> tuple[int | None, ...]:
    """Return for each header the column that it names."""
    known: dict[str, int] = {}
    for index, column in enumerate(columns):
        for key in keys_of(column):
            known.setdefault(key, index)
    return tuple(known.get(name_key(header)) if header else None for header in headers)


def _rest(area: Area) -> tuple[int, int, int]:
    return area.left, area.bottom, area.right


def _offered(items: Any, language: int) -> list[str]:
    """Return the names as they can be typed in Excel, where a name has neither spaces nor hyphens."""
    titles = ((item.titles[language : language + 1] or item.titles)[0] for item in items)
    return list(dict.fromkeys(re.sub(r"[\s-]+", "_", title) for title in titles))
