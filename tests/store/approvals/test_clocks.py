"""A console whose clock is wrong neither gains nor loses time: the team database says when (APR-04, PLT-09)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from desktop.clock import FixedClock
from desktop.jobs.runner import Runner
from desktop.models.rules import Threshold
from desktop.operations.approval_subjects.target_adjustment import (
    ask_target_adjustment,
    plan_target_adjustment,
)
from desktop.operations.approvals import add_signature, approve
from desktop.operations.approvals.flows import name_deputy
from desktop.operations.settings import add_calendar_event
from desktop.queries.approvals import ApprovalItem, approval_inbox, approval_trail
from desktop.queries.work_calendar import work_calendar
from desktop.store.workspace import Work, Workspace
from desktop.terms import CalendarKind
from tests.security.lab import connect
from tests.store.approvals.by_hand import ask_by_hand, newest
from tests.store.approvals.conftest import Office, level
from tests.store.approvals.test_enforced import guarded

__all__ = ["guarded"]
pytestmark = pytest.mark.postgres
THREE_DAYS = timedelta(days=3)


@pytest.mark.parametrize("wrong", [-THREE_DAYS, THREE_DAYS], ids=["slow", "fast"])
def test_a_clock_that_is_wrong_by_days_changes_no_time(guarded: Office, wrong: timedelta) -> None:
    def console(name: str) -> Workspace:
        workspace = guarded.as_(name)
        workspace.clock = FixedClock(guarded.clock.now() + wrong)
        return workspace

    def after(hours: float, since: datetime) -> datetime:
        return guarded.admin.read(lambda work: work_calendar(work).add_hours(since, hours))

    def waiting(name: str) -> ApprovalItem:
        return console(name).read(approval_inbox)[0]

    guarded.flow(
        level("role:city_manager", hours=8, escalate_to="role:finance"), level("role:director", hours=2)
    )
    began = guarded.clock.now()
    today = began.date()
    console("manager").write(lambda work: name_deputy(work, guarded.ids["other"], today, today))
    planned = console("rep").read(partial(plan_target_adjustment, target_id=guarded.target, value=20_000_000))
    assert [one.due_at for one in planned] == [after(8, began), after(2, after(8, began))]
    number = console("rep").write(
        lambda work: ask_target_adjustment(work, guarded.target, 20_000_000, "客户推迟")
    )
    assert guarded.request(number).requested_at == began
    Runner(console("admin")).tick()
    item = waiting("manager")
    assert (item.due_at, item.is_late, item.waiting_hours) == (after(8, began), False, 0)
    assert not waiting("other").why_not  # who is deputy today is so on this console, too
    assert [one.id for one in guarded.inbox("finance")] == []

    guarded.at(after(8, began) + timedelta(minutes=1))
    assert waiting("manager").is_late
    Runner(guarded.as_("admin")).tick()  # a runner goes by the database's time
    assert [one.id for one in guarded.inbox("finance")] == [number]
    now = guarded.clock.now()
    console("manager").write(lambda work: add_signature(work, number, guarded.ids["legal"]))
    for name in ("manager", "legal"):
        console(name).write(partial(approve, request_id=number))
    lines = guarded.admin.read(lambda work: approval_trail(work, number))
    assert [(line.opened_at, line.due_at) for line in lines] == [
        (began, after(8, began)),
        (now, after(8, now)),
        (now, after(2, now)),
    ]
    assert [line.decided_at for line in lines] == [now, now, None]


def test_what_a_client_says_of_the_time_is_not_heeded(guarded: Office) -> None:
    facts = '{"target": 10000000, "amount": 60000000, "change": 50000}'
    assert ask_by_hand(guarded, "[1]", facts, at="'2020-01-01'") == ""
    asked = guarded.request(newest(guarded))
    assert asked.requested_at == asked.recorded_at == asked.changed_at == guarded.clock.now()


def test_the_server_counts_office_hours_as_the_program_does(guarded: Office) -> None:
    """Public holidays, make-up days, the firm's own days, weekdays and hours; 60 moments of three years."""

    def configure(work: Work) -> None:
        for kind, day in (
            (CalendarKind.HOLIDAY, date(2026, 5, 11)),
            (CalendarKind.MAKE_UP_DAY, date(2026, 5, 16)),
        ):
            add_calendar_event(work, name=kind.value, kind=kind, starts_on=day, ends_on=day)
        hours = update(Threshold).where(Threshold.key == "work.office_hours")
        work.session.execute(hours.values(value={"value": ["08:30–12:00", "13:30-17:45"]}))

    guarded.admin.write(configure)
    picking = random.Random(5)
    moments = [
        datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=picking.randrange(1_700_000)) for _ in range(54)
    ]
    moments += [datetime(2026, 5, 8, 9, 0, tzinfo=UTC) + timedelta(hours=n) for n in range(0, 24, 4)]
    cases = [(moment, picking.choice((0, 1, 2, 8, 16, 48, 100))) for moment in moments]
    calendar = guarded.admin.read(work_calendar)
    with connect(guarded.place, "postgres") as root:
        for since, hours in cases:
            row = root.execute("SELECT plumbline.add_hours(%s, %s)", [since, hours]).fetchone()
            assert row == (calendar.add_hours(since, hours),), (since, hours)
