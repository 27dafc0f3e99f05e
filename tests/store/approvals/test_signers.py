"""Who signs last need not be who may change the record, and nobody waits for a signature that only they could give."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.errors import InvalidInput, UserError
from desktop.models.approvals import ApprovalRequest
from desktop.models.handovers import HandoverItem
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.models.people import Ownership, Person
from desktop.operations.approval_subjects.handover import ask_handover
from desktop.operations.approval_subjects.stage_override import ask_stage_override
from desktop.operations.approval_subjects.target_adjustment import plan_target_adjustment
from desktop.operations.approvals import add_signature, approve, reject, withdraw_request
from desktop.operations.approvals.flows import name_deputy, set_duty
from desktop.operations.approvals.viewing import request_view
from desktop.queries.approvals import Slot, approval_trail, waiting_of
from desktop.store.workspace import Work
from desktop.terms import ApprovalMode, ApprovalState, Duty, PersonStatus
from tests.store.approvals.conftest import KIND, Office, level
from tests.store.approvals.test_flows import FAR_AHEAD, LONG_AGO

KINDS = ("target_adjustment", "stage_override", "handover")
ANSWERS = {"approval_state", "approval_changed", "decided_meanwhile", "not_asked", "approval_unknown"}
"""What the slower of two is told: it was decided, or it is not theirs to decide any more."""


def stage_beside(work: Work, deal: int) -> int:
    """Another open stage of a deal's pipeline."""
    statement = select(Stage.id).join(Opportunity, Opportunity.pipeline_id == Stage.pipeline_id)
    others = statement.where(Opportunity.id == deal, Stage.kind == "open", Stage.id != Opportunity.stage_id)
    return work.session.scalars(others.order_by(Stage.position)).first() or 0


def ask_all(office: Office) -> tuple[int, int, list[int]]:
    """Ask for a target, a stage and a handover; return the deal, the stage and the requests."""
    rep = office.ids["rep"]
    deal = office.make.deal("锅炉", office.make.account("甲公司", rep), owner=rep, amount="9")
    stage = office.admin.read(partial(stage_beside, deal=deal))
    give = partial(ask_handover, leaver_id=rep, receiver_id=office.ids["far"], reason="转岗")
    return (
        deal,
        stage,
        [
            office.ask(),
            office.as_("rep").write(lambda work: ask_stage_override(work, deal, stage, "客户已口头确认")),
            office.as_("manager").write(give),
        ],
    )


def with_last(office: Office, last: str) -> str:
    """Put flows in force that end with somebody who may not do it themselves; return who signs then."""
    slot = {"a duty": "duty:legal", "finance": "role:finance"}.get(last, "role:director")
    for kind in KINDS:
        office.flow(level(slot), kind=kind)
    if last == "a duty":
        office.admin.write(lambda work: set_duty(work, Duty.LEGAL, [office.ids["other"]]))
    if last == "a deputy":
        stand_in = partial(name_deputy, deputy_id=office.ids["other"], starts_on=LONG_AGO, ends_on=FAR_AHEAD)
        office.as_("director").write(stand_in)
    return "finance" if last in ("finance", "asked beside the flow") else "other"


@pytest.mark.parametrize("last", ["finance", "a duty", "a deputy", "asked beside the flow"])
def test_whoever_signs_last_it_is_carried_out(office: Office, last: str) -> None:
    """A rep who holds a duty, a deputy who sees none of it, finance: none of them could do it themselves."""
    office.ids["far"] = office.make.person("远方", unit=office.make.unit("西安", "city"))
    signer = with_last(office, last)
    deal, stage, asked = ask_all(office)
    for number in asked:
        if last == "asked beside the flow":
            beside = partial(add_signature, request_id=number, person_id=office.ids["finance"])
            office.as_("director").write(beside)
            office.as_("director").write(partial(approve, request_id=number))
        assert office.as_(signer).write(partial(approve, request_id=number)) is ApprovalState.APPROVED
    assert office.value() == 20_000_000
    moved = office.admin.read(lambda work: work.session.get_one(Opportunity, deal))
    assert (moved.stage_id, moved.owner_id) == (stage, office.ids["far"])
    came = select(StageEvent.person_id).where(StageEvent.opportunity_id == deal, StageEvent.stage_id == stage)
    assert office.admin.read(lambda work: work.session.scalars(came).all()) == [office.ids[signer]]
    given = select(HandoverItem.kind).order_by(HandoverItem.kind)
    assert office.admin.read(lambda work: work.session.scalars(given).all()) == ["account", "opportunity"]
    lines = select(Ownership.to_person_id)
    assert set(office.admin.read(lambda work: work.session.scalars(lines).all())) == {office.ids["far"]}
    for action in ("set_target", "override_stage", "hand_over"):
        assert office.entries(action) == 1


