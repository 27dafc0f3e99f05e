"""The table of customers that change hands."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.queries.handover import AccountLine
from desktop.views.cells import DateCell, MoneyCell, NumberCell
from desktop.views.cells_rich import ChipCell, NameCell, ProgressCell, StatusTextCell
from desktop.views.columns import MONEY, Column

COMPLETE, SOME, MANY = "complete", "some", "many"
_STATES = {
    COMPLETE: ("green", N_("complete")),
    SOME: ("amber", N_("gaps")),
    MANY: ("red", N_("dark")),
}


def state_of(line: AccountLine) -> str:
    """Return how much of a customer would be in the dark."""
    if not line.dark:
        return COMPLETE
    return MANY if len(line.dark) > 2 else SOME


def columns(locale: Locale) -> tuple[Column, ...]:
    """Return the columns of the table of customers."""

    def alone(line: AccountLine) -> str:
        if line.known_by:
            return locale.plural("{n} other", "{n} others", line.known_by)
        return locale._("leaver only")

    return (
        Column("name", N_("Account"), NameCell(lambda row: row.grade), width=180, stretch=3),
        Column(
            "open_amount",
            N_("Open"),
            MoneyCell(),
            unit=MONEY,
            width=78,
            value=lambda row: row.open_amount or None,
            tip=N_("Open opportunities"),
        ),
        Column(
            "receivable",
            N_("Owed"),
            MoneyCell(),
            unit=MONEY,
            width=78,
            value=lambda row: row.receivable or None,
            tip=N_("Open receivable"),
        ),
        Column(
            "overdue",
            N_("Overdue"),
            MoneyCell(lambda row: "amber"),
            unit=MONEY,
            width=80,
            value=lambda row: row.overdue or None,
        ),
        Column("records", N_("Records"), NumberCell(), width=80),
        Column(
            "todos", N_("To-dos"), NumberCell(), width=66, value=lambda row: row.todos or None, hidden=True
        ),
        Column("contacts", N_("Contacts"), NumberCell(), width=76, hidden=True),
        Column("last_on", N_("Last interaction"), DateCell(token="t2"), width=108, hidden=True),
        Column("silent_days", N_("Silent"), NumberCell(), unit=N_("days"), width=78, hidden=True),
        Column(
            "known_by",
            N_("Known to"),
            StatusTextCell(lambda row: "" if row.known_by else "amber"),
            width=112,
            value=alone,
        ),
        Column("completeness", N_("Checklist"), ProgressCell(), width=132, stretch=1),
        Column("state", N_("State"), ChipCell(_STATES), width=100, value=state_of),
    )
