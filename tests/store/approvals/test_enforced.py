"""Who holds a login holds psql: approvals are moved on by the database's functions alone (security 37, 52)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from desktop.clock import FixedClock
from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.models.approvals import ApprovalFlow
from desktop.operations.approvals import approve, reject
from desktop.operations.approvals.flows import name_deputy, set_duty
from desktop.operations.approvals.viewing import request_view
from desktop.operations.targets import set_target
from desktop.periods import Period
from desktop.queries.approval_flows import Condition
from desktop.store.access.papers import CHANGED
from desktop.store.workspace import Work
from desktop.terms import ApprovalMode, ApprovalState, Duty
from tests.databases import Place
from tests.maker import Maker
from tests.security.lab import connect
from tests.store.approvals.by_hand import ask_by_hand, newest, signed_by_hand, task_of, told
from tests.store.approvals.conftest import Office, level, settled
from tests.store.approvals.test_flows import DIRECTOR, FAR_AHEAD, LONG_AGO

DENIED, MEANWHILE = "42501", "PL012"
PEOPLE = ("rep", "other", "manager", "director", "finance", "legal", "admin")


@pytest.fixture
def guarded(team: Place, clock: FixedClock) -> Office:
    """The firm on the team database."""
    workspace = team.open(clock=clock)
    return settled(Office(team, workspace, Maker(workspace), clock))


@pytest.mark.postgres
def test_nobody_writes_a_state_a_signature_or_a_level(guarded: Office) -> None:
    number = guarded.ask()
    for who in PEOPLE:
        _attack(guarded, number, who)
    assert guarded.request(number).state == ApprovalState.WAITING
    assert len(guarded.inbox("manager")) == 1


def _attack(office: Office, number: int, who: str) -> None:
    me = office.ids[who]
    for attack in (
        f"UPDATE approval_request SET state = 'approved', decided_by_id = {me}, decided_at = now()",
        "UPDATE approval_request SET levels = '[]'",
        "UPDATE approval_request SET payload = '{\"value\": 1}'",
        f"UPDATE approval_request SET requested_by_id = {office.ids['other']}",
        "DELETE FROM approval_request",
        f"UPDATE approval_task SET state = 'approved', decided_by_id = {me}",
        f"UPDATE approval_task SET slot = 'person:{me}'",
        "DELETE FROM approval_task",
        "INSERT INTO approval_task (request_id, number, slot, state, opened_at, recorded_at, changed_at)"
        f" VALUES ({number}, 9, 'person:{me}', 'approved', now(), now(), now())",
        "UPDATE approval_level SET approvers = '[\"role:rep\"]'",
    ):
        assert told(office, who, attack) == DENIED, attack
    # A flow that is in force is not there for whoever would change or remove it.
    for attack in ("DELETE FROM approval_level", "UPDATE approval_flow SET kind = 'x'"):
        assert told(office, who, attack) in (DENIED, ""), attack


@pytest.mark.postgres
def test_a_request_cannot_leave_its_levels_out(guarded: Office) -> None:
    """Overstepping: a request of one's own making with fewer levels, another flow, or an answer already."""
    guarded.flow(level("role:city_manager"), DIRECTOR)
    draft = guarded.admin.write(_draft)
    flow = "plumbline.flow_in_force('target_adjustment')"
    me = guarded.ids["rep"]

    def ask(levels: str, facts: str, of: str = flow, state: str = "waiting") -> str:
        return told(
            guarded,
            "rep",
            "INSERT INTO approval_request (kind, title, subject_id, flow_id, levels, facts, payload, state,"
            " requested_by_id, requested_at, recorded_at, changed_at) VALUES ('target_adjustment', 'x', 1,"
            f" {of}, '{levels}', '{facts}', '{{}}', '{state}', {me}, now(), now(), now())",
        )

    large = '{"amount": 60000000}'
    assert ask("[1]", large) == DENIED
    assert ask("[2]", large) == DENIED
    assert ask("[]", large) == DENIED
    assert ask("[1]", "{}") == DENIED  # what is not known counts as met
    assert ask("[1]", '{"amount": "small"}') == DENIED
    assert ask("[1, 2]", large, of=str(draft)) == DENIED
    assert ask("[1, 2]", large, state="approved") == DENIED
    assert ask("[1, 2]", large) == ""


