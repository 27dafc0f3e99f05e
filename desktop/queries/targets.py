"""The target tree of a month: who carries what, where it leaks, and who is on pace (TGT-01, 02, 19, 20, 22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from desktop.analytics.calibration import Basis, Sale, calibrate_month, exposure, learn_rhythm
from desktop.analytics.deviation import Judgement, Pace, target_to_date, weekly_deviation
from desktop.analytics.reasons import Reason
from desktop.i18n import ENGLISH
from desktop.models.people import OrgUnit
from desktop.models.targets import Target
from desktop.money import largest_remainder
from desktop.periods import Period, weeks_of
from desktop.queries.calibration import (
    NOTHING,
    CalibrationView,
    PersonPlan,
    Weeks,
    calibration,
    weeks_of_sales,
)
from desktop.queries.metrics.engine import Figures, Question, compute
from desktop.queries.sales_history import History
from desktop.queries.target_nodes import (
    FIRM,
    PERSON,
    UNIT,
    Cascade,
    TargetNode,
    WeekParts,
    Why,
    due_of,
)
from desktop.store.workspace import Work

__all__ = [
    "FIRM",
    "PERSON",
    "UNIT",
    "Basis",
    "Cascade",
    "Judgement",
    "Pace",
    "TargetNode",
    "TargetView",
    "WeekParts",
    "Why",
    "due_of",
    "target_view",
]


SOLD = {
    None: "actual_won",
    History.OPPORTUNITIES: "won_amount",
    History.CONTRACTS: "contract_amount",
    History.ORDERS: "ordered_amount",
}
"""The figure that says what was sold, by the records that somebody chose for it."""


@dataclass(frozen=True, slots=True)
class TargetView:
    """The target tree of a month; `nodes` in the order of the tree, roots first.

    `told` is what the metric dictionary says was sold in the month, by person, as its figure `metric`.
    """

    run: CalibrationView
    told: Figures
    metric: str
    as_of: date
    nodes: tuple[TargetNode, ...]

    def node(self, key: str) -> TargetNode | None:
        """Return the node of a key."""
        return next((node for node in self.nodes if node.key == key), None)

    def children(self, key: str) -> tuple[TargetNode, ...]:
        """Return the nodes directly below one."""
        return tuple(node for node in self.nodes if node.parent == key)

    def parts(self, key: str) -> tuple[WeekParts, ...]:
        """Return what a node's weeks are made of: its people's factors, weighted by their targets."""
        node = self.node(key)
        if node is None:
            return ()
        whole = sum(person.plan.target for person in node.people)
        shares = exposure(self.run.period)
        made = []
        for i, week in enumerate(weeks_of(self.run.period)):
            weeks = (
                [(person.plan.target, person.plan.weeks[i]) for person in node.people] if whole > 0 else []
            )
            made.append(
                WeekParts(
                    week=week,
                    exposure=shares[i],
                    rhythm=sum(t * w.rhythm for t, w in weeks) / whole if weeks else shares[i],
                    process=sum(t * w.process for t, w in weeks) / whole if weeks else 1.0,
                    calendar=sum(t * w.calendar for t, w in weeks) / whole if weeks else 1.0,
                    target=node.calibrated[i],
                )
            )
        return tuple(made)

    def why(self, key: str) -> tuple[Why, ...]:
        """Return the reasons of a node's weeks, those that moved a target first, each with how many it concerns."""
        node = self.node(key)
        counted: dict[tuple[int, str], tuple[Reason, int]] = {}
        for person in node.people if node else ():
            for week in person.plan.weeks:
                for reason in week.reasons:
                    at = (week.week.number, reason.text(ENGLISH))
                    counted[at] = (reason, counted.get(at, (reason, 0))[1] + 1)
        found = [Why(week, reason, number) for (week, _), (reason, number) in counted.items()]
        return tuple(
            sorted(found, key=lambda why: (not why.reason.changes, why.reason.code == "floor", why.week))
        )

    def missed(self, node: TargetNode, targets: Weeks) -> float | None:
        """Return D of a node's weeks that are over against these targets; None before the first ends."""
        over = [i for i, week in enumerate(weeks_of(self.run.period)) if week.ends <= self.as_of]
        return weekly_deviation([node.actual[i] for i in over], [targets[i] for i in over])

    def cascade(self, key: str) -> Cascade | None:
        """Return how a node's target comes down to those who carry it (TGT-02)."""
        top = self.node(key)
        if top is None:
            return None
        lost: dict[str, int] = {}
        leaf = 0
        waiting = [top]
        while waiting:
            following: list[TargetNode] = []
            for node in waiting:
                carriers = [child for child in self.children(node.key) if child.target]
                if not carriers:
                    leaf += node.target
                    continue
                level = carriers[0].level or carriers[0].kind
                lost[level] = lost.get(level, 0) + (node.leak or 0)
                following.extend(carriers)
            waiting = following
        return Cascade(top.target, tuple(lost.items()), leaf)


