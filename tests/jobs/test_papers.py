"""Papers that go out by the clock: each rep's daily sheet, the health report, the strategy pack."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from desktop.clock import FixedClock
from desktop.jobs.rules.schedules import RULE
from desktop.jobs.runner import Runner
from desktop.models.activities import Activity, Todo
from desktop.models.clockwork import Outbox, OutboxFile
from desktop.models.people import Person
from desktop.operations.schedules import Wish, add_schedule
from desktop.queries.personal_daily import KeyAction, best_of, rep_days
from desktop.queries.strategy import Named, strategy
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role, ScheduleKind
from tests.databases import Place
from tests.maker import Maker

WEDNESDAY = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
YESTERDAY = date(2026, 11, 17)


@pytest.fixture
def reps(workspace: Workspace, make: Maker) -> tuple[int, int]:
    """Two reps: one did both things that were planned for yesterday, the other none of one."""
    good, other = make.person("Good"), make.person("Other")
    customer = make.account("Mill", owner=good)
    make.activity(customer, type="call", owner=good, on=date(2026, 11, 10))
    make.activity(customer, owner=good, on=YESTERDAY)
    silent = make.account("Quiet", owner=other)

    def plan(work: Work) -> None:
        announced = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)
        work.session.execute(
            update(Activity)
            .where(Activity.occurred_on == date(2026, 11, 10))
            .values(next_contact_at=announced, next_action="Show the pump")
        )
        for owner, state in ((good, "done"), (other, "open")):
            work.session.add(
                Todo(
                    title="Send the offer",
                    owner_id=owner,
                    account_id=silent if owner == other else None,
                    due_on=YESTERDAY,
                    state=state,
                    recorded_at=work.now,
                    changed_at=work.now,
                )
            )
        work.session.execute(update(Person).where(Person.id == good).values(email="good@firm.example"))

    workspace.write(plan)
    return good, other


def test_a_sheet_tells_what_was_planned_and_done(workspace: Workspace, reps: tuple[int, int]) -> None:
    found = workspace.read(lambda work: rep_days(work, starts=YESTERDAY, ends=YESTERDAY, unit_id=None))
    good, other = (next(day for day in found if day.person_id == each) for each in reps)
    assert good.actions == (
        KeyAction("Send the offer", "", True),
        KeyAction("Show the pump", "Mill", True),
    )
    assert (good.done, good.contacts, good.best_contacts) == (2, 1, 1.0)
    assert (other.done, len(other.actions), other.contacts) == (0, 1, 0)
    assert [getattr(item, "title", "") for item in other.priorities] == ["Send the offer"]


def test_there_are_three_priorities_at_most_and_each_customer_once(workspace: Workspace, make: Maker) -> None:
    rep = make.person("Rep")
    for number in range(5):
        customer = make.account(f"Customer {number}", owner=rep)
        for size in (1, 2):
            make.deal(
                f"Deal {number}.{size}",
                owner=rep,
                account=customer,
                amount=str(1000 * number + size),
                stage="Quotation",
                opened=date(2026, 8, 1),
            )
    (day,) = [
        each
        for each in workspace.read(
            lambda work: rep_days(work, starts=YESTERDAY, ends=YESTERDAY, unit_id=None)
        )
        if each.person_id == rep
    ]
    assert [getattr(item, "name", "") for item in day.priorities] == ["Deal 4.2", "Deal 3.2", "Deal 2.2"]


def test_the_benchmark_is_the_mean_of_the_best() -> None:
    assert best_of([1.0, 0.5, 0.25, 0.1, 0.0], 0.4) == 0.75
    assert best_of([0.3], 0.2) == 0.3
    assert best_of([], 0.2) is None


def test_each_rep_gets_their_own_sheet_and_no_other(
    place: Place, workspace: Workspace, reps: tuple[int, int]
) -> None:
    early = place.open(clock=FixedClock(WEDNESDAY - timedelta(hours=2)))
    early.write(
        lambda work: add_schedule(work, Wish(ScheduleKind.PERSONAL_DAILY, at="08:30", language="zh_CN"))
    )
    (done,) = Runner(workspace, [RULE], send=False).tick().acted
    assert done.problem is None

    def sent(work: Work) -> list[tuple[str, int | None, str, bytes]]:
        rows = work.rows(
            select(Outbox.target, Outbox.person_id, OutboxFile.name, OutboxFile.content).join(
                OutboxFile, OutboxFile.id == Outbox.file_id
            )
        )
        return [(row.target, row.person_id, row.name, row.content[:5]) for row in rows]

    ((target, person, name, start),) = workspace.read(sent)
    assert (target, person, start) == ("good@firm.example", reps[0], b"%PDF-")
    assert name == f"个人改进日报 2026-11-18 Good {reps[0]}.pdf"


@pytest.mark.parametrize("kind", [ScheduleKind.HEALTH_DAILY, ScheduleKind.STRATEGY_PACK])
def test_a_paper_is_made_for_a_firm_with_and_without_data(
    place: Place, workspace: Workspace, make: Maker, kind: ScheduleKind
) -> None:
    early = place.open(clock=FixedClock(datetime(2026, 11, 15, 1, 0, tzinfo=UTC)))
    wish = Wish(kind, at="08:30", language="en", addresses=["boss@firm.example"])
    early.write(lambda work: add_schedule(work, wish))
    rep = make.person("Rep", role=Role.REP)
    make.account("Silent <b>one</b>", owner=rep, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    found = Runner(workspace, [RULE], send=False).tick().acted
    assert found[-1].state == "done", found[-1].problem


def test_the_week_counts_pains_and_competitors_beside_the_week_before(
    workspace: Workspace, make: Maker
) -> None:
    rep = make.person("Rep")
    customer = make.account("Mill", owner=rep)
    for day, pains, competitor in (
        (date(2026, 11, 10), ["price", "delay"], "Rival"),
        (date(2026, 11, 12), ["price"], None),
        (date(2026, 11, 4), ["delay"], "Rival"),
    ):
        make.activity(customer, owner=rep, on=day, pains=pains, competitor=competitor)
    found = workspace.read(
        lambda work: strategy(work, starts=date(2026, 11, 9), ends=date(2026, 11, 15), unit_id=None)
    )
    assert found.pains == (Named("price", 2, 0), Named("delay", 1, 1))
    assert found.competitors == (Named("Rival", 1, 1),)
    assert (found.now.contacts, found.before.contacts) == (2, 1)
