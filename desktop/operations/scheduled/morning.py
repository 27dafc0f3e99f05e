"""The morning mail: yesterday's key figures in words and as a small table (RPT-03)."""

from __future__ import annotations

from html import escape

from desktop.i18n import N_
from desktop.operations.scheduled.content import Asked, Content, span_text
from desktop.queries.morning import Morning, morning_figures
from desktop.queries.report_parts import unit_filter
from desktop.store.workspace import Work

CHECK = N_("As of {now}; due {due}. Figures are those of the metric dictionary; details are in the console.")


def morning_mail(work: Work, asked: Asked) -> list[Content]:
    """Return the morning mail of a schedule."""
    starts, ends = asked.days
    found = morning_figures(work, starts=starts, ends=ends, unit_id=asked.schedule.unit_id)
    _, where = unit_filter(work, asked.schedule.unit_id)
    locale = asked.locale
    unit = where[0] if isinstance(where, tuple) else locale._(where)
    subject = locale._("{unit}: figures of {days}").format(unit=unit, days=span_text(locale, starts, ends))
    lines, behind = _lines(found, asked), _behind(found, asked)
    foot = locale._(CHECK).format(now=locale.instant(work.now), due=locale.instant(asked.due_at))
    return [Content(subject, _text(subject, lines, behind, foot), _html(subject, lines, behind, foot))]


def _lines(found: Morning, asked: Asked) -> list[tuple[str, str, str]]:
    """Return name, figure and amount of each line."""
    locale = asked.locale
    _ = locale._
    reached = locale.percent(found.sold / found.due) if found.due else "—"
    return [
        (_("Contacts logged"), locale.integer(found.contacts), _("{n} effective").format(n=found.effective)),
        (_("New opportunities"), locale.integer(found.opened), locale.money_short(found.opened_amount)),
        (_("Won"), locale.integer(found.won), locale.money_short(found.won_amount)),
        (_("Lost"), locale.integer(found.lost), locale.money_short(found.lost_amount)),
        (_("Payments received"), locale.money_short(found.received), ""),
        (
            _("{month}, sold to date").format(month=locale.month(found.month.starts)),
            locale.money_short(found.sold),
            _("{share} of {due} due; target {target}").format(
                share=reached, due=locale.money_short(found.due), target=locale.money_short(found.target)
            ),
        ),
        (
            _("Silent customers"),
            locale.integer(found.silent),
            _("{n} to be released").format(n=locale.integer(found.release)),
        ),
    ]


def _behind(found: Morning, asked: Asked) -> list[str]:
    locale = asked.locale
    return [
        locale._("{name}: {sold} of {due} due").format(
            name=one.name, sold=locale.money_short(one.sold), due=locale.money_short(one.due)
        )
        for one in found.behind
    ]


def _text(subject: str, lines: list[tuple[str, str, str]], behind: list[str], foot: str) -> str:
    rows = [f"{name}: {figure}{f' ({more})' if more else ''}" for name, figure, more in lines]
    return "\n".join([subject, "", *rows, "", *behind, "", foot, ""])


_CELL = "padding:4px 16px 4px 0;border-bottom:1px solid #ddd"


def _html(subject: str, lines: list[tuple[str, str, str]], behind: list[str], foot: str) -> str:
    rows = "".join(
        f'<tr><td style="{_CELL}">{escape(name)}</td><td style="{_CELL};text-align:right"><b>{escape(figure)}</b>'
        f'</td><td style="{_CELL};color:#666">{escape(more)}</td></tr>'
        for name, figure, more in lines
    )
    late = "".join(f"<li>{escape(line)}</li>" for line in behind)
    return (
        '<html><body style="font-family:sans-serif;font-size:14px;color:#222">'
        f'<h3 style="margin:0 0 8px">{escape(subject)}</h3><table style="border-collapse:collapse">{rows}</table>'
        f'{f"<ul>{late}</ul>" if late else ""}<p style="color:#888;font-size:12px">{escape(foot)}</p></body></html>'
    )
