"""Cells: how a value is painted, spoken, filtered, added up and sent to Excel.

A cell is stateless and given a value, its row and an `Env`. Add a class here rather than painting in
a page. Every cell has `text` (also what is copied), `accessible_text`, `excel_value` and `paint`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.i18n import Locale
from desktop.money import from_minor
from desktop.queries.rows import Condition
from desktop.views import chips, theme

LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
CENTRE = Qt.AlignmentFlag.AlignVCenter
_OPERATOR = re.compile(r"^\s*(>=|<=|<>|!=|≥|≤|>|<|=)\s*(.*)$")
_SAME = {"≥": ">=", "≤": "<=", "<>": "!="}


@dataclass(frozen=True, slots=True)
class Env:
    """What a cell needs to know of its table: the reader's locale, the unit of money, the day."""

    locale: Locale
    today: date
    money_unit: int = 1_000_000
    strong: bool = False

    def plain(self) -> Env:
        """Return the same without emphasis."""
        return Env(self.locale, self.today, self.money_unit)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    *,
    token: str = "t1",
    bold: bool = False,
    px: int = 13,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """Draw one line, ended by … where it does not fit."""
    painter.setFont(theme.font(px, bold=bold))
    painter.setPen(theme.color(token))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(rect.width())))
    painter.drawText(rect, align | CENTRE, shown)


class Cell:
    """Plain text; the base of all others."""

    align: Qt.AlignmentFlag = LEFT
    excel_kind = "text"

    def text(self, value: Any, row: Any, env: Env) -> str:
        """Return what is shown and copied."""
        return "" if value is None else str(value)

    def accessible_text(self, value: Any, row: Any, env: Env) -> str:
        """Return what a screen reader says."""
        return self.text(value, row, env)

    def excel_value(self, value: Any, row: Any, env: Env) -> Any:
        """Return the value for a workbook: text, int, Decimal, date or None."""
        return self.text(value, row, env) or None

    def number(self, value: Any) -> Decimal | int | None:
        """Return what is added up in the status bar, in stored units; None where that makes no sense."""
        return None

    def total_text(self, total: Decimal | int, env: Env) -> str:
        """Return a sum as the status bar says it."""
        return env.locale.decimal(total, 0)

    def sort_key(self, value: Any) -> Any:
        """Return what sorts the value in memory."""
        return value.casefold() if isinstance(value, str) else value

    def condition(self, text: str, env: Env) -> Condition | None:
        """Return the condition a person typed into the filter row; None if it means nothing here."""
        text = text.strip()
        if match := _OPERATOR.match(text):
            operator = _SAME.get(match[1], match[1])
            if operator in ("=", "!=") and not match[2]:
                return Condition("blank" if operator == "=" else "filled")
            if operator in ("=", "!="):
                return Condition(operator, match[2])  # type: ignore[arg-type]
        return Condition("contains", text) if text else None

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        """Paint the value into its padded rectangle."""
        draw_text(painter, rect, self.text(value, row, env), bold=env.strong, align=self.align)


class TextCell(Cell):
    """Text in a look: `token` secondary (t2), or chosen by row with `look(row)`."""

    def __init__(
        self, token: str = "t1", look: Callable[[Any], str] | None = None, *, bold: bool = False
    ) -> None:
        self._token, self._look, self._bold = token, look, bold

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        token = self._look(row) if self._look else self._token
        draw_text(painter, rect, self.text(value, row, env), token=token, bold=env.strong or self._bold)


class LinkCell(Cell):
    """Text that goes somewhere: the table emits `link(row, key)` on a click."""

    is_link = True

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        draw_text(painter, rect, self.text(value, row, env), token="accent_t")


class LabelCell(Cell):
    """A stored word shown by its label: `labels` maps stored value → English gettext id."""

    def __init__(self, labels: Mapping[str, str], token: str = "t1") -> None:
        self._labels, self._token = labels, token

    def text(self, value: Any, row: Any, env: Env) -> str:
        return "" if value is None else env.locale._(self._labels.get(value, str(value)))

    def condition(self, text: str, env: Env) -> Condition | None:
        wanted = text.strip().lstrip("=").strip().casefold()
        if not wanted:
            return None
        found = tuple(
            key
            for key, name in self._labels.items()
            if wanted in env.locale._(name).casefold() or wanted == key.casefold()
        )
        return Condition("in", values=found) if found else Condition("contains", text.strip())

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        draw_text(painter, rect, self.text(value, row, env), token=self._token)


class _Numeric(Cell):
    align = RIGHT
    excel_kind = "number"

    def stored(self, typed: Decimal, env: Env) -> Decimal | int:
        """Return a typed number in stored units."""
        return typed

    def condition(self, text: str, env: Env) -> Condition | None:
        text = text.strip().replace(",", "").replace("−", "-").replace("，", "")
        if not text:
            return None
        if text in ("=", "<>", "!="):
            return Condition("blank" if text == "=" else "filled")
        low, dots, high = text.partition("..")
        try:
            if dots:
                return Condition("between", self.stored(Decimal(low), env), self.stored(Decimal(high), env))
            match = _OPERATOR.match(text)
            operator = _SAME.get(match[1], match[1]) if match else "="
            typed = Decimal((match[2] if match else text).rstrip("%"))
        except InvalidOperation:
            return None
        return Condition(operator, self.stored(typed, env))  # type: ignore[arg-type]

    def number(self, value: Any) -> Decimal | int | None:
        return value if isinstance(value, int | Decimal) else None

    def excel_value(self, value: Any, row: Any, env: Env) -> Any:
        return value

    def sort_key(self, value: Any) -> Any:
        return value

    def token(self, value: Any, row: Any) -> str:
        """Return the colour of the digits."""
        return "t1"

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        token = "t3" if value is None else self.token(value, row)
        bold = token.endswith("_t")
        draw_text(painter, rect, self.text(value, row, env), token=token, bold=bold, align=RIGHT)


