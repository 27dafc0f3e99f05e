"""Monthly targets of people and units, the firm's own calendar, and leads."""

from __future__ import annotations

from datetime import date, timedelta
from math import exp
from random import Random

from desktop.demo.calendar import DEMO_NOW, SEASON
from desktop.demo.deals import MEDIAN_DEAL, WON_DEALS, spread_of
from desktop.demo.firm import Event, Firm, Prospect
from desktop.demo.people import Names
from desktop.demo.words import (
    FIRST_SYLLABLES,
    GIVEN_NAMES,
    SECOND_SYLLABLES,
    SOURCES,
    SURNAMES,
    TOWNS,
    TRADES,
)

LEADS = 400
YEARS = (2025, 2026)
FIRST_MONTH = {2025: 9, 2026: 1}
_MONTHS = 14


def target_months() -> list[tuple[int, int]]:
    """Return the (year, month) pairs that have targets: the history and one month beyond."""
    return [(year, month) for year in YEARS for month in range(FIRST_MONTH[year], 13)]


def make_targets(firm: Firm, scale: float) -> None:
    """Fill in monthly targets, in fen: what a book of that size should bring, whole ten thousands of yuan.

    A unit's target is the sum of its people's, all the way up.
    """
    reps = firm.reps()
    mean_deal = MEDIAN_DEAL * exp(spread_of(scale) ** 2 / 2)
    per_weight = WON_DEALS * scale * mean_deal / _MONTHS / sum(rep.weight for rep in reps)
    parents = {unit.name: unit.parent for unit in firm.units}
    step = 10_000 if scale > 0.3 else 1_000
    for year, month in target_months():
        period = f"{year}-{month:02d}"
        for rep in reps:
            yuan = per_weight * rep.weight * SEASON[month] * 1.04
            value = max(1, round(yuan / step)) * step * 100
            firm.targets[rep.name, period] = value
            unit: str | None = rep.unit
            while unit is not None:
                firm.targets[unit, period] = firm.targets.get((unit, period), 0) + value
                unit = parents[unit]


def make_events(firm: Firm) -> None:
    """Fill in fairs and seasons of the trade around the demo's date."""
    firm.events.extend(
        Event(*row)
        for row in (
            ("全国泵阀展（上海）", "展会", date(2026, 6, 3), date(2026, 6, 5), "华东大区", None, 0.8),
            ("秋季广交会第一期", "展会", date(2026, 10, 15), date(2026, 10, 19), "华南大区", None, 0.7),
            (
                "华东流体设备技术交流会",
                "展会",
                date(2026, 12, 9),
                date(2026, 12, 11),
                "华东大区",
                "市政水务",
                0.8,
            ),
            ("北方冬季停工期", "气候", date(2026, 12, 15), date(2027, 2, 28), "华北大区", "环保工程", 0.75),
            ("公司年度盘点", "其他", date(2026, 12, 30), date(2026, 12, 31), None, None, 0.9),
            ("石化企业年度大修季", "其他", date(2026, 3, 15), date(2026, 4, 30), None, "石油化工", 1.2),
        )
    )


def make_leads(firm: Firm, rng: Random, names: Names, scale: float) -> None:
    """Fill in leads of the last four months."""
    reps = firm.reps()
    for _ in range(max(10, round(LEADS * scale))):
        rep = rng.choice(reps)
        trade, industry = rng.choice(TRADES)
        company = f"{rng.choice(TOWNS[rep.province])}{rng.choice(FIRST_SYLLABLES)}{rng.choice(SECOND_SYLLABLES)}{trade}厂"
        contact = rng.choice(SURNAMES) + rng.choice(GIVEN_NAMES)
        mobile = names.mobile()
        firm.leads.append(
            Prospect(
                name=f"{company}{contact}",
                company=company,
                contact=contact,
                mobile=mobile,
                source=rng.choice(SOURCES),
                industry=industry,
                grade=rng.choice(("A", "B", "C")),
                owner=rep.name,
                status=rng.choice(("未处理", "跟进中", "已转化", "无效")),
                created_at=DEMO_NOW - timedelta(minutes=rng.randrange(60, 60 * 24 * 120)),
            )
        )
