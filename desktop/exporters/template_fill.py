"""Fills finance's own workbook by patching its package (issue: templates survive; RPT-07, APR-08).

Only what is filled changes: the sheets with the cells, their tables, the workbook part (recalculation on opening, the
hidden name that says which report it is), and, where a table grows, what follows it. Every other part keeps its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from desktop.exporters.cells import clean_text
from desktop.exporters.layouts import Kind, Value
from desktop.exporters.package import Package
from desktop.exporters.references import Area, translated
from desktop.exporters.template_book import Book, SheetPart
from desktop.exporters.template_faults import Target
from desktop.exporters.template_follow import (
    moved_charts,
    moved_drawings,
    moved_pivots,
    moved_tables,
    moved_workbook,
    without_chain,
)
from desktop.exporters.template_plan import Plan, Planner
from desktop.exporters.template_sheet import CellText, SheetText, Unusual, attribute, value_cell
from desktop.exporters.template_values import FillData
from desktop.exporters.written import number_of
from desktop.i18n import Locale

_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_FIRST_DAYS = {False: datetime(1900, 3, 1), True: datetime(1904, 1, 1)}


@dataclass(frozen=True, slots=True)
class Placed:
    """One name that was filled: where, and how many rows."""

    name: str
    sheet: str
    area: str
    rows: int


@dataclass(frozen=True, slots=True)
class Filled:
    """The filled file, what was filled, names that mean nothing here, and the parts that are not as they were."""

    content: bytes
    placed: tuple[Placed, ...]
    unused: tuple[str, ...]
    changed: tuple[str, ...]
    macros: bool


def check_template(content: bytes, name: str, data: FillData) -> tuple[Placed, ...]:
    """Return what would be filled; raise TemplateRefused with everything that stands in the way."""
    return _placed(Planner(Book(Package(content, name)), data).plan())


def fill_template(content: bytes, name: str, data: FillData, locale: Locale) -> Filled:
    """Return a template filled with a report; raise TemplateRefused or InvalidInput before anything is written."""
    package = Package(content, name)
    book = Book(package)
    plan = Planner(book, data).plan()
    try:
        changed, removed = _Filler(book, plan, locale).run(data.mark)
    except Unusual as problem:
        raise package.unreadable() from problem
    patched = {path: text.encode("utf-8") for path, text in changed.items()}
    result = package.patched(patched, removed)
    return Filled(
        result, _placed(plan), tuple(plan.unused), (*sorted(patched), *sorted(removed)), book.has_macros
    )


def _placed(plan: Plan) -> tuple[Placed, ...]:
    found = []
    for target in plan.targets:
        rows = plan.rows.get(target.sheet.name)
        area = target.area.moved(rows) if rows else target.area
        found.append(
            Placed(target.name, target.sheet.name, area.text, len(target.table.rows) if target.table else 1)
        )
    return tuple(found)


class _Filler:
    """Writes the values into the sheets, and lets everything else follow."""

    def __init__(self, book: Book, plan: Plan, locale: Locale) -> None:
        self.book = book
        self.plan = plan
        self.zone = ZoneInfo(locale.zone)
        self.maps = {name.casefold(): rows for name, rows in plan.rows.items()}

    def run(self, mark: str) -> tuple[dict[str, str], set[str]]:
        """Return the parts that change, and those that go."""
        filled = {target.sheet.name for target in self.plan.targets}
        natives = {target.native.part for target in self.plan.targets if target.native}
        chain = False
        for sheet in self.book.sheets.values():
            chain |= self._follow(sheet)
        for target in self.plan.targets:
            chain |= self._write(target)
        self._forget(filled)
        changed = {
            sheet.part: sheet.content.text()
            for sheet in self.book.sheets.values()
            if sheet.content is not None and sheet.content.changed
        }
        for name, rows in self.plan.rows.items():
            changed.update(moved_tables(self.book, self.book.sheets[name], rows, natives))
        if self.maps:
            changed.update(moved_charts(self.book, self.maps))
            for sheet in self.book.sheets.values():
                changed.update(moved_drawings(self.book, sheet, self.maps))
        changed.update(moved_pivots(self.book, self.maps, filled))
        changed[self.book.main] = moved_workbook(self.book, self.maps, mark)
        removed: set[str] = set()
        if chain:
            parts, removed = without_chain(self.book)
            changed.update(parts)
        return changed, removed

    def _follow(self, sheet: SheetPart) -> bool:
        """Let a sheet follow rows that are put in; return whether a formula now stands elsewhere."""
        if not self.maps:
            return False
        content = self.book.content(sheet)
        rows = self.plan.rows.get(sheet.name)
        if rows:
            content.unshare()
        else:
            content.unshare(lambda text: "!" in text)
        areas = [target.area for target in self.plan.targets if target.sheet is sheet and target.table]
        content.shift_formulas(sheet.name, self.maps, areas)
        content.shift_settings(sheet.name, self.maps)
        if rows:
            content.move_rows(rows)
        return bool(rows) and any(True for _formula in content.formulas())

    def _write(self, target: Target) -> bool:
        content = self.book.content(target.sheet)
        content.changed = True
        rows = self.plan.rows.get(target.sheet.name)
        top = rows.row(target.area.top) if rows else target.area.top
        if target.value is not None:
            cell = content.cell(top, target.area.left)
            look = cell.attributes if cell else ""
            value = self.cell_value(target.value.value, target.value.kind)
            content.line(top).cells[target.area.left] = value_cell(content.prefix, look, value)
            return False
        return self._write_table(content, target, top)

    def _write_table(self, content: SheetText, target: Target, top: int) -> bool:
        """Write a table's rows; return whether formulas were filled down."""
        table, area = target.table, target.area
        if table is None:
            return False
        last = top + area.height - 1
        model = content.line(last)
        looks = {column: cell.attributes for column, cell in model.cells.items()}
        own: dict[int, Callable[[int], CellText]] = {}
        formulas = False
        for offset, index in enumerate(target.columns):
            cell = model.cells.get(area.left + offset)
            if index is None and cell is not None:
                own[area.left + offset] = self._downwards(content, cell)
                formulas |= bool(cell.formula)
        indexes = [
            (area.left + offset, index, table.columns[index].kind)
            for offset, index in enumerate(target.columns)
            if index is not None
        ]
        outside = {column: look for column, look in looks.items() if not area.left <= column <= area.right}
        for number in range(max(len(table.rows), area.height)):
            row = content.line(top + number, model)
            if number >= area.height:
                for column, look in outside.items():
                    row.cells[column] = CellText(look, "n")
                for column, copied in own.items():
                    row.cells[column] = copied(top + number - last)
            values = table.rows[number] if number < len(table.rows) else None
            for column, index, kind in indexes:
                known = row.cells.get(column)
                look = known.attributes if known else looks.get(column, "")
                value = self.cell_value(values[index], kind) if values is not None else None
                row.cells[column] = value_cell(content.prefix, look, value)
        merged = [one for one in content.merges() if one.top == one.bottom == last]
        if target.more and merged:
            content.add_merges(
                [
                    Area(last + step, one.left, last + step, one.right)
                    for step in range(1, target.more + 1)
                    for one in merged
                ]
            )
        return bool(target.more) and formulas

    def _downwards(self, content: SheetText, cell: CellText) -> Callable[[int], CellText]:
        """Return what makes a cell of finance's own column so many rows below: formulas and looks, never a value."""
        if not cell.formula:
            return lambda _step: CellText(cell.attributes, "n")
        attributes, text = content.formula_parts(cell)
        area = attribute(attributes, "ref")
        once = CellText(cell.attributes, "n")
        content.set_formula(once, attributes, text)
        if area is None and translated(text, 1) == text:
            # A formula of structured references reads the same in every row.
            return lambda _step: CellText(cell.attributes, "n", once.formula)

        def copied(step: int) -> CellText:
            new = CellText(cell.attributes, "n")
            moved = re.sub(r'(?<=\sref=")[^"]*', lambda ref: translated(ref[0], step), attributes)
            content.set_formula(new, moved, translated(text, step))
            return new

        return copied

    def cell_value(self, value: Value, kind: Kind) -> str | float | bool | None:
        """Return what a cell stores: days since the book's own beginning, exact numbers, clean texts."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value if value.isalnum() and len(value) < 1000 else clean_text(value)[0]
        if isinstance(value, datetime):
            local = value.astimezone(self.zone).replace(tzinfo=None) if value.tzinfo else value
            return self._serial(local)
        if isinstance(value, date):
            return self._serial(datetime(value.year, value.month, value.day))
        if isinstance(value, int | float | Decimal):
            return number_of(value, kind)
        return str(value)

    def _serial(self, moment: datetime) -> str | float:
        if moment < _FIRST_DAYS[self.book.dates_1904]:
            # Before the book's own calendar begins, or where 1900 has a day too many.
            return moment.date().isoformat()
        return (moment - _EPOCHS[self.book.dates_1904]) / timedelta(days=1)

    def _forget(self, filled: set[str]) -> None:
        """Take cached values away from sheets that depend on what was filled: none of them is true any more."""
        stale = {name.casefold() for name in filled}
        names = {table.name for table in self.book.tables} | {name.name for name in self.book.names}
        waiting = {sheet.name: _formula_text(self.book, sheet) for sheet in self.book.sheets.values()}
        changed = True
        while changed:
            changed = False
            for name, text in waiting.items():
                if name.casefold() in stale or not text:
                    continue
                if any(other in text for other in stale) or any(other.casefold() in text for other in names):
                    stale.add(name.casefold())
                    changed = True
        for sheet in self.book.sheets.values():
            if sheet.name.casefold() in stale and waiting[sheet.name]:
                content = self.book.content(sheet)
                for _row, _column, cell in content.formulas():
                    content.forget(cell)


def _formula_text(book: Book, sheet: SheetPart) -> str:
    """Return all formulas of a sheet in lower case, to see what they speak of."""
    content = book.content(sheet)
    return "\n".join(content.formula_parts(cell)[1] for _row, _column, cell in content.formulas()).casefold()
