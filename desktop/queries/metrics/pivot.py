"""From figures to a table: a dimension down, one across, totals from the parts; the block of every report (RPT-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from desktop.exporters.document import LABEL, Block, Field, Picture
from desktop.i18n import N_
from desktop.queries.metrics.colleagues import ranked
from desktop.queries.metrics.dictionary import MetricDefinition
from desktop.queries.metrics.dimensions import DIMENSIONS, Member, Name, members
from desktop.queries.metrics.engine import Figures, Group, Question, compute
from desktop.store.workspace import Work

TOTAL = N_("Total")
OTHERS: Name = ("Others", "其他")
WHOLE: Name = ("Whole scope", "整个范围")
MOST_ROWS, MOST_COLUMNS, MOST_SERIES = 500, 60, 8
MOST_DRAWN, MOST_BARS = 60, 25
BAR, LINE, HEAT, TABLE = "bar", "line", "heat", "table"
CHARTS = (BAR, LINE, HEAT, TABLE)


@dataclass(frozen=True, slots=True)
class Shape:
    """How figures become a table: dimensions down and across, order, how many rows, and the chart.

    `order` is a metric by which rows are sorted, the largest first; the rest of the rows is added up as “Others”.
    """

    rows: str | None = None
    columns: str | None = None
    order: str = ""
    limit: int = MOST_ROWS
    chart: str = BAR
    smallest_first: bool = False

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions that are asked for."""
        return tuple(key for key in (self.rows, self.columns) if key)


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column of a table: its name and the groups that it adds up."""

    name: Name
    values: tuple[Any, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Pivot:
    """A table of figures with what it was made from, so that each cell can be asked for its records.

    `as_of` is the day on which figures of a moment stand.
    """

    figures: Figures
    shape: Shape
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    as_of: date

    def groups(self, row: Line | None, column: Line | None) -> tuple[Group, ...]:
        """Return the groups that a cell adds up; None stands for the total."""
        downs = [value for line in (self.rows if row is None else (row,)) for value in line.values]
        acrosses = [
            value for line in (self.columns if column is None else (column,)) for value in line.values
        ]
        if self.shape.rows and self.shape.columns:
            return tuple((down, across) for down in downs for across in acrosses)
        if self.shape.rows:
            return tuple((down,) for down in downs)
        if self.shape.columns:
            return tuple((across,) for across in acrosses)
        return ((),)

    def value(self, key: str, row: Line | None, column: Line | None) -> int | Decimal | None:
        """Return the figure of a cell; None where it is not defined."""
        return self.figures.value(key, *self.groups(row, column))

    def block(self, key: str, title: str) -> Block:
        """Return the table as a block of a report."""
        fields, cells = self._fields()
        rows = tuple(self._row(line, cells) for line in self.rows)
        totals = None
        if self.shape.rows:
            totals = (TOTAL, *(self.value(metric, None, column) for metric, column in cells))
        return Block(key, title, fields, rows, totals, self._picture(fields))

    def _fields(self) -> tuple[tuple[Field, ...], list[tuple[str, Line | None]]]:
        heading = DIMENSIONS[self.shape.rows].label if self.shape.rows else N_("Scope")
        fields = [Field("row", heading, LABEL)]
        cells: list[tuple[str, Line | None]] = []
        taken = {heading}
        metrics = self.figures.question.metrics
        for number, metric in enumerate(metrics):
            definition = self.figures.definition(metric)
            acrosses: tuple[Line | None, ...] = (*self.columns, None) if self.shape.columns else (None,)
            for at, column in enumerate(acrosses):
                title = _title(definition, column, several=len(metrics) > 1, split=bool(self.shape.columns))
                while title in taken:
                    title += " ·"
                taken.add(title)
                unit = self.figures.currency if definition.kind == "money" else ""
                name = f"m{number}" if column is None else f"m{number}_{at}"
                fields.append(Field(name, title, definition.kind, unit, definition.key))
                cells.append((metric, column))
        return tuple(fields), cells

    def _row(self, line: Line, cells: Sequence[tuple[str, Line | None]]) -> tuple[Any, ...]:
        return (line.name, *(self.value(metric, line, column) for metric, column in cells))

    def _picture(self, fields: Sequence[Field]) -> Picture | None:
        if self.shape.chart == TABLE or not self.shape.rows or not 1 < len(self.rows) <= MOST_DRAWN:
            return None
        split = bool(self.shape.columns)
        drawn = [field.key for field in fields[1:] if not split or "_" in field.key]
        # One scale: figures of another kind than the first would be invisible beside it, or hide it.
        kinds = {field.key: (field.kind, field.unit) for field in fields}
        drawn = [key for key in drawn if kinds[key] == kinds[drawn[0]]]
        title = self.figures.definitions[0].label_en
        if self.shape.chart == HEAT:
            return Picture(title, "row", (), (), False, tuple(drawn))
        drawn = drawn[:MOST_SERIES]
        if self.shape.chart == LINE:
            return Picture(title, "row", (), tuple(drawn))
        return Picture(
            title,
            "row",
            tuple(drawn),
            horizontal=not split and len(drawn) == 1 and len(self.rows) <= MOST_BARS,
        )

    def words(self) -> tuple[tuple[str, str], ...]:
        """Return the Chinese of names in titles, which no catalogue has."""
        found = {}
        metrics = self.figures.question.metrics
        for metric in metrics:
            definition = self.figures.definition(metric)
            found[definition.label_en] = definition.label_zh
            for column in (*self.columns, None):
                for marks in ("", " ·", " · ·"):
                    english = _title(definition, column, several=len(metrics) > 1, split=True)
                    found[english + marks] = (
                        _title(definition, column, several=len(metrics) > 1, split=True, chinese=True) + marks
                    )
        return tuple(sorted(found.items()))


def _title(
    definition: MetricDefinition, column: Line | None, *, several: bool, split: bool, chinese: bool = False
) -> str:
    name = definition.label_zh if chinese else definition.label_en
    if not split:
        return name
    if column is None:
        across = "合计" if chinese else TOTAL
    else:
        across = (column.name[1] if chinese else None) or column.name[0]
    return f"{name} · {across}" if several or column is None else across


def pivot(work: Work, question: Question, shape: Shape) -> Pivot:
    """Return the table of a question: rows and columns are the values of its dimensions that occur."""
    return laid_out(work, compute(work, replace(question, by=shape.by)), shape)


def laid_out(work: Work, figures: Figures, shape: Shape, *, for_peers: bool = False) -> Pivot:
    """Return figures that were split as a table splits them, as that table.

    `for_peers` names nobody who chose not to be named in rankings, whoever asks.
    """
    columns = _lines(work, figures, shape.columns, len(shape.by) - 1, for_peers) if shape.columns else ()
    rows = _lines(work, figures, shape.rows, 0, for_peers) if shape.rows else (Line(WHOLE, ((),)),)
    made = Pivot(figures, shape, rows, columns, figures.question.span(work.today).as_of)
    if shape.rows:
        made = replace(made, rows=_ordered(made, rows))
    if len(columns) > MOST_COLUMNS:
        kept, rest = columns[:MOST_COLUMNS], columns[MOST_COLUMNS:]
        made = replace(made, columns=(*kept, _others(rest)))
    return made


def _lines(work: Work, figures: Figures, key: str | None, at: int, for_peers: bool) -> tuple[Line, ...]:
    assert key is not None
    if key == "person":
        people = ranked(work, {group[at] for group in figures.groups}, for_peers=for_peers)
        return tuple(Line(member.name, (member.value,)) for member in people)
    found: list[Member] = members(work, key, {group[at] for group in figures.groups})
    known = {member.value for member in found}
    if DIMENSIONS[key].moment and DIMENSIONS[key].order and known:
        missing = [value for value in DIMENSIONS[key].order if value not in known]
        found = members(work, key, [*known, *missing])
    return tuple(Line(member.name, (member.value,)) for member in found)


def _ordered(made: Pivot, rows: tuple[Line, ...]) -> tuple[Line, ...]:
    metric = made.shape.order or made.figures.question.metrics[0]
    if made.shape.order or len(rows) > made.shape.limit:
        sign = 1 if made.shape.smallest_first else -1
        worth = {line: made.value(metric, line, None) for line in rows}
        rows = tuple(
            sorted(rows, key=lambda line: (worth[line] is None, sign * (worth[line] or 0), line.name[0]))
        )
    if len(rows) > made.shape.limit:
        rows = (*rows[: made.shape.limit], _others(rows[made.shape.limit :]))
    return rows


def _others(lines: Sequence[Line]) -> Line:
    return Line(OTHERS, tuple(value for line in lines for value in line.values), folded=True)
