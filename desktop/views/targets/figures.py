"""What the Targets page says of a node: the strip of figures, the weeks, the reasons, the cascade."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from desktop.i18n import N_, Locale
from desktop.periods import weeks_of
from desktop.queries.targets import (
    FIRM,
    PERSON,
    UNIT,
    Basis,
    Judgement,
    TargetNode,
    TargetView,
    Why,
)
from desktop.terms import UnitLevel
from desktop.views.charts.waterfall import Step
from desktop.views.charts.weeks import WeekBar
from desktop.views.columns import money_unit
from desktop.views.figures import Figure
from desktop.views.targets.columns import STATUS

DISPERSION_GOAL = 0.12
"""The example goal of TGT-20: ±12 %."""
CIRCLED = "①②③④⑤⑥⑦⑧⑨"
REASONS_SHOWN = 4

_JUDGED = {
    Judgement.PASS: "green",
    Judgement.FAIL: "red",
    Judgement.TOO_FEW: "grey",
    Judgement.NONE: "grey",
}


def node_name(locale: Locale, node: TargetNode) -> str:
    """Return the node's name; the firm's own is translated."""
    return locale._("Whole firm") if node.kind == FIRM else node.name


def amount_text(locale: Locale, minor: float) -> str:
    """Return an amount in the page's one unit (万 or K), without the unit."""
    value = minor / money_unit(locale)
    return locale.decimal(value, 0 if abs(value) >= 100 else 1)


def target_figures(locale: Locale, view: TargetView, node: TargetNode) -> list[Figure]:
    """Return the five figures of a node."""
    return [
        _original(locale, node),
        _calibrated(locale, node),
        _actual(locale, view, node),
        _deviation(locale, node),
        _dispersion(locale, node),
    ]


def _value(locale: Locale, minor: int) -> tuple[str, str]:
    per_unit, word = locale.money_unit(minor)
    places = 2 if word in ("亿", "M") else 0 if per_unit == 100 else 1
    return locale.money_in(minor, per_unit, places), word


def _original(locale: Locale, node: TargetNode) -> Figure:
    _ = locale._
    value, unit = _value(locale, node.target)
    leak = node.leak
    if node.kind == PERSON:
        delta = _("set for the month")
    elif not node.own:
        delta = _("the sum of what is below")
    elif leak is None:
        delta = _("not broken down yet")
    elif leak == 0:
        delta = _("broken down to the last cent")
    else:
        delta = _("Σ below {leak}").format(leak=_signed(locale, leak))
    return Figure(
        "target_original",
        _("Original target"),
        value,
        unit,
        delta=delta,
        delta_status="red" if leak else "",
    )


def _calibrated(locale: Locale, node: TargetNode) -> Figure:
    _ = locale._
    value, unit = _value(locale, sum(node.calibrated))
    accepted = sum(person.is_accepted for person in node.people)
    if not node.people:
        delta = _("split by calendar days")
    elif accepted == len(node.people):
        delta = _("weeks accepted")
    else:
        delta = _("weeks of {n} of {all} people accepted").format(n=accepted, all=len(node.people))
    return Figure(
        "target_calibrated",
        _("Calibrated target"),
        value,
        unit,
        delta=delta,
        delta_status="green" if node.people and accepted == len(node.people) else "",
    )


def _actual(locale: Locale, view: TargetView, node: TargetNode) -> Figure:
    _ = locale._
    value, unit = _value(locale, node.sold)
    status = STATUS[node.pace]
    return Figure(
        view.metric,
        _("Actual to date"),
        value,
        unit,
        delta=_("{share} of {due} due, {word}").format(
            share=locale.percent(node.progress.value),
            due=locale.money_short(node.due),
            word=_(node.pace.label),
        ),
        delta_status=status if status != "grey" else "",
        told=view.told,
    )


def _deviation(locale: Locale, node: TargetNode) -> Figure:
    _ = locale._
    found = node.deviation
    judged = _JUDGED[found.judgement]
    words = _(found.judgement.label)
    if found.judgement is Judgement.TOO_FEW and found.floor is not None:
        words = _("{n} effective deals: chance is ±{floor}").format(
            n=locale.decimal(found.effective_deals, 0), floor=locale.percent(found.floor, 0)
        )
    rate = found.rate
    return Figure(
        "deviation_to_date",
        _("Deviation from target"),
        "—" if rate is None else locale.percent(rate, signed=True).rstrip("%"),
        "" if rate is None else "%",
        delta=words,
        status=judged if judged != "grey" else "",
        delta_status=judged if judged != "grey" else "",
    )


