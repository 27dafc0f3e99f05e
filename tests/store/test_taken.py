"""Asking whether a customer is taken: answered with a mask, counted, audited, and not by a rollback (security 49)."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select

from desktop.errors import InvalidInput, NotAllowed
from desktop.models.audit import AuditEntry
from desktop.operations.taken import Taken, is_taken
from desktop.store.access.asking import MOST_QUESTIONS
from desktop.store.workspace import Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker


@pytest.fixture
def rep(place: Place, workspace: Workspace, make: Maker) -> Workspace:
    """A rep who does not see the customer that a colleague in Harbin looks after."""
    harbin = make.unit("Harbin", "city")
    other = make.person("Other", unit=harbin)
    make.account("哈尔滨恒泰（集团）", other, credit_code="91230100MA18YPXX0A")
    make.account("Nobody's Ltd")
    mine = make.person("Rep", Role.REP, login="rep_who_asks")
    make.account("Mine Ltd", mine)
    return place.open("rep_who_asks", workspace.clock)


def test_the_answer_is_masked_and_audited(rep: Workspace, workspace: Workspace) -> None:
    assert is_taken(rep, "哈尔滨恒泰(集团)") == Taken(taken=True, own=False, name="哈**", unit="Harbin")
    assert is_taken(rep, "", "91230100MA18YPXX0A").taken
    assert is_taken(rep, "mine ltd") == Taken(taken=True, own=True, name="M**", unit="")
    for nobody in ("Nobody's Ltd", "Unheard Of"):
        assert is_taken(rep, nobody) == Taken(taken=False, own=False, name="", unit="")
    asked = select(func.count()).where(
        AuditEntry.action == "ask_taken", AuditEntry.person_id == rep.actor.person_id
    )
    assert workspace.read(lambda work: work.session.scalar(asked)) == 5
    with pytest.raises(InvalidInput, match="nothing to ask"):
        is_taken(rep, " ")


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_questions_are_counted_and_no_rollback_gets_an_answer(rep: Workspace) -> None:
    url = rep.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        question = _ask(connection)
        with pytest.raises(psycopg.Error, match="asked and committed"):
            connection.execute("SELECT plumbline.answer_taken(%s)", [question])
        connection.rollback()
        with pytest.raises(psycopg.Error, match="asked and committed"):
            connection.execute("SELECT plumbline.answer_taken(%s)", [question])
        connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT name_key FROM plumbline.question")
        connection.rollback()
        for _ in range(MOST_QUESTIONS):
            _ask(connection)
            connection.commit()
    with pytest.raises(NotAllowed, match="too often"):
        is_taken(rep, "哈尔滨恒泰(集团)")


def _ask(connection: psycopg.Connection[Any]) -> int:
    asked = connection.execute("SELECT plumbline.ask_taken('哈尔滨恒泰(集团)', '')").fetchone()
    assert asked is not None
    return int(asked[0])
