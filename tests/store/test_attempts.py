"""What somebody tried and may not do is on record, but not without end (security 52; PER-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from desktop.clock import FixedClock
from desktop.errors import NotAllowed
from desktop.operations.erasure import erase_person
from desktop.queries.audit import REFUSED, AuditFilter, AuditRow, audit_entries
from desktop.store.attempts import MOST_AN_HOUR, Attempts
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.conftest import NOW
from tests.databases import Place
from tests.maker import Maker


def refusals(workspace: Workspace) -> list[AuditRow]:
    return workspace.read(lambda work: audit_entries(work, AuditFilter(action=REFUSED)))


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR, Role.FINANCE])
def test_a_refused_operation_is_on_record_once(
    place: Place, workspace: Workspace, make: Maker, role: Role
) -> None:
    make.person("某人", role, login=f"tried_{role.value}")
    somebody = place.open(f"tried_{role.value}", workspace.clock)
    for _ in range(3):
        with pytest.raises(NotAllowed):
            somebody.write(lambda work: erase_person(work, "contact:1"))
    (entry,) = refusals(workspace)
    assert (entry.login, entry.details) == (
        f"tried_{role.value}",
        {"code": "role_missing", "operation": "erase_person"},
    )


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_what_the_database_refuses_is_on_record_too(place: Place, workspace: Workspace, make: Maker) -> None:
    make.person("某人", Role.REP, login="tried_rep")
    rep = place.open("tried_rep", workspace.clock)

    def steal(work: Work) -> None:
        work.session.execute(text("DELETE FROM account"))

    with pytest.raises(NotAllowed):
        rep.write(steal)
    assert [(entry.login, (entry.details or {})["operation"]) for entry in refusals(workspace)] == [
        ("tried_rep", "steal")
    ]


def test_what_is_refused_leaves_nothing_else(workspace: Workspace) -> None:
    def half(work: Work) -> None:
        work.audit("half done")
        raise NotAllowed("no", "no")

    with pytest.raises(NotAllowed):
        workspace.write(half)
    found = workspace.read(lambda work: [entry.action for entry in audit_entries(work)])
    assert (found[0], "half done" in found) == (REFUSED, False)


def test_a_flood_of_refusals_is_cut_off() -> None:
    attempts = Attempts(FixedClock(NOW))
    assert sum(attempts.worth_recording("no", f"operation{n}") for n in range(500)) == MOST_AN_HOUR
    assert not attempts.worth_recording("no", "another")
    attempts = Attempts(FixedClock(NOW))
    assert attempts.worth_recording("no", "same")
    assert not attempts.worth_recording("no", "same")
    attempts._clock = FixedClock(NOW + timedelta(minutes=11))
    assert attempts.worth_recording("no", "same")
