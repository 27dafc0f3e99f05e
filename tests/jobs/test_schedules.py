"""Reports that go out by the clock: the morning mail and the packs (RPT-03, RPT-06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select, update

from desktop.clock import FixedClock
from desktop.errors import InvalidInput, NotAllowed, StaleRecord, UserError
from desktop.jobs.rules.schedules import RULE
from desktop.jobs.runner import Runner, Ticked
from desktop.models.clockwork import Outbox, OutboxFile, Schedule
from desktop.models.people import Person
from desktop.operations.approvals import approve_report
from desktop.operations.reports import draft_report, submit_report
from desktop.operations.schedules import (
    Wish,
    add_schedule,
    change_schedule,
    remove_schedule,
    schedule_wish,
    set_active,
)
from desktop.periods import Period
from desktop.queries.report_parts import Asked
from desktop.store.workspace import Work, Workspace
from desktop.terms import DueState, Role, ScheduleKind
from tests.databases import Place
from tests.maker import Maker

MONDAY_8 = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
"""Monday 16 November 2026, 8 o'clock in Shanghai."""


def at(place: Place, moment: datetime) -> Workspace:
    """Open the database at a moment."""
    return place.open(clock=FixedClock(moment))


def plan(workspace: Workspace, kind: ScheduleKind, **more: object) -> int:
    """Add a schedule to one address, if nothing else is said."""
    wanted: dict[str, object] = {"language": "en", **more}
    if not {"people", "addresses", "folder"} & set(wanted):
        wanted["addresses"] = ["boss@firm.example"]
    return workspace.write(lambda work: add_schedule(work, Wish(kind, **wanted)))  # type: ignore[arg-type]


def run(workspace: Workspace) -> Ticked:
    """Look at the clock, without sending."""
    return Runner(workspace, [RULE], send=False).tick()


def queued(workspace: Workspace) -> list[tuple[str, str]]:
    """Return to whom what waits."""
    query = select(Outbox.target, Outbox.subject).order_by(Outbox.id)
    return workspace.read(lambda work: [(row.target, row.subject) for row in work.rows(query)])


def body(workspace: Workspace) -> str:
    """Return the words of the newest message."""
    query = select(Outbox.body).order_by(Outbox.id.desc()).limit(1)
    return str(workspace.read(lambda work: work.session.execute(query).scalar_one()))


def test_the_morning_mail_tells_of_friday_to_sunday_on_a_monday(place: Place) -> None:
    workspace = at(place, MONDAY_8)
    make = Maker(workspace)
    rep = make.person("Rep")
    make.deal("Pump", owner=rep, amount="120000", stage="Quotation", opened=date(2026, 11, 14))
    make.deal("Old", owner=rep, amount="50000", stage="Quotation", opened=date(2026, 11, 12))
    plan(workspace, ScheduleKind.MORNING_MAIL)
    assert run(workspace).acted == ()  # it is not 9 o'clock yet
    later = at(place, MONDAY_8 + timedelta(hours=1, minutes=20))
    (done,) = run(later).acted
    assert (done.state, done.due_at) == (DueState.DONE, MONDAY_8 + timedelta(hours=1))
    assert queued(later) == [
        ("boss@firm.example", "Whole firm: figures of 2026-11-13 – 2026-11-15"),
    ]
    assert "New opportunities: 1 (120.0 K)" in body(later)
    assert "due 2026-11-16 09:00" in body(later)
    assert run(later).acted == ()


def test_a_late_mail_tells_the_same_figures(place: Place) -> None:
    """What happened since it was due is not in it."""
    early = at(place, MONDAY_8)
    make = Maker(early)
    rep = make.person("Rep")
    make.deal("Pump", owner=rep, amount="120000", stage="Quotation", opened=date(2026, 11, 14))
    plan(early, ScheduleKind.MORNING_MAIL)
    late = at(place, MONDAY_8 + timedelta(hours=9))
    Maker(late).deal("New", owner=rep, amount="70000", stage="Quotation", opened=date(2026, 11, 16))
    run(late)
    assert "New opportunities: 1 (120.0 K)" in body(late)


def test_after_a_week_without_the_clock_one_mail_comes_and_the_others_are_on_record(place: Place) -> None:
    plan(at(place, MONDAY_8), ScheduleKind.MORNING_MAIL)
    later = at(place, MONDAY_8 + timedelta(days=7, hours=2))
    found = run(later).acted
    assert [one.state.value for one in found] == ["missed"] * 5 + ["done"]
    assert len(queued(later)) == 1


def test_a_schedule_that_rests_sends_nothing_and_makes_nothing_up(place: Place) -> None:
    workspace = at(place, MONDAY_8)
    number = plan(workspace, ScheduleKind.MORNING_MAIL)
    workspace.write(lambda work: set_active(work, number, active=False))
    later = at(place, MONDAY_8 + timedelta(days=3))
    assert run(later).acted == ()
    later.write(lambda work: set_active(work, number, active=True))
    assert run(later).acted == ()
    later.write(lambda work: remove_schedule(work, number))
    assert later.read(lambda work: work.rows(select(Schedule.id))) == []


def test_who_has_no_address_is_named_and_nobody_at_all_is_a_failure(place: Place) -> None:
    workspace = at(place, MONDAY_8)
    make = Maker(workspace)
    boss = make.person("Boss", role=Role.DIRECTOR)
    other = make.person("Other", role=Role.FINANCE)
    plan(workspace, ScheduleKind.MORNING_MAIL, people=[boss, other])
    later = at(place, MONDAY_8 + timedelta(hours=2))
    (failed,) = run(later).acted
    assert failed.problem is not None
    assert failed.problem["code"] == "nobody_reached"
    later.write(
        lambda work: work.session.execute(
            update(Person).where(Person.id == boss).values(email="boss@firm.example")
        )
    )
    again = at(place, MONDAY_8 + timedelta(hours=3))
    (done,) = run(again).acted
    assert done.state is DueState.DONE
    assert [to for to, _ in queued(again)] == ["boss@firm.example"]


