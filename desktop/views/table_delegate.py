"""Painting the rows of a table through their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from desktop.views import chips, theme
from desktop.views.cells import Env, draw_text
from desktop.views.cells_rich import TreeCell
from desktop.views.sources import GroupRow, ProblemRow
from desktop.views.table_header import PADDING

if TYPE_CHECKING:
    from desktop.views.table_view import Grid


class RowDelegate(QStyledItemDelegate):
    """Paints background, selection, hairline and then the cell itself."""

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(40, self._grid.row_height)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        grid = self._grid
        rect: QRect = option.rect
        row = grid.rows.row(index.row())
        painter.save()
        painter.setClipRect(rect)
        special = isinstance(row, GroupRow | ProblemRow)
        current = index.row() == grid.current_number() and not special
        if isinstance(row, ProblemRow):
            painter.fillRect(rect, theme.color(f"{row.status}_soft"))
        elif isinstance(row, GroupRow):
            painter.fillRect(rect, theme.color("sub"))
        elif current or grid.in_block(index):
            painter.fillRect(rect, theme.color("sel"))
        elif index.row() == grid.hovered:
            painter.fillRect(rect, theme.color("hover"))
        if current and index.column() == 0:
            painter.fillRect(QRect(rect.left(), rect.top() + 6, 3, rect.height() - 13), theme.color("accent"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line"))
        if isinstance(row, GroupRow):
            self._group(painter, QRectF(rect), row)
        elif row is not None and not special:
            self._cell(painter, QRectF(rect), row, index.column(), current)
        if grid.hasFocus() and index == grid.currentIndex() and grid.shows_focus:
            pen = painter.pen()
            pen.setColor(theme.color("accent"))
            pen.setWidth(1)
            painter.setPen(pen)
            painter.drawRect(rect.adjusted(1, 1, -2, -3))
        painter.restore()

    def _cell(self, painter: QPainter, rect: QRectF, row: Any, number: int, current: bool) -> None:
        grid = self._grid
        column = grid.rows.columns[number]
        env = grid.env()
        if current and number == 0:
            env = Env(env.locale, env.today, env.money_unit, strong=True)
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        value = column.of(row)
        if isinstance(column.cell, TreeCell):
            depth, state = grid.rows.depth(row)
            column.cell.paint_tree(painter, inner, value, row, env, depth, state)
        else:
            column.cell.paint(painter, inner, value, row, env)

    def _group(self, painter: QPainter, rect: QRectF, row: GroupRow) -> None:
        left = rect.left() + PADDING
        if row.status:
            chips.paint_shape(painter, row.status, QPointF(left + 6, rect.center().y()))
            left += 18
        painter.setFont(theme.font(13, bold=True))
        width = painter.fontMetrics().horizontalAdvance(row.text)
        draw_text(painter, QRectF(left, rect.top(), rect.right() - left, rect.height()), row.text, bold=True)
        left += width + 10
        beside = QRectF(left, rect.top(), rect.right() - left - PADDING, rect.height())
        draw_text(painter, beside, row.explanation, px=12, token="t2")
