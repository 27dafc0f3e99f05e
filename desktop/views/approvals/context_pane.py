"""The context of a request on one screen: what changes, from what to what, and the tables that speak for or against it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.queries.approval_context import (
    ContextFact,
    ContextSection,
    ContextTable,
    ContextView,
    Sort,
    Value,
)
from desktop.views.buttons import hairline
from desktop.views.labels import ElidedLabel, label
from desktop.views.strips import Advice

WORDS = ("text", "term", "names")
RIGHT = ("money", "integer", "percent", "days")


def shown(value: Value, sort: Sort, locale: Locale) -> str:
    """Return a value as the reader writes it; money in minor units, percent in ten-thousandths."""
    if value is None:
        return "—"
    if sort == "money" and isinstance(value, int):
        return locale.money(value)
    if sort == "percent" and isinstance(value, int):
        return locale.percent(value / 10_000)
    if sort in ("integer", "days") and isinstance(value, int):
        number = locale.integer(value)
        return locale._("{n} days").format(n=number) if sort == "days" else number
    if sort == "date":
        return locale.day(value)  # type: ignore[arg-type]
    if sort == "instant":
        return locale.instant(value)  # type: ignore[arg-type]
    if sort == "flag":
        return locale._("yes") if value else locale._("no")
    if sort == "names":
        return str(value).split("\t")[-1 if locale.is_chinese else 0]
    return locale._(str(value)) if sort == "term" else str(value)


class ContextPane(QScrollArea):
    """Sections in two columns, warnings above them."""

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self._locale = locale
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_context(self, view: ContextView) -> None:
        """Show the context of a request."""
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 8, 12, 8)
        column.setSpacing(10)
        _ = self._locale._
        for warning in view.warnings:
            column.addWidget(Advice(warning.tone or "amber", _(warning.text).format(**warning.params)))
        halves = QHBoxLayout()
        halves.setSpacing(32)
        columns = (QVBoxLayout(), QVBoxLayout())
        heights = [0, 0]
        for half in columns:
            half.setSpacing(14)
            half.setAlignment(Qt.AlignmentFlag.AlignTop)
            halves.addLayout(half, 1)
        for section in view.sections:
            place = 0 if heights[0] <= heights[1] else 1
            rows = len(section.table.rows) + 1 if section.table else 0
            heights[place] += 2 + len(section.facts) + rows
            columns[place].addWidget(self._section(section))
        column.addLayout(halves)
        column.addStretch(1)
        self.setWidget(box)

    def _section(self, section: ContextSection) -> QWidget:
        box = QWidget()
        box.setAccessibleName(self._locale._(section.title))
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label(self._locale._(section.title), "strong"))
        column.addWidget(hairline())
        if section.note:
            column.addWidget(label(self._locale._(section.note), "caption", wrap=True))
        if section.facts:
            column.addLayout(self._facts(section.facts))
        if section.table:
            column.addLayout(self._table(section.table))
        return box

    def _facts(self, facts: tuple[ContextFact, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(1, 1)
        for row, fact in enumerate(facts):
            grid.addWidget(label(self._locale._(fact.label), "caption"), row, 0, Qt.AlignmentFlag.AlignTop)
            words = shown(fact.value, fact.sort, self._locale)
            if fact.before is not None:
                words = f"{shown(fact.before, fact.sort, self._locale)}  →  {words}"
            look = f"{fact.tone}_strong" if fact.tone in ("red", "amber", "green") else ""
            strong = look or ("strong" if fact.before is not None else "")
            grid.addWidget(label(words, strong, wrap=True, selectable=True), row, 1)
        return grid

    def _table(self, table: ContextTable) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        if not table.rows:
            grid.addWidget(label(self._locale._("None"), "secondary"), 0, 0)
            return grid
        for at, (head, sort) in enumerate(table.heads):
            grid.addWidget(label(self._locale._(head), "caption"), 0, at, _side(sort))
            grid.setColumnStretch(at, 1 if sort in WORDS else 0)
        for number, row in enumerate(table.rows, start=1):
            tone = table.tones[number - 1] if number <= len(table.tones) else ""
            for at, value in enumerate(row):
                sort = table.heads[at][1]
                words = shown(value, sort, self._locale)
                if sort in WORDS:
                    grid.addWidget(ElidedLabel(words, tone), number, at)
                else:
                    grid.addWidget(label(words, tone), number, at, _side(sort))
        return grid


def _side(sort: Sort) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if sort in RIGHT else Qt.AlignmentFlag.AlignLeft