def _dispersion(locale: Locale, node: TargetNode) -> Figure:
    _ = locale._
    spread = node.dispersion
    wide = spread is not None and spread > DISPERSION_GOAL
    return Figure(
        "attainment_dispersion",
        _("Spread of attainment"),
        "—" if spread is None else f"± {locale.percent(spread).rstrip('%')}",
        "" if spread is None else "%",
        delta=_("{n} people, goal ≤ {goal}").format(
            n=len(node.people), goal=locale.percent(DISPERSION_GOAL, 0)
        ),
        status="" if spread is None else "amber" if wide else "green",
        delta_status="amber" if wide else "",
    )


def _signed(locale: Locale, minor: int) -> str:
    return ("+" if minor > 0 else "") + locale.money_short(minor)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A reason with its number in a circle."""

    mark: str
    why: Why


def numbered(whys: tuple[Why, ...]) -> list[Numbered]:
    """Return the few reasons that are listed, numbered in the order of their weeks."""
    shown = [why for why in whys if why.reason.code != "floor"][:REASONS_SHOWN]
    return [Numbered(CIRCLED[i], why) for i, why in enumerate(sorted(shown, key=lambda why: why.week))]


def week_bars(locale: Locale, view: TargetView, node: TargetNode, reasons: list[Numbered]) -> list[WeekBar]:
    """Return the four weeks of the chart, in the page's unit."""
    unit = money_unit(locale)
    bars = []
    for i, week in enumerate(weeks_of(view.run.period)):
        begun = week.starts <= view.as_of
        bars.append(
            WeekBar(
                label=locale._("W{n} {from_}~{to}").format(
                    n=week.number, from_=f"{week.starts:%m-%d}", to=f"{week.ends:%d}"
                ),
                actual=node.actual[i] / unit if begun else None,
                target=node.calibrated[i] / unit,
                original=node.original[i] / unit,
                running=begun and view.as_of < week.ends,
                events="".join(item.mark for item in reasons if item.why.week == week.number),
                tip=_week_tip(locale, node, i, week.number, begun=begun),
            )
        )
    return bars


def _week_tip(locale: Locale, node: TargetNode, i: int, number: int, *, begun: bool) -> str:
    _ = locale._
    lines = [
        f"{node_name(locale, node)} · {_('Week {n}').format(n=number)}",
        f"{_('Original target')} {locale.money(node.original[i])}",
        f"{_('Calibrated target')} {locale.money(node.calibrated[i])}",
    ]
    if begun:
        lines.append(f"{_('Actual')} {locale.money(node.actual[i])}")
    return "\n".join(lines)


def basis_text(locale: Locale, node: TargetNode) -> str:
    """Return from whose history the rhythms come, with how many people each."""
    counts = Counter(person.plan.rhythm.basis for person in node.people)
    if not counts:
        return locale._("no person's target below: split by calendar days")
    return locale._(", ").join(
        locale._("{basis} {n}").format(basis=locale._(basis.label), n=counts[basis])
        for basis in Basis
        if counts[basis]
    )


def week_quality(locale: Locale, view: TargetView, node: TargetNode) -> str:
    """Return D of the weeks that are over, beside the same of equal weeks; empty before the first ends."""
    missed = view.missed(node, node.calibrated)
    if missed is None:
        return ""
    return locale._("weeks over: deviation {d} calibrated, {e} in equal weeks").format(
        d=locale.percent(missed, 0), e=locale.percent(view.missed(node, node.original), 0)
    )


def cascade_steps(locale: Locale, view: TargetView, node: TargetNode) -> tuple[list[Step], int]:
    """Return the waterfall of a node's target down to those who carry it, and what is lost (minor units)."""
    _ = locale._
    cascade = view.cascade(node.key)
    if cascade is None:
        return [], 0
    unit = money_unit(locale)
    levels = {level.value: level.label for level in UnitLevel} | {PERSON: N_("Reps"), UNIT: N_("Units")}
    steps = [Step(_("Target"), cascade.start / unit, note=node_name(locale, node), is_total=True)]
    for level, lost in cascade.steps:
        note = _("leaked") if lost < 0 else _("added") if lost > 0 else _("whole")
        steps.append(Step(_(levels.get(level, level)), lost / unit, note=note))
    share = cascade.leaf / cascade.start if cascade.start else None
    steps.append(
        Step(_("Carried"), cascade.leaf / unit, note=locale.percent(share) if share else "", is_total=True)
    )
    return steps, sum(lost for _level, lost in cascade.steps)
