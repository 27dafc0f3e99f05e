"""What the Pipeline page says: the strip of figures, the stages of the chart, and what to know."""

from __future__ import annotations

from desktop.i18n import Locale
from desktop.queries.funnel import FunnelStep, FunnelView
from desktop.views.charts.funnel import FunnelStage
from desktop.views.figures import Figure

STALLED_GOAL = 0.08
"""The example goal of FUN-10: at most 8 % of open deals stalled."""


def funnel_figures(locale: Locale, view: FunnelView, week_before: int) -> list[Figure]:
    """Return the five figures; `week_before` is how many deals were open a week earlier."""
    _ = locale._
    figures = view.figures
    per_unit, word = locale.money_unit(figures.amount)
    stalled = figures.stalled
    bad = stalled.value is not None and stalled.value > STALLED_GOAL
    closed = figures.win_rate.denominator
    return [
        Figure(
            _("Open deals"),
            locale.integer(figures.count),
            _("deals"),
            delta=_change(locale, figures.count - week_before),
            definition=_("Deals standing in an open stage on the as-of day."),
        ),
        Figure(
            _("Open amount"),
            locale.money_in(
                figures.amount, per_unit, 2 if word in ("亿", "M") else 0 if per_unit == 100 else 1
            ),
            word,
            delta=_("weighted {amount}").format(amount=locale.money_short(view.weighted))
            if view.weighted is not None
            else _("no probabilities to weight by"),
            definition=_("Their amounts added up; weighted: each times its probability, else its stage's."),
        ),
        Figure(
            _("Stalled over {n} days").format(n=view.stalled_days),
            locale.integer(stalled.numerator),
            _("deals"),
            delta=_("{share} of the open ones, goal ≤ {goal}").format(
                share=locale.percent(stalled.value), goal=locale.percent(STALLED_GOAL, 0)
            ),
            status="amber" if bad else "green" if stalled.denominator else "",
            delta_status="amber" if bad else "",
            definition=_("Open deals that entered their stage more than {n} days ago (FUN-10).").format(
                n=view.stalled_days
            ),
        ),
        Figure(
            _("Win rate"),
            "—" if figures.win_rate.value is None else locale.percent(figures.win_rate.value).rstrip("%"),
            "" if figures.win_rate.value is None else "%",
            delta=_("{won} won of {closed} closed").format(
                won=locale.integer(figures.won.count), closed=locale.integer(closed)
            ),
            definition=_("Won ÷ (won + lost), by number, of the deals closed in the window."),
        ),
        Figure(
            _("Median cycle"),
            "—" if figures.median_cycle_days is None else locale.decimal(figures.median_cycle_days, 0),
            "" if figures.median_cycle_days is None else _("days"),
            delta=_("from opening to winning, {n} deals").format(n=locale.integer(figures.won.count)),
            definition=_("Median of the days from opened to closed, over deals won in the window."),
        ),
    ]


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
