"""The random firms: the same for a seed, and every row of theirs is one that the database takes."""

from __future__ import annotations

import pytest

from tests.databases import Place
from tests.security import firms, lab

pytestmark = pytest.mark.postgres


def test_a_seed_makes_one_firm() -> None:
    assert firms.Maker(3).make().rows == firms.Maker(3).make().rows
    assert firms.Maker(3).make().rows != firms.Maker(4).make().rows


@pytest.mark.parametrize("seed", range(3))
def test_a_firm_keeps_every_constraint(team: Place, seed: int) -> None:
    firm = firms.Maker(seed).make()
    with lab.superuser(team) as connection:
        firms.write(firm, connection)
        for name, definition, table in connection.execute(
            "SELECT conname, pg_get_constraintdef(oid), conrelid::regclass::text FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'c') AND conrelid <> 0"
        ).fetchall():
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
