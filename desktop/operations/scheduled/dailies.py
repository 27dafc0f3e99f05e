"""Each rep's daily sheet (SOP-10)."""

from __future__ import annotations

from desktop.exporters.pages import Figure, Figures, PageTable, Paper, Points
from desktop.exporters.pdf import pdf_bytes
from desktop.i18n import Locale
from desktop.operations.scheduled.content import Asked, Content, span_text
from desktop.operations.scheduled.papers import foot
from desktop.queries.personal_daily import Overdue, Priority, RepDay, rep_days
from desktop.queries.today import StuckDeal
from desktop.store.workspace import Work
from desktop.terms import ScheduleKind

_MOST_ACTIONS = 12


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
        foot(work, asked),
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
