"""A selected block of a table: what is copied, and what the status bar adds up."""

from __future__ import annotations

import html
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QMimeData

from desktop.views.cells import Env
from desktop.views.columns import Column
from desktop.views.sources import GroupRow, ProblemRow
from desktop.views.table_model import RowModel

MOST_TOTALS = 3
GAP = "&nbsp;&nbsp;&nbsp;&nbsp;"


def _records(model: RowModel, numbers: Sequence[int]) -> list[Any]:
    rows = [model.row(number) for number in numbers]
    return [row for row in rows if row is not None and not isinstance(row, GroupRow | ProblemRow)]


def block_data(
    model: RowModel, env: Env, numbers: Sequence[int], columns: Sequence[int]
) -> tuple[QMimeData, int]:
    """Return a block as tab-separated text and HTML table, and how many rows it has."""
    chosen = [model.columns[at] for at in columns]
    lines = [
        [column.cell.text(column.of(row), row, env).replace("−", "-") for column in chosen]
        for row in _records(model, numbers)
    ]
    data = QMimeData()
    plain = [[cell.replace("\t", " ").replace("\n", " ") for cell in line] for line in lines]
    data.setText("\n".join("\t".join(line) for line in plain))
    cells = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in line) + "</tr>" for line in lines
    )
    data.setHtml(f"<table>{cells}</table>")
    return data, len(lines)


def totals_text(model: RowModel, env: Env, numbers: Sequence[int], columns: Sequence[int]) -> str:
    """Return what the status bar says of a block, as rich text: rows, sums, and the average of one column.

    A single cell stands for its whole row.
    """
    if not numbers:
        return ""
    locale = env.locale
    single = len(numbers) == 1 and len(columns) == 1
    chosen = model.columns if single else [model.columns[at] for at in columns]
    parts = [_part(locale._("Rows"), locale.integer(len(numbers)))]
    records = _records(model, numbers)
    summed = 0
    for column in chosen:
        values = [column.cell.number(column.of(row)) for row in records]
        known = [Decimal(value) for value in values if value is not None]
        if not known or summed >= MOST_TOTALS:
            continue
        summed += 1
        total = sum(known, Decimal(0))
        parts.append(_part(locale._(column.title), _shown(column, total, env)))
        if len(known) > 1 and len(chosen) == 1:
            parts.append(_part(locale._("Average"), _shown(column, total / len(known), env)))
    return GAP.join(parts)


def _shown(column: Column, value: Decimal, env: Env) -> str:
    return column.cell.total_text(int(value) if value == int(value) else value, env)


def _part(name: str, value: str) -> str:
    return f"{html.escape(name)} <b>{html.escape(value)}</b>"
