"""Configuration changes: from a day on, by those who may, with an audit entry."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord
from desktop.models.audit import AuditEntry
from desktop.operations.settings import add_calendar_event, remove_calendar_event, set_threshold
from desktop.queries.metrics.dictionary import metric_list
from desktop.queries.settings import (
    event_rows,
    logins,
    pipeline_blocks,
    threshold_history,
    threshold_rows,
)
from desktop.store.rules import threshold
from desktop.store.workspace import Workspace
from desktop.terms import CalendarKind, Role
from tests.databases import Place
from tests.maker import Maker

REMIND = "silent.remind_days"


def change(workspace: Workspace, text: str, since: date, key: str = REMIND) -> None:
    """Change a threshold."""
    workspace.write(lambda work: set_threshold(work, key, text, since))


def in_force(workspace: Workspace, on: date | None = None) -> object:
    """Return the reminder's threshold on a day."""
    return workspace.read(lambda work: threshold(work, REMIND, on))


def test_a_change_counts_from_its_day_on(workspace: Workspace, make: Maker) -> None:
    """Yesterday keeps its value; tomorrow's change is announced and not yet in force."""
    change(workspace, "20", make.today)
    change(workspace, "10", make.today + timedelta(days=1))
    assert in_force(workspace, make.today - timedelta(days=1)) == 30
    assert in_force(workspace) == 20
    assert in_force(workspace, make.today + timedelta(days=1)) == 10
    row = next(row for row in workspace.read(threshold_rows) if row.key == REMIND)
    assert (row.value, row.next_value, row.changed_by) == (20, 10, "admin")
    history = workspace.read(lambda work: threshold_history(work, REMIND))
    assert [value for _day, value, _person in history] == [10, 20, 30]


def test_a_second_change_of_a_day_replaces_the_first(workspace: Workspace, make: Maker) -> None:
    """The last word of a day counts; both changes are in the audit."""
    change(workspace, "20", make.today)
    change(workspace, "25", make.today)
    assert in_force(workspace) == 25
    entries = workspace.read(
        lambda work: work.session.scalars(
            select(AuditEntry.details).where(AuditEntry.action == "set_threshold").order_by(AuditEntry.id)
        ).all()
    )
    assert [(entry["before"], entry["after"]) for entry in entries if entry] == [(30, 20), (20, 25)]


@pytest.mark.parametrize(
    ("key", "text", "days", "code"),
    [
        (REMIND, "soon", 0, "threshold_invalid"),
        (REMIND, "-1", 0, "threshold_invalid"),
        (REMIND, "NaN", 0, "threshold_invalid"),
        (REMIND, "20", -1, "effective_in_past"),
        ("target.week_weights", "20", 0, "threshold_not_number"),
    ],
)
def test_what_cannot_be_a_threshold(
    workspace: Workspace, make: Maker, key: str, text: str, days: int, code: str
) -> None:
    """Nonsense, the past and lists are refused, and nothing changes."""
    with pytest.raises(InvalidInput) as refused:
        change(workspace, text, make.today + timedelta(days=days), key)
    assert refused.value.code == code
    assert in_force(workspace) == 30


def test_an_unknown_threshold(workspace: Workspace, make: Maker) -> None:
    """A key that does not exist is told."""
    with pytest.raises(NotFound):
        change(workspace, "1", make.today, "no.such")


def test_a_rep_changes_no_configuration(workspace: Workspace, make: Maker, place: Place) -> None:
    """Only administrators, sales operations and the director may."""
    make.person("Li", Role.REP, login="li")
    rep = place.open("li", clock=workspace.clock)
    with pytest.raises(NotAllowed):
        change(rep, "1", make.today)


def test_calendar_events_come_and_go(workspace: Workspace) -> None:
    """An event is added with its factor, removed by its version, and both are on record."""
    first, last = date(2026, 12, 1), date(2026, 12, 3)
    number = workspace.write(
        lambda work: add_calendar_event(
            work, name=" Fair ", kind=CalendarKind.FAIR, starts_on=first, ends_on=last, factor="0.92"
        )
    )
    (row,) = workspace.read(event_rows)
    assert (row.id, row.name, row.kind, row.factor) == (number, "Fair", CalendarKind.FAIR, 0.92)
    with pytest.raises(StaleRecord):
        workspace.write(lambda work: remove_calendar_event(work, number, row.version + 1))
    workspace.write(lambda work: remove_calendar_event(work, number, row.version))
    assert workspace.read(event_rows) == []
    with pytest.raises(NotFound):
        workspace.write(lambda work: remove_calendar_event(work, number, row.version))


@pytest.mark.parametrize(
    ("name", "days", "factor", "code"),
    [
        ("", 0, "", "event_name_missing"),
        ("Fair", -1, "", "event_days_reversed"),
        ("Fair", 0, "9", "event_factor_invalid"),
        ("Fair", 0, "much", "event_factor_invalid"),
    ],
)
def test_events_that_cannot_be(workspace: Workspace, name: str, days: int, factor: str, code: str) -> None:
    """A nameless, reversed or senseless event is refused with its reason."""
    first = date(2026, 12, 1)
    with pytest.raises(InvalidInput) as refused:
        workspace.write(
            lambda work: add_calendar_event(
                work,
                name=name,
                kind=CalendarKind.FAIR,
                starts_on=first,
                ends_on=first + timedelta(days=days),
                factor=factor,
            )
        )
    assert refused.value.code == code


def test_what_the_page_lists(workspace: Workspace, make: Maker) -> None:
    """Every threshold, metric and shipped pipeline is listed; only people with a login can be switched to."""
    make.person("Nobody")
    make.deal("Boiler", amount="1")
    assert len(workspace.read(threshold_rows)) > 90
    assert {"win_rate", "open_receivable"} <= {row.key for row in workspace.read(metric_list)}
    blocks = workspace.read(pipeline_blocks)
    assert sum(stage.standing for block in blocks for stage in block.stages) == 1
    assert all(block.stages for block in blocks)
    assert [login.login for login in workspace.read(logins)] == ["admin"]
