"""The result of deciding a column's values, and what each fault of a value means."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from desktop.control import Control
from desktop.i18n import N_
from desktop.terms import Severity

FAULTS: dict[str, tuple[Severity, str]] = {
    "amount_invalid": (Severity.CELL, N_("“{value}” is not an amount.")),
    "amount_ambiguous": (
        Severity.CELL,
        N_("“{value}” can be read in two ways: the column mixes 1,234.5 and 1.234,5."),
    ),
    "amount_too_large": (Severity.CELL, N_("“{value}” is too large for an amount.")),
    "number_invalid": (Severity.CELL, N_("“{value}” is not a number.")),
    "number_damaged": (
        Severity.CELL,
        N_(
            "“{value}” lost digits when a spreadsheet took it for a number; look the full one up in the source."
        ),
    ),
    "percent_invalid": (Severity.CELL, N_("“{value}” is not a percentage.")),
    "percent_range": (Severity.CELL, N_("“{value}” is not between 0 and 100 %.")),
    "date_invalid": (Severity.CELL, N_("“{value}” is not a date.")),
    "date_incomplete": (Severity.CELL, N_("“{value}” does not tell the day.")),
    "date_ambiguous": (
        Severity.CELL,
        N_("“{value}” may be day/month or month/day; no date in this column tells which."),
    ),
    "date_zero": (
        Severity.CELL,
        N_("“{value}” is what a spreadsheet shows where there is no date; it was left out."),
    ),
    "date_year_added": (Severity.NOTE, N_("“{value}” tells no year: that of the title was taken.")),
    "boolean_invalid": (Severity.CELL, N_("“{value}” is neither yes nor no.")),
    "phone_invalid": (Severity.CELL, N_("“{value}” is not a valid phone number.")),
    "phone_damaged": (
        Severity.CELL,
        N_("The phone number “{value}” lost digits when a spreadsheet took it for a number."),
    ),
    "phone_masked": (Severity.CELL, N_("Some figures of the phone number “{value}” are hidden.")),
    "phone_area_missing": (Severity.CELL, N_("The phone number “{value}” lacks its area code.")),
    "phone_extension": (Severity.NOTE, N_("The extension of “{value}” is not part of the stored number.")),
    "phone_several": (Severity.NOTE, N_("Of several phone numbers in “{value}” the first was taken.")),
    "email_invalid": (Severity.CELL, N_("“{value}” is not an e-mail address.")),
    "email_several": (Severity.NOTE, N_("Of several e-mail addresses in “{value}” the first was taken.")),
    "url_invalid": (Severity.CELL, N_("“{value}” is not a web address.")),
    "credit_code_invalid": (
        Severity.NOTE,
        N_("“{value}” is not a valid unified social credit code: its check character does not fit."),
    ),
    "credit_code_shape": (
        Severity.NOTE,
        N_("“{value}” does not look like a unified social credit code; it was kept as it is."),
    ),
    "currency_unknown": (Severity.NOTE, N_("“{value}” is no known currency; it was kept as it is.")),
    "period_invalid": (Severity.CELL, N_("“{value}” is not a month, quarter, week or year.")),
    "choice_unknown": (Severity.NOTE, N_("“{value}” is not one of the usual values; it was kept as it is.")),
    "value_blanked": (Severity.CELL, N_("“{value}” was left empty, as was chosen for this value.")),
    "value_rejected": (Severity.ROW, N_("The row is left out, as was chosen for the value “{value}”.")),
    "formula_error": (Severity.CELL, N_("The cell holds the error {value}.")),
    "formula_no_value": (
        Severity.CELL,
        N_("The cell's formula was never calculated; open the file in Excel or WPS and save it."),
    ),
}
"""Every fault of a single value: what it does by itself, and how it is told."""

REMARKS: dict[str, str] = {
    "date_order": N_(
        "Nothing in this column tells whether its days are day/month, month/day or year first: {count} cells"
        " wait for your word."
    ),
    "decimal_sign": N_(
        "Nothing in this column tells whether 1.234 is a thousand or one and a bit: {count} cells wait for your"
        " word."
    ),
    "currency_foreign": N_(
        "{count} amounts of this column are in another currency; their numbers are kept as they stand, not"
        " converted."
    ),
}
"""What is said once of a whole column."""

QUESTIONS = ("date_order", "decimal_sign")
"""The remarks that ask for a person's word, where the column's own rows cannot decide: a reading answers them."""

ROW_MESSAGES: dict[str, str] = {
    "key_missing": N_("The row has none of the fields that identify a record: {fields}."),
}

NOTHING = frozenset(
    {"-", "--", "---", "—", "——", "/", "\\", "n/a", "na", "n.a.", "#n/a", "null", "none", "nil", "nan", "无", "暂无", "空", "(null)", "(blank)", "（空）", "(空)", ".", "?", "？", "未填写", "未填"}
)  # fmt: skip
"""What people write into a cell to say that there is nothing."""

ERRORS = r"^#(?:REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|NO_VALUE!)$"


@dataclass
class Outcome:
    """A column's typed values and, per row, the code of its fault (null where all is well).

    `remarks` are what is said once of the whole column: codes of `REMARKS`, and how many cells each is about.
    """

    values: pl.Series
    codes: pl.Series
    remarks: Mapping[str, int] = field(default_factory=dict)

    def asking(self, question: str, *codes: str) -> Outcome:
        """Return the outcome with a question about the cells that have one of the codes, if there are any."""
        count = int(self.codes.is_in(codes).sum())
        return replace(self, remarks={**self.remarks, question: count}) if count else self


def plain(text: str) -> str:
    """Return text with full-width digits, letters and signs made narrow, and no blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


