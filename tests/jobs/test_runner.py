"""What runs by the clock is done once, whoever runs it, and says when it was due (PLT-09)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.errors import InvalidInput, NotAllowed, UserError
from desktop.jobs.rule import Due, Rule
from desktop.jobs.runner import Runner, open_dues
from desktop.models.clockwork import RuleRun
from desktop.store.lease import LOST, release, renew, take
from desktop.store.workspace import Work, Workspace
from desktop.terms import DueState, Role
from tests.conftest import NOW
from tests.databases import Place
from tests.jobs.rules import hours_ago, let_the_lease_run_out, noted, noting, runs
from tests.maker import Maker


def test_what_is_due_is_done_once_and_what_is_not_waits(workspace: Workspace) -> None:
    rule = noting([*hours_ago(2, 1), NOW + timedelta(hours=1)])
    done = Runner(workspace, [rule]).tick()
    assert [one.state for one in done.acted] == [DueState.DONE, DueState.DONE]
    assert Runner(workspace, [rule]).tick().acted == ()
    assert noted(workspace) == ["2026-11-17T23:00", "2026-11-18T00:00"]


def test_a_late_look_does_what_an_early_one_would_have_done(place: Place) -> None:
    rule = noting(hours_ago(3))
    late = place.open(clock=FixedClock(NOW + timedelta(days=2)))
    (done,) = Runner(late, [rule]).tick().acted
    assert (done.due_at, done.acted_at) == (NOW - timedelta(hours=3), NOW + timedelta(days=2))
    assert noted(late) == ["2026-11-17T22:00"]
    assert late.read(lambda work: work.rows(select(RuleRun.due_at))[0].due_at) == NOW - timedelta(hours=3)


def test_an_idle_look_writes_nothing(workspace: Workspace) -> None:
    rule = noting([NOW + timedelta(hours=1)])
    before = workspace.read(lambda work: work.rows(select(RuleRun.id)))
    assert Runner(workspace, [rule]).tick() == Runner(workspace, []).tick()
    assert workspace.read(lambda work: work.rows(select(RuleRun.id))) == before
    lease = workspace.write(lambda work: take(work, "clock", "first ever"))
    assert lease is not None
    assert lease.token == 1


def test_of_a_weeks_mails_only_the_latest_is_sent_and_the_others_are_on_record(workspace: Workspace) -> None:
    done = Runner(workspace, [noting(hours_ago(72, 48, 24), catch_up=1)]).tick()
    assert [one.state for one in done.acted] == [DueState.MISSED, DueState.MISSED, DueState.DONE]
    assert noted(workspace) == ["2026-11-17T01:00"]
    assert Runner(workspace, [noting(hours_ago(72, 48, 24), catch_up=1)]).tick().acted == ()


def test_what_fails_is_told_left_alone_for_a_while_and_tried_again(place: Place) -> None:
    trouble = [True]

    def break_off(work: Work, due: Due) -> None:
        if trouble:
            raise InvalidInput("broken", "It is broken: {what}", remedy="Mend {what}.", what="the wheel")

    rule = noting(hours_ago(1), after=break_off)
    early = place.open(clock=FixedClock(NOW))
    (failed,) = Runner(early, [rule]).tick().acted
    assert failed.problem == {
        "code": "broken",
        "template": "It is broken: {what}",
        "remedy": "Mend {what}.",
        "params": {"what": "the wheel"},
    }
    assert noted(early) == []  # what it had written was taken back
    assert Runner(early, [rule]).tick().acted == ()  # left alone
    trouble.clear()
    later = place.open(clock=FixedClock(NOW + timedelta(minutes=2)))
    (done,) = Runner(later, [rule]).tick().acted
    assert (done.state, done.problem) == (DueState.DONE, None)
    assert runs(later) == [("2026-11-18T00:00", "done", 2)]
    assert noted(later) == ["2026-11-18T00:00"]


def test_one_rule_that_fails_does_not_keep_the_others(workspace: Workspace) -> None:
    def crash(work: Work, due: Due) -> None:
        raise ZeroDivisionError("by nothing")

    def unclear(work: Work) -> list[Due]:
        raise InvalidInput("no_hours", "There are no office hours.")

    bad = replace(noting(hours_ago(1), before=crash), key="bad")
    blind = Rule("blind", "Blind", unclear, lambda work, due: None)
    found = Runner(workspace, [bad, blind, noting(hours_ago(1))]).tick()
    assert [(one.rule, one.state.value) for one in found.acted] == [
        ("bad", "failed"),
        ("blind", "failed"),
        ("noting", "done"),
    ]
    assert found.acted[0].problem is not None
    assert "ZeroDivisionError" in found.acted[0].problem["params"]["detail"]


def test_two_consoles_at_once_do_it_once(place: Place) -> None:
    """The second one comes while the first is in the middle of it."""
    first, second = place.open(clock=FixedClock(NOW)), place.open(clock=FixedClock(NOW))
    inside, may_go_on = threading.Event(), threading.Event()

    def linger(work: Work, due: Due) -> None:
        inside.set()
        assert may_go_on.wait(30)

    slow = Runner(first, [noting(hours_ago(1), after=linger)])
    outcome: list[object] = []
    thread = threading.Thread(target=lambda: outcome.append(slow.tick()))
    thread.start()
    assert inside.wait(30)
    waiting = threading.Thread(target=lambda: outcome.append(Runner(second, [noting(hours_ago(1))]).tick()))
    waiting.start()
    may_go_on.set()
    thread.join(60)
    waiting.join(60)
    assert len(outcome) == 2
    assert noted(first) == ["2026-11-18T00:00"]
    assert runs(first) == [("2026-11-18T00:00", "done", 1)]


def test_many_consoles_starting_together_do_each_thing_once(place: Place) -> None:
    dues = hours_ago(1, 2, 3, 4, 5)
    consoles = [place.open(clock=FixedClock(NOW)) for _ in range(4)]
    together = threading.Barrier(len(consoles))
    problems: list[BaseException] = []

    def look(workspace: Workspace) -> None:
        together.wait()
        try:
            Runner(workspace, [noting(dues)]).tick()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=look, args=(workspace,)) for workspace in consoles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    Runner(consoles[0], [noting(dues)]).tick()  # whatever the others left because one had the lease
    assert len(noted(consoles[0])) == len(set(noted(consoles[0]))) == 5


def test_without_any_lease_the_key_alone_keeps_a_thing_from_being_done_twice(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw it open; the second finds it done when it comes to write."""
    rule = noting(hours_ago(1))
    seen = workspace.read(lambda work: open_dues(work, rule))
    Runner(workspace, [rule]).tick()
    monkeypatch.setattr("desktop.jobs.runner.open_dues", lambda work, rule: seen)
    assert Runner(workspace, [rule]).tick().acted == ()
    assert noted(workspace) == ["2026-11-18T00:00"]