class NumberCell(_Numeric):
    """A number with fixed decimals; `status(row)` colours it red, amber or green."""

    def __init__(self, places: int = 0, status: Callable[[Any], str] | None = None) -> None:
        self._places, self._status = places, status

    def text(self, value: Any, row: Any, env: Env) -> str:
        return "—" if value is None else env.locale.decimal(value, self._places)

    def token(self, value: Any, row: Any) -> str:
        return chips.text_token(self._status(row)) if self._status and self._status(row) else "t1"

    def total_text(self, total: Decimal | int, env: Env) -> str:
        return env.locale.decimal(total, self._places)


class MoneyCell(_Numeric):
    """Minor units, shown in the table's unit (万 or K, one decimal); give the column unit="money"."""

    excel_kind = "money"

    def __init__(
        self, status: Callable[[Any], str] | None = None, *, exact: bool = False, dash_zero: bool = False
    ) -> None:
        self._status, self._exact, self._dash_zero = status, exact, dash_zero

    def text(self, value: Any, row: Any, env: Env) -> str:
        if self._dash_zero and not value:
            return "—"
        if self._exact:
            return env.locale.money(value)
        return env.locale.money_in(value, env.money_unit)

    def accessible_text(self, value: Any, row: Any, env: Env) -> str:
        return env.locale.money_short(value)

    def excel_value(self, value: Any, row: Any, env: Env) -> Any:
        return None if value is None else from_minor(value)

    def stored(self, typed: Decimal, env: Env) -> int:
        return int(typed * (100 if self._exact else env.money_unit))

    def token(self, value: Any, row: Any) -> str:
        if self._dash_zero and not value:
            return "t3"
        return chips.text_token(self._status(row)) if self._status and self._status(row) else "t1"

    def total_text(self, total: Decimal | int, env: Env) -> str:
        return env.locale.money_short(int(total))


class PercentCell(_Numeric):
    """A fraction; `basis` is how many stored units make 1 (10000 for stored ones, 1 for a float)."""

    excel_kind = "percent"

    def __init__(
        self, basis: int = 10_000, status: Callable[[Any], str] | None = None, *, signed: bool = False
    ) -> None:
        self._basis, self._status, self._signed = basis, status, signed

    def text(self, value: Any, row: Any, env: Env) -> str:
        if value is None:
            return "—"
        return env.locale.percent(Decimal(str(value)) / self._basis, signed=self._signed)

    def excel_value(self, value: Any, row: Any, env: Env) -> Any:
        return None if value is None else Decimal(str(value)) / self._basis

    def stored(self, typed: Decimal, env: Env) -> Decimal:
        return typed / 100 * self._basis

    def number(self, value: Any) -> Decimal | int | None:
        return None

    def token(self, value: Any, row: Any) -> str:
        return chips.text_token(self._status(row)) if self._status and self._status(row) else "t1"


class DateCell(Cell):
    """A business day or an instant, ISO; filters take 2026, 2026-03, 2026-03-05, and > < with them."""

    excel_kind = "date"

    def __init__(self, *, time: bool = False, token: str = "t1") -> None:
        self._time, self._token = time, token

    def text(self, value: Any, row: Any, env: Env) -> str:
        if isinstance(value, datetime):
            shown = env.locale.instant(value)
            return shown if self._time else shown[:10]
        return env.locale.day(value)

    def excel_value(self, value: Any, row: Any, env: Env) -> Any:
        return value

    def condition(self, text: str, env: Env) -> Condition | None:
        match = _OPERATOR.match(text)
        operator = _SAME.get(match[1], match[1]) if match else "="
        typed = (match[2] if match else text).strip()
        if match and not typed:
            return Condition("blank" if operator == "=" else "filled")
        span = _span(typed)
        if span is None:
            return None
        first, last = span
        if operator == "=":
            return Condition("between", first, last)
        return Condition(operator, last if operator in (">", "<=") else first)  # type: ignore[arg-type]

    def paint(self, painter: QPainter, rect: QRectF, value: Any, row: Any, env: Env) -> None:
        token = "t3" if value is None else self._token
        draw_text(painter, rect, self.text(value, row, env), token=token)


def _span(text: str) -> tuple[date, date] | None:
    parts = re.split(r"[-/.年月日]", text.strip().rstrip("日月年"))
    try:
        numbers = [int(part) for part in parts if part]
        if len(numbers) == 3:
            day = date(numbers[0], numbers[1], numbers[2])
            return day, day
        if len(numbers) == 2:
            first = date(numbers[0], numbers[1], 1)
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        if len(numbers) == 1 and numbers[0] > 1900:
            return date(numbers[0], 1, 1), date(numbers[0], 12, 31)
    except ValueError:
        return None
    return None
