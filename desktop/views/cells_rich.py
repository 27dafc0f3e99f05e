"""Cells that are more than a line of text: badges, chips, bars, tags, two lines, people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from desktop.queries.rows import Condition
from desktop.views import chips, theme
from desktop.views.cells import LEFT, RIGHT, Cell, Env, _Numeric, draw_text


def _bar(painter: QPainter, rect: QRectF, token: str) -> None:
    if rect.width() <= 0:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(token))
    half = rect.height() / 2
    painter.drawRoundedRect(rect, half, half)
    painter.restore()


class NameCell(Cell):
    """A customer's name with its grade badge before it (`grade(row)`); bold where `strong(row)`."""

    def __init__(
        self, grade: Callable[[Any], str | None], strong: Callable[[Any], bool] | None = None
    ) -> None:
        self._grade, self._strong = grade, strong

    def accessible_text(self, value: Any, row: Any, env: Env) -> str:
        return f"{self._grade(row) or ''} {self.text(value, row, env)}".strip()

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        grade = self._grade(row)
        if grade:
            chips.paint_badge(painter, rect, grade, strong=grade == "A")
        bold = env.strong or bool(self._strong and self._strong(row))
        draw_text(painter, rect.adjusted(26, 0, 0, 0), self.text(value, row, env), bold=bold)


class TwoLineCell(Cell):
    """The value above `second(row)`, which is smaller and grey; use tall rows."""

    def __init__(self, second: Callable[[Any], str]) -> None:
        self._second = second

    def accessible_text(self, value: Any, row: Any, env: Env) -> str:
        return f"{self.text(value, row, env)}, {self._second(row)}"

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        middle = rect.center().y()
        upper = QRectF(rect.left(), middle - 19, rect.width(), 19)
        lower = QRectF(rect.left(), middle, rect.width(), 18)
        draw_text(painter, upper, self.text(value, row, env), bold=env.strong)
        draw_text(painter, lower, self._second(row), px=12, token="t2")


class ChipCell(Cell):
    """A state: shape, colour and word. `states` maps stored value → (status, English gettext id)."""

    def __init__(self, states: dict[str, tuple[str, str]]) -> None:
        self._states = states

    def text(self, value: Any, row: Any, env: Env) -> str:
        found = self._states.get(value)
        return env.locale._(found[1]) if found else str(value or "")

    def condition(self, text: str, env: Env) -> Condition | None:
        wanted = text.strip().lstrip("=").strip().casefold()
        found = tuple(
            key for key, (_status, name) in self._states.items() if wanted in env.locale._(name).casefold()
        )
        return Condition("in", values=found) if wanted else None

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        status = self._states.get(value, ("grey", ""))[0]
        chips.paint_chip(painter, rect, status, self.text(value, row, env))


class StatusTextCell(Cell):
    """Words with a state's shape before them where `status(row)` is not empty."""

    def __init__(self, status: Callable[[Any], str]) -> None:
        self._status = status

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        status = self._status(row)
        if status:
            chips.paint_shape(painter, status, QPointF(rect.left() + 5, rect.center().y()))
            rect = rect.adjusted(16, 0, 0, 0)
        draw_text(painter, rect, self.text(value, row, env))


class ProgressCell(_Numeric):
    """A fraction (0 to 1) as bar and percentage; finished work is paler. `status(row)` colours it."""

    excel_kind = "percent"

    def __init__(self, status: Callable[[Any], str] | None = None) -> None:
        self._status = status

    def text(self, value: Any, row: Any, env: Env) -> str:
        return "—" if value is None else env.locale.percent(value, 0)

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        words = QRectF(rect.right() - 44, rect.top(), 44, rect.height())
        finished = value is not None and value >= 1
        status = self._status(row) if self._status else ""
        draw_text(painter, words, self.text(value, row, env), token="t3" if finished else "t1", align=RIGHT)
        track = QRectF(rect.left(), rect.center().y() - 2, max(0.0, rect.width() - 54), 4)
        _bar(painter, track, "track")
        if value:
            filled = QRectF(track.left(), track.top(), track.width() * min(1.0, float(value)), 4)
            _bar(painter, filled, "accent_mid" if finished else status or "accent")


