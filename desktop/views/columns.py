"""Columns as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from desktop.i18n import Locale
from desktop.views.cells import Cell

MONEY = "money"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `key` names the row's attribute (or give `value`), and the column in filters and layouts. `title`
    and `unit` are English gettext ids; the unit "money" is the table's own (万 or K). `width` is the
    least width in pixels, `stretch` its share of what is left over. `hidden` ones are only in the
    column chooser. `drop` says what gives way where there is no room: 0 never, the highest first.
    `tip` is shown on the header.
    """

    key: str
    title: str
    cell: Cell = field(default_factory=Cell)
    unit: str = ""
    width: int = 80
    stretch: float = 0.0
    hidden: bool = False
    drop: int = 0
    sortable: bool = True
    filterable: bool = True
    value: Callable[[Any], Any] | None = None
    tip: str = ""

    def of(self, row: Any) -> Any:
        """Return the row's value in this column."""
        return self.value(row) if self.value else getattr(row, self.key)

    def unit_text(self, locale: Locale) -> str:
        """Return the unit as the header shows it."""
        if self.unit == MONEY:
            return money_word(locale)
        return locale._(self.unit)

    def full_title(self, locale: Locale) -> str:
        """Return title and unit in one."""
        return f"{locale._(self.title)} {self.unit_text(locale)}".strip()


def money_unit(locale: Locale) -> int:
    """Return how many cents the unit of money columns is: 万 in Chinese, K in English."""
    return 1_000_000 if locale.is_chinese else 100_000


def money_word(locale: Locale) -> str:
    """Return the word of that unit."""
    return "万" if locale.is_chinese else "K"