def test_nobody_is_sent_what_they_may_not_see(place: Place) -> None:
    workspace = at(place, MONDAY_8)
    make = Maker(workspace)
    east = make.unit("East", level="region")
    team = make.unit("Team", parent=east)
    west = make.unit("West", level="region")
    rep = make.person("Rep", unit=team)
    manager = make.person("Manager", role=Role.REGIONAL_MANAGER, unit=east)
    for person, unit in ((rep, team), (manager, None), (manager, west)):
        with pytest.raises(InvalidInput) as error:
            plan(workspace, ScheduleKind.MORNING_MAIL, people=[person], unit_id=unit)
        assert error.value.code == "recipient_sees_less"
    plan(workspace, ScheduleKind.MORNING_MAIL, people=[manager], unit_id=team)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"at": "25:00"}, "schedule_time_invalid"),
        ({"addresses": ["nobody"]}, "mail_address_invalid"),
        ({"addresses": [" "]}, "schedule_nobody"),
        ({"folder": "reports"}, "schedule_folder_relative"),
        ({"folder": "/srv/reports"}, "schedule_mail_alone"),
    ],
)
def test_a_schedule_that_cannot_work_is_refused(
    sqlite_workspace: Workspace, more: dict[str, object], code: str
) -> None:
    with pytest.raises(UserError) as error:
        plan(sqlite_workspace, ScheduleKind.MORNING_MAIL, **more)
    assert error.value.code == code


def test_only_who_runs_the_clock_plans_what_goes_out(workspace: Workspace, place: Place, make: Maker) -> None:
    make.person("Finance", login="clock_finance", role=Role.FINANCE)
    with pytest.raises(NotAllowed):
        plan(place.open("clock_finance"), ScheduleKind.MORNING_MAIL)


def test_a_pack_has_approved_figures_where_there_are_some_and_drafts_marked(
    place: Place, tmp_path: Path
) -> None:
    workspace = at(place, MONDAY_8)
    make = Maker(workspace)
    rep = make.person("Rep")
    make.person("Second", login="clock_finance", role=Role.FINANCE)
    make.deal("Pump", owner=rep, amount="120000", stage="Quotation", opened=date(2026, 11, 3))
    asked = Asked(Period.parse("2026-11"))
    report = workspace.write(lambda work: draft_report(work, "funnel", asked).id)
    workspace.write(lambda work: submit_report(work, report))
    finance = place.open("clock_finance", clock=FixedClock(MONDAY_8))
    finance.write(lambda work: approve_report(work, report))
    plan(workspace, ScheduleKind.MONDAY_PACK, folder=str(tmp_path))
    later = at(place, MONDAY_8 + timedelta(hours=2))
    (done,) = run(later).acted
    assert done.state is DueState.DONE
    book = openpyxl.load_workbook(BytesIO(_file(later)))
    cover = "\n".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)
    assert "Approved" in cover
    assert "DRAFT: nobody has approved these figures" in cover
    marked = {
        sheet.title: any("DRAFT" in str(cell.value) for row in sheet.iter_rows(max_row=6) for cell in row)
        for sheet in book.worksheets[1:]
    }
    assert False in marked.values()
    assert True in marked.values()
    tables = [name for sheet in book.worksheets for name in sheet.tables]
    assert len(tables) == len(set(tables)) >= 2
    assert Runner(at(place, MONDAY_8 + timedelta(hours=2)), [RULE]).tick().failed == 0
    assert [file.suffix for file in tmp_path.glob("*.xlsx")] == [".xlsx"]


def test_the_quarter_pack_takes_reports_by_month_where_there_are_none_by_quarter(place: Place) -> None:
    workspace = at(place, datetime(2026, 9, 30, 0, 0, tzinfo=UTC))
    plan(workspace, ScheduleKind.QUARTER_PACK)
    later = at(place, datetime(2026, 10, 8, 2, 0, tzinfo=UTC))
    (done,) = run(later).acted
    assert done.state is DueState.DONE
    ((_, subject),) = queued(later)
    assert subject == "Quarter pack 2026-Q3"
    names = openpyxl.load_workbook(BytesIO(_file(later))).sheetnames
    assert len(names) > 3


def _file(workspace: Workspace) -> bytes:
    def query(work: Work) -> bytes:
        return work.session.execute(select(OutboxFile.content)).scalars().one()

    return workspace.read(query)


def test_a_changed_schedule_goes_out_as_changed_and_once_a_day(place: Place) -> None:
    early = at(place, MONDAY_8)
    number = plan(early, ScheduleKind.MORNING_MAIL, at="08:30")
    nine = at(place, MONDAY_8 + timedelta(hours=1))
    assert run(nine).failed == 0
    wish, version = nine.read(lambda work: schedule_wish(work, number))
    wanted = replace(wish, at="09:00", addresses=["other@firm.example"])
    nine.write(lambda work: change_schedule(work, number, version, wanted))
    with pytest.raises(StaleRecord):
        nine.write(lambda work: change_schedule(work, number, version, wanted))
    run(at(place, MONDAY_8 + timedelta(hours=2)))
    run(at(place, MONDAY_8 + timedelta(days=1, hours=2)))
    assert [target for target, _subject in queued(nine)] == ["boss@firm.example", "other@firm.example"]
    with pytest.raises(InvalidInput, match="recipient"):
        nine.write(lambda work: change_schedule(work, number, version + 1, replace(wish, addresses=[])))
