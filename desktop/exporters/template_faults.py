"""Places of a template that are filled, and why one cannot be: every fault with its place and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.errors import InvalidInput, Translator
from desktop.exporters.references import Area
from desktop.exporters.template_book import SheetPart, Table
from desktop.exporters.template_values import FillTable, FillValue
from desktop.i18n import N_, Locale

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a template cannot be filled: where, what, and what to do about it.

    A pair among the parameters is a text in Chinese and in English.
    """

    code: str
    sheet: str
    cell: str
    message: str
    remedy: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, locale: Translator | None = None) -> str:
        """Return the sentence with its place and remedy."""
        say = locale._ if locale else str
        place = f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet
        language = 0 if isinstance(locale, Locale) and locale.is_chinese else 1
        params = {key: one[language] if isinstance(one, tuple) else one for key, one in self.params.items()}
        sentence = f"{say(self.message)} {say(self.remedy)}".format(**params)
        return f"{place}: {sentence}" if place else sentence


class TemplateRefused(InvalidInput):
    """A template that cannot be filled as it is, with all its faults."""

    def __init__(self, file: str, faults: Sequence[Fault]) -> None:
        super().__init__(
            "template_refused",
            N_("{file} cannot be filled; nothing was written."),
            remedy=N_("Put this right in the template, save it, and try again."),
            file=file,
        )
        self.faults = tuple(faults)

    def text(self, locale: Translator | None = None) -> str:
        """Return what is wrong, one line for each fault."""
        lines = [fault.text(locale) for fault in self.faults[:MOST_LISTED]]
        return "\n".join([super().text(locale), *lines])


@dataclass(frozen=True, slots=True)
class Target:
    """One place that is filled: a value into a cell, or a table into an area of data rows.

    `columns` gives for each column of the area the index of the table's column that goes there, None for a column of
    finance's own.
    """

    name: str
    sheet: SheetPart
    area: Area
    value: FillValue | None = None
    table: FillTable | None = None
    columns: tuple[int | None, ...] = ()
    native: Table | None = None

    @property
    def more(self) -> int:
        """How many rows have to be put in."""
        return max(0, len(self.table.rows) - self.area.height) if self.table else 0
