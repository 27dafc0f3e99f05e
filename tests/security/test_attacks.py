"""Cases 44 to 54 and 65 with psql: nothing hidden is printed, nothing that is refused leaves a trace."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from string import Template

import pytest

from desktop.models import Base
from tests.postgres import PostgresHost
from tests.security import psql
from tests.security.attacks import ATTACKS, Attack
from tests.security.lab import Lab, lab
from tests.security.stage import HIDDEN, staged

pytestmark = pytest.mark.postgres

FIRM, WORDS = staged()
DIGEST = " UNION ALL ".join(
    f"SELECT '{name}', count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM public.\"{name}\" t"
    for name in Base.metadata.tables
)


@pytest.fixture(scope="module")
def stage(postgres_host: PostgresHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The staged firm in a database, for all attacks: none changes anything."""
    place = postgres_host.fresh(tmp_path_factory.mktemp("stage"))
    with lab(place, FIRM) as made:
        yield made
    postgres_host.drop(place)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(stage: Lab, attack: Attack) -> None:
    before = stage.root.execute(DIGEST.encode()).fetchall()
    lines, answer = psql.attack(stage.place, attack, WORDS)
    assert answer.codes == attack.ends, (lines, answer)
    if attack.shows is not None:
        assert answer.shown == Template(attack.shows).substitute(WORDS), (lines, answer)
    if attack.job in ("rep", "city_manager"):
        assert [word for word in HIDDEN if word not in lines and word in str(answer)] == []
    assert stage.root.execute(DIGEST.encode()).fetchall() == before


def test_every_case_is_attacked() -> None:
    assert {attack.case for attack in ATTACKS} == {*range(44, 55), 65}
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("row_security", [(), ("--enable-row-security",)])
def test_case_51_pg_dump_as_a_rep(stage: Lab, row_security: tuple[str, ...]) -> None:
    """Even a dump of what the rep may see ends at the numbers that were given to others."""
    dump = [str(psql.program("pg_dump")), "--data-only", "--table=account", "--inserts", *row_security]
    done = subprocess.run(
        [*dump, psql.address(stage.place, "rep_1")], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "row-level security" in done.stderr or "account_id_seq" in done.stderr
    assert [word for word in HIDDEN if word in done.stdout + done.stderr] == []
