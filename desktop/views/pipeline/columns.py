"""The columns of the deals behind the funnel."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.queries.deals import DealRow, DealState
from desktop.views.cells import DateCell, MoneyCell, NumberCell, PercentCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import MONEY, Column

STATUS = {
    DealState.STUCK: "red",
    DealState.WATCH: "amber",
    DealState.NORMAL: "green",
    DealState.UNKNOWN: "grey",
}
"""How a deal's state is painted; the word always stands beside it."""

STATES: dict[str, tuple[str, str]] = {state.value: (STATUS[state], state.label) for state in DealState}


def status_of(row: DealRow) -> str:
    """Return the colour of the days: only exceptions have one."""
    status = STATUS[row.state]
    return status if status in ("red", "amber") else ""


def deal_columns(locale: Locale) -> list[Column]:
    """Return the columns of the deals table."""
    return [
        Column("name", N_("Deal"), width=150, stretch=2.2),
        Column("account", N_("Customer"), TextCell("t2"), width=110, stretch=1.4),
        Column("stage", N_("Stage"), width=84, stretch=0.5, value=lambda row: _stage(row, locale)),
        Column("amount", N_("Amount"), MoneyCell(), unit=MONEY, width=84),
        Column("days", N_("In stage"), NumberCell(status=status_of), unit=N_("days"), width=108),
        Column("state", N_("State"), ChipCell(STATES), width=92),
        Column("next_step", N_("Next step"), TextCell("t2"), width=96, stretch=1.0),
        Column("owner", N_("Owner"), width=72, stretch=0.3),
        Column("expected_close_on", N_("Expected close"), DateCell(), width=112),
        Column("probability", N_("Probability"), PercentCell(), width=84, hidden=True),
        Column("currency", N_("Currency"), width=70, hidden=True, sortable=False, filterable=False),
    ]


def _stage(row: DealRow, locale: Locale) -> str:
    return (row.stage_zh if locale.is_chinese else None) or row.stage