@pytest.mark.postgres
def test_facts_that_dodge_one_of_two_conditions_leave_no_level_out(guarded: Office) -> None:
    """Overstepping: a fact that is missing, no number or twice there counts as met; one that lies is not carried out."""
    change = Condition("change", ">", 2_000)
    guarded.flow(level("role:city_manager"), replace(DIRECTOR, conditions=(*DIRECTOR.conditions, change)))
    large = '"target": 10000000, "amount": 60000000'
    for facts in (
        f"{{{large}}}",
        f'{{{large}, "change": null}}',
        f'{{{large}, "change": "2 %"}}',
        f'{{{large}, "change": [1]}}',
        f'{{{large}, "Change": 1}}',
        f'{{{large}, "change": 1, "change": 50000}}',
        '{"change": 50000}',
        "{}",
    ):
        assert ask_by_hand(guarded, "[1]", facts) == DENIED, facts
    # A smaller change than the one that is asked for leaves the level out, and nothing is done by it.
    assert ask_by_hand(guarded, "[1]", f'{{{large}, "change": 1}}') == ""
    assert signed_by_hand(guarded) == CHANGED
    assert guarded.value() == 10_000_000


@pytest.mark.postgres
def test_a_request_with_smaller_facts_than_what_it_asks_for_changes_nothing(guarded: Office) -> None:
    """Overstepping by lies: the levels are those of the facts, and what is carried out has to be what they say."""
    guarded.flow(level("role:city_manager"), DIRECTOR)
    for facts in (
        '{"target": 10000000, "amount": 20000000, "change": 10000}',
        '{"target": 10000000, "amount": 20000000, "change": 50000}',
    ):
        assert ask_by_hand(guarded, "[1]", facts) == ""
        assert signed_by_hand(guarded) == CHANGED
        number = newest(guarded)
        with pytest.raises(StaleRecord):
            guarded.as_("manager").write(partial(approve, request_id=number))
        assert told(guarded, "rep", f"SELECT plumbline.withdraw({number}, NULL)") == ""
    assert guarded.value() == 10_000_000


def _draft(work: Work) -> int:
    flow = ApprovalFlow(kind="target_adjustment", name="mine", recorded_at=work.now, changed_at=work.now)
    work.session.add(flow)
    work.session.flush()
    return flow.id


@pytest.mark.postgres
def test_functions_refuse_whoever_is_not_asked(guarded: Office) -> None:
    guarded.flow(level("role:city_manager"), DIRECTOR)
    number = guarded.ask(60_000_000)
    task = task_of(guarded, number)
    say = "SELECT plumbline.sign({task}, 'approved', {behalf}, NULL, NULL)"
    for who in ("rep", "other", "director", "finance", "legal", "admin"):
        assert told(guarded, who, say.format(task=task, behalf="NULL")) == DENIED, who
        in_name = say.format(task=task, behalf=guarded.ids["manager"])
        assert told(guarded, who, in_name) == DENIED, who
        assert (
            told(guarded, who, f"SELECT plumbline.add_signer({task}, NULL, {guarded.ids['other']}, NULL)")
            == DENIED
        )
    for who in ("other", "manager", "admin"):
        assert told(guarded, who, f"SELECT plumbline.withdraw({number}, NULL)") == DENIED
    manager = "SELECT plumbline.sign({}, '{}', NULL, {}, NULL)"
    assert told(guarded, "manager", manager.format(task, "rejected", "NULL")) == DENIED
    assert told(guarded, "manager", manager.format(task, "skipped", "'x'")) == DENIED
    assert told(guarded, "manager", manager.format(task, "approved", "NULL")) == ""
    assert told(guarded, "manager", manager.format(task, "approved", "NULL")) == MEANWHILE
    assert told(guarded, "manager", f"SELECT plumbline.open_level({number})") == ""
    last = task_of(guarded, number, "role:director")
    assert told(guarded, "manager", manager.format(last, "approved", "NULL")) == DENIED
    assert guarded.request(number).state == ApprovalState.WAITING


