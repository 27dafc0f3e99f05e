"""From a month's target to four weeks: exposure by calendar days, own rhythm, process and calendar.

The method is that of the calibration study (steps 1, 2 and 5): the share of the month's days a week has
(exposure), times how much more or less than its days a person's weeks have sold over twelve months
(rhythm), times the firm's own calendar, renormalised to the month and split to the cent (TGT-11, TGT-13,
TGT-25). Weeks are days 1-7, 8-14, 15-21 and 22-end (Appendix C-7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import prod, sqrt

from desktop.analytics import calendar
from desktop.analytics.reasons import Reason, Word
from desktop.i18n import N_
from desktop.money import largest_remainder
from desktop.periods import Period, Week, week_number, weeks_of
from desktop.terms import CalendarKind, Term

HISTORY_MONTHS = 12
"""target.history_months (TGT-11)."""
MIN_MONTHS = 3
"""Fewer months with positive sales than this are too thin to show a rhythm."""
FLOOR = 0.3
"""No week gets less than this part of its exposure."""

Four = tuple[float, float, float, float]
EVEN: Four = (1.0, 1.0, 1.0, 1.0)


class Basis(Term):
    """Whose history a rhythm was learned from."""

    OWN = "own", N_("Own history")
    TEAM = "team", N_("Team history")
    COMPANY = "company", N_("Company history")
    EXPOSURE = "exposure", N_("Calendar days alone")


@dataclass(frozen=True, slots=True)
class Sale:
    """One thing sold: the business day and the amount in minor units."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class FactorEvent:
    """An event of the firm's own calendar; without a factor it only informs."""

    name: str
    kind: CalendarKind
    starts: date
    ends: date
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How much more (> 1) or less (< 1) than its calendar days each week has sold, and from what."""

    basis: Basis
    months: int
    own_months: int
    multipliers: Four = EVEN


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """One calibrated week: money in minor units; `rhythm` is the week's share of the month before process
    and calendar, `exposure` its share of the days, `multiplier` = rhythm relative to exposure."""

    week: Week
    equal: int
    exposure: float
    multiplier: float
    rhythm: float
    process: float
    calendar: float
    target: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MonthPlan:
    """A calibrated month; its weeks add up to `target` to the cent."""

    month: Period
    target: int
    rhythm: Rhythm
    weeks: tuple[WeekPlan, ...]
    reasons: tuple[Reason, ...]


def history_months(month: Period, today: date) -> tuple[Period, ...]:
    """Return the twelve whole months before `month` that are over by `today`, oldest first."""
    first = min(month.starts, Period.month_of(today).starts)
    anchor = Period.month_of(first)
    return tuple(anchor.shift(-back) for back in range(HISTORY_MONTHS, 0, -1))


def exposure(month: Period) -> Four:
    """Return each week's share of the month's calendar days."""
    first, second, third, fourth = (week.days / month.days for week in weeks_of(month))
    return first, second, third, fourth


def learn_rhythm(
    own: Iterable[Sale],
    months: Sequence[Period],
    team: Iterable[Sale] = (),
    company: Iterable[Sale] = (),
) -> Rhythm:
    """Return the rhythm of the first of own, team and company history that has enough months.

    A month counts if its sales add up to more than nothing; it weighs the square root of its number of
    sales. Sales outside `months` are ignored. Without enough history anywhere the rhythm is even.
    """
    own_months = -1
    for basis, sales in ((Basis.OWN, own), (Basis.TEAM, team), (Basis.COMPANY, company)):
        used, multipliers = _multipliers(sales, months)
        own_months = used if own_months < 0 else own_months
        if used >= MIN_MONTHS:
            return Rhythm(basis, used, own_months, multipliers)
    return Rhythm(Basis.EXPOSURE, 0, own_months)


def _multipliers(sales: Iterable[Sale], months: Sequence[Period]) -> tuple[int, Four]:
    spans = {(month.starts.year, month.starts.month): month for month in months}
    weeks = {key: [0, 0, 0, 0] for key in spans}
    numbers = dict.fromkeys(spans, 0)
    for sale in sales:
        key = (sale.day.year, sale.day.month)
        if key in spans:
            weeks[key][week_number(sale.day) - 1] += sale.amount
            numbers[key] += 1
    over = [0.0] * 4
    under = [0.0] * 4
    used = 0
    for key, month in spans.items():
        total = sum(weeks[key])
        if total <= 0:
            continue
        used += 1
        weight = sqrt(numbers[key])
        for index, part in enumerate(exposure(month)):
            over[index] += weight * (weeks[key][index] / total)
            under[index] += weight * part
    if not used:
        return 0, EVEN
    first, second, third, fourth = (max(0.0, a / b) for a, b in zip(over, under, strict=True))
    return used, (first, second, third, fourth)


def calibrate_month(
    target: int,
    month: Period,
    rhythm: Rhythm,
    events: Sequence[FactorEvent] = (),
    process: Four | None = None,
) -> MonthPlan:
    """Return the four weekly targets of a month's target (minor units), with the reasons for each.

    `process` holds the weekly process factors, None where the database has no process data. A week's
    weight is exposure × rhythm × process × calendar; none falls below FLOOR × its exposure × calendar.
    """
    days = exposure(month)
    factors = tuple(calendar_factor(week, events) for week in weeks_of(month))
    steps = process or EVEN
    shares = _normalised([m * e for m, e in zip(rhythm.multipliers, days, strict=True)], days)
    baseline = _normalised([e * f for e, f in zip(days, factors, strict=True)], days)
    weights = _normalised(
        [s * p * f for s, p, f in zip(shares, steps, factors, strict=True)],
        baseline,
    )
    final = _with_floor(weights, [FLOOR * part for part in baseline])
    targets = largest_remainder(target, final)
    equal = largest_remainder(target, (1, 1, 1, 1))
    plans = tuple(
        WeekPlan(
            week=week,
            equal=equal[i],
            exposure=days[i],
            multiplier=shares[i] / days[i],
            rhythm=shares[i],
            process=steps[i],
            calendar=factors[i],
            target=targets[i],
            reasons=_week_reasons(week, events, factors[i], floored=final[i] > weights[i] * (1 + 1e-9)),
        )
        for i, week in enumerate(weeks_of(month))
    )
    return MonthPlan(month, target, rhythm, plans, _month_reasons(month, rhythm, process))


def _normalised(weights: Sequence[float], otherwise: Sequence[float]) -> list[float]:
    whole = sum(weights)
    return [weight / whole for weight in weights] if whole > 0 else list(otherwise)


def _with_floor(shares: Sequence[float], floors: Sequence[float]) -> list[float]:
    """Raise shares below their floor to it, at the cost of the others in proportion."""
    held: set[int] = set()
    result = list(shares)
    while True:
        low = {i for i, share in enumerate(result) if i not in held and share < floors[i]}
        if not low:
            return result
        held |= low
        left = 1.0 - sum(floors[i] for i in held)
        free = sum(shares[i] for i in range(len(shares)) if i not in held)
        result = [
            floors[i] if i in held else shares[i] / free * left if free > 0 else floors[i]
            for i in range(len(shares))
        ]


def calendar_factor(week: Week, events: Sequence[FactorEvent]) -> float:
    """Return the mean over the week's days of the factors in force on each day (TGT-13)."""
    days = [week.starts + timedelta(days=offset) for offset in range(week.days)]
    return sum(
        prod(
            max(0.0, event.factor)
            for event in events
            if event.factor is not None and event.starts <= day <= event.ends
        )
        for day in days
    ) / len(days)


