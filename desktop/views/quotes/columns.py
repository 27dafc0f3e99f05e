"""The tables of the Quotes page, as data."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.queries.contracts import ContractRow
from desktop.queries.quote_words import IRREGULAR, STANDINGS, Standing
from desktop.queries.quotes import QuoteRow
from desktop.views.cells import DateCell, MoneyCell, NumberCell, PercentCell, TextCell
from desktop.views.cells_rich import ChipCell, TagsCell
from desktop.views.columns import MONEY, Column

COLOURS = {
    Standing.VALID: "green",
    Standing.ENDING: "amber",
    Standing.EXPIRED: "red",
    Standing.UNDATED: "grey",
}
CHIPS = {standing.value: (COLOURS[standing], STANDINGS[standing]) for standing in Standing}


def quote_columns(locale: Locale) -> list[Column]:
    """Return the columns of the quotes."""
    return [
        Column("number", N_("Quote"), width=140),
        Column("customer", N_("Customer"), width=150, stretch=2.0),
        Column("amount", N_("Amount"), MoneyCell(), unit=MONEY, width=88),
        Column("standing", N_("Standing"), ChipCell(CHIPS), width=96, sortable=False, filterable=False),
        Column(
            "days_left",
            N_("Days left"),
            NumberCell(status=_days_status),
            width=84,
            sortable=False,
            filterable=False,
        ),
        Column("margin", N_("Margin"), PercentCell(), width=80, sortable=False, filterable=False),
        Column("owner", N_("Owner"), TextCell("t2"), width=76, stretch=0.4),
        Column("issued_on", N_("Issued on"), DateCell(), width=104, drop=2),
        Column("deal", N_("Deal"), TextCell("t2"), width=120, stretch=1.0, drop=3),
        Column(
            "approved",
            N_("Approved"),
            TextCell("t2"),
            width=84,
            sortable=False,
            filterable=False,
            drop=1,
            value=lambda row: locale._("frozen") if row.approved else "",
        ),
        Column(
            "contract", N_("Contract"), TextCell("t2"), width=130, sortable=False, filterable=False, drop=4
        ),
        Column("status", N_("Status in the source"), TextCell("t2"), width=110, hidden=True),
    ]


def contract_columns(locale: Locale) -> list[Column]:
    """Return the columns of the contracts."""
    return [
        Column("number", N_("Contract"), width=130),
        Column("customer", N_("Customer"), width=150, stretch=2.0),
        Column("amount", N_("Amount"), MoneyCell(), unit=MONEY, width=88),
        Column(
            "concession",
            N_("Concession"),
            PercentCell(),
            width=88,
            sortable=False,
            filterable=False,
            value=lambda row: row.irregular.concession,
        ),
        Column(
            "flags",
            N_("Irregular"),
            TagsCell(lambda _row: "red"),
            width=180,
            stretch=1.0,
            sortable=False,
            filterable=False,
            value=lambda row: flags(row, locale),
        ),
        Column(
            "open_notes",
            N_("Open risks"),
            NumberCell(status=lambda row: "amber" if row.open_notes else ""),
            width=88,
            sortable=False,
            filterable=False,
        ),
        Column("signed_on", N_("Signed on"), DateCell(), width=104),
        Column("delivery_on", N_("Delivery date"), DateCell(), width=104, drop=2),
        Column("owner", N_("Owner"), TextCell("t2"), width=76, stretch=0.4),
        Column("quote", N_("Quote"), TextCell("t2"), width=140, drop=3),
    ]


def flags(row: ContractRow, locale: Locale) -> list[str]:
    """Return what is irregular, in words."""
    return [locale._(IRREGULAR[flag]) for flag in row.irregular.flags]


def _days_status(row: QuoteRow) -> str:
    colour = COLOURS[row.standing]
    return colour if colour in ("amber", "red") else ""
