"""Cases 37 and 52: reports and approvals take the steps of the rules and no other, signed as oneself."""

from __future__ import annotations

import pytest

from tests.conftest import FULL
from tests.databases import Place
from tests.security.decisions import Decisions
from tests.security.firms import Maker
from tests.security.lab import OneSession, lab
from tests.security.matrix import Outcome
from tests.security.signing import Signing
from tests.security.test_matrix import everybody

pytestmark = pytest.mark.postgres


def test_case_52_nobody_approves_what_they_submitted(team: Place) -> None:
    outcome = Outcome()
    with lab(team, Maker(5).make(), OneSession) as made:
        decisions = Decisions(made, outcome, share=1.0 if FULL else 0.3)
        for one in everybody(made.firm):
            decisions.run(one)
    assert outcome.differences == []
    assert outcome.allowed > 200
    assert outcome.cells > 5 * outcome.allowed


def test_case_52_signatures_are_given_by_who_is_asked_in_their_turn(team: Place) -> None:
    outcome = Outcome()
    with lab(team, Maker(5).make(), OneSession) as made:
        Signing(made, outcome).run()
    assert outcome.differences == []
    assert outcome.allowed > 20
    assert outcome.cells > 3 * outcome.allowed
