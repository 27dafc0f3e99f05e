"""Calibration on a database: who has a target, from whose history, the tree, accepting and setting."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from desktop.analytics.calibration import Basis
from desktop.analytics.deviation import Judgement, Pace
from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.models.audit import AuditEntry
from desktop.models.targets import CalendarEvent, WeeklyTarget
from desktop.operations.targets import accept_calibration, set_target
from desktop.periods import Period
from desktop.queries.calibration import CalibrationView, calibration
from desktop.queries.sales_history import History
from desktop.queries.targets import FIRM, TargetView, target_view
from desktop.store.workspace import Work, Workspace
from tests.databases import Place
from tests.maker import Maker

NOVEMBER = Period.parse("2026-11")


def won(make: Maker, owner: int | None, amount: int, day: date) -> None:
    make.deal("Deal", owner=owner, amount=amount, path=[("Lead", day - timedelta(days=9)), ("Signed", day)])


@pytest.fixture
def firm(make: Maker) -> dict[str, int]:
    """HQ over two cities; Ann sells late in the month, Bo is new, Cy has no target."""
    hq = make.unit("HQ", "hq")
    east = make.unit("East region", "region", hq)
    west = make.unit("West region", "region", hq)
    ann = make.person("Ann", unit=east)
    bo = make.person("Bo", unit=east)
    cy = make.person("Cy", unit=west)
    for month in (7, 8, 9, 10):
        won(make, ann, 20, date(2026, month, 3))
        won(make, ann, 80, date(2026, month, 26))
    won(make, ann, 30, date(2026, 11, 4))
    won(make, cy, 7, date(2026, 11, 17))
    make.target("2026-11", 300, unit=hq)
    make.target("2026-11", 200, unit=east)
    make.target("2026-11", 100, person=ann)
    make.target("2026-11", "60.01", person=bo)
    return {"hq": hq, "east": east, "west": west, "ann": ann, "bo": bo, "cy": cy}


def run(workspace: Workspace, **what: object) -> CalibrationView:
    return workspace.read(lambda work: calibration(work, period=NOVEMBER, **what))  # type: ignore[arg-type]


def tree(workspace: Workspace, **what: object) -> TargetView:
    return workspace.read(lambda work: target_view(work, period=NOVEMBER, **what))  # type: ignore[arg-type]


def test_weeks_add_up_and_follow_the_persons_rhythm(workspace: Workspace, firm: dict[str, int]) -> None:
    ann, bo = run(workspace).people
    assert (ann.owner, bo.owner) == ("Ann", "Bo")
    assert sum(ann.calibrated) == 10000
    assert sum(bo.calibrated) == 6001
    assert ann.plan.rhythm.basis is Basis.OWN
    assert ann.plan.rhythm.months == 4
    assert ann.plan.weeks[3].target > 6000
    assert bo.plan.rhythm.basis is Basis.TEAM
    assert ann.actual == (3000, 0, 0, 0)


def test_a_newcomer_without_a_team_learns_from_the_company(
    workspace: Workspace, firm: dict[str, int], make: Maker
) -> None:
    make.target("2026-11", 10, person=firm["cy"])
    plan = next(plan for plan in run(workspace).people if plan.owner == "Cy")
    assert plan.plan.rhythm.basis is Basis.COMPANY


def test_a_scope_narrows_who_is_calibrated_not_what_is_learned(
    workspace: Workspace, firm: dict[str, int]
) -> None:
    assert [plan.owner for plan in run(workspace, unit_id=firm["east"]).people] == ["Ann", "Bo"]
    assert run(workspace, unit_id=firm["west"]).people == ()


def test_history_is_deals_else_contracts_else_orders_and_can_be_chosen(
    workspace: Workspace, make: Maker
) -> None:
    ann = make.person("Ann")
    make.target("2026-11", 100, person=ann)
    for month in (7, 8, 9):
        make.contract(f"C-{month}", amount=50, owner_id=ann, signed_on=date(2026, month, 2))
    assert run(workspace).history is History.CONTRACTS
    assert run(workspace).people[0].plan.rhythm.months == 3
    won(make, ann, 30, date(2026, 9, 4))
    assert run(workspace).history is History.OPPORTUNITIES
    assert run(workspace, history=History.CONTRACTS).people[0].plan.rhythm.months == 3
    assert run(workspace, history=History.ORDERS).people[0].plan.rhythm.basis is Basis.EXPOSURE


def test_an_order_without_an_amount_counts_its_lines(workspace: Workspace, make: Maker) -> None:
    from desktop.models.orders import OrderLine, SalesOrder

    ann = make.person("Ann")
    make.target("2026-11", 100, person=ann)

    def order(work: Work) -> None:
        stamp = {"recorded_at": work.now, "changed_at": work.now}
        head = SalesOrder(number="O-1", ordered_on=date(2026, 11, 9), owner_id=ann, **stamp)
        work.session.add(head)
        work.session.flush()
        work.session.add_all(OrderLine(order_id=head.id, amount=amount, **stamp) for amount in (100, 250))

    workspace.write(order)
    view = run(workspace)
    assert view.history is History.ORDERS
    assert view.people[0].actual == (0, 350, 0, 0)


def test_own_events_lower_the_weeks_of_their_region(
    workspace: Workspace, firm: dict[str, int], make: Maker
) -> None:
    def plan_events(work: Work) -> None:
        stamp = {"recorded_at": work.now, "changed_at": work.now}
        for name, region in (("Fair", "East"), ("Snow", "North"), ("Stock take", None)):
            work.session.add(
                CalendarEvent(
                    name=name,
                    kind="fair",
                    starts_on=date(2026, 11, 8),
                    ends_on=date(2026, 11, 14),
                    region=region,
                    factor=0.5,
                    **stamp,
                )
            )

    workspace.write(plan_events)
    ann = run(workspace).people[0]
    assert [week.calendar for week in ann.plan.weeks] == [1.0, 0.25, 1.0, 1.0]


def test_a_period_must_be_a_month(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="2026-Q4"):
        workspace.read(lambda work: calibration(work, period=Period.parse("2026-Q4")))


def test_the_tree_adds_up_and_shows_where_the_target_leaks(
    workspace: Workspace, firm: dict[str, int]
) -> None:
    view = tree(workspace)
    hq, east, west = (view.node(f"unit:{firm[name]}") for name in ("hq", "east", "west"))
    assert hq
    assert east
    assert west
    assert [node.name for node in view.nodes] == ["HQ", "East region", "Ann", "Bo", "West region"]
    assert (hq.target, hq.below, hq.leak) == (30000, 20000, -10000)
    assert (east.target, east.below, east.leak) == (20000, 16001, -3999)
    assert (west.target, west.sold, west.pace) == (0, 700, Pace.NONE)
    assert hq.sold == east.sold + west.sold == 3700
    assert sum(hq.calibrated) == 16001
    cascade = view.cascade(hq.key)
    assert cascade
    assert (cascade.start, cascade.leaf) == (30000, 16001)
    assert cascade.steps == (("region", -10000), ("person", -3999))
    assert cascade.start + sum(lost for _, lost in cascade.steps) == cascade.leaf


def test_pace_deviation_and_dispersion_of_a_node(workspace: Workspace, firm: dict[str, int]) -> None:
    view = tree(workspace)
    ann, bo, east = (
        view.node(key) for key in (f"person:{firm['ann']}", f"person:{firm['bo']}", f"unit:{firm['east']}")
    )
    assert ann
    assert bo
    assert east
    assert ann.due == ann.calibrated[0] + ann.calibrated[1] + ann.calibrated[2] * 4 // 7
    assert (ann.pace, bo.pace) == (Pace.BEHIND if ann.sold / ann.due < 0.8 else Pace.ON, Pace.BEHIND)
    assert east.deviation.judgement is Judgement.TOO_FEW
    assert east.dispersion == pytest.approx(ann.sold / ann.due / 2)
    assert ann.dispersion is None


def test_people_without_units_hang_under_the_firm(workspace: Workspace, make: Maker) -> None:
    for name, value in (("Ann", 100), ("Bo", 50)):
        make.target("2026-11", value, person=make.person(name))
    view = tree(workspace)
    assert next((node.key, node.target) for node in view.nodes) == (FIRM, 15000)
    assert [node.name for node in view.children(FIRM)] == ["Ann", "Bo"]


def test_a_unit_whose_target_is_not_broken_down_is_split_by_days(workspace: Workspace, make: Maker) -> None:
    unit = make.unit("HQ", "hq")
    make.target("2026-11", 300, unit=unit)
    (node,) = tree(workspace).nodes
    assert node.calibrated == (7000, 7000, 7000, 9000)
    assert node.leak is None


def test_accepting_writes_the_weeks_once_and_says_so(workspace: Workspace, firm: dict[str, int]) -> None:
    first = workspace.write(lambda work: accept_calibration(work, period=NOVEMBER))
    assert (first.changed, first.unchanged, first.total) == (2, 0, 16001)
    assert workspace.read(_weeks) == (8, 16001)
    again = workspace.write(lambda work: accept_calibration(work, period=NOVEMBER))
    assert (again.changed, again.unchanged) == (0, 2)
    assert workspace.read(_weeks) == (8, 16001)
    assert all(plan.is_accepted for plan in run(workspace).people)
    entry = workspace.read(
        lambda work: work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "accept_calibration").order_by(AuditEntry.id)
        ).first()
    )
    assert entry
    assert entry.details
    assert entry.details["total"] == "160.01"
    assert entry.details["people"] == [firm["ann"], firm["bo"]]


def test_accepting_can_be_for_some_people_only(workspace: Workspace, firm: dict[str, int]) -> None:
    done = workspace.write(lambda work: accept_calibration(work, period=NOVEMBER, person_ids={firm["bo"]}))
    assert done.changed == 1
    assert [plan.accepted is None for plan in run(workspace).people] == [True, False]


def test_accepting_where_nobody_has_a_target_is_refused(workspace: Workspace, firm: dict[str, int]) -> None:
    with pytest.raises(NotFound, match="2025-01"):
        workspace.write(lambda work: accept_calibration(work, period=Period.parse("2025-01")))


def test_a_rep_cannot_accept_or_set_targets(
    place: Place, make: Maker, workspace: Workspace, firm: dict[str, int]
) -> None:
    make.person("Di", login="rep_of_targets", unit=firm["east"])
    rep = place.open("rep_of_targets", workspace.clock)
    with pytest.raises(NotAllowed, match="Di"):
        rep.write(lambda work: accept_calibration(work, period=NOVEMBER))
    with pytest.raises(NotAllowed):
        rep.write(lambda work: set_target(work, period=NOVEMBER, value=1, person_id=firm["ann"]))
    assert workspace.read(_weeks) == (0, 0)


def test_a_changed_target_takes_back_the_weeks_that_no_longer_add_up(
    workspace: Workspace, firm: dict[str, int]
) -> None:
    workspace.write(lambda work: accept_calibration(work, period=NOVEMBER))
    workspace.write(lambda work: set_target(work, period=NOVEMBER, value=20000, person_id=firm["ann"]))
    ann, bo = run(workspace).people
    assert (sum(ann.calibrated), ann.accepted) == (20000, None)
    assert bo.is_accepted
    workspace.write(lambda work: set_target(work, period=NOVEMBER, value=25000, unit_id=firm["east"]))
    east = tree(workspace).node(f"unit:{firm['east']}")
    assert east
    assert east.target == 25000


@pytest.mark.parametrize("what", [{}, {"person_id": 1, "unit_id": 1}, {"value": -1, "person_id": 1}])
def test_a_target_needs_one_owner_and_an_amount(workspace: Workspace, what: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: set_target(work, **({"period": NOVEMBER, "value": 1} | what)))  # type: ignore[arg-type]


def test_a_target_for_nobody_is_refused(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.write(lambda work: set_target(work, period=NOVEMBER, value=1, unit_id=10**6))


def _weeks(work: Work) -> tuple[int, int]:
    row = work.session.execute(
        select(func.count(WeeklyTarget.id), func.coalesce(func.sum(WeeklyTarget.value), 0))
    ).one()
    return int(row[0]), int(row[1])
