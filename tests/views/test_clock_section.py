"""Settings, Clock and Mail: due against acted, what failed and what to do, and a console that looks by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from sqlalchemy import select

from desktop.clock import SystemClock
from desktop.jobs.status import clock_view
from desktop.models.clockwork import Outbox
from desktop.operations.mail_server import Security, mail_server
from desktop.operations.outbox import queue
from desktop.operations.scheduled.making import queue_test
from desktop.operations.schedules import Wish, add_schedule, change_schedule, schedule_wish
from desktop.store.workspace import Workspace
from desktop.terms import Role, ScheduleKind
from desktop.views.clockwork import Clockwork
from desktop.views.conflict import ConflictDialog
from desktop.views.main_window import MainWindow
from desktop.views.settings.clock import ClockSection
from desktop.views.settings.mail import MailSection
from desktop.views.settings.page import SettingsPage
from tests.jobs.post_office import LOGIN, PASSWORD, post_office
from tests.maker import Maker
from tests.views.shown import MakeWindow


def settings(window: MainWindow, section: str) -> tuple[SettingsPage, QWidget]:
    window.navigate("settings", section=section)
    assert isinstance(window.page, SettingsPage)
    return window.page, window.page.shown()


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def press(widget: QWidget, words: str) -> None:
    next(one for one in widget.findChildren(QPushButton) if one.text() == words).click()


def test_a_schedule_is_made_run_and_looked_into(
    make_window: MakeWindow, sqlite_workspace: Workspace, sqlite_make: Maker
) -> None:
    sqlite_make.person("Li Hua", role=Role.DIRECTOR)
    page, section = settings(make_window(), "clock")
    assert isinstance(section, ClockSection)
    section.add_button.click()
    form = section.form
    form.name.setText("Boss mail")
    form.people.item(0).setCheckState(Qt.CheckState.Checked)
    form.addresses.setText("group@firm.example")
    assert page.inspector is not None
    press(page.inspector, "Add schedule")
    (row,) = (one for one in section.planned.rows() if one.schedule_id)
    assert (row.name, row.at, row.state) == ("Boss mail", "09:00", "")
    assert row.next_at is not None
    section.show_planned(row)
    assert "an address" in texts(page.inspector)
    press(page.inspector, "Let it rest")
    assert [one.state for one in section.planned.rows() if one.schedule_id] == ["resting"]


def test_a_schedule_is_changed_and_tried(
    make_window: MakeWindow, sqlite_workspace: Workspace, sqlite_make: Maker
) -> None:
    boss = sqlite_make.person("Li Hua", role=Role.DIRECTOR)
    wish = Wish(ScheduleKind.MORNING_MAIL, "Boss mail", people=[boss], language="en")
    number = sqlite_workspace.write(lambda work: add_schedule(work, wish))
    page, section = settings(make_window(), "clock")
    assert isinstance(section, ClockSection)
    (row,) = (one for one in section.planned.rows() if one.schedule_id)
    section.show_planned(row)
    assert page.inspector is not None
    press(page.inspector, "Test")
    assert "the test has nowhere to go" in page.strips.strips[-1].sentence
    sqlite_workspace.write(lambda work: queue_test(work, number, "me@firm.example"))
    press(page.inspector, "Change")
    form = section.form
    assert (form.name.text(), form.at.text(), form.kind.isEnabled()) == ("Boss mail", "09:00", False)
    form.at.setText("08:30")
    form.addresses.setText("group@firm.example；two@firm.example")
    sqlite_workspace.write(  # somebody else is faster, elsewhere in the form
        lambda work: change_schedule(work, number, 1, replace(wish, name="The boss's mail"))
    )
    press(page.inspector, "Save")
    box = page.findChild(ConflictDialog)
    assert box is not None
    box.take_both()
    changed, version = sqlite_workspace.read(lambda work: schedule_wish(work, number))
    assert (changed.name, changed.at, version) == ("The boss's mail", "08:30", 3)
    assert changed.addresses == ("group@firm.example", "two@firm.example")
    assert list(changed.people) == [boss]
    section.choose("outbox")
    assert [one.target for one in section.outbox.rows()] == ["me@firm.example"]
    assert section.outbox.rows()[0].subject.startswith("Test: ")


def test_what_failed_says_what_to_do(make_window: MakeWindow, sqlite_workspace: Workspace) -> None:
    sqlite_workspace.write(
        lambda work: queue(work, key="a", channel="mail", target="a@firm.example", subject="Pack", body="x")
    )
    page, section = settings(make_window(), "clock")
    assert isinstance(section, ClockSection)
    section.run_button.click()
    assert "No mail server is set" in texts(page)
    section.choose("outbox")
    (message,) = section.outbox.rows()
    section.show_message(message)
    assert page.inspector is not None
    assert "No mail server is set: 1 messages wait." in texts(page.inspector)
    press(page.inspector, "Do not send")
    assert [one.state for one in section.outbox.rows()] == ["dropped"]


def test_another_role_is_told_that_this_is_not_for_it(
    make_window: MakeWindow, sqlite_workspace: Workspace
) -> None:
    window = make_window()
    window.ctx.connection = window.ctx.connection.__class__(role=Role.REP.label)
    page, _section = settings(window, "clock")
    assert "looked after by sales operations and administrators" in texts(page)


def test_the_mail_server_is_tried_before_it_is_kept(
    make_window: MakeWindow, sqlite_workspace: Workspace, tmp_path: Path
) -> None:
    page, section = settings(make_window(), "mail")
    assert isinstance(section, MailSection)
    with post_office(tmp_path, Security.STARTTLS) as office:
        section.host.setText(office.server.host)
        section.port.setText(str(office.server.port))
        section.from_address.setText(LOGIN)
        section.login.setText(LOGIN)
        section.password.setText("wrong")
        section.certificate = office.server.certificate
        section.to.setText("me@firm.example")
        section.test_button.click()
        assert "does not accept the login" in texts(page)
        section.password.setText(PASSWORD)
        section.test_button.click()
        assert "The server took the test mail: queued as 4711" in texts(page)
        assert [str(one["To"]) for one in office.received] == ["me@firm.example"]
        section.save()
        assert sqlite_workspace.read(mail_server) == office.server
    assert section.password.text() == ""


def test_an_open_console_looks_by_itself(
    make_window: MakeWindow, sqlite_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window = make_window()
    real = Workspace(sqlite_workspace.engine, sqlite_workspace.actor, SystemClock(), sqlite_workspace.zone)
    clock = Clockwork(real, window)
    clock.start()
    assert not clock.timer.isActive()  # the clock of this database stands still
    window.ctx.connection = window.ctx.connection.__class__(role=Role.ADMIN.label)
    clock.start()
    assert clock.timer.isActive()
    real.write(
        lambda work: queue(work, key="a", channel="mail", target="a@firm.example", subject="x", body="x")
    )
    clock.look()
    problem = real.read(lambda work: work.rows(select(Outbox.problem))[0].problem)
    assert problem["code"] == "mail_server_missing"
    assert clock.looking is False


def test_due_and_acted_stand_beside_each_other(workspace: Workspace) -> None:
    wish = Wish(ScheduleKind.MORNING_MAIL, addresses=["a@firm.example"], language="en")
    workspace.write(lambda work: add_schedule(work, wish))
    found = workspace.read(clock_view)
    (line,) = [each for each in found.planned if each.schedule_id]
    assert (line.name, line.what, line.late_minutes) == ("Morning mail", "Morning mail", None)
    assert line.recipients == ("@",)


def test_a_robots_address_is_looked_at_before_it_is_kept(make_window: MakeWindow) -> None:
    page, section = settings(make_window(), "mail")
    assert isinstance(section, MailSection)
    section.robot.setText("finance")
    section.webhook.setText("http://example.com/hook")
    section.robot_button.click()
    assert "This is no address of a webhook." in texts(page)