@pytest.mark.postgres
def test_nobody_decides_their_own_by_any_trick(guarded: Office) -> None:
    """As a deputy, in the name of whom one stands in for, by a duty, on a task passed to a friend, after escalation."""
    guarded.flow(level("role:director", "duty:legal", hours=1, escalate_to="role:city_manager"))
    guarded.admin.write(lambda work: set_duty(work, Duty.LEGAL, [guarded.ids["rep"]]))
    for absent in ("director", "manager"):
        stand_in = partial(name_deputy, deputy_id=guarded.ids["rep"], person_id=guarded.ids[absent])
        guarded.admin.write(partial(stand_in, starts_on=LONG_AGO, ends_on=FAR_AHEAD))
    number = guarded.ask()
    say = "SELECT plumbline.sign({}, 'approved', {}, NULL, NULL)"
    for slot in ("role:director", "duty:legal"):
        task = task_of(guarded, number, slot)
        for behalf in ("NULL", str(guarded.ids["director"]), str(guarded.ids["rep"])):
            assert told(guarded, "rep", say.format(task, behalf)) == DENIED
    task = task_of(guarded, number, "role:director")
    added = f"SELECT plumbline.add_signer({task}, NULL, {{}}, NULL)"
    assert told(guarded, "director", added.format(guarded.ids["rep"])) == DENIED
    assert told(guarded, "director", added.format(guarded.ids["other"])) == ""
    # The friend who was asked is away, and the requester stands in.
    guarded.admin.write(
        lambda work: name_deputy(
            work, guarded.ids["rep"], LONG_AGO, FAR_AHEAD, person_id=guarded.ids["other"]
        )
    )
    passed = task_of(guarded, number, f"person:{guarded.ids['other']}")
    assert told(guarded, "rep", say.format(passed, guarded.ids["other"])) == DENIED
    # What was due within an hour of the test's date is overdue two days later.
    guarded.at(guarded.clock.now() + timedelta(days=2))
    assert told(guarded, "admin", f"SELECT plumbline.escalate({task})") == ""
    assert told(guarded, "rep", say.format(task, guarded.ids["manager"])) == DENIED
    assert guarded.request(number).state == ApprovalState.WAITING


@pytest.mark.postgres
def test_a_deputy_names_nobody_and_a_login_without_the_role_signs_nothing(guarded: Office) -> None:
    me, director = guarded.ids["rep"], guarded.ids["director"]
    forged = (
        "INSERT INTO deputy (person_id, deputy_id, starts_on, ends_on, made_by_id, recorded_at, changed_at)"
        f" VALUES ({director}, {me}, '2020-01-01', '2099-01-01', {{}}, now(), now())"
    )
    for made_by in (me, director):
        assert told(guarded, "rep", forged.format(made_by)) == DENIED
    assert (
        told(guarded, "rep", f"INSERT INTO approval_duty (duty, person_id) VALUES ('legal', {me})") == DENIED
    )
    guarded.flow(level("role:director"))
    number = guarded.ask()
    # A record that says director does not make a director of a login.
    with connect(guarded.place, "postgres") as root:
        root.execute(f"UPDATE person SET role = 'director' WHERE id = {guarded.ids['other']}".encode())
    say = f"SELECT plumbline.sign({task_of(guarded, number)}, 'approved', NULL, NULL, NULL)"
    assert told(guarded, "other", say) == DENIED


