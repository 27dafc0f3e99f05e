"""kill -9 at any moment of an import leaves nothing half-done, and doing it again doubles nothing (cases 20, 41)."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from tests.conftest import FULL
from tests.databases import Place
from tests.faults.conftest import digest_at, run

STEPS = 400
"""More statements in bulk than the import has: those beyond are not reached, and it comes to its end."""

STEP_BY_STEP = range(1, STEPS, 1 if FULL else 170)
MOMENTS = 1_000 if FULL else 2
"""How many random moments are tried: on both databases as many as security.md asks for."""
POINTS = ["begin", "lineage", "before_commit", "after_commit"] if FULL else ["lineage", "after_commit"]


def resumed(place: Place, folder: Path, before: str) -> str:
    """Check that all or nothing is there, import again, and return the digest that this leads to."""
    now = digest_at(place)
    code, said, _ = run(place, folder)
    assert code == 0
    whole = digest_at(place)
    assert now in (before, whole)
    totals = json.loads(said)
    assert totals["created"] == (5 if now == before else 0)
    assert totals["created"] + totals["unchanged"] == 5
    return whole


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(place: Place, folder: Path, point: str) -> None:
    before = digest_at(place)
    code, said, _ = run(place, folder, "point", point)
    assert code < 0
    assert said == ""
    assert (digest_at(place) == before) is (point != "after_commit")
    resumed(place, folder, before)


def test_killed_at_a_statement_and_done_again_is_as_if_uninterrupted(
    place: Place, folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = digest_at(place)
    killed, ended = 0, False
    for step in STEP_BY_STEP:
        code, _, complained = run(place, folder, "step", step)
        assert code <= 0, complained
        now = digest_at(place)
        if code == 0:
            ended = True
            break
        killed += 1
        assert now == before
    assert killed
    host = request.getfixturevalue("sqlite_host")
    other = host.fresh(tmp_path)
    assert run(other, folder)[0] == 0
    if not ended:
        assert run(place, folder)[0] == 0
    # An import that was killed on the way and done again is the same as one that never was.
    assert digest_at(place) == digest_at(other)
    host.drop(other)


@pytest.mark.skipif(os.name == "nt", reason="no interval timer on Windows")
def test_killed_at_a_random_moment(place: Place, folder: Path) -> None:
    before = digest_at(place)
    rng = random.Random(20)
    whole = ""
    for _ in range(MOMENTS):
        code, _, complained = run(place, folder, "time", rng.randrange(1, 900))
        assert code <= 0, complained
        now = digest_at(place)
        if code == 0 or now != before:
            # It got through (or the commit did): from now on nothing may change any more.
            whole = whole or now
            assert now == whole
    assert resumed(place, folder, before) == (whole or digest_at(place))
