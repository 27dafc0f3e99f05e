"""What the Pipeline page says: the strip of figures, the stages of the chart, and what to know."""

from __future__ import annotations

from decimal import Decimal

from desktop.i18n import Locale
from desktop.queries.funnel import FunnelStep, FunnelView
from desktop.queries.metrics.engine import Figures
from desktop.views.charts.funnel import FunnelStage
from desktop.views.figures import Figure

STALLED_GOAL = 0.08
"""The example goal of FUN-10: at most 8 % of open deals stalled."""


def funnel_figures(locale: Locale, view: FunnelView, told: Figures, week_before: int) -> list[Figure]:
    """Return the five figures as the dictionary defines them; `week_before` is how many deals were open then."""
    _ = locale._
    count, amount = int(told.value("funnel_open_count") or 0), int(told.value("funnel_open_amount") or 0)
    per_unit, word = locale.money_unit(amount)
    stalled, rate, cycle = (told.value(key) for key in ("stalled_share", "win_rate", "median_cycle"))
    won, lost = (int(told.value(key) or 0) for key in ("won_count", "lost_count"))
    bad = stalled is not None and stalled > STALLED_GOAL
    return [
        Figure(
            "funnel_open_count",
            _("Open deals"),
            locale.integer(count),
            _("deals"),
            delta=_change(locale, count - week_before),
            told=told,
        ),
        Figure(
            "funnel_open_amount",
            _("Open amount"),
            locale.money_in(amount, per_unit, 2 if word in ("亿", "M") else 0 if per_unit == 100 else 1),
            word,
            delta=_("weighted {amount}").format(amount=locale.money_short(_whole(told)))
            if view.weighted is not None
            else _("no probabilities to weight by"),
            told=told,
        ),
        Figure(
            "stalled_share",
            _("Stalled over {n} days").format(n=view.stalled_days),
            *_percent(locale, stalled),
            delta=_("of the open deals, goal ≤ {goal}").format(goal=locale.percent(STALLED_GOAL, 0)),
            status="amber" if bad else "green" if stalled is not None else "",
            delta_status="amber" if bad else "",
            told=told,
        ),
        Figure(
            "win_rate",
            _("Win rate"),
            *_percent(locale, rate),
            delta=_("{won} won of {closed} closed").format(
                won=locale.integer(won), closed=locale.integer(won + lost)
            ),
            told=told,
        ),
        Figure(
            "median_cycle",
            _("Median cycle"),
            "—" if cycle is None else locale.decimal(cycle, 0),
            "" if cycle is None else _("days"),
            delta=_("from opening to winning, {n} deals").format(n=locale.integer(won)),
            told=told,
        ),
    ]


def _whole(told: Figures) -> int:
    return int(told.value("weighted_amount") or 0)


def _percent(locale: Locale, share: int | Decimal | None) -> tuple[str, str]:
    return ("—", "") if share is None else (locale.percent(share).rstrip("%"), "%")


def _change(locale: Locale, change: int) -> str:
    if not change:
        return locale._("as many as a week before")
    arrow = "▲" if change > 0 else "▼"
    return locale._("{arrow} {n} on a week before").format(arrow=arrow, n=locale.integer(abs(change)))


def by_entries(view: FunnelView) -> bool:
    """Whether the bars show what entered the stages: only where a history says so."""
    return view.has_history and any(step.figures.entered for step in view.steps)


def funnel_summary(locale: Locale, view: FunnelView) -> str:
    """Return what the heights of the funnel mean."""
    _ = locale._
    if not by_entries(view):
        return _("what stands in each stage; time in stage below")
    if view.period:
        return _("deals that entered each stage in the period; below, what stands there now")
    if view.starts:
        return _("deals that entered each stage since {day}; below, what stands there now").format(
            day=locale.day(view.starts)
        )
    return _("all deals that ever entered each stage; below, what stands there now")


def funnel_stages(
    locale: Locale, view: FunnelView, *, by_amount: bool
) -> tuple[list[FunnelStage], tuple[str, str]]:
    """Return the stages of the chart (the won ones last) and the two lines under the last."""
    _ = locale._
    entries = by_entries(view)
    rates = {step.stage.id: step.figures.drop_off.value or 0.0 for step in view.steps}
    worst = max(rates, key=lambda key: rates[key], default=None)
    stages = [
        _stage(locale, step, entries=entries, by_amount=by_amount, worst=step.stage.id == worst)
        for step in view.steps
    ]
    won = view.figures.won
    stages.append(
        FunnelStage(
            name=_("Won"),
            value=float(won.amount if by_amount else won.count),
            shown=locale.money_short(won.amount) if by_amount else locale.integer(won.count),
            caption=locale.integer(won.count) if by_amount else locale.money_short(won.amount),
            tip=_("Won: {n}, {amount}").format(
                n=locale.integer(won.count), amount=locale.money_short(won.amount)
            ),
        )
    )
    rate = view.figures.win_rate.value
    return stages, (_("won ÷ closed"), locale.percent(rate))


def _stage(locale: Locale, step: FunnelStep, *, entries: bool, by_amount: bool, worst: bool) -> FunnelStage:
    _ = locale._
    figures = step.figures
    number = figures.entered if entries else figures.count
    amount = figures.entered_amount if entries else figures.amount
    drop = figures.drop_off
    name = step.stage.label(locale)
    days = "—" if figures.median_days is None else locale.decimal(figures.median_days, 0)
    return FunnelStage(
        name=name,
        value=float(amount if by_amount else number),
        shown=locale.money_short(amount) if by_amount else locale.integer(number),
        caption=locale.integer(number) if by_amount else locale.money_short(amount),
        drop="" if drop.value is None else locale.percent(-drop.value),
        lost="" if drop.value is None else _("lost {n}").format(n=locale.integer(drop.numerator)),
        worst=worst and bool(drop.numerator),
        ages=(figures.ages.fresh + figures.ages.unknown, figures.ages.middle, figures.ages.stalled),
        open_text=_("open {n}").format(n=locale.integer(figures.count)),
        over_text=_("over {n}").format(n=locale.integer(figures.ages.stalled))
        if figures.ages.stalled
        else "",
        tip="\n".join(
            [
                name,
                _("Open {n}, {amount}").format(
                    n=locale.integer(figures.count), amount=locale.money_short(figures.amount)
                ),
                _("Entered {n}, converted {m}, lost {k}").format(
                    n=locale.integer(figures.entered),
                    m=locale.integer(figures.converted),
                    k=locale.integer(figures.dropped),
                ),
                _("Conversion {rate}, median stay {days} days").format(
                    rate=locale.percent(figures.conversion.value), days=days
                ),
            ]
        ),
        record=step.stage.id,
    )
