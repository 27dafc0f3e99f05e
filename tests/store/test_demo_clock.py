"""The demo database keeps its pinned date (decisions, Running)."""

from __future__ import annotations

from datetime import datetime

import pytest

from desktop.demo.calendar import DEMO_NOW
from desktop.errors import NotAllowed
from desktop.operations.demo import pin_clock
from desktop.operations.people import add_person
from desktop.terms import Role
from tests.databases import Place, pinned


def test_a_pinned_database_is_opened_at_that_instant(place: Place) -> None:
    pinned(place, DEMO_NOW)
    again = place.open()
    assert again.read(lambda work: (work.now, work.today)) == (DEMO_NOW, DEMO_NOW.date())


def test_pinning_again_moves_the_clock(place: Place) -> None:
    pinned(place, DEMO_NOW)
    later = DEMO_NOW.replace(day=19)
    pinned(place, later)
    assert place.open().read(lambda work: work.now) == later


def test_only_an_administrator_pins_the_clock(place: Place) -> None:
    first = place.open()
    first.write(
        lambda work: add_person(work, "rep", name="Rep", role=Role.REP, password="only for this test")
    )
    rep = place.open("rep")
    with pytest.raises(NotAllowed):
        rep.write(lambda work: pin_clock(work, DEMO_NOW))


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_the_time_of_a_team_database_is_its_servers(place: Place) -> None:
    with pytest.raises(NotAllowed) as refused:
        place.open().write(lambda work: pin_clock(work, DEMO_NOW))
    assert refused.value.code == "clock_of_server"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_time_without_zone_is_refused(place: Place) -> None:
    workspace = place.open()
    with pytest.raises(ValueError, match="zone"):
        workspace.write(lambda work: pin_clock(work, datetime(2026, 11, 18)))
