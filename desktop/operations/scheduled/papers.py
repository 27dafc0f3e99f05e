"""Papers that go out by the clock: each rep's daily sheet, the daily health report, the strategy pack."""

from __future__ import annotations

from desktop.exporters.pages import Figure, Figures, PageTable, Paper, Points
from desktop.exporters.pdf import pdf_bytes
from desktop.i18n import N_, Locale
from desktop.operations.scheduled.content import Asked, Content, span_text
from desktop.periods import Period
from desktop.queries.personal_daily import Overdue, Priority, RepDay, rep_days
from desktop.queries.report_parts import unit_filter
from desktop.queries.scope import Scope
from desktop.queries.silence import silence
from desktop.queries.strategy import DealLine, Named, Strategy, strategy
from desktop.queries.today import StuckDeal, stuck_deals
from desktop.store.workspace import Work
from desktop.terms import ScheduleKind

_NOTE = N_("As of {now}; due {due}. Plumbline 准绳")
_MOST_ACTIONS = 12
_AT_RISK = 25


def personal_dailies(work: Work, asked: Asked) -> list[Content]:
    """Return one page for each rep, for that rep alone (SOP-10)."""
    starts, ends = asked.days
    days = rep_days(work, starts=starts, ends=ends, unit_id=asked.schedule.unit_id)
    title = asked.locale._(ScheduleKind.PERSONAL_DAILY.label)
    papers = [_rep_paper(work, asked, day, title) for day in days]
    return [
        Content(
            f"{title} {asked.day}",
            f"{paper.title}\n{paper.subtitle}\n",
            None,
            f"{title} {asked.day} {_plain(day.name)} {day.person_id}.pdf",
            content,
            day.person_id,
        )
        for day, paper, content in zip(days, papers, pdf_bytes(papers) if papers else [], strict=True)
    ]


def _plain(name: str) -> str:
    """Return a name that is fit for a file."""
    return "".join("_" if mark in '\\/:*?"<>|' or not mark.isprintable() else mark for mark in name)[:60]


def _rep_paper(work: Work, asked: Asked, day: RepDay, title: str) -> Paper:
    locale = asked.locale
    _ = locale._
    starts, ends = asked.days
    rows = [
        (action.what or "—", action.customer or "—", _("Done") if action.done else _("Not done"))
        for action in day.actions[:_MOST_ACTIONS]
    ]
    return Paper(
        f"{title} · {day.name}",
        " · ".join(part for part in (locale.long_date(asked.day), day.unit) if part),
        (
            Figures(_rep_figures(locale, day)),
            Points(
                _("First today"),
                tuple(_priority(locale, item) for item in day.priorities)
                or ((_("Nothing is stuck, silent or overdue."), _("Good time for new customers.")),),
                boxes=bool(day.priorities),
            ),
            PageTable(
                _("Planned for {days}").format(days=span_text(locale, starts, ends)),
                (_("Action"), _("Customer"), _("State")),
                rows,
                (5, 4, 1.4),
                empty=_("Nothing was planned for these days."),
            ),
        ),
        _foot(work, asked),
        asked.due_at,
    )


def _rep_figures(locale: Locale, day: RepDay) -> tuple[Figure, ...]:
    _ = locale._
    rate = day.done / len(day.actions) if day.actions else None
    gap = day.share - day.best_share if day.share is not None and day.best_share is not None else None
    best = _("the best: {share}").format(share=locale.percent(day.best_share, 0))
    return (
        Figure(
            _("Key actions done"),
            locale.percent(rate, 0),
            _("{done} of {planned} planned").format(done=day.done, planned=len(day.actions)),
            "" if rate is None else "green" if rate >= 0.8 else "amber" if rate >= 0.5 else "red",
        ),
        Figure(
            _("Gap to the benchmark"),
            "—" if gap is None else _("{points} points").format(points=locale.decimal(gap * 100, 0)),
            f"{_('own: {share}').format(share=locale.percent(day.share, 0))} · {best}",
            "" if gap is None else "green" if gap >= 0 else "red",
        ),
        Figure(
            _("Contacts logged"),
            locale.integer(day.contacts),
            _("the best: {n}").format(n=locale.decimal(day.best_contacts, 1)),
        ),
        Figure(
            _("Month to date"),
            locale.money_short(day.sold),
            _("due: {amount}").format(amount=locale.money_short(day.due)),
        ),
    )


