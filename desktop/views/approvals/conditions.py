"""Conditions of a level in the words of a person: what they may ask of, what they say, and what was typed (APR-01)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from desktop.i18n import N_, Locale
from desktop.money import to_minor
from desktop.queries.approval_flows import Condition
from desktop.terms import ApprovalKind
from desktop.views.settings.threshold_words import LABELS

MONEY, PERCENT, NUMBER, TRUTH = "money", "percent", "number", "truth"
FACTS: dict[str, tuple[str, str]] = {
    "amount": (N_("Amount"), MONEY),
    "discount": (N_("Discount"), PERCENT),
    "concession": (N_("Concession"), PERCENT),
    "margin": (N_("Margin"), PERCENT),
    "target": (N_("Target so far"), MONEY),
    "change": (N_("Change"), PERCENT),
    "irregular": (N_("Irregular"), TRUTH),
    "extra_clause": (N_("Hand-written clause"), TRUTH),
    "delivery_days": (N_("Days to delivery"), NUMBER),
    "account": (N_("Customers"), NUMBER),
    "opportunity": (N_("Deals"), NUMBER),
    "rows": (N_("Rows"), NUMBER),
}
"""The facts that conditions may ask of, as a person says them, and what they are measured in."""
_PAPER = ("amount", "discount", "concession", "margin")
FACTS_OF: dict[ApprovalKind, tuple[str, ...]] = {
    ApprovalKind.REPORT: ("rows",),
    ApprovalKind.DISCOUNT: _PAPER,
    ApprovalKind.QUOTE: _PAPER,
    ApprovalKind.CONTRACT_CHANGE: ("amount", "concession", "delivery_days", "irregular", "extra_clause"),
    ApprovalKind.TARGET_ADJUSTMENT: ("amount", "change", "target"),
    ApprovalKind.STAGE_OVERRIDE: ("amount",),
    ApprovalKind.HANDOVER: ("account", "opportunity"),
}
"""The facts that requests of each kind bring."""
THRESHOLDS = {
    MONEY: ("approval.director_amount",),
    PERCENT: ("contract.concession_pct",),
    NUMBER: ("contract.delivery_days",),
    TRUTH: (),
}
"""The thresholds that facts of each measure may be compared with, in place of a number."""
_HUNDREDTH = 100


def fact_words(fact: str, locale: Locale) -> str:
    """Return what a fact is called."""
    return locale._(FACTS[fact][0] if fact in FACTS else fact)


def bound_words(condition: Condition, locale: Locale) -> str:
    """Return what a fact is compared with."""
    if condition.threshold is not None:
        return locale._(LABELS.get(condition.threshold, condition.threshold))
    value, measure = condition.value or 0, measure_of(condition.fact)
    if measure == MONEY:
        return locale.money(value)
    if measure == PERCENT:
        return locale.percent(Decimal(value) / _HUNDREDTH**2, 0 if value % _HUNDREDTH == 0 else 2)
    if measure == TRUTH:
        return locale._("yes") if value else locale._("no")
    return str(value)


def conditions_words(conditions: Sequence[Condition], locale: Locale) -> str:
    """Return when a level applies: all of its conditions have to be met."""
    said = [
        f"{fact_words(one.fact, locale)} {one.comparison} {bound_words(one, locale)}" for one in conditions
    ]
    return locale._(" and ").join(said) if said else locale._("always")


def measure_of(fact: str) -> str:
    """Return what a fact is measured in."""
    return FACTS[fact][1] if fact in FACTS else NUMBER


def typed_bound(fact: str, typed: str, locale: Locale) -> int | None:
    """Return a typed bound as facts hold it: minor units, ten-thousandths, a number, 1 for yes; None if unreadable."""
    said, measure = typed.strip().replace(",", "").strip("¥￥ "), measure_of(fact)
    if measure == TRUTH:
        return {locale._("yes"): 1, locale._("no"): 0}.get(said)
    try:
        number = Decimal(said.rstrip("%％ "))
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    scaled = {MONEY: Decimal(to_minor(number)), PERCENT: number * _HUNDREDTH}.get(measure, number)
    return int(scaled) if scaled == int(scaled) else None
