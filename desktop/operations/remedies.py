"""What a person can do about each fault of an import, in a sentence."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.importers.tables import Issue

_LOOK_UP = N_("Look the full value up in the old system and type it in.")
_ONE_FORMAT = N_("Type the value as the column's other cells have it, or leave the cell empty.")

REMEDIES: dict[str, str] = {
    "amount_invalid": N_("Type the amount as a number, 1234.50, or leave the cell empty."),
    "amount_ambiguous": N_("Type the amount without thousands separators: 1234.50."),
    "amount_too_large": N_("Look whether the amount's unit is right, and type it anew."),
    "number_damaged": _LOOK_UP,
    "phone_damaged": _LOOK_UP,
    "percent_range": N_("Type a percentage between 0 and 100."),
    "date_invalid": N_("Type the date as 2026-03-05, or leave the cell empty."),
    "date_incomplete": N_("Type the whole date, 2026-03-05, or leave the cell empty."),
    "date_ambiguous": N_("Say once for the column whether the day or the month comes first."),
    "boolean_invalid": N_("Type yes or no, or leave the cell empty."),
    "phone_invalid": N_("Correct the number, or leave the cell empty: its text is kept with the record."),
    "email_invalid": N_("Correct the address, or leave the cell empty: its text is kept with the record."),
    "period_invalid": N_("Type the period as 2026-03, 2026Q1 or 2026."),
    "choice_unknown": N_("Say in the mapping which of the usual values it means, or keep it as it is."),
    "formula_error": N_("Mend the formula in the file, or type the value here."),
    "formula_no_value": N_("Open the file in Excel or WPS and save it, or type the value here."),
    "key_missing": N_("Fill in one of these cells, or skip the row."),
}
"""Fault code → what to do."""

EFFECTS = {
    "row": N_("The row is rejected."),
    "cell": N_("The value is left out; its text is kept with the record."),
    "note": N_("The value is imported."),
}


def remedy_of(issue: Issue) -> str:
    """Return what can be done about a fault (a gettext id)."""
    if issue.code in REMEDIES:
        return REMEDIES[issue.code]
    return "" if str(issue.severity) == "note" else _ONE_FORMAT


def effect_of(issue: Issue) -> str:
    """Return what a fault does to the import (a gettext id)."""
    return EFFECTS[str(issue.severity)]
