"""The columns of the customer table."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.terms import Grade
from desktop.views.cells import DateCell, LabelCell, MoneyCell, NumberCell, TextCell
from desktop.views.cells_rich import LimitBarCell, NameCell
from desktop.views.columns import MONEY, Column


def columns(remind_days: int) -> tuple[Column, ...]:
    """Return the columns; silence is judged by the threshold of reminders in days."""
    return (
        Column("name", N_("Customer"), NameCell(lambda row: row.grade), width=250, stretch=2.4),
        Column("industry", N_("Industry"), TextCell("t2"), width=84, stretch=0.5, drop=1),
        Column("city", N_("City"), TextCell("t2"), width=64, stretch=0.2, drop=2),
        Column("owner", N_("Owner"), TextCell(), width=70, stretch=0.3),
        Column("open_deals", N_("Open deals"), NumberCell(), width=76),
        Column("open_amount", N_("Open amount"), MoneyCell(dash_zero=True), unit=MONEY, width=92),
        Column("won_amount", N_("Won"), MoneyCell(dash_zero=True), unit=MONEY, width=84),
        Column(
            "silent_days",
            N_("Silent"),
            LimitBarCell(lambda row: float(remind_days)),
            unit=N_("days"),
            width=112,
            tip=N_("Days since the last effective interaction; the tick is the threshold of the reminder."),
        ),
        Column("last_effective_at", N_("Last interaction"), DateCell(), width=104, drop=3),
        Column(
            "grade",
            N_("Grade"),
            LabelCell({grade.value: grade.label for grade in Grade}),
            width=90,
            hidden=True,
        ),
        Column("contacts", N_("Contacts"), NumberCell(), width=76, hidden=True),
        Column("province", N_("Province"), TextCell("t2"), width=76, hidden=True),
        Column("source", N_("Source"), TextCell("t2"), width=90, hidden=True),
        Column("status", N_("Status"), TextCell("t2"), width=90, hidden=True),
        Column("next_contact_at", N_("Next contact"), DateCell(), width=104, hidden=True),
        Column("created_at", N_("Created"), DateCell(token="t2"), width=104, hidden=True),
    )
