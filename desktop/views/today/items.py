"""The lines of "Whom to help first": silent customers, stuck deals and people behind plan as one list."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.i18n import N_, Locale
from desktop.queries.today import BehindPerson, StuckDeal, TodayView
from desktop.views.cells import MoneyCell, TextCell
from desktop.views.cells_rich import ChipCell, LimitBarCell, NameCell, StatusTextCell
from desktop.views.columns import MONEY, Column

SILENT, STUCK, BEHIND = "silent", "stuck", "behind"


@dataclass(frozen=True, slots=True)
class HelpItem:
    """One line: `limit` is the threshold of `days`; `amount` what is at stake, in minor units."""

    id: tuple[str, int]
    kind: str
    status: str
    name: str
    grade: str | None
    owner: str
    reason: str
    amount: int | None
    action: str
    days: int | None
    limit: int | None
    account_id: int | None = None


STATES = {
    "silent_red": ("red", N_("Release")),
    "silent_amber": ("amber", N_("Silent")),
    "stuck_red": ("red", N_("Stuck")),
    "stuck_amber": ("amber", N_("Stalled")),
    "behind_red": ("red", N_("Behind")),
    "behind_amber": ("amber", N_("Behind")),
}

COLUMNS = (
    Column(
        "name",
        N_("Customer, deal or person"),
        NameCell(lambda row: row.grade, lambda row: row.status == "red"),
        width=200,
        stretch=1.6,
    ),
    Column("owner", N_("Owner"), TextCell("t2"), width=62, stretch=0.2, drop=1),
    Column("reason", N_("Why"), StatusTextCell(lambda row: row.status), width=150, stretch=1.6),
    Column(
        "status",
        N_("State"),
        ChipCell(STATES),
        width=92,
        hidden=True,
        value=lambda row: f"{row.kind}_{row.status}",
    ),
    Column("amount", N_("At stake"), MoneyCell(), unit=MONEY, width=80),
    Column("action", N_("Suggested action"), TextCell("accent_t"), width=110, stretch=0.8, drop=2),
    Column(
        "days",
        N_("Days / limit"),
        LimitBarCell(lambda row: row.limit),
        width=100,
        tip=N_("Days since the last effective interaction, or in the stage; the tick is the limit."),
    ),
)


def help_items(view: TodayView, locale: Locale) -> list[HelpItem]:
    """Return every line, red before amber, the most at stake first."""
    items = [*_silent(view, locale), *(_stuck(deal, locale) for deal in view.stuck)]
    items += [_behind(person, locale) for person in view.behind]
    return sorted(items, key=lambda item: (item.status != "red", -(item.amount or 0)))


def _silent(view: TodayView, locale: Locale) -> list[HelpItem]:
    _ = locale._
    lines = []
    for account in view.silent.accounts:
        reason = (
            locale.plural("no contact in {n} day", "no contact in {n} days", account.days)
            if account.never
            else locale.plural("silent for {n} day", "silent for {n} days", account.days)
        )
        action = _("Reassign, release") if account.release else _("Visit this week")
        if account.grade == "A":
            action = _("Manager visits")
        lines.append(
            HelpItem(
                (SILENT, account.id),
                SILENT,
                "red" if account.release else "amber",
                account.name,
                account.grade,
                account.owner or "",
                reason,
                account.open_amount + account.won_amount,
                action,
                account.days,
                view.silent.release_days if account.release else view.silent.remind_days,
                account.id,
            )
        )
    return lines


def _stuck(deal: StuckDeal, locale: Locale) -> HelpItem:
    _ = locale._
    stage = deal.stage_zh if locale.is_chinese and deal.stage_zh else deal.stage
    red = deal.negotiation or deal.days > deal.limit * 2
    return HelpItem(
        (STUCK, deal.id),
        STUCK,
        "red" if red else "amber",
        deal.name,
        deal.grade,
        deal.owner or "",
        _("{stage}, {days} days").format(stage=stage, days=deal.days),
        deal.amount,
        _("Senior visit") if deal.negotiation else _("Get evidence"),
        deal.days,
        deal.limit,
        deal.account_id,
    )


def _behind(person: BehindPerson, locale: Locale) -> HelpItem:
    _ = locale._
    words = _("{share} of the target to date, {gap} short").format(
        share=locale.percent(person.share, 0), gap=locale.money_short(person.gap)
    )
    return HelpItem(
        (BEHIND, person.id),
        BEHIND,
        "red" if person.share < 0.5 else "amber",
        person.name,
        None,
        person.name,
        words,
        person.gap,
        _("Review the week"),
        None,
        None,
    )