def _week_reasons(
    week: Week, events: Sequence[FactorEvent], factor: float, *, floored: bool
) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    for event in events:
        starts, ends = max(event.starts, week.starts), min(event.ends, week.ends)
        if starts > ends:
            continue
        params = {"name": event.name, "from_": _short(starts), "to": _short(ends)}
        if event.factor is None or event.factor == 1.0:
            reasons.append(Reason("event_shown", N_("{name}, {from_} to {to}: no factor set"), params))
        else:
            params |= {"factor": f"{event.factor:.2f}", "week": f"{factor:.2f}"}
            reasons.append(
                Reason(
                    "event_applied",
                    N_("{name}, {from_} to {to}: × {factor}, the week × {week}"),
                    params,
                    changes=True,
                )
            )
    reasons.extend(_public_reasons(week))
    if floored:
        reasons.append(Reason("floor", N_("Held at 0.3 of its calendar days: hardly ever sold in this week")))
    return tuple(reasons)


def _public_reasons(week: Week) -> list[Reason]:
    reasons = []
    for public in calendar.public_days(week.starts, week.ends):
        template = (
            N_("{name} holiday, {from_} to {to} ({n} days; shown, not weighted)")
            if public.kind is CalendarKind.HOLIDAY
            else N_("Make-up working day for {name}, {from_} (shown, not weighted)")
        )
        params = {
            "name": Word(public.name),
            "from_": _short(public.starts),
            "to": _short(public.ends),
            "n": public.days,
        }
        reasons.append(Reason(public.kind.value, template, params))
    return reasons


_BASIS_REASONS = {
    Basis.OWN: N_("Rhythm from {months} of the last 12 months of own sales"),
    Basis.TEAM: N_("Own sales in only {own} of 12 months: rhythm of the team ({months} months)"),
    Basis.COMPANY: N_("Too little own and team history: rhythm of the company ({months} months)"),
    Basis.EXPOSURE: N_("No history to learn a rhythm from: split by calendar days alone"),
}


def _month_reasons(month: Period, rhythm: Rhythm, process: Four | None) -> tuple[Reason, ...]:
    reasons = [
        Reason(
            f"rhythm_{rhythm.basis}",
            _BASIS_REASONS[rhythm.basis],
            {"months": rhythm.months, "own": rhythm.own_months},
            changes=rhythm.basis is not Basis.EXPOSURE,
        )
    ]
    if process is None:
        reasons.append(Reason("process_absent", N_("No process data: the process factor is 1")))
    if not (calendar.is_known(month.starts) and calendar.is_known(month.ends)):
        reasons.append(
            Reason(
                "holidays_unknown",
                N_("The public holidays of {year} are not known yet; only the firm's own calendar counts"),
                {"year": month.starts.year},
            )
        )
    return tuple(reasons)


def _short(day: date) -> str:
    return f"{day:%m-%d}"
