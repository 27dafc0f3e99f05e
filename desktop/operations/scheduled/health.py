"""The daily report of customers at risk (HEA-06)."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.exporters.pages import Figure, Figures, PageTable, Paper
from desktop.i18n import Locale
from desktop.operations.scheduled.content import Asked, Content
from desktop.operations.scheduled.papers import as_message, foot, unit_text
from desktop.periods import Period
from desktop.queries.scope import Scope
from desktop.queries.silence import Silence, silence
from desktop.queries.today import StuckDeal, stuck_deals
from desktop.store.workspace import Work
from desktop.terms import ScheduleKind

_AT_RISK = 25


def health_daily(work: Work, asked: Asked) -> list[Content]:
    """Return the customers at risk, the most at stake first (HEA-06)."""
    locale = asked.locale
    _ = locale._
    unit_id = asked.schedule.unit_id
    quiet = silence(work, unit_id=unit_id, limit=_AT_RISK)
    stuck, _open = stuck_deals(work, Scope(Period.month_of(asked.day), unit_id))
    title = _(ScheduleKind.HEALTH_DAILY.label)
    paper = Paper(
        title,
        f"{locale.long_date(asked.day)} · {unit_text(work, asked)}",
        (
            _risk_figures(locale, quiet, stuck),
            _silent_table(locale, quiet),
            _stuck_table(locale, stuck[:_AT_RISK]),
        ),
        foot(work, asked),
        asked.due_at,
    )
    return [as_message(paper, title, asked)]


def _risk_figures(locale: Locale, quiet: Silence, stuck: Sequence[StuckDeal]) -> Figures:
    _ = locale._
    days = _("{n} days and more")
    silent = Figure(
        _("Silent customers"),
        locale.integer(quiet.count),
        days.format(n=quiet.remind_days),
        "amber" if quiet.count else "green",
    )
    released = Figure(
        _("To be released"),
        locale.integer(quiet.release_count),
        days.format(n=quiet.release_days),
        "red" if quiet.release_count else "green",
    )
    worth = locale.money_short(sum(deal.amount or 0 for deal in stuck))
    return Figures(
        (silent, released, Figure(_("Deals beyond their limit"), locale.integer(len(stuck)), worth))
    )


def _silent_table(locale: Locale, quiet: Silence) -> PageTable:
    _ = locale._
    rows = [
        (
            account.name,
            account.owner or "—",
            locale.integer(account.days) if not account.never else _("{n} (never)").format(n=account.days),
            locale.money_short(account.open_amount + account.won_amount),
            _("to be released") if account.release else _("to be contacted"),
        )
        for account in quiet.accounts
    ]
    return PageTable(
        _("Customers at risk"),
        (_("Customer"), _("Owner"), _("Days silent"), _("At stake"), _("State")),
        rows,
        (4, 1.6, 1.4, 1.6, 1.6),
        (2, 3),
        _("No customer is silent."),
    )


def _stuck_table(locale: Locale, stuck: Sequence[StuckDeal]) -> PageTable:
    _ = locale._
    rows = [
        (
            deal.name,
            deal.account or "—",
            deal.owner or "—",
            f"{deal.days} / {deal.limit}",
            locale.money_short(deal.amount),
        )
        for deal in stuck
    ]
    return PageTable(
        _("Deals beyond their limit"),
        (_("Opportunity"), _("Customer"), _("Owner"), _("Days / limit"), _("Amount")),
        rows,
        (3, 3, 1.4, 1.3, 1.5),
        (3, 4),
        _("No deal is stuck."),
    )
