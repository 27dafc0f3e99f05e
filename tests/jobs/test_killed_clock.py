"""A console that is killed while it runs the clock: the next one does what is left, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from desktop.clock import FixedClock
from desktop.jobs.runner import Runner
from tests.conftest import FULL, NOW, PROJECT
from tests.databases import ADMIN, Place
from tests.jobs.rules import hours_ago, let_the_lease_run_out, noted, noting, runs

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no servers are killed on Windows")


def run_and_die(place: Place, when: str) -> None:
    """Let a console run the clock and be killed at a moment."""
    died = subprocess.run(
        [sys.executable, "-m", "tests.jobs.dying", place.where, ADMIN if place.is_sqlite else "", when],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr


@pytest.mark.parametrize("when", ["before", "after"] if FULL else ["after"])
def test_killed_in_the_middle_of_a_rule_it_is_done_once_by_the_next(place: Place, when: str) -> None:
    run_and_die(place, when)
    workspace = place.open(clock=FixedClock(NOW))
    assert noted(workspace) == []
    assert runs(workspace) == []
    rule = noting(hours_ago(2, 1))
    assert Runner(workspace, [rule]).tick().busy  # the dead one's lease has not run out yet
    let_the_lease_run_out(workspace)
    Runner(workspace, [rule]).tick()
    assert noted(workspace) == ["2026-11-17T23:00", "2026-11-18T00:00"]
    assert [attempts for _, _, attempts in runs(workspace)] == [1, 1]
