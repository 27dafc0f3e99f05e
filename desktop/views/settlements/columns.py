"""The tables of the Settlements page, as data."""

from __future__ import annotations

from functools import partial
from typing import Any

from desktop.i18n import N_
from desktop.queries.bonus import RATE_NOTES, RATE_TITLES, RATES, BonusLine
from desktop.queries.settlements import SHOWN_TITLES, TITLES
from desktop.views.cells import DateCell, LabelCell, MoneyCell, NumberCell, PercentCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column

SETTLED = {
    "True": ("green", N_("Paid off")),
    "False": ("amber", N_("Not settled")),
    "None": ("grey", N_("No answer yet")),
}
RETURNED = {
    "applied": ("green", N_("Taken over")),
    "undone": ("grey", N_("Taken back")),
    "undo": ("grey", N_("A taking back")),
}


QUEUE_COLUMNS = (
    Column("number", SHOWN_TITLES["number"], TextCell(bold=True), width=132),
    Column("customer", SHOWN_TITLES["customer"], width=140, stretch=2),
    Column("amount", SHOWN_TITLES["amount"], MoneyCell(exact=True), width=116),
    Column("invoice_type", SHOWN_TITLES["invoice_type"], TextCell("t2"), width=96, drop=2),
    Column("accepted_on", SHOWN_TITLES["accepted_on"], DateCell(), width=100),
    Column("basis", SHOWN_TITLES["basis"], LabelCell({}, "t2"), width=84, drop=4),
    Column("invoiced", SHOWN_TITLES["invoiced"], MoneyCell(exact=True), width=112, drop=3),
    Column("paid", SHOWN_TITLES["paid"], MoneyCell(exact=True), width=112),
    Column("settled", TITLES["settled"], ChipCell(SETTLED), width=92, value=lambda row: str(row.settled)),
    Column("invoice_number", TITLES["invoice_number"], TextCell("t2"), width=110, drop=5),
    Column("received", TITLES["received"], MoneyCell(exact=True), width=112, drop=6),
    Column("remark", TITLES["remark"], TextCell("t2"), width=110, hidden=True),
    Column("owner", SHOWN_TITLES["owner"], TextCell("t2"), width=76, hidden=True),
)
"""Finance's queue, to the cent, as finance compares it with its own books."""
RETURNED_COLUMNS = (
    Column("id", N_("Number"), TextCell("t2"), width=70),
    Column("file_name", N_("File"), width=180, stretch=2),
    Column("made_by", N_("Taken over by"), TextCell("t2"), width=110),
    Column("made_at", N_("Taken over at"), DateCell(time=True), width=130),
    Column("rows", N_("Rows"), NumberCell(), width=70),
    Column("state", N_("State"), ChipCell(RETURNED), width=110),
)
TEMPLATE_COLUMNS = (
    Column("name", N_("Name"), TextCell(bold=True), width=150, stretch=1),
    Column("number", N_("Version"), TextCell(), width=70),
    Column("file_name", N_("File"), TextCell("t2"), width=170, stretch=1),
    Column("made_by", N_("Kept by"), TextCell("t2"), width=90),
    Column("made_at", N_("Kept at"), DateCell(time=True), width=130),
)


def bonus_columns() -> tuple[Column, ...]:
    """Return the columns of the quarterly bonus; each process figure says on its header what it counts."""
    return (
        Column("name", N_("Person"), TextCell(bold=True), width=84, stretch=1),
        *(
            Column(
                key,
                RATE_TITLES[key],
                PercentCell(1),
                width=110,
                tip=RATE_NOTES[key],
                drop=drop,
                value=partial(_rate, key),
            )
            for drop, key in enumerate(RATES, 1)
        ),
        Column("score", N_("Process score"), PercentCell(1), width=96, value=lambda line: _share(line.score)),
        Column(
            "process_part",
            N_("Earned by process"),
            PercentCell(1),
            width=110,
            value=lambda line: _share(line.process_part),
        ),
        Column("target", N_("Target of the quarter"), MoneyCell(exact=True), width=116),
        Column("won", N_("Won in the quarter"), MoneyCell(exact=True), width=116),
        Column(
            "attainment",
            N_("Result against target"),
            PercentCell(1),
            width=110,
            value=lambda line: _share(line.attainment),
        ),
    )


def _rate(key: str, line: BonusLine) -> float | None:
    return _share(line.rates[key].value)


def _share(value: Any) -> float | None:
    return None if value is None else float(value)