def test_a_console_that_slept_through_its_lease_does_nothing(workspace: Workspace) -> None:
    def lose(work: Work, due: Due) -> None:
        raise AssertionError("never reached")

    asleep = workspace.write(lambda work: take(work, "clock", "asleep"))
    assert asleep is not None
    assert Runner(workspace, [noting(hours_ago(1))]).tick().busy == "asleep"
    let_the_lease_run_out(workspace)
    assert noted(workspace) == []
    Runner(workspace, [noting(hours_ago(1))]).tick()
    assert noted(workspace) == ["2026-11-18T00:00"]
    with pytest.raises(UserError) as error:
        workspace.write(lambda work: renew(work, asleep))
    assert error.value.code == LOST
    workspace.write(lambda work: release(work, asleep))  # it has nothing to give back any more
    awake = workspace.write(lambda work: take(work, "clock", "awake"))
    assert awake is not None
    assert awake.token > asleep.token


def test_losing_the_lease_in_the_middle_takes_the_act_back(workspace: Workspace, place: Place) -> None:
    """Between two acts another console takes over: the rest is left to it."""
    other = place.open(clock=FixedClock(NOW))
    taken = []

    def overtake(work: Work) -> list[Due]:
        if not taken and work.session.execute(select(RuleRun.id)).first() is None and runner.running:
            taken.append(other)
        return list(rule.due(work))

    rule = noting(hours_ago(2, 1))

    @dataclass
    class Watched(Runner):
        running: bool = False

        def _do(self, workspace, lease, rule, due, control):  # type: ignore[no-untyped-def]
            if due.key.endswith("00:00"):
                let_the_lease_run_out(other)
                other.write(lambda work: take(work, "clock", "faster"))
            return super()._do(workspace, lease, rule, due, control)

    runner = Watched(workspace, [replace(rule, due=overtake)])
    found = runner.tick()
    assert [one.key for one in found.acted] == []
    assert found.busy == "?"
    assert noted(workspace) == ["2026-11-17T23:00"]  # the first was done under the lease and stays done
    let_the_lease_run_out(other)
    Runner(other, [rule]).tick()
    assert noted(workspace) == ["2026-11-17T23:00", "2026-11-18T00:00"]


@dataclass(frozen=True)
class FastClock:
    """A console whose clock is hours ahead."""

    ahead: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def test_a_console_whose_clock_is_ahead_does_not_act_early(place: Place) -> None:
    workspace = place.open(clock=FastClock(timedelta(hours=6)))
    soon = datetime.now(UTC) + timedelta(hours=3)
    before = datetime.now(UTC) - timedelta(minutes=5)
    (done,) = Runner(workspace, [noting([soon, before])]).tick().acted
    assert done.due_at == before
    assert abs(done.acted_at - datetime.now(UTC)) < timedelta(hours=1)


def test_a_console_whose_clock_is_behind_acts_in_time(place: Place) -> None:
    workspace = place.open(clock=FastClock(timedelta(hours=-6)))
    (done,) = Runner(workspace, [noting([datetime.now(UTC) - timedelta(hours=1)])]).tick().acted
    assert done.state is DueState.DONE


def test_only_who_sees_everything_runs_the_clock(workspace: Workspace, make: Maker, place: Place) -> None:
    make.person("Rep", login="clock_rep", role=Role.REP)
    with pytest.raises(NotAllowed) as error:
        Runner(place.open("clock_rep"), [noting(hours_ago(1))]).tick()
    assert error.value.code == "clock_not_allowed"
