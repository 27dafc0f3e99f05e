"""Case 45: role × table × verb, and every column, against the rules in plain Python: equal sets."""

from __future__ import annotations

import pytest

from tests.conftest import FULL
from tests.databases import Place
from tests.security.firms import Maker
from tests.security.lab import lab
from tests.security.matrix import Matrix, Outcome
from tests.security.organisation import Firm, Someone
from tests.security.rule_tables import COLUMNS

pytestmark = pytest.mark.postgres

FIRMS = 40 if FULL else 1


def everybody(firm: Firm) -> list[Someone]:
    """Everybody with a login; a daily run takes one of each job, and the rep who is gone."""
    people = [one for one in firm.people.values() if one.job]
    if FULL:
        return people
    chosen = {one.job: one for one in people if firm.is_open(one.id)}
    return [*chosen.values(), *(one for one in people if not firm.is_open(one.id))]


def test_case_45_the_matrix_of_roles_tables_and_verbs(team: Place) -> None:
    outcome = Outcome()
    with lab(team, Maker(0).make()) as made:
        for seed in range(FIRMS):
            maker = Maker(seed)
            made.settle(maker.make())
            matrix = Matrix(made, maker, outcome)
            for one in everybody(made.firm):
                matrix.run(one)
    assert outcome.differences == []
    assert outcome.cells > FIRMS * 9 * len(COLUMNS) * 5
    assert outcome.cells / 20 < outcome.allowed < outcome.cells
