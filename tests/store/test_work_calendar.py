"""The work calendar as configured in a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import update

from desktop.i18n import Locale
from desktop.models.rules import Threshold
from desktop.operations.settings import add_calendar_event
from desktop.queries.work_calendar import due_text, work_calendar
from desktop.store.workspace import Work, Workspace
from desktop.terms import CalendarKind


def test_a_new_database_has_the_office_hours_of_a_usual_firm(workspace: Workspace) -> None:
    calendar = workspace.read(work_calendar)
    assert calendar.hours == ((time(9), time(12)), (time(13), time(18)))
    assert calendar.zone == "Asia/Shanghai"
    assert not calendar.is_working(date(2026, 4, 18))


def test_the_firms_holidays_count_but_not_those_of_one_region(workspace: Workspace) -> None:
    def enter(work: Work) -> None:
        day, other = date(2026, 4, 14), date(2026, 4, 15)
        add_calendar_event(work, name="Outing", kind=CalendarKind.HOLIDAY, starts_on=day, ends_on=day)
        add_calendar_event(
            work, name="Local", kind=CalendarKind.HOLIDAY, starts_on=other, ends_on=other, region="North"
        )

    workspace.write(enter)
    calendar = workspace.read(work_calendar)
    assert [calendar.is_working(date(2026, 4, day)) for day in (13, 14, 15)] == [True, False, True]


def test_hours_changed_in_the_thresholds_count_from_then_on(workspace: Workspace) -> None:
    def shorten(work: Work) -> None:
        work.session.execute(
            update(Threshold)
            .where(Threshold.key == "work.office_hours")
            .values(value={"value": ["10:00-16:00"]})
        )

    workspace.write(shorten)
    assert workspace.read(work_calendar).hours == ((time(10), time(16)),)


def test_what_is_due_in_a_year_without_published_holidays_says_so() -> None:
    chinese = Locale("zh_CN")
    assert due_text(None, chinese) == ""
    assert due_text(datetime(2026, 11, 18, 1, tzinfo=UTC), chinese) == "2026-11-18 09:00"
    later = due_text(datetime(2031, 1, 6, 1, tzinfo=UTC), chinese)
    assert later == "2031-01-06 09:00 (2031 年放假安排尚未公布，暂按工作周推算)"
