"""The funnel's arithmetic: where deals stand, how they move, and travelling in time."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from desktop.analytics.funnel import FunnelFigures, age_days, funnel
from desktop.analytics.ratio import Ratio
from desktop.analytics.stage_paths import DealFact, EntryFact, StageFact
from desktop.terms import DealStatus, StageKind

LEAD = StageFact(1, "Lead", 1, StageKind.OPEN)
OFFER = StageFact(2, "Offer", 2, StageKind.OPEN)
TALKS = StageFact(3, "Negotiation", 3, StageKind.OPEN)
WON = StageFact(4, "Won", 4, StageKind.WON)
LOST = StageFact(5, "Lost", 5, StageKind.LOST)
STAGES = (LEAD, OFFER, TALKS, WON, LOST)
TODAY = date(2026, 11, 18)
STATUS = {StageKind.OPEN: DealStatus.OPEN, StageKind.WON: DealStatus.WON, StageKind.LOST: DealStatus.LOST}


class Firm:
    """A firm whose deals are told as stories: (stage, day) after (stage, day)."""

    def __init__(self) -> None:
        self.deals: list[DealFact] = []
        self.entries: list[EntryFact] = []

    def deal(self, amount: int, *steps: tuple[StageFact, date]) -> int:
        number = len(self.deals) + 1
        stage, last = steps[-1]
        closed = last if stage.kind is not StageKind.OPEN else None
        self.deals.append(
            DealFact(number, stage.id, STATUS[stage.kind], amount, opened_on=steps[0][1], closed_on=closed)
        )
        self.entries.extend(
            EntryFact(number, step.id, day, order=order) for order, (step, day) in enumerate(steps)
        )
        return number

    def funnel(self, as_of: date = TODAY, **window: date) -> FunnelFigures:
        return funnel(STAGES, self.deals, self.entries, as_of=as_of, today=TODAY, **window)


def story() -> Firm:
    firm = Firm()
    firm.deal(100, (LEAD, date(2026, 11, 16)))
    firm.deal(200, (LEAD, date(2026, 10, 1)), (OFFER, date(2026, 11, 8)))
    firm.deal(
        400,
        (LEAD, date(2026, 9, 1)),
        (OFFER, date(2026, 9, 11)),
        (TALKS, date(2026, 10, 1)),
        (WON, date(2026, 11, 5)),
    )
    firm.deal(800, (LEAD, date(2026, 9, 2)), (OFFER, date(2026, 9, 22)), (LOST, date(2026, 10, 20)))
    firm.deal(1600, (LEAD, date(2026, 9, 3)), (TALKS, date(2026, 10, 3)))
    return firm


def test_counts_amounts_and_movements_of_each_stage() -> None:
    lead, offer, talks = story().funnel().stages
    assert (lead.count, lead.amount, lead.entered, lead.converted, lead.dropped) == (1, 100, 5, 4, 0)
    assert (offer.count, offer.amount, offer.entered, offer.converted, offer.dropped) == (1, 200, 3, 1, 1)
    assert (talks.count, talks.amount, talks.entered, talks.converted) == (1, 1600, 2, 1)
    assert offer.conversion == Ratio(1, 3)
    assert offer.drop_off.value == 1 / 3
    assert lead.median_days == 25.0  # stays of 38, 10, 20 and 30 days
    assert offer.median_days == 24.0  # 20 and 28 days
    assert lead.entered_amount == 3100


def test_age_bands_are_at_most_7_then_14_then_stalled() -> None:
    firm = Firm()
    for days in (0, 7, 8, 14, 15, 90):
        firm.deal(1, (OFFER, TODAY - timedelta(days=days)))
    ages = firm.funnel().stages[1].ages
    assert (ages.fresh, ages.middle, ages.stalled, ages.unknown) == (2, 2, 2, 0)
    assert firm.funnel().stalled == Ratio(2, 6)


def test_won_lost_win_rate_and_cycle_of_a_period() -> None:
    figures = story().funnel()
    assert (figures.won.count, figures.won.amount, figures.lost.amount) == (1, 400, 800)
    assert figures.win_rate == Ratio(1, 2)
    assert figures.median_cycle_days == 65
    november = story().funnel(starts=date(2026, 11, 1), ends=date(2026, 11, 30))
    assert november.win_rate == Ratio(1, 1)
    assert november.stages[0].entered == 1
    assert november.stages[1].median_days is None


def test_the_past_shows_where_deals_stood_then() -> None:
    then = story().funnel(date(2026, 10, 2))
    assert [figures.count for figures in then.stages] == [2, 1, 1]
    assert then.stages[2].amount == 400
    assert then.won.count == then.lost.count == 0
    assert story().funnel(date(2026, 8, 31)).count == 0


def test_a_deal_that_was_won_and_reopened_was_won_on_the_days_between() -> None:
    firm = Firm()
    firm.deal(50, (LEAD, date(2026, 9, 1)), (WON, date(2026, 9, 10)), (TALKS, date(2026, 10, 1)))
    assert firm.funnel(date(2026, 9, 15)).won.count == 1
    assert firm.funnel(date(2026, 10, 2)).won.count == 0
    assert firm.funnel(date(2026, 10, 2)).stages[2].count == 1


def test_a_deal_without_history_stands_where_it_is_known_to_stand() -> None:
    deals = [
        DealFact(1, OFFER.id, DealStatus.OPEN, 10, opened_on=date(2026, 9, 1), first_known=date(2026, 10, 1)),
        DealFact(2, OFFER.id, DealStatus.OPEN, 20),
        DealFact(3, WON.id, DealStatus.WON, 40, closed_on=date(2026, 9, 5), first_known=date(2026, 9, 5)),
    ]
    now = funnel(STAGES, deals, (), as_of=TODAY, today=TODAY)
    assert (now.stages[1].count, now.stages[1].amount, now.stages[1].inferred) == (2, 30, 2)
    assert now.stages[1].ages.unknown == 1
    assert now.stages[1].conversion.value is None
    assert now.undated == ()
    past = funnel(STAGES, deals, (), as_of=date(2026, 9, 15), today=TODAY)
    assert past.undated == (2,)
    assert past.unplaced == (1,)
    assert past.won.count == 1
    assert past.count == 0


def test_a_closing_date_closes_a_deal_whose_history_stops_before() -> None:
    deals = [DealFact(1, WON.id, DealStatus.WON, 10, opened_on=date(2026, 9, 1), closed_on=date(2026, 10, 1))]
    entries = [EntryFact(1, LEAD.id, date(2026, 9, 1))]
    assert funnel(STAGES, deals, entries, as_of=date(2026, 9, 20), today=TODAY).stages[0].count == 1
    later = funnel(STAGES, deals, entries, as_of=date(2026, 10, 1), today=TODAY)
    assert later.stages[0].count == 0
    assert later.stages[0].converted == 1
    assert later.stages[0].median_days == 30


def test_moving_back_is_not_conversion() -> None:
    firm = Firm()
    firm.deal(1, (TALKS, date(2026, 9, 1)), (OFFER, date(2026, 9, 3)))
    figures = firm.funnel()
    assert figures.stages[2].converted == figures.stages[2].dropped == 0
    assert figures.stages[1].count == 1


def test_age_is_never_negative() -> None:
    assert age_days(TODAY + timedelta(days=3), TODAY) == 0
    assert age_days(None, TODAY) is None


_DAYS = st.integers(0, 400).map(lambda days: date(2025, 11, 1) + timedelta(days=days))
_PATHS = st.lists(
    st.tuples(
        st.integers(0, 10**9), st.lists(st.tuples(st.sampled_from(STAGES), _DAYS), min_size=1, max_size=6)
    ),
    max_size=12,
)


def _firm(paths: list[tuple[int, list[tuple[StageFact, date]]]]) -> Firm:
    firm = Firm()
    for amount, steps in paths:
        firm.deal(amount, *sorted(steps, key=lambda step: step[1]))
    return firm


@given(_PATHS, _DAYS)
def test_every_deal_is_counted_once_and_every_entry_explained(
    paths: list[tuple[int, list[tuple[StageFact, date]]]], as_of: date
) -> None:
    firm = _firm(paths)
    figures = firm.funnel(as_of)
    assert figures.count == len(figures.standings) == len({item.deal_id for item in figures.standings})
    assert figures.count + figures.won.count + figures.lost.count + len(figures.unplaced) <= len(firm.deals)
    for stage in figures.stages:
        assert stage.ages.total == stage.count
        assert stage.converted + stage.dropped <= stage.entered
    assert figures.amount == sum(
        deal.amount for deal in firm.deals if deal.id in {item.deal_id for item in figures.standings}
    )


@given(_PATHS, _DAYS, st.sampled_from(STAGES))
def test_what_happens_later_changes_nothing_of_the_past(
    paths: list[tuple[int, list[tuple[StageFact, date]]]], as_of: date, last: StageFact
) -> None:
    """Poisoning the future: every deal moves once more after the day that is looked at."""
    before = _firm(paths)
    after = _firm([(amount, [*steps, (last, date(2027, 6, 1))]) for amount, steps in paths])
    if as_of < TODAY:
        first, second = before.funnel(as_of), after.funnel(as_of)
        assert first.stages == second.stages
        assert first.standings == second.standings
        assert (first.won, first.lost) == (second.won, second.lost)


@given(_PATHS)
def test_today_by_the_records_equals_today_by_the_history(
    paths: list[tuple[int, list[tuple[StageFact, date]]]],
) -> None:
    day = date(2026, 12, 31)
    firm = _firm(paths)
    now = funnel(STAGES, firm.deals, firm.entries, as_of=day, today=day)
    then = funnel(STAGES, firm.deals, firm.entries, as_of=day, today=day + timedelta(days=1))
    assert now.stages == then.stages
    assert (now.won, now.lost) == (then.won, then.lost)
