"""The week for the strategy meeting (RPT-16)."""

from __future__ import annotations

from desktop.exporters.pages import Figure, Figures, PageTable, Paper
from desktop.i18n import Locale
from desktop.operations.scheduled.content import Asked, Content, span_text
from desktop.operations.scheduled.papers import as_message, foot, unit_text
from desktop.queries.strategy import DealLine, Named, Strategy, strategy
from desktop.store.workspace import Work
from desktop.terms import ScheduleKind


def strategy_pack(work: Work, asked: Asked) -> list[Content]:
    """Return the week for the strategy meeting (RPT-16)."""
    locale = asked.locale
    _ = locale._
    starts, ends = asked.days
    found = strategy(work, starts=starts, ends=ends, unit_id=asked.schedule.unit_id)
    title = _(ScheduleKind.STRATEGY_PACK.label)
    paper = Paper(
        title,
        f"{span_text(locale, starts, ends)} · {unit_text(work, asked)}",
        (
            Figures(_week_figures(locale, found)),
            _named(locale, _("Pains named"), found.pains, _("No pain was noted in these weeks.")),
            _named(
                locale,
                _("Competitors named"),
                found.competitors,
                _("No competitor was noted in these weeks."),
            ),
            _deals(locale, _("Won and lost"), _("Reason"), found.decided),
            _deals(locale, _("Moved on"), _("Next step"), found.moved),
            _deals(locale, _("Next steps of the largest deals"), _("Next step"), found.next_steps),
        ),
        foot(work, asked),
        asked.due_at,
    )
    return [as_message(paper, title, asked)]


def _week_figures(locale: Locale, found: Strategy) -> tuple[Figure, ...]:
    _ = locale._
    now, before = found.now, found.before

    def against(value: str) -> str:
        return _("week before: {value}").format(value=value)

    return (
        Figure(_("Contacts logged"), locale.integer(now.contacts), against(locale.integer(before.contacts))),
        Figure(_("New opportunities"), locale.integer(now.opened), against(locale.integer(before.opened))),
        Figure(_("Won"), locale.money_short(now.won_amount), against(locale.money_short(before.won_amount))),
        Figure(
            _("Lost"), locale.money_short(now.lost_amount), against(locale.money_short(before.lost_amount))
        ),
    )


def _named(locale: Locale, title: str, items: tuple[Named, ...], empty: str) -> PageTable:
    _ = locale._
    rows = [
        (one.name, locale.integer(one.now), locale.integer(one.before), locale.integer(one.now - one.before))
        for one in items
    ]
    headers = (_("Name"), _("This week"), _("Week before"), _("Change"))
    return PageTable(title, headers, rows, (5, 1, 1, 1), (1, 2, 3), empty)


def _deals(locale: Locale, title: str, note: str, items: tuple[DealLine, ...]) -> PageTable:
    _ = locale._
    rows = [
        (
            one.name,
            one.customer or "—",
            one.owner or "—",
            one.stage_zh if locale.is_chinese else one.stage,
            locale.money_short(one.amount),
            one.note or "—",
        )
        for one in items
    ]
    headers = (_("Opportunity"), _("Customer"), _("Owner"), _("Stage"), _("Amount"), note)
    return PageTable(title, headers, rows, (2.6, 2.6, 1.2, 1.4, 1.3, 3), (4,), _("None in this week."))