@pytest.mark.parametrize("last", ["a deputy"])
def test_a_signer_who_does_not_see_the_record_signs_no_edit(office: Office, last: str) -> None:
    """Case 38 for whoever signs unseeing: the database looks for them."""
    office.ids["far"] = office.make.person("远方", unit=office.make.unit("西安", "city"))
    signer = with_last(office, last)
    deal, _stage, asked = ask_all(office)

    def edit(work: Work) -> None:
        work.session.get_one(Opportunity, deal).amount = 1

    seen = office.as_(signer).read(lambda work: request_view(work, asked[0])).context
    facts = {fact.label: (fact.before, fact.value) for fact in seen.sections[0].facts}
    assert facts["Target"] == (10_000_000, 20_000_000)
    assert facts["Why"] == (None, "客户推迟")
    office.admin.write(edit)
    with pytest.raises(UserError) as told:
        office.as_(signer).write(partial(approve, request_id=asked[1]))
    assert told.value.code == "approval_record_edited"
    assert office.request(asked[1]).state == ApprovalState.WAITING


# A signature that only the requester could give


def test_what_only_the_requester_could_sign_goes_on_at_once(office: Office) -> None:
    """Not after eight hours, and never by oneself: whom the level goes on to when it is late signs in their place."""
    office.flow(level("role:finance", hours=8, escalate_to="role:director"))
    assert [slot.text for slot in planned(office, "finance")[0]] == ["role:director"]
    number = office.ask(by="finance")
    assert office.inbox("finance") == []
    assert len(office.inbox("director")) == 1
    assert office.entries("escalate_approval") == 1
    office.as_("director").write(partial(approve, request_id=number))
    assert office.value() == 20_000_000


def test_nobody_above_the_director_is_the_administrator(office: Office) -> None:
    """As every flow is on its first day: the firm's one director asks, and the level goes on to directors."""
    number = office.ask(by="director")
    (line, *_others) = office.admin.read(lambda work: approval_trail(work, number))
    assert line.escalated_to
    assert line.escalated_to.text == "role:admin"
    office.admin.write(partial(approve, request_id=number))
    assert office.value() == 20_000_000


def test_a_later_level_goes_on_when_its_turn_comes(office: Office) -> None:
    office.flow(level("role:sales_ops"), level("role:director", "role:finance", mode=ApprovalMode.ALL))
    number = office.ask(by="finance")
    office.as_("legal").write(partial(approve, request_id=number))
    trail = office.admin.read(lambda work: approval_trail(work, number))
    passed = {
        line.slot.text: line.escalated_to and line.escalated_to.text for line in trail if line.number == 2
    }
    assert passed == {"role:director": None, "role:finance": "role:admin"}
    office.as_("director").write(partial(approve, request_id=number))
    office.admin.write(partial(approve, request_id=number))
    assert office.value() == 20_000_000


def test_where_nobody_else_is_left_asking_is_refused_with_the_level_named(office: Office) -> None:
    office.flow(level("role:finance"), level("role:admin"))
    for act in (partial(office.ask, by="admin"), partial(planned, office, "admin")):
        with pytest.raises(InvalidInput, match="could sign level 2") as told:
            act()
        assert told.value.code == "nobody_else_signs"

    def leave(work: Work) -> None:
        work.session.get_one(Person, office.ids["finance"]).status = PersonStatus.LEFT.value

    office.flow(level("role:finance"))
    office.admin.write(leave)
    assert [slot.text for slot in planned(office, "rep")[0]] == ["role:admin"]


def planned(office: Office, who: str) -> list[tuple[Slot, ...]]:
    """Whom each level would ask."""
    levels = office.as_(who).read(lambda work: plan_target_adjustment(work, office.target, 20_000_000))
    return [one.asked for one in levels]


def test_a_plan_says_who_signs_and_by_when(office: Office) -> None:
    office.flow(
        level("role:city_manager", hours=8, name="Manager"),
        level("role:director", hours=48, around_the_clock=True),
    )
    plan = office.as_("rep").read(lambda work: plan_target_adjustment(work, office.target, 20_000_000))
    assert [one.name for one in plan] == ["Manager", "level"]
    first, last = (one.due_at for one in plan)
    assert first
    assert last == first + timedelta(hours=48)
    number = office.ask()
    (item,) = office.as_("rep").read(lambda work: waiting_of(work, [KIND], office.target))
    assert (item.id, item.due_at, item.is_mine) == (number, first, True)
    assert office.as_("rep").read(lambda work: waiting_of(work, ["discount"], office.target)) == []


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_the_moment_of_a_decision_is_the_servers(office: Office) -> None:
    """A console whose clock is wrong, or set back, does not date a signature."""
    numbers = [office.ask()]
    office.clock = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
    office.as_("manager").write(partial(approve, request_id=numbers[0]))
    numbers.append(office.ask(1))
    office.as_("rep").write(partial(withdraw_request, request_id=numbers[1]))
    for number in numbers:
        decided = office.request(number).decided_at
        assert decided
        assert decided.year > 2020
    (line,) = [
        one for one in office.admin.read(lambda work: approval_trail(work, numbers[0])) if one.decided_by
    ]
    assert line.decided_at == office.request(numbers[0]).decided_at


