"""The columns of the Migrate page's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from desktop.i18n import N_, Locale
from desktop.operations.mapping_choices import NewField
from desktop.operations.mapping_lines import ColumnLine, TableLine, choice, entity_name
from desktop.operations.mapping_text import REASONS
from desktop.queries.imports import RunLine
from desktop.terms import RunState
from desktop.views.cells import Cell, DateCell, Env, NumberCell, PercentCell, TextCell, draw_text
from desktop.views.cells_rich import ChipCell, ConfidenceCell, TagsCell, TwoLineCell, paint_caret
from desktop.views.columns import Column

TABLE_STATES = {
    "ready": ("green", N_("Ready")),
    "open": ("amber", N_("To look at")),
    "faulty": ("amber", N_("At fault")),
    "unknown": ("grey", N_("Left out")),
}
RUN_STATES = {
    RunState.APPLIED.value: ("green", RunState.APPLIED.label),
    RunState.UNDONE.value: ("grey", RunState.UNDONE.label),
    RunState.PARTLY_UNDONE.value: ("amber", RunState.PARTLY_UNDONE.label),
}


class TargetCell(Cell):
    """The field a column goes to, with its type; a click offers others."""

    is_link = True

    def text(self, value: Any, row: ColumnLine, env: Env) -> str:
        if row.field:
            return field_text(row.field, env.locale, row.entity, row.new_fields)
        if row.suggestion:
            return env.locale._("{field}?").format(field=field_text(row.suggestion, env.locale, row.entity))
        return env.locale._("Not imported")

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: ColumnLine, env: Env) -> None:
        token = "t1" if row.field else "amber_t" if row.suggestion else "t3"
        words = rect.adjusted(0, 0, -18, 0)
        draw_text(painter, words, self.text(value, row, env), token=token, bold=env.strong)
        paint_caret(painter, QPointF(rect.right() - 5, rect.center().y()), True)


class ReasonCell(Cell):
    """Why a column is mapped as it is."""

    def text(self, value: Any, row: ColumnLine, env: Env) -> str:
        if row.is_pending:
            return env.locale._("Suggestion")
        return env.locale._(REASONS.get(row.reason, "")) if row.field else ""


def field_text(
    full_name: str, locale: Locale, own: str | None = None, new_fields: Sequence[NewField] = ()
) -> str:
    """Return a field's label, with its entity's unless that is the table's `own`."""
    found = choice(full_name, new_fields)
    label = found.label(chinese=locale.is_chinese)
    return label if found.entity == own else f"{entity_name(found.entity, locale)} · {label}"


def table_columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the list of source tables: name, under it kind and file; rows; state."""

    def second(row: TableLine) -> str:
        kind = locale._(row.entity_label) if row.entity else ""
        return " · ".join(part for part in (kind, row.file if row.sheet else "") if part)

    return (
        Column("name", N_("Source table"), TwoLineCell(second), width=120, stretch=1),
        Column("rows", N_("Rows"), NumberCell(), width=64),
        Column("status", N_("State"), ChipCell(TABLE_STATES), width=112),
    )


MAPPING = (
    Column("header", N_("Source column"), TextCell(), width=120, stretch=1),
    Column("samples", N_("Samples"), TagsCell(), width=190, stretch=1.6, sortable=False),
    Column("field", N_("Goes to"), TargetCell(), width=190, stretch=1),
    Column("confidence", N_("Confidence"), ConfidenceCell(), width=122),
    Column("reason", N_("Because of"), ReasonCell(), width=140),
    Column("empty_share", N_("Empty"), PercentCell(1), width=70),
)


RUNS = (
    Column("run", N_("Run"), NumberCell(), width=60),
    Column("at", N_("When"), DateCell(time=True), width=130),
    Column("by", N_("Who"), TextCell(), width=100),
    Column("state", N_("State"), ChipCell(RUN_STATES), width=110, value=lambda row: row.state.value),
    Column(
        "created", N_("Records created"), NumberCell(), width=80, value=lambda row: _total(row, "created")
    ),
    Column(
        "updated", N_("Records updated"), NumberCell(), width=80, value=lambda row: _total(row, "updated")
    ),
    Column(
        "unchanged",
        N_("Records unchanged"),
        NumberCell(),
        width=80,
        value=lambda row: _total(row, "unchanged"),
    ),
    Column(
        "rejected", N_("Rows rejected"), NumberCell(), width=80, value=lambda row: _total(row, "rejected")
    ),
    Column(
        "files", N_("Files"), TextCell("t2"), width=200, stretch=1, value=lambda row: ", ".join(row.files)
    ),
)


def _total(row: RunLine, action: str) -> int:
    return row.totals.get(action, 0)