_CONTROL: ContextVar[Control | None] = ContextVar("control", default=None)
_STOP_EVERY = 1_024
"""Values that are parsed one by one between two looks at whether to stop: some milliseconds."""


@contextmanager
def stoppable(control: Control | None) -> Iterator[None]:
    """Let what is decided inside end with Cancelled soon after the control is told to stop."""
    token = _CONTROL.set(control)
    try:
        yield
    finally:
        _CONTROL.reset(token)


def may_stop() -> None:
    """Raise Cancelled if the control of this work was told to stop."""
    control = _CONTROL.get()
    if control is not None:
        control.check()


def by_unique(
    cells: pl.Series, parse: Callable[[str], tuple[Any, str | None]], dtype: pl.DataType | type[pl.DataType]
) -> Outcome:
    """Decide each distinct value once and spread the result over the rows."""
    known: dict[str, tuple[Any, str | None]] = {}
    for number, cell in enumerate(cells.drop_nulls().unique().to_list()):
        if number % _STOP_EVERY == 0:
            may_stop()
        known[cell] = (None, None) if cell.casefold() in NOTHING else parse(cell)
    if not known:
        return Outcome(nothing(len(cells), dtype), nothing(len(cells), pl.String))
    lookup = pl.DataFrame(
        {
            "cell": pl.Series(list(known), dtype=pl.String),
            "value": pl.Series([value for value, _ in known.values()], dtype=dtype),
            "code": pl.Series([code for _, code in known.values()], dtype=pl.String),
        }
    )
    joined = pl.DataFrame({"cell": cells}).join(lookup, on="cell", how="left", maintain_order="left")
    return Outcome(joined["value"], joined["code"])


def nothing(height: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """Return a column of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)


def merge(quick: pl.Series, slow: Callable[[pl.Series], Outcome], cells: pl.Series) -> Outcome:
    """Return the quickly decided values, and for the rows they leave open the slowly decided ones."""
    open_rows = quick.is_null() & cells.is_not_null()
    if not open_rows.any():
        return Outcome(quick, nothing(len(cells), pl.String))
    rest = slow(cells.zip_with(open_rows, nothing(len(cells), pl.String)))
    return Outcome(quick.zip_with(quick.is_not_null(), rest.values), rest.codes)
