"""Case 68: every guard of the database taken away in turn is noticed, every time."""

from __future__ import annotations

import random

import pytest

from tests.conftest import FULL
from tests.databases import Place
from tests.security.clock_steps import ClockSteps
from tests.security.detector import CONSTRAINTS, Detector
from tests.security.firms import Maker
from tests.security.lab import OneSession, lab, undone
from tests.security.matrix import Outcome
from tests.security.mutants import Mutant, mutants
from tests.security.violations import SETTINGS

pytestmark = pytest.mark.postgres

SAMPLED = 20
SIZES = {5: 6, 0: 6, 1: 16, 2: 16}
"""Seeds of firms and how many rows their tables have; the later ones are asked when the first shows nothing."""


def chosen(every: list[Mutant]) -> list[Mutant]:
    """Return all of them, or as many of each sort for a daily run, other ones with each release of the access."""
    if FULL:
        return every
    picking = random.Random(len(every))
    return picking.sample(every, SAMPLED)


def test_case_68_every_guard_taken_away_is_noticed(team: Place) -> None:
    makers = [Maker(seed, size) for seed, size in SIZES.items()]
    firms = [maker.make() for maker in makers]
    with lab(team, firms[0], OneSession) as made:
        detector = Detector(made, makers)
        assert detector.lint() == []
        every = mutants(made.root)
        survivors = [mutant.name for mutant in chosen(every) if detector.caught_by(mutant) is None]
    assert survivors == []
    kinds = {mutant.kind for mutant in every}
    assert kinds >= {
        *CONSTRAINTS,
        "DROP POLICY",
        "POLICY USING",
        "REVOKE",
        "GRANT",
        "DROP TRIGGER",
        "FUNCTION",
    }


GUARDS = ("guard_kept", "guard_snapshot", "guard_customer", "guard_setting")
"""Guards behind a right or a policy that refuses the same: what they add shows where those are away."""
CLOCK = ("guard_run", "guard_message", "guard_sent_file", "only_erased", "add_begun")
"""What keeps the clock's past, taken apart in each run of the tests."""


def test_case_68_a_guard_that_refuses_nothing_is_noticed(team: Place) -> None:
    makers = [Maker(seed, size) for seed, size in SIZES.items()]
    firms = [maker.make() for maker in makers]
    with lab(team, firms[0], OneSession) as made:
        detector = Detector(made, makers)
        detector.maker, whole = makers[0], Outcome()
        with undone(made.root):
            detector.guards(whole)
        weaker = [
            mutant
            for mutant in mutants(made.root)
            if mutant.kind == "FUNCTION" and any(guard in mutant.name for guard in GUARDS)
        ]
        survivors = [mutant.name for mutant in weaker if detector.caught_by(mutant) is None]
    assert whole.differences == []
    assert {guard for guard in GUARDS for mutant in weaker if guard in mutant.name} == set(GUARDS)
    assert survivors == []


def test_case_68_constraints_of_the_tables_of_set_up_are_missed(team: Place) -> None:
    """A database with two versions, or with a setting twice or without a value, would be read at random."""
    maker = Maker(5)
    with lab(team, maker.make(), OneSession) as made:
        detector = Detector(made, [maker])
        mine = [
            mutant for mutant in mutants(made.root) if mutant.kind in CONSTRAINTS and mutant.table in SETTINGS
        ]
        survivors = [mutant.name for mutant in mine if detector.caught_by(mutant) is None]
        whole = [
            detector.caught_by(Mutant("nothing", "DROP NOT NULL", "SELECT 1", table)) for table in SETTINGS
        ]
    assert {mutant.name for mutant in mine} == {
        "alembic_version: alembic_version_pkc",
        "database_setting: pk_database_setting",
        "database_setting.value: null",
    }
    assert (survivors, whole) == ([], [None, None])


def test_a_whole_database_is_no_mutant(team: Place) -> None:
    maker = Maker(5)
    with lab(team, maker.make(), OneSession) as made:
        detector = Detector(made, [maker])
        for table in ("account", "stage_event"):
            for kind in ("nothing", "DROP CHECK"):
                assert detector.caught_by(Mutant("nothing", kind, "SELECT 1", table)) is None
        assert detector.caught_by(Mutant("nothing", "nothing", "SELECT 1", None)) is None


def test_case_68_what_keeps_the_clocks_past_is_noticed(team: Place) -> None:
    maker = Maker(5, SIZES[5])
    with lab(team, maker.make(), OneSession) as made:
        whole = Outcome()
        ClockSteps(made, whole).run()
        weaker = [
            mutant
            for mutant in mutants(made.root)
            if mutant.kind in ("FUNCTION", "POLICY WITH CHECK")
            and any(guard in mutant.name for guard in CLOCK)
        ]
        survivors = []
        # A daily run takes every third, other ones with each release of the access.
        for mutant in weaker if FULL else weaker[len(weaker) % 3 :: 3]:
            found = Outcome()
            with undone(made.root):
                made.root.execute(mutant.statement.encode())
                ClockSteps(made, found).run()
            if not found.differences:
                survivors.append(mutant.name)
    assert whole.differences == []
    assert {guard for guard in CLOCK for mutant in weaker if guard in mutant.name} == set(CLOCK)
    assert survivors == []