def target_view(
    work: Work,
    *,
    period: Period,
    unit_id: int | None = None,
    history: History | None = None,
    metric: str | None = None,
) -> TargetView:
    """Return the tree of units and people with their month, calibrated, as of today.

    Raises InvalidInput for a period that is not a month.
    """
    run = calibration(work, period=period, unit_id=unit_id, history=history, metric=metric)
    sold = SOLD[history]
    told = compute(work, Question((sold,), period, ("person",)))
    builder = _Builder(work, run, told, unit_id)
    return TargetView(run, told, sold, work.today, tuple(builder.build()))


@dataclass(frozen=True, slots=True)
class _Unit:
    id: int
    name: str
    level: str | None
    parent_id: int | None


class _Builder:
    """Puts units, people and targets together, bottom up."""

    def __init__(self, work: Work, run: CalibrationView, told: Figures, unit_id: int | None) -> None:
        self.run, self.told = run, told
        self.day = min(work.today, run.period.ends)
        self.weeks = weeks_of(run.period)
        self.root = unit_id
        self.units = [
            _Unit(unit.id, unit.name, unit.level, unit.parent_id)
            for (unit,) in work.rows(select(OrgUnit).order_by(OrgUnit.id))
        ]
        self.own = self._unit_targets(work)
        self.managers = _managers(run.staff)
        self.homes: dict[int, set[int]] = {}
        """The people of each unit (0: of none), so that what they sell counts even without a target."""
        for person_id, _, home, _ in run.staff:
            self.homes.setdefault(home or 0, set()).add(person_id)
        self.plans: dict[int | None, list[PersonPlan]] = {}
        for plan in run.people:
            self.plans.setdefault(plan.unit_id, []).append(plan)

    def _unit_targets(self, work: Work) -> dict[int, int]:
        rows = work.rows(
            select(Target.unit_id, Target.value)
            .where(
                Target.unit_id.is_not(None),
                Target.period == self.run.period.text,
                Target.metric == self.run.metric,
            )
            .order_by(Target.id)
        )
        return {row.unit_id: row.value for row in rows}

    def build(self) -> list[TargetNode]:
        """Return the nodes in tree order."""
        tops = [
            unit
            for unit in self.units
            if (unit.id == self.root if self.root is not None else unit.parent_id is None)
        ]
        homeless = self.plans.get(None, []) if self.root is None else []
        if self.root is None and (len(tops) != 1 or homeless):
            return self._firm(tops, homeless)
        return [node for unit in tops for node in self._unit(unit, None, 0)]

    def _firm(self, tops: Sequence[_Unit], homeless: Sequence[PersonPlan]) -> list[TargetNode]:
        below = [node for unit in tops for node in self._unit(unit, FIRM, 1)]
        people = [self._person(plan, FIRM, 1) for plan in homeless]
        loose = self.homes.get(0, set())
        sales = [
            sale
            for owner, found in self.run.sold.items()
            if owner is None or owner in loose
            for sale in found
        ]
        children = [node for node in below if node.parent == FIRM] + people
        top = self._node(FIRM, FIRM, None, "", None, None, 0, None, children, sales, homeless, {None, *loose})
        return [top, *below, *people]

    def _unit(self, unit: _Unit, parent: str | None, depth: int) -> list[TargetNode]:
        key = f"{UNIT}:{unit.id}"
        below = [
            node
            for child in self.units
            if child.parent_id == unit.id
            for node in self._unit(child, key, depth + 1)
        ]
        plans = self.plans.get(unit.id, [])
        people = [self._person(plan, key, depth + 1) for plan in plans]
        home = self.homes.get(unit.id, set())
        sales = [sale for owner in home for sale in self.run.sold.get(owner, ())]
        children = [node for node in below if node.parent == key] + people
        own = self.own.get(unit.id)
        node = self._node(
            key, UNIT, unit.id, unit.name, unit.level, parent, depth, own, children, sales, plans, home
        )
        if own is None and not any(child.target for child in children) and not node.sold:
            return []
        return [node, *people, *below]

    def _node(
        self,
        key: str,
        kind: str,
        number: int | None,
        name: str,
        level: str | None,
        parent: str | None,
        depth: int,
        own: int | None,
        children: Sequence[TargetNode],
        sales: Sequence[Sale],
        plans: Sequence[PersonPlan],
        home: Iterable[int | None],
    ) -> TargetNode:
        """Return a unit's node from its children's; `sales` are those of its own people, `home`."""
        carried = [child.target for child in children if child.target or child.own]
        below = sum(carried) if carried else None
        target = own if own is not None else (below or 0)
        units = [child for child in children if child.kind != PERSON]
        amounts = [sale.amount for sale in sales]
        for child in units:
            amounts.extend(child.amounts)
        actual = _add([weeks_of_sales(sales), *(child.actual for child in units)])
        sellers = frozenset(home).union(*(child.sellers for child in units))
        if below is None and target:
            plan = calibrate_month(target, self.run.period, learn_rhythm((), self.run.months))
            calibrated = _four([week.target for week in plan.weeks])
        else:
            calibrated = _add([child.calibrated for child in children])
        return TargetNode(
            key=key,
            kind=kind,
            id=number,
            name=name,
            level=level,
            parent=parent,
            depth=depth,
            manager=self.managers.get(number) if number is not None else None,
            own=own is not None,
            target=target,
            below=below,
            original=_four(largest_remainder(target, (1, 1, 1, 1))),
            calibrated=calibrated,
            actual=actual,
            due=target_to_date(list(zip(self.weeks, calibrated, strict=True)), self.day),
            people=(*plans, *(person for child in units for person in child.people)),
            amounts=tuple(amounts),
            as_of=self.day,
            sellers=sellers,
            sold=self._sold(sellers),
        )

    def _person(self, plan: PersonPlan, parent: str, depth: int) -> TargetNode:
        return TargetNode(
            key=f"{PERSON}:{plan.person_id}",
            kind=PERSON,
            id=plan.person_id,
            name=plan.owner,
            level=None,
            parent=parent,
            depth=depth,
            manager=None,
            own=True,
            target=plan.plan.target,
            below=None,
            original=_four([week.equal for week in plan.plan.weeks]),
            calibrated=plan.calibrated,
            actual=plan.actual,
            due=due_of(plan, self.day),
            people=(plan,),
            amounts=plan.amounts,
            as_of=self.day,
            sellers=frozenset({plan.person_id}),
            sold=self._sold({plan.person_id}),
        )

    def _sold(self, sellers: Iterable[int | None]) -> int:
        """Return what the metric dictionary says that these people sold."""
        groups = [(person,) for person in sellers]
        return int(self.told.value(self.told.question.metrics[0], *groups) or 0) if groups else 0


def _managers(staff: Sequence[Any]) -> dict[int, str]:
    """Return who leads each unit: the one of its people whom the most others report to."""
    reports = Counter(manager_id for _, _, _, manager_id in staff if manager_id is not None)
    best: dict[int, tuple[int, str]] = {}
    for person_id, name, unit_id, _ in staff:
        number = reports[person_id]
        if unit_id is not None and number > best.get(unit_id, (0, ""))[0]:
            best[unit_id] = (number, name)
    return {unit_id: name for unit_id, (_, name) in best.items()}


def _add(parts: Iterable[Weeks]) -> Weeks:
    total = list(NOTHING)
    for part in parts:
        for i, value in enumerate(part):
            total[i] += value
    return _four(total)


def _four(values: Sequence[int]) -> Weeks:
    first, second, third, fourth = values
    return first, second, third, fourth
