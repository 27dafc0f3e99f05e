"""Case 45: whatever is asked, a person gets what a database with their rows alone would give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FULL
from tests.postgres import PostgresHost
from tests.security.changes import Changes
from tests.security.firms import Maker
from tests.security.lab import OneSession, lab
from tests.security.oracle import Oracle, Tally
from tests.security.rules import Rules

pytestmark = pytest.mark.postgres

QUERIES = 1_000_000 if FULL else 600
CHANGES = 100_000 if FULL else 300
PER_PERSON = 200 if FULL else 25


def run(host: PostgresHost, folder: Path, wanted: int, each: int, seed: int = 1) -> Tally:
    """Compare queries over one random firm after the other until there are enough."""
    tally = Tally()
    place = host.fresh(folder)
    with lab(place, Maker(seed).make()) as made:
        oracle = Oracle(made)
        while tally.compared < wanted and not tally.differences:
            rules = Rules(made.firm)
            for number, one in enumerate(made.firm.signing_in):
                oracle.compare(one, rules, seed * 100 + number, each, tally)
            seed += 1
            made.settle(Maker(seed).make())
        oracle.close()
    host.drop(place)
    return tally


def test_case_45_generated_queries_show_no_row_outside_scope(
    postgres_host: PostgresHost, tmp_path: Path
) -> None:
    tally = run(postgres_host, tmp_path, QUERIES, PER_PERSON)
    assert tally.differences == []
    assert tally.compared >= QUERIES
    assert tally.rows > tally.compared, "queries that find nothing prove nothing"
    assert tally.failed < tally.compared / 20


def change(host: PostgresHost, folder: Path, wanted: int, each: int, seed: int = 1) -> Tally:
    """Run changes in one random firm after the other until there are enough."""
    tally = Tally()
    place = host.fresh(folder)
    with lab(place, Maker(seed).make(), OneSession) as made:
        while tally.compared < wanted and not tally.differences:
            rules = Rules(made.firm)
            for number, one in enumerate(made.firm.signing_in):
                Changes(made, one, rules).run(seed * 100 + number, each, tally)
            seed += 1
            made.root.execute("RESET SESSION AUTHORIZATION")
            made.settle(Maker(seed).make())
    host.drop(place)
    return tally


def test_case_45_generated_changes_leave_what_is_out_of_reach(
    postgres_host: PostgresHost, tmp_path: Path
) -> None:
    tally = change(postgres_host, tmp_path, CHANGES, PER_PERSON)
    assert tally.differences == []
    assert tally.compared >= CHANGES
    assert tally.rows > CHANGES / 10, "changes that change nothing prove nothing"