# At a barrier


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Let everybody go from a barrier, each over a connection of their own; return what became of each."""
    barrier, found = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            act()
            found[place] = "done"
        except UserError as error:
            found[place] = error.code

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_two_deputies_at_once_make_one_signature(office: Office) -> None:
    """Case 37: both stand in for the one director; one signs, the other is told, and it is done once."""
    office.flow(level("role:director"))
    for deputy in ("other", "finance"):
        stand_in = partial(name_deputy, deputy_id=office.ids[deputy], starts_on=LONG_AGO, ends_on=FAR_AHEAD)
        office.as_("director").write(stand_in)
    number = office.ask()
    other, finance = office.as_("other"), office.as_("finance")
    found = at_once(
        lambda: other.write(partial(approve, request_id=number)),
        lambda: finance.write(partial(approve, request_id=number)),
    )
    assert sorted(word == "done" for word in found) == [False, True], found
    assert set(found) - {"done"} <= ANSWERS, found
    assert office.entries("approve_approval") == office.entries("set_target") == 1
    (line,) = office.admin.read(lambda work: approval_trail(work, number))
    assert line.on_behalf_of == "director某"
    assert office.value() == 20_000_000


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_a_decision_against_a_withdrawal_at_once(office: Office, answer: str) -> None:
    number = office.ask()
    manager, rep = office.as_("manager"), office.as_("rep")
    decide = approve if answer == "approve" else partial(reject, reason="不同意")
    found = at_once(
        lambda: manager.write(partial(decide, request_id=number)),
        lambda: rep.write(partial(withdraw_request, request_id=number)),
    )
    assert sorted(word == "done" for word in found) == [False, True], found
    assert set(found) - {"done"} <= ANSWERS, found
    done = "withdrawn" if found[1] == "done" else {"approve": "approved", "reject": "rejected"}[answer]
    assert office.request(number).state == done
    assert office.value() == (20_000_000 if done == "approved" else 10_000_000)
    assert office.entries("withdraw_approval") == (done == "withdrawn")
    assert office.entries("set_target") == (done == "approved")


def test_a_handover_that_is_approved_twice_at_once_moves_once(office: Office) -> None:
    office.ids["far"] = office.make.person("远方", unit=office.make.unit("西安", "city"))
    office.flow(level("role:director", "role:finance"), kind="handover")
    deal, _stage, asked = ask_all(office)
    director, finance = office.as_("director"), office.as_("finance")
    found = at_once(
        lambda: director.write(partial(approve, request_id=asked[2])),
        lambda: finance.write(partial(approve, request_id=asked[2])),
    )
    assert sorted(word == "done" for word in found) == [False, True], found
    assert office.entries("hand_over") == 1
    lines = select(Ownership.id).where(Ownership.kind == "opportunity", Ownership.record_id == deal)
    assert len(office.admin.read(lambda work: work.rows(lines))) == 1


def test_a_deal_that_is_edited_while_its_stage_is_approved(office: Office) -> None:
    """Case 38: the approval saw what it approved, or it was refused and nothing of it was done."""
    office.ids["far"] = office.make.person("远方", unit=office.make.unit("西安", "city"))
    deal, stage, asked = ask_all(office)
    manager, rep = office.as_("manager"), office.as_("rep")

    def edit(work: Work) -> None:
        work.session.get_one(Opportunity, deal, with_for_update=True).amount = 1

    found = at_once(lambda: manager.write(partial(approve, request_id=asked[1])), lambda: rep.write(edit))
    assert found[1] == "done"
    assert found[0] in ("done", "approval_record_edited", "paper_changed"), found
    state = office.request(asked[1]).state
    now = office.admin.read(lambda work: work.session.get_one(Opportunity, deal))
    assert (now.amount, now.stage_id == stage) == (1, state == ApprovalState.APPROVED)
    assert office.entries("override_stage") == (state == ApprovalState.APPROVED) == (found[0] == "done")


def test_asking_twice_at_once_leaves_one_request(office: Office) -> None:
    rep, manager = office.as_("rep"), office.as_("manager")
    found = at_once(lambda: office.ask(by="rep"), lambda: office.ask(by="manager"))
    assert rep is not manager
    assert sorted(word == "done" for word in found) == [False, True], found
    waiting = select(ApprovalRequest.id).where(ApprovalRequest.state == ApprovalState.WAITING)
    assert len(office.admin.read(lambda work: work.rows(waiting))) == 1
