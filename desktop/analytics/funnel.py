"""The funnel as arithmetic: where deals stood on any day, how they moved on, and how long they stayed.

Definitions (decisions, "Figures"; FUN-01, FUN-10, FUN-12, FUN-13):

- *count, amount*: open deals standing in a stage on the as-of day.
- *entered*: deals with an entry into the stage within the window.
- *converted*: of those, the ones that later entered a stage further on, or were won, by the as-of day.
- *dropped*: of those, the ones that were lost by the as-of day without having gone further.
- *median days*: of the stays in the stage that ended within the window and whose beginning was observed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from desktop.analytics.ratio import Ratio
from desktop.analytics.stage_paths import (
    DealFact,
    EntryFact,
    Path,
    StageFact,
    Window,
    build_paths,
    first_entry,
    moved_on,
    since,
    stays,
)
from desktop.terms import DealStatus, StageKind

FRESH_DAYS = 7
STALLED_DAYS = 14
"""Older than this many days in one stage is stalled (FUN-10, stage.stagnation_days)."""


@dataclass(frozen=True, slots=True)
class AgeBands:
    """How long the deals standing in a stage have stood there: at most 7, 8 to 14, over 14 days, unknown."""

    fresh: int = 0
    middle: int = 0
    stalled: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All deals standing in the stage."""
        return self.fresh + self.middle + self.stalled + self.unknown


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage of the funnel; `amount` in minor units, `inferred` counts entries without history."""

    stage: StageFact
    count: int
    amount: int
    entered: int
    entered_amount: int
    converted: int
    dropped: int
    inferred: int
    median_days: float | None
    ages: AgeBands

    @property
    def conversion(self) -> Ratio:
        """Converted ÷ entered; over nothing where no deal of the stage has a history to judge by."""
        return Ratio(self.converted, self.entered if self.entered > self.inferred else 0)

    @property
    def drop_off(self) -> Ratio:
        """Dropped ÷ entered; over nothing where no deal of the stage has a history to judge by."""
        return Ratio(self.dropped, self.entered if self.entered > self.inferred else 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Deals closed within the window one way: how many and for how much (minor units)."""

    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one open deal stood on the as-of day, and since when (None: unknown)."""

    deal_id: int
    stage_id: int
    since: date | None
    inferred: bool


@dataclass(frozen=True, slots=True)
class FunnelFigures:
    """The whole funnel on a day. `undated` deals have no date at all; `unplaced` ones existed, but in
    a stage that nobody recorded."""

    as_of: date
    starts: date | None
    stages: tuple[StageFigures, ...]
    won: Outcome
    lost: Outcome
    win_rate: Ratio
    stalled: Ratio
    median_cycle_days: float | None
    standings: tuple[Standing, ...]
    undated: tuple[int, ...]
    unplaced: tuple[int, ...]

    @property
    def count(self) -> int:
        """Open deals standing anywhere."""
        return sum(figures.count for figures in self.stages)

    @property
    def amount(self) -> int:
        """Their amount, minor units."""
        return sum(figures.amount for figures in self.stages)


def funnel(
    stages: Sequence[StageFact],
    deals: Sequence[DealFact],
    entries: Iterable[EntryFact],
    *,
    as_of: date,
    today: date,
    starts: date | None = None,
    ends: date | None = None,
    stalled_days: int = STALLED_DAYS,
) -> FunnelFigures:
    """Return the funnel of one pipeline on a day, with movements counted from `starts` to `ends`.

    `today` is the day on which the deals' own stage and status are true: from then on they decide, before
    it the recorded entries do. Without `starts` the window reaches back to the first entry; it always
    closes on the as-of day at the latest. Nothing after `as_of` changes the result for an earlier day.
    """
    by_id = {stage.id: stage for stage in stages}
    current = as_of >= today
    window = Window(starts, min(ends, as_of) if ends else as_of)
    paths = build_paths(by_id, deals, entries, as_of, current=current)
    standings, undated, unplaced = _standings(by_id, deals, paths, as_of, current=current)
    won, lost, cycles = _outcomes(
        deals, paths, window, as_of, current=current, whole=current and not (starts or ends)
    )
    amounts = {deal.id: deal.amount for deal in deals}
    figures = tuple(
        _stage_figures(
            stage, paths, standings, amounts, as_of=as_of, window=window, stalled_days=stalled_days
        )
        for stage in sorted(stages, key=lambda item: (item.position, item.id))
        if stage.kind is StageKind.OPEN
    )
    open_count = sum(item.count for item in figures)
    return FunnelFigures(
        as_of=as_of,
        starts=starts,
        stages=figures,
        won=won,
        lost=lost,
        win_rate=Ratio(won.count, won.count + lost.count),
        stalled=Ratio(sum(item.ages.stalled for item in figures), open_count),
        median_cycle_days=median(cycles) if cycles else None,
        standings=tuple(standings),
        undated=tuple(undated),
        unplaced=tuple(unplaced),
    )


def _standings(
    stages: Mapping[int, StageFact],
    deals: Sequence[DealFact],
    paths: Mapping[int, Path],
    as_of: date,
    *,
    current: bool,
) -> tuple[list[Standing], list[int], list[int]]:
    standings: list[Standing] = []
    undated: list[int] = []
    unplaced: list[int] = []
    for deal in deals:
        path = paths[deal.id]
        if current:
            if deal.status is DealStatus.OPEN and deal.stage_id in stages:
                standings.append(Standing(deal.id, deal.stage_id, *since(path, deal.stage_id)))
        elif path:
            stage = path[-1].stage
            if stage.kind is StageKind.OPEN:
                standings.append(Standing(deal.id, stage.id, *since(path, stage.id)))
        elif not (deal.opened_on or deal.closed_on or deal.first_known):
            undated.append(deal.id)
        elif deal.opened_on and deal.opened_on <= as_of:
            unplaced.append(deal.id)
    return standings, undated, unplaced


def _outcomes(
    deals: Sequence[DealFact],
    paths: Mapping[int, Path],
    window: Window,
    as_of: date,
    *,
    current: bool,
    whole: bool,
) -> tuple[Outcome, Outcome, list[int]]:
    """Return won, lost and the days from opening to winning, of what closed within the window."""
    counts = {DealStatus.WON: 0, DealStatus.LOST: 0}
    amounts = {DealStatus.WON: 0, DealStatus.LOST: 0}
    cycles: list[int] = []
    for deal in deals:
        status, closed = _closing(deal, paths[deal.id], as_of, current=current)
        if status is DealStatus.OPEN:
            continue
        if not (closed in window or whole):
            continue
        won = status is DealStatus.WON
        counts[status] += 1
        amounts[status] += deal.won_amount if won and deal.won_amount is not None else deal.amount
        if won and closed and deal.opened_on and deal.opened_on <= closed:
            cycles.append((closed - deal.opened_on).days)
    won_, lost_ = (Outcome(counts[status], amounts[status]) for status in (DealStatus.WON, DealStatus.LOST))
    return won_, lost_, cycles


_CLOSING = {StageKind.WON: DealStatus.WON, StageKind.LOST: DealStatus.LOST}


def _closing(deal: DealFact, path: Path, as_of: date, *, current: bool) -> tuple[DealStatus, date | None]:
    """Return how and when a deal was closed as far as the as-of day knows; open if it was not."""
    step = path[-1] if path and path[-1].stage.kind in _CLOSING else None
    if current:
        return deal.status, deal.closed_on or (step.on if step else None)
    if step is None:
        return DealStatus.OPEN, None
    status = _CLOSING[step.stage.kind]
    told = deal.closed_on if deal.status is status and deal.closed_on and deal.closed_on <= as_of else None
    return status, told or step.on


def _stage_figures(
    stage: StageFact,
    paths: Mapping[int, Path],
    standings: Sequence[Standing],
    amounts: Mapping[int, int],
    *,
    as_of: date,
    window: Window,
    stalled_days: int,
) -> StageFigures:
    entered = entered_amount = converted = dropped = inferred = 0
    lengths: list[int] = []
    for deal_id, path in paths.items():
        first = first_entry(path, stage.id, window)
        if first is not None:
            entered += 1
            entered_amount += amounts[deal_id]
            moved = moved_on(path[first + 1 :], stage)
            converted += moved
            dropped += not moved and path[-1].stage.kind is StageKind.LOST
            inferred += path[first].inferred and len(path) == 1
        lengths.extend(stays(path, stage.id, window))
    standing = [item for item in standings if item.stage_id == stage.id]
    return StageFigures(
        stage=stage,
        count=len(standing),
        amount=sum(amounts[item.deal_id] for item in standing),
        entered=entered,
        entered_amount=entered_amount,
        converted=converted,
        dropped=dropped,
        inferred=inferred,
        median_days=float(median(lengths)) if lengths else None,
        ages=_ages(standing, as_of, stalled_days),
    )


def _ages(standing: Sequence[Standing], as_of: date, stalled_days: int) -> AgeBands:
    fresh = middle = stalled = unknown = 0
    for item in standing:
        age = age_days(item.since, as_of)
        if age is None:
            unknown += 1
        elif age <= FRESH_DAYS:
            fresh += 1
        elif age <= stalled_days:
            middle += 1
        else:
            stalled += 1
    return AgeBands(fresh, middle, stalled, unknown)


def age_days(entered: date | None, as_of: date) -> int | None:
    """Return how many days a deal has stood in its stage; an entry after the day counts as today's."""
    return None if entered is None else max(0, (as_of - entered).days)
