"""Approval flows: levels by amount, any, all and in sequence, pre-review, add-sign, return, deputies, clocks (APR-01 to 05)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord, UserError
from desktop.jobs.runner import Runner
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.operations.approval_subjects import subjects
from desktop.operations.approval_subjects.handover import ask_handover
from desktop.operations.approval_subjects.stage_override import ask_stage_override
from desktop.operations.approval_subjects.target_adjustment import plan_target_adjustment
from desktop.operations.approvals import (
    add_signature,
    approve,
    ask_again,
    reject,
    return_request,
    withdraw_request,
)
from desktop.operations.approvals.batch import approve_many, batch_of
from desktop.operations.approvals.flows import end_deputy, name_deputy, set_duty, set_flow
from desktop.operations.approvals.viewing import request_view
from desktop.operations.targets import set_target
from desktop.periods import Period
from desktop.queries.approval_flows import Condition, deputy_list, flow_list, levels_of
from desktop.queries.approvals import approval_inbox, approval_trail
from desktop.terms import ApprovalKind, ApprovalMode, ApprovalState, Duty, SignState
from tests.store.approvals.conftest import Office, level

LONG_AGO, FAR_AHEAD = date(2020, 1, 1), date(2099, 1, 1)
DIRECTOR = level(
    "role:director", conditions=(Condition("amount", ">", threshold="approval.director_amount"),), name="总监"
)


def test_an_approval_changes_the_target_and_is_on_record_once(office: Office) -> None:
    number = office.ask(20_000_000)
    assert [item.title for item in office.inbox("manager")] == ["rep某 · 2026-11"]
    assert office.inbox("rep") == office.inbox("finance") == []
    assert office.as_("manager").write(lambda work: approve(work, number)) is ApprovalState.APPROVED
    assert office.value() == 20_000_000
    assert office.entries("approve_approval") == office.entries("set_target") == 1
    with pytest.raises(InvalidInput, match="approved already"):
        office.as_("director").write(lambda work: reject(work, number, "late"))


def test_the_director_signs_above_the_limit_alone(office: Office) -> None:
    """APR-02: 500,000.00 needs no director, a cent more does; and nobody is left out."""
    office.flow(level("role:city_manager"), DIRECTOR)
    small = office.ask(50_000_000)
    assert office.as_("manager").write(lambda work: approve(work, small)) is ApprovalState.APPROVED
    large = office.ask(50_000_001)
    with pytest.raises(NotAllowed) as refused:
        office.as_("director").write(lambda work: approve(work, large))
    assert refused.value.code == "not_asked"
    assert office.as_("manager").write(lambda work: approve(work, large)) is ApprovalState.WAITING
    assert office.value() == 50_000_000
    assert office.as_("director").write(lambda work: approve(work, large)) is ApprovalState.APPROVED
    assert office.value() == 50_000_001
    trail = office.admin.read(lambda work: approval_trail(work, large))
    assert [(line.number, line.decided_by) for line in trail] == [(1, "manager某"), (2, "director某")]


def test_a_level_with_two_conditions_applies_where_both_are_met(office: Office) -> None:
    """Above 500,000 and by more than 20 %: one of them alone needs no director."""
    office.flow(
        level("role:city_manager"),
        replace(DIRECTOR, conditions=(*DIRECTOR.conditions, Condition("change", ">", 2_000))),
    )
    office.target = office.make.target("2026-12", "490000", person=office.ids["rep"])
    values = (40_000_000, 50_000_001, 59_000_000)
    plans = [
        office.as_("rep").read(partial(plan_target_adjustment, target_id=office.target, value=value))
        for value in values
    ]
    assert [len(plan) for plan in plans] == [1, 1, 2]
    assert [one.fact for one in plans[-1][1].conditions] == ["amount", "change"]
    for value, levels in ((50_000_001, [1]), (59_000_000, [1, 2])):
        number = office.ask(value)
        assert office.request(number).levels == levels
        office.as_("rep").write(partial(withdraw_request, request_id=number))


def test_pre_review_asks_three_at_once_and_is_due_in_two_working_hours(office: Office) -> None:
    """APR-04: legal, finance and delivery, in any order; on Friday at half past five it is due on Monday."""
    office.at(datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    office.admin.write(lambda work: set_duty(work, Duty.LEGAL, [office.ids["legal"]]))
    office.flow(
        level(
            "duty:legal",
            "role:finance",
            "duty:delivery",
            mode=ApprovalMode.ALL,
            hours_key="contract.prereview_h",
        ),
        level("role:city_manager"),
    )
    number = office.ask()
    (item,) = office.inbox("finance")
    assert item.due_at == datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    assert {slot.text for slot in item.asked} == {"duty:legal", "role:finance", "duty:delivery"}
    # Nobody holds delivery: a director takes care of it.
    for name in ("finance", "director", "legal"):
        assert office.inbox("manager") == []
        office.as_(name).write(lambda work: approve(work, number))
        assert office.inbox(name) == []
    office.as_("manager").write(lambda work: approve(work, number))
    assert office.value() == 20_000_000


def test_a_sequence_goes_in_its_order(office: Office) -> None:
    office.flow(level("role:finance", "role:director", mode=ApprovalMode.SEQUENCE))
    number = office.ask()
    with pytest.raises(NotAllowed):
        office.as_("director").write(lambda work: approve(work, number))
    for name in ("finance", "director"):
        office.as_(name).write(lambda work: approve(work, number))
    assert office.request(number).state == ApprovalState.APPROVED


def test_any_one_of_them_is_enough_and_the_others_are_not_needed(office: Office) -> None:
    office.flow(level("role:sales_ops", "role:director"))
    number = office.ask()
    office.as_("legal").write(lambda work: approve(work, number))
    trail = office.admin.read(lambda work: approval_trail(work, number))
    assert {line.slot.text: line.state for line in trail} == {
        "role:sales_ops": SignState.APPROVED,
        "role:director": SignState.SKIPPED,
    }


def test_a_manager_signs_for_whom_they_lead(office: Office) -> None:
    target = office.make.target("2026-11", "5", person=office.ids["other"])
    office.target = target
    office.ask(7, by="other")
    assert office.inbox("manager") == []
    assert len(office.inbox("director")) == 1


def test_one_more_signature_is_waited_for(office: Office) -> None:
    number = office.ask()
    manager = office.as_("manager")
    legal = office.ids["legal"]
    manager.write(lambda work: add_signature(work, number, legal, reason="请看条款"))
    assert manager.write(lambda work: approve(work, number)) is ApprovalState.WAITING
    assert office.value() == 10_000_000
    assert office.as_("legal").write(lambda work: approve(work, number)) is ApprovalState.APPROVED
    assert office.value() == 20_000_000
    with pytest.raises(InvalidInput):
        manager.write(lambda work: add_signature(work, number, legal))


@pytest.mark.parametrize("who", ["rep", "manager"])
def test_neither_the_requester_nor_oneself_is_asked_to_sign_as_well(office: Office, who: str) -> None:
    number = office.ask()
    with pytest.raises(InvalidInput) as refused:
        office.as_("manager").write(lambda work: add_signature(work, number, office.ids[who]))
    assert refused.value.code == "signer_unfit"


def test_returned_is_corrected_and_asked_again(office: Office) -> None:
    number = office.ask()
    with pytest.raises(InvalidInput, match="reason"):
        office.as_("manager").write(lambda work: return_request(work, number, " "))
    office.as_("manager").write(lambda work: return_request(work, number, "请补聊天截图"))
    assert office.value() == 10_000_000
    assert office.as_("rep").read(approval_inbox) == []
    with pytest.raises((NotAllowed, NotFound)):
        office.as_("other").write(lambda work: ask_again(work, number))
    again = office.as_("rep").write(lambda work: ask_again(work, number))
    assert office.request(again).follows_id == number
    office.as_("manager").write(lambda work: approve(work, again))
    assert office.value() == 20_000_000


def test_the_requester_alone_withdraws(office: Office) -> None:
    number = office.ask()
    with pytest.raises(NotAllowed):
        office.as_("manager").write(lambda work: withdraw_request(work, number))
    office.as_("rep").write(lambda work: withdraw_request(work, number))
    with pytest.raises(InvalidInput, match="withdrawn"):
        office.as_("manager").write(lambda work: approve(work, number))
    assert office.value() == 10_000_000


def test_a_deputy_signs_while_somebody_is_away_and_the_trail_says_for_whom(office: Office) -> None:
    number = office.ask()
    with pytest.raises((NotAllowed, NotFound)):
        office.as_("other").write(lambda work: approve(work, number))
    made = office.as_("manager").write(
        lambda work: name_deputy(work, office.ids["other"], LONG_AGO, FAR_AHEAD, reason="年假")
    )
    (item,) = office.inbox("other")
    assert item.behalf_of == "manager某"
    assert office.as_("other").read(deputy_list)[0].is_active
    office.as_("manager").write(lambda work: end_deputy(work, made, date(2026, 1, 1)))
    assert office.inbox("other") == []
    office.as_("manager").write(lambda work: name_deputy(work, office.ids["legal"], LONG_AGO, FAR_AHEAD))
    office.as_("legal").write(lambda work: approve(work, number))
    (line,) = [
        line
        for line in office.admin.read(lambda work: approval_trail(work, number))
        if line.state is SignState.APPROVED
    ]
    assert (line.decided_by, line.on_behalf_of) == ("legal某", "manager某")


def test_nobody_decides_their_own_as_deputy_or_by_another_role(office: Office) -> None:
    """Case 52: a deputy's own request, the request of whom one stands in for, a duty of one's own."""
    office.flow(level("role:city_manager", "role:director", "duty:legal"))
    office.admin.write(lambda work: set_duty(work, Duty.LEGAL, [office.ids["rep"]]))
    office.admin.write(
        lambda work: name_deputy(
            work, office.ids["rep"], LONG_AGO, FAR_AHEAD, person_id=office.ids["director"]
        )
    )
    own = office.ask()
    with pytest.raises(NotAllowed) as refused:
        office.as_("rep").write(lambda work: approve(work, own))
    assert refused.value.code == "own_request"
    assert office.inbox("rep") == []
    office.as_("manager").write(lambda work: reject(work, own, "no"))
    # The director asks; the deputy of the director cannot say yes in the director's name.
    office.flow(level("role:director", "role:finance"))
    asked = office.ask(by="director")
    assert office.inbox("rep") == []
    with pytest.raises((NotAllowed, NotFound)):
        office.as_("rep").write(lambda work: approve(work, asked))
    assert len(office.inbox("finance")) == 1


def test_whoever_edits_the_record_meanwhile_is_seen(office: Office) -> None:
    """Case 38: an edit that races an approval loses visibly, and nothing is approved that nobody looked at."""
    number = office.ask()
    office.admin.write(
        lambda work: set_target(
            work,
            period=Period.parse("2026-11"),
            value=11_000_000,
            person_id=office.ids["rep"],
            metric=None,
        )
    )
    shown = office.as_("manager").read(lambda work: request_view(work, number))
    assert [warning.tone for warning in shown.context.warnings] == ["red"]
    with pytest.raises(StaleRecord) as told:
        office.as_("manager").write(lambda work: approve(work, number))
    assert told.value.differences["target"] == (10_000_000, 11_000_000)
    assert office.request(number).state == ApprovalState.WAITING
    assert office.value() == 11_000_000


def test_many_at_once_with_the_exceptions_named(office: Office) -> None:
    people = [office.make.person(f"rep{n}", unit=None, manager=office.ids["manager"]) for n in range(3)]
    numbers = []
    for person in people:
        office.target = office.make.target("2026-12", "10", person=person)
        numbers.append(office.ask(2_000, by="admin"))
    director = office.as_("director")
    office.admin.write(
        lambda work: set_target(
            work, period=Period.parse("2026-12"), value=5_000, person_id=people[0], metric=None
        )
    )
    batch = director.read(batch_of)
    assert [item.id for item in batch.clear] == numbers[1:]
    assert [(left.id, "edited" in left.text()) for left in batch.exceptions] == [(numbers[0], True)]
    office.as_("admin").write(lambda work: withdraw_request(work, numbers[1]))
    done = approve_many(director, batch.clear)
    assert done.signed == (numbers[2],)
    assert [left.id for left in done.exceptions] == [numbers[1]]
    named = director.read(lambda work: batch_of(work, numbers))
    assert {left.id for left in named.exceptions} == set(numbers)


def test_what_is_overdue_goes_on_to_somebody_else(office: Office) -> None:
    office.flow(level("role:city_manager", hours=8, escalate_to="role:director"))
    number = office.ask()
    director = office.as_("director")
    assert office.inbox("director") == []
    Runner(office.admin).tick()
    assert office.inbox("director") == []
    office.at(office.clock.now() + timedelta(days=2))
    Runner(office.admin).tick()
    Runner(office.admin).tick()
    (item,) = office.inbox("director")
    assert item.is_late
    assert office.entries("escalate_approval") == 1
    director.write(lambda work: approve(work, number))
    assert office.value() == 20_000_000


def test_a_handover_and_a_stage_are_carried_out(office: Office) -> None:
    make = office.make
    customer = make.account("甲公司", office.ids["rep"])
    deal = make.deal("锅炉", customer, owner=office.ids["rep"], amount="9")
    stages = office.admin.read(
        lambda work: work.rows(
            select(Stage.id, Stage.position)
            .join(Opportunity, Opportunity.pipeline_id == Stage.pipeline_id)
            .where(Opportunity.id == deal, Stage.id != Opportunity.stage_id, Stage.kind == "open")
        )
    )
    stage = stages[0].id
    asked = office.as_("rep").write(lambda work: ask_stage_override(work, deal, stage, "客户已口头确认"))
    shown = office.as_("manager").read(lambda work: request_view(work, asked))
    assert [section.title for section in shown.context.sections] == ["What changes", "Stages so far"]
    office.as_("manager").write(lambda work: approve(work, asked))
    events = select(StageEvent.person_id).where(
        StageEvent.opportunity_id == deal, StageEvent.stage_id == stage
    )
    moved = select(Opportunity.stage_id).where(Opportunity.id == deal)
    assert office.admin.read(lambda work: work.session.scalars(moved).one()) == stage
    assert office.ids["manager"] in office.admin.read(lambda work: work.session.scalars(events).all())

    leaver, receiver = office.ids["rep"], office.ids["other"]
    given = office.as_("manager").write(lambda work: ask_handover(work, leaver, receiver, "转岗"))
    office.as_("director").write(lambda work: approve(work, given))
    owner = select(Opportunity.owner_id).where(Opportunity.id == deal)
    assert office.admin.read(lambda work: work.session.scalars(owner).one()) == receiver


def test_every_kind_has_a_flow_and_a_flow_is_never_changed(office: Office) -> None:
    flows = office.admin.read(flow_list)
    assert {flow.kind for flow in flows} == set(ApprovalKind)
    assert set(subjects()) <= set(ApprovalKind)
    waiting = office.ask()
    before = office.request(waiting).flow_id
    office.flow(level("role:finance"))
    assert office.request(waiting).flow_id == before
    office.as_("manager").write(lambda work: approve(work, waiting))
    levels = office.admin.read(lambda work: levels_of(work, before or 0))
    assert [one.hours_key for one in levels] == ["target.adjust_decision_h"]


@pytest.mark.parametrize(
    "bad",
    [
        level("role:nobody"),
        level("role:auditor"),
        level("person:999999"),
        level(),
        level("role:director", conditions=(Condition("amount", "~", 1),)),
        level("role:director", conditions=(Condition("amount", ">", threshold="no.such"),)),
        level("role:director", conditions=(Condition("amount", ">", 1), Condition("change", ">"))),
        level("role:director", conditions=(Condition("amount", ">", 1, "approval.director_amount"),)),
        level("role:director", hours=0),
    ],
)
def test_a_flow_that_could_not_work_is_refused(sqlite_office: Office, bad: object) -> None:
    with pytest.raises(InvalidInput):
        sqlite_office.flow(level("role:director"), bad)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        sqlite_office.as_("rep").write(lambda work: set_flow(work, "report", "x", [level("role:rep")]))


def test_both_databases_find_the_same_levels(office: Office) -> None:
    """The team database works the levels out by itself and refuses a request that leaves one out."""
    picking = random.Random(7)
    conditions = [
        level(
            "role:finance",
            conditions=tuple(
                Condition(
                    picking.choice(("amount", "change", "target", "unknown")),
                    picking.choice((">", ">=", "<", "<=", "=")),
                    picking.choice((0, 100, 10_000_000, 50_000_000)),
                )
                for _ in range(picking.choice((1, 1, 2, 3)))
            ),
        )
        for _ in range(12)
    ]
    office.flow(level("role:director"), DIRECTOR, *conditions)
    applied = set()
    for value in (0, 1, 100, 50_000_000, 50_000_001, 10_000_001):
        number = office.ask(value)
        applied.add(tuple(office.request(number).levels or ()))
        office.as_("rep").write(partial(withdraw_request, request_id=number))
    assert len(applied) > 2


def test_a_record_waits_once(office: Office) -> None:
    office.ask()
    with pytest.raises(UserError, match="waits for its approval already"):
        office.ask()