class LimitBarCell(_Numeric):
    """Days (or any number) with a bar and a tick at the limit; over the limit is amber, over 1.5× red."""

    def __init__(self, limit: Callable[[Any], float | None], full: float = 2.0) -> None:
        self._limit, self._full = limit, full

    def text(self, value: Any, row: Any, env: Env) -> str:
        return "—" if value is None else env.locale.decimal(value, 0)

    def number(self, value: Any) -> Decimal | int | None:
        return None

    def accessible_text(self, value: Any, row: Any, env: Env) -> str:
        limit = self._limit(row)
        return self.text(value, row, env) + (f" / {limit:g}" if limit else "")

    def status(self, value: Any, row: Any) -> str:
        """Return red, amber or nothing for a value."""
        limit = self._limit(row)
        if value is None or not limit or value <= limit:
            return ""
        return "red" if value > limit * 1.5 else "amber"

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        status = self.status(value, row)
        text, bold = self.text(value, row, env), status == "red"
        # A number of four digits takes from its bar: an elided number says nothing.
        room = max(34, QFontMetrics(theme.font(13, bold=bold)).horizontalAdvance(text) + 2)
        words = QRectF(rect.left(), rect.top(), room, rect.height())
        token = f"{status}_t" if status else "t1"
        draw_text(painter, words, text, token=token, bold=bold, align=RIGHT)
        left = room + 10
        track = QRectF(rect.left() + left, rect.center().y() - 2, max(0.0, rect.width() - left), 4)
        if value is None or track.width() < 16:
            return
        limit = self._limit(row) or 0.0
        scale = (limit or float(value) or 1.0) * self._full
        _bar(painter, track, "track")
        filled = track.width() * min(1.0, float(value) / scale)
        _bar(painter, QRectF(track.left(), track.top(), filled, 4), status or "accent_mid")
        if limit:
            tick = QRectF(round(track.left() + track.width() * limit / scale), track.top() - 3, 1.6, 10)
            painter.fillRect(tick, theme.color("t1"))


class TagsCell(Cell):
    """Sample values as tags; `status(row)` tints them."""

    def __init__(self, status: Callable[[Any], str] | None = None) -> None:
        self._status = status

    def text(self, value: Any, row: Any, env: Env) -> str:
        return " | ".join(str(item) for item in value or ())

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        left = rect.left()
        status = self._status(row) if self._status else ""
        painter.setFont(theme.font(12))
        for item in value or ():
            words = str(item)
            width = min(painter.fontMetrics().horizontalAdvance(words) + 12, 150)
            if left + width > rect.right():
                break
            box = QRectF(left, rect.center().y() - 10, width, 20)
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(f"{status or 'grey'}_soft"))
            painter.drawRoundedRect(box, 4, 4)
            painter.restore()
            draw_text(painter, box.adjusted(6, 0, -5, 0), words, px=12, token=chips.text_token(status))
            left += width + 6


class ConfidenceCell(_Numeric):
    """A confidence (0 to 1) in five blocks with its percentage; under 0.8 amber, under 0.5 red."""

    excel_kind = "percent"

    def text(self, value: Any, row: Any, env: Env) -> str:
        return "—" if value is None else env.locale.percent(value, 0)

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        if value is None:
            draw_text(painter, rect, "—", token="t3")
            return
        status = "red" if value < 0.5 else "amber" if value < 0.8 else ""
        filled = min(5, max(1, round(float(value) * 5)))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for i in range(5):
            painter.setBrush(theme.color((status or "accent") if i < filled else "track"))
            painter.drawRoundedRect(QRectF(rect.left() + i * 9, rect.center().y() - 4.5, 7, 9), 2, 2)
        painter.restore()
        words = rect.adjusted(51, 0, 0, 0)
        draw_text(painter, words, self.text(value, row, env), token=f"{status}_t" if status else "t1")


class TreeCell(Cell):
    """The first column of a tree: indentation, caret, name, and `note(row)` in grey."""

    def __init__(
        self, note: Callable[[Any], str] | None = None, strong: Callable[[Any], bool] | None = None
    ) -> None:
        self._note, self._strong = note, strong

    INDENT = 14
    is_tree = True

    def paint_tree(
        self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env, depth: int, state: str
    ) -> None:
        """Paint with its place in the tree; `state` is open, closed or leaf."""
        left = rect.left() + depth * self.INDENT
        if state != "leaf":
            paint_caret(painter, QPointF(left + 5, rect.center().y()), state == "open")
        left += 16
        bold = env.strong or bool(self._strong and self._strong(row))
        words = self.text(value, row, env)
        painter.setFont(theme.font(13, bold=bold))
        width = painter.fontMetrics().horizontalAdvance(words)
        draw_text(painter, QRectF(left, rect.top(), rect.right() - left, rect.height()), words, bold=bold)
        note = self._note(row) if self._note else ""
        beside = QRectF(left + width + 8, rect.top(), rect.right() - left - width - 8, rect.height())
        painter.setFont(theme.font(12))
        # Half a name helps nobody: a note that does not fit is left out.
        if note and painter.fontMetrics().horizontalAdvance(note) <= beside.width():
            draw_text(painter, beside, note, px=12, token="t3", align=LEFT)


def paint_caret(painter: QPainter, centre: QPointF, is_open: bool) -> None:
    """Paint the caret of a tree row."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = painter.pen()
    pen.setColor(theme.color("t3"))
    pen.setWidthF(1.3)
    painter.setPen(pen)
    x, y = centre.x(), centre.y()
    points: Sequence[QPointF]
    if is_open:
        points = [QPointF(x - 3.5, y - 1.8), QPointF(x, y + 1.8), QPointF(x + 3.5, y - 1.8)]
    else:
        points = [QPointF(x - 1.8, y - 3.5), QPointF(x + 1.8, y), QPointF(x - 1.8, y + 3.5)]
    painter.drawPolyline(list(points))
    painter.restore()