def _priority(locale: Locale, item: Priority) -> tuple[str, str]:
    """Return what to do, and why."""
    _ = locale._
    if isinstance(item, StuckDeal):
        stage = item.stage_zh if locale.is_chinese and item.stage_zh else item.stage
        return (
            _("Move “{deal}” on").format(deal=item.name),
            _("{customer} · {days} days in “{stage}”, limit {limit} · {amount}").format(
                customer=item.account or "—",
                days=item.days,
                stage=stage,
                limit=item.limit,
                amount=locale.money_short(item.amount),
            ),
        )
    if isinstance(item, Overdue):
        return item.title, _("{customer} · {days} days overdue").format(
            customer=item.customer or "—", days=item.days
        )
    return (
        _("Talk to {customer}").format(customer=item.name),
        _("{days} days without a real contact · at stake {amount}").format(
            days=item.days, amount=locale.money_short(item.open_amount + item.won_amount)
        ),
    )


def health_daily(work: Work, asked: Asked) -> list[Content]:
    """Return the customers at risk, the most at stake first (HEA-06)."""
    locale = asked.locale
    _ = locale._
    unit_id = asked.schedule.unit_id
    quiet = silence(work, unit_id=unit_id, limit=_AT_RISK)
    stuck, _open = stuck_deals(work, Scope(Period.month_of(asked.day), unit_id))
    title = _(ScheduleKind.HEALTH_DAILY.label)
    silent_rows = [
        (
            account.name,
            account.owner or "—",
            locale.integer(account.days) if not account.never else _("{n} (never)").format(n=account.days),
            locale.money_short(account.open_amount + account.won_amount),
            _("to be released") if account.release else _("to be contacted"),
        )
        for account in quiet.accounts
    ]
    stuck_rows = [
        (
            deal.name,
            deal.account or "—",
            deal.owner or "—",
            f"{deal.days} / {deal.limit}",
            locale.money_short(deal.amount),
        )
        for deal in stuck[:_AT_RISK]
    ]
    paper = Paper(
        title,
        f"{locale.long_date(asked.day)} · {_unit(work, asked)}",
        (
            Figures(
                (
                    Figure(
                        _("Silent customers"),
                        locale.integer(quiet.count),
                        _("{n} days and more").format(n=quiet.remind_days),
                        "amber" if quiet.count else "green",
                    ),
                    Figure(
                        _("To be released"),
                        locale.integer(quiet.release_count),
                        _("{n} days and more").format(n=quiet.release_days),
                        "red" if quiet.release_count else "green",
                    ),
                    Figure(
                        _("Deals beyond their limit"),
                        locale.integer(len(stuck)),
                        locale.money_short(sum(deal.amount or 0 for deal in stuck)),
                    ),
                )
            ),
            PageTable(
                _("Customers at risk"),
                (_("Customer"), _("Owner"), _("Days silent"), _("At stake"), _("State")),
                silent_rows,
                (4, 1.6, 1.4, 1.6, 1.6),
                (2, 3),
                _("No customer is silent."),
            ),
            PageTable(
                _("Deals beyond their limit"),
                (_("Opportunity"), _("Customer"), _("Owner"), _("Days / limit"), _("Amount")),
                stuck_rows,
                (3, 3, 1.4, 1.3, 1.5),
                (3, 4),
                _("No deal is stuck."),
            ),
        ),
        _foot(work, asked),
        asked.due_at,
    )
    return [_one(paper, title, asked)]


def strategy_pack(work: Work, asked: Asked) -> list[Content]:
    """Return the week for the strategy meeting (RPT-16)."""
    locale = asked.locale
    _ = locale._
    starts, ends = asked.days
    found = strategy(work, starts=starts, ends=ends, unit_id=asked.schedule.unit_id)
    title = _(ScheduleKind.STRATEGY_PACK.label)
    paper = Paper(
        title,
        f"{span_text(locale, starts, ends)} · {_unit(work, asked)}",
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
        _foot(work, asked),
        asked.due_at,
    )
    return [_one(paper, title, asked)]


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


def _unit(work: Work, asked: Asked) -> str:
    _, where = unit_filter(work, asked.schedule.unit_id)
    return str(where[0]) if isinstance(where, tuple) else asked.locale._(where)


def _foot(work: Work, asked: Asked) -> str:
    locale = asked.locale
    return locale._(_NOTE).format(now=locale.instant(work.now), due=locale.instant(asked.due_at))


def _one(paper: Paper, title: str, asked: Asked) -> Content:
    (content,) = pdf_bytes([paper])
    return Content(
        f"{title} {asked.day}", f"{title}\n{paper.subtitle}\n", None, f"{title} {asked.day}.pdf", content
    )
