"""The way of each deal through its stages, as recorded entries and closing dates tell it (FUN-13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from desktop.terms import DealStatus, StageKind


@dataclass(frozen=True, slots=True)
class StageFact:
    """A stage as the funnel needs it; `position` orders the stages of one pipeline."""

    id: int
    name: str
    position: int
    kind: StageKind


@dataclass(frozen=True, slots=True)
class DealFact:
    """A deal as it is today. `first_known` stands in for a history that was never recorded:
    stage entered, closed, opened or created, the first that is known."""

    id: int
    stage_id: int
    status: DealStatus
    amount: int
    won_amount: int | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    first_known: date | None = None


@dataclass(frozen=True, slots=True)
class EntryFact:
    """A deal entered a stage; `inferred` marks the one entry of a deal that came without history."""

    deal_id: int
    stage_id: int
    entered_on: date | None
    inferred: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """The days whose movements count, both ends included; without `starts` it reaches back to the first."""

    starts: date | None
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day <= self.last and (self.starts is None or day >= self.starts)


@dataclass(frozen=True, slots=True)
class Step:
    stage: StageFact
    on: date | None
    inferred: bool


Path = list[Step]


def build_paths(
    stages: Mapping[int, StageFact],
    deals: Sequence[DealFact],
    entries: Iterable[EntryFact],
    as_of: date,
    *,
    current: bool,
) -> dict[int, Path]:
    """Return each deal's steps up to the as-of day, closed by its closing date where no entry says so."""
    recorded: dict[int, list[EntryFact]] = defaultdict(list)
    for entry in entries:
        if entry.stage_id in stages:
            recorded[entry.deal_id].append(entry)
    paths: dict[int, Path] = {}
    for deal in deals:
        known = recorded.get(deal.id)
        if not known and deal.stage_id in stages:
            known = [EntryFact(deal.id, deal.stage_id, deal.first_known, inferred=True)]
        ordered = sorted(known or (), key=lambda entry: (entry.entered_on or date.min, entry.order))
        path = [
            Step(stages[entry.stage_id], entry.entered_on, entry.inferred)
            for entry in ordered
            if (entry.entered_on <= as_of if entry.entered_on else current)
        ]
        if _closed_without_entry(deal, path, stages, as_of):
            path.append(Step(stages[deal.stage_id], deal.closed_on, inferred=False))
        paths[deal.id] = path
    return paths


def _closed_without_entry(deal: DealFact, path: Path, stages: Mapping[int, StageFact], as_of: date) -> bool:
    if deal.status is DealStatus.OPEN or deal.closed_on is None or deal.closed_on > as_of:
        return False
    if deal.stage_id not in stages or stages[deal.stage_id].kind is StageKind.OPEN:
        return False
    return not path or path[-1].stage.kind is StageKind.OPEN


def since(path: Path, stage_id: int) -> tuple[date | None, bool]:
    """Return when the present stay began and whether that is only inferred."""
    if not path or path[-1].stage.id != stage_id:
        return None, True
    first = path[-1]
    for step in reversed(path):
        if step.stage.id != stage_id:
            break
        first = step
    return first.on, first.inferred


def first_entry(path: Path, stage_id: int, window: Window) -> int | None:
    """Return the index of the first entry into the stage within the window."""
    for index, step in enumerate(path):
        if step.stage.id != stage_id or (index and path[index - 1].stage.id == stage_id):
            continue
        if step.on in window or (step.on is None and window.starts is None):
            return index
    return None


def moved_on(later: Path, stage: StageFact) -> bool:
    """Whether later steps went further than a stage, or won."""
    return any(
        step.stage.kind is StageKind.WON
        or (step.stage.kind is StageKind.OPEN and step.stage.position > stage.position)
        for step in later
    )


def stays(path: Path, stage_id: int, window: Window) -> list[int]:
    """Return the lengths in days of the observed stays that ended within the window."""
    lengths: list[int] = []
    begun: Step | None = None
    for step in path:
        if begun is not None and step.stage.id != stage_id:
            if step.on in window and step.on and begun.on and not begun.inferred:
                lengths.append((step.on - begun.on).days)
            begun = None
        elif begun is None and step.stage.id == stage_id:
            begun = step
    return lengths