def outcomes(*acts: Callable[[], object]) -> list[str]:
    """Do everything at once and return what became of each."""
    barrier = threading.Barrier(len(acts))
    found: list[str] = []

    def run(act: Callable[[], object]) -> None:
        barrier.wait(10)
        try:
            act()
            found.append("done")
        except (StaleRecord, InvalidInput, NotAllowed, NotFound) as error:
            found.append(error.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(found, key=lambda word: word != "done")


def test_two_approvers_at_once_make_one_transition_and_one_entry(office: Office) -> None:
    """Case 37."""
    office.flow(level("role:sales_ops", "role:director"))
    number = office.ask()
    version = office.request(number).version
    legal, director = office.as_("legal"), office.as_("director")
    found = outcomes(
        lambda: legal.write(lambda work: approve(work, number, version=version)),
        lambda: director.write(lambda work: approve(work, number, version=version)),
    )
    assert found[0] == "done"
    assert found[1] in ("approval_changed", "approval_state", "decided_meanwhile", "stale_record")
    assert office.entries("approve_approval") == office.entries("set_target") == 1
    assert office.value() == 20_000_000


def test_yes_and_no_at_once_leave_one_answer(office: Office) -> None:
    office.flow(level("role:sales_ops", "role:director", mode=ApprovalMode.ALL))
    number = office.ask()
    legal, director = office.as_("legal"), office.as_("director")
    found = outcomes(
        lambda: legal.write(lambda work: approve(work, number)),
        lambda: director.write(lambda work: reject(work, number, "不同意")),
    )
    assert "done" in found
    assert office.request(number).state == ApprovalState.REJECTED
    assert office.entries("reject_approval") == 1
    assert office.value() == 10_000_000


def test_an_edit_that_races_an_approval_loses_visibly(office: Office) -> None:
    """Case 38: either the approval saw what it approved, or it was refused; never one over the other."""
    number = office.ask()
    manager = office.as_("manager")

    def edit(work: Work) -> None:
        set_target(
            work,
            period=Period.parse("2026-11"),
            value=30_000_000,
            person_id=office.ids["rep"],
            seen={"value": 10_000_000},
        )

    found = outcomes(
        lambda: manager.write(lambda work: approve(work, number)),
        lambda: office.admin.write(edit),
    )
    assert found[0] == "done"
    assert found[1] != "done"
    state = office.request(number).state
    assert (state, office.value()) in (
        (ApprovalState.APPROVED, 20_000_000),
        (ApprovalState.WAITING, 30_000_000),
    )


@pytest.mark.postgres
def test_nobody_is_told_or_moves_what_they_do_not_see_by_asking_about_it(guarded: Office) -> None:
    """Overstepping by a request: the facts of a stranger's record, and a change of it that the own manager signs."""
    make, me = guarded.make, guarded.ids["other"]
    customer = make.account("甲公司", guarded.ids["rep"])
    deal = make.deal("锅炉", customer, owner=guarded.ids["rep"], amount="9")
    ask = (
        "INSERT INTO approval_request (kind, title, subject_id, report_id, flow_id, levels, facts, payload, state,"
        " requested_by_id, requested_at, recorded_at, changed_at) SELECT '{kind}', 'x', {subject}, {report},"
        " flow, plumbline.levels_of(flow, '{{}}', CURRENT_DATE), '{{}}', '{payload}', 'waiting', {who}, now(), now(), now()"
        " FROM plumbline.flow_in_force('{kind}') AS flow"
    )
    for kind, subject, report, payload in (
        ("target_adjustment", guarded.target, "NULL", '{"value": 1}'),
        ("stage_override", deal, "NULL", '{"stage_id": 1}'),
        ("handover", guarded.ids["rep"], "NULL", f'{{"receiver": {me}}}'),
        ("quote", 1, "NULL", "{}"),
        ("contract_change", 1, "NULL", "{}"),
        ("report", 1, "1", "{}"),
    ):
        line = {"kind": kind, "subject": subject, "report": report, "payload": payload}
        assert told(guarded, "other", ask.format(who=me, **line)) == DENIED, kind
    # Who sees it may ask, in words that a person can answer.
    mine = {"kind": "stage_override", "subject": deal, "report": "NULL", "who": guarded.ids["rep"]}
    assert told(guarded, "rep", ask.format(payload="[]", **mine)) == DENIED
    assert told(guarded, "rep", ask.format(payload='{"stage_id": 1}', **(mine | {"report": 1}))) == DENIED
    assert told(guarded, "rep", ask.format(payload="{}", **mine)) == ""
    shown = guarded.as_("manager").read(partial(request_view, request_id=newest(guarded)))
    assert [warning.tone for warning in shown.context.warnings] == ["red"]


@pytest.mark.postgres
@pytest.mark.parametrize("stage", ["999999", "null", "(of another pipeline)"])
def test_a_deal_goes_into_no_stage_of_another_pipeline(guarded: Office, stage: str) -> None:
    """Overstepping by a number that the request's words belie."""
    customer = guarded.make.account("甲公司", guarded.ids["rep"])
    deal = guarded.make.deal("锅炉", customer, owner=guarded.ids["rep"], amount="9")
    with connect(guarded.place, "postgres") as root:
        foreign = root.execute(
            "SELECT s.id, o.stage_id FROM stage AS s, opportunity AS o WHERE o.id = %s"
            " AND s.pipeline_id <> o.pipeline_id LIMIT 1",
            [deal],
        ).fetchone()
    assert foreign
    wanted = str(foreign[0]) if stage.startswith("(") else stage
    asked = told(
        guarded,
        "rep",
        "INSERT INTO approval_request (kind, title, subject_id, flow_id, levels, facts, payload, state,"
        f" requested_by_id, requested_at, recorded_at, changed_at) VALUES ('stage_override', 'x', {deal},"
        f" plumbline.flow_in_force('stage_override'), '[1]', '{{\"stage\": {foreign[1]}, \"amount\": 900}}',"
        f' \'{{"stage_id": {wanted}, "stage": "Proposal", "reason": "x"}}\', \'waiting\', {guarded.ids["rep"]},'
        " now(), now(), now())",
    )
    assert asked == ""
    assert signed_by_hand(guarded) == CHANGED
