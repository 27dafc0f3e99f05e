"""The team database in the console: connecting, people, and another person's eyes (PLT-03, PER-01, PER-04)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import Console, make_context
from desktop.errors import UserError
from desktop.i18n import Locale
from desktop.operations.people import add_person
from desktop.queries.people import PersonRow
from desktop.queries.people import people as _people
from desktop.settings import Settings, load
from desktop.terms import Role
from desktop.views.context import AppContext
from desktop.views.main_window import MainWindow
from desktop.views.page import Page
from desktop.views.settings.page import SettingsPage
from desktop.views.settings.people import PeopleSection
from desktop.views.settings.team import TeamSection
from desktop.views.start_problem import StartProblem
from desktop.views.strips import Advice
from desktop.views.tasks import Tasks
from desktop.views.team.banner import ViewingBanner
from desktop.views.team.form import Chosen, TeamForm
from tests.databases import Place
from tests.maker import Maker
from tests.postgres import PostgresHost


def team_window(qtbot: QtBot, place: Place, login: str = "admin", **more: str) -> MainWindow:
    """The window of a person on the team database."""
    context = make_context(place.open(login), Locale("en"), Settings(), inline=True, **more)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    return window


def people_of(window: MainWindow) -> PeopleSection:
    window.navigate("settings", section="people")
    assert isinstance(window.page, SettingsPage)
    section = window.page.shown()
    assert isinstance(section, PeopleSection)
    return section


def row_of(section: PeopleSection, login: str) -> PersonRow:
    return next(row for row in section.rows if row.login == login)


def test_an_administrator_adds_moves_and_closes(qtbot: QtBot, themed: None, team: Place) -> None:
    section = people_of(team_window(qtbot, team))
    section.new_person()
    section.login.setText("page.rep")
    section.name.setText("王伟")
    section.role.setCurrentIndex(section.role.findData("rep"))
    assert len(section.password.text()) > 12
    section.add()
    assert (row_of(section, "page.rep").role, row_of(section, "page.rep").active) == (Role.REP, True)
    theirs = team.open("page.rep")
    assert theirs.actor.name == "王伟"

    section.show_person(row_of(section, "page.rep"))
    section.role.setCurrentIndex(section.role.findData("director"))
    section.manager.setCurrentIndex(section.manager.findData("admin"))
    section.move_to(row_of(section, "page.rep"))
    assert (row_of(section, "page.rep").role, row_of(section, "page.rep").manager) == (Role.DIRECTOR, "admin")

    section.close_login(row_of(section, "page.rep"))
    assert not row_of(section, "page.rep").active
    with pytest.raises(UserError):
        team.open("page.rep")


def test_a_poor_password_is_a_strip_and_nobody_comes_in(qtbot: QtBot, themed: None, team: Place) -> None:
    section = people_of(team_window(qtbot, team))
    section.new_person()
    section.login.setText("page.poor")
    section.name.setText("Poor")
    section.password.setText("page.poor1")
    section.add()
    assert "fewer than 12" in section.page.strips.strips[0].accessibleName()
    assert "page.poor" not in {row.login for row in section.rows}


def test_others_change_nothing_but_their_own_password(qtbot: QtBot, themed: None, team: Place) -> None:
    admin = team.open()
    admin.write(lambda work: add_person(work, "page.own", name="Own", role=Role.REP))
    section = people_of(team_window(qtbot, team, "page.own"))
    assert not section.is_admin
    section.show_person(row_of(section, "page.own"))
    section.password.setText("orange-kettle-77")
    section.set_password(row_of(section, "page.own"))
    assert not section.page.strips.strips


def test_the_console_is_seen_with_another_persons_eyes(qtbot: QtBot, themed: None, team: Place) -> None:
    """Every page is filled from what the database shows that person; nothing can be changed."""
    admin = team.open()
    admin.write(lambda work: add_person(work, "page.seen", name="王伟", role=Role.REP))
    make = Maker(admin)
    seen = next(row for row in people_of(team_window(qtbot, team)).rows if row.login == "page.seen")
    make.account("Mine", seen.id)
    make.account("Not mine", make.person("Li"))
    viewed = admin.viewing_as(seen.id)
    window = MainWindow(make_context(viewed, Locale("en"), Settings(), inline=True, viewing="王伟"))
    qtbot.addWidget(window)
    window.show()
    banner = window.findChild(ViewingBanner)
    assert banner is not None
    assert "王伟" in banner.accessibleName()
    window.navigate("customers")
    page = window.page
    assert isinstance(page, Page)
    assert {row.name for row in page.tables[0].rows()} == {"Mine"}
    asked: list[int | None] = []
    window.ctx.view_as = asked.append
    banner.leave.click()
    assert asked == [None]
    assert not people_of(window).is_admin
    window.close()
    viewed.close()


def form(qtbot: QtBot, chosen: list[Chosen], where: str = "") -> TeamForm:
    class Nowhere:
        read = write = None

    made = TeamForm(Locale("en"), Tasks(Nowhere(), inline=True), chosen.append, where)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    return made


def said(shown: TeamForm) -> str:
    return " ".join(advice.accessibleName() for advice in shown.findChildren(Advice))


def test_what_is_missing_is_asked_for(qtbot: QtBot, themed: None) -> None:
    chosen: list[Chosen] = []
    shown = form(qtbot, chosen)
    shown.act()
    assert "Where is the server?" in said(shown)
    shown.server.setText("db.firm.example")
    shown.act()
    assert "Who signs in?" in said(shown)
    shown.login.setText("wang.wei")
    shown.certificate.setText("/no/such/root.crt")
    shown.act()
    assert "/no/such/root.crt" in said(shown)
    assert chosen == []


def test_an_address_is_put_together_and_taken_apart(qtbot: QtBot, themed: None, tmp_path: Path) -> None:
    root = tmp_path / "root 1.crt"
    root.write_text("certificate", encoding="ascii")
    shown = form(qtbot, [])
    for line, text in (
        (shown.server, "db.firm.example:5433"), (shown.database, "team"), (shown.login, "wang.wei"),
        (shown.password, "p@ss/word:1?"), (shown.certificate, str(root)),
    ):  # fmt: skip
        line.setText(text)
    shown.pooled.setChecked(True)
    where = shown.address.url()
    again = form(qtbot, [], where)
    assert dataclasses.replace(again.address, password="p@ss/word:1?") == shown.address
    assert again.password.text() == ""


class _Ready:
    """An address as it stands: the test's server listens on a socket, which the form has no field for."""

    def __init__(self, where: str) -> None:
        self.where = where

    def url(self) -> str:
        return self.where


def test_a_team_database_is_tested_and_opened(
    qtbot: QtBot, themed: None, team: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[Chosen] = []
    shown = form(qtbot, chosen)
    monkeypatch.setattr(TeamForm, "address", _Ready(team.where))
    shown.test_connection()
    assert "Connected" in said(shown)
    assert "on this machine" in said(shown)
    assert "Administrator" in said(shown)
    shown.remember.setChecked(False)
    shown.act()
    assert chosen == [Chosen(team.where, False)]


def test_one_that_is_not_set_up_says_so_and_is_set_up(
    qtbot: QtBot, themed: None, postgres_host: PostgresHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = postgres_host.empty()
    where = empty.url.render_as_string(hide_password=False)
    chosen: list[Chosen] = []
    shown = form(qtbot, chosen)
    monkeypatch.setattr(TeamForm, "address", _Ready(where))
    shown.act()
    assert "has not been set up yet" in said(shown)
    shown.show_kind("set_up")
    shown.act()
    assert "needs its first administrator" in said(shown)
    shown.admin.setText("page.first")
    shown.admin_name.setText("李娜")
    shown.admin_password.setText("harbour-lantern-62")
    shown.act()
    assert "not the same" in said(shown)
    shown.again.setText("harbour-lantern-62")
    opened = empty.where_for("page.first")
    monkeypatch.setattr(shown, "_open", lambda _where, _found: chosen.append(Chosen(opened, True)))
    shown.act()
    assert chosen == [Chosen(opened, True)], said(shown)
    first = empty.open("page.first")
    assert (first.actor.name, first.actor.role) == ("李娜", Role.ADMIN)
    postgres_host.drop(empty)


def test_settings_show_the_form_with_the_last_team_database(ctx: AppContext, qtbot: QtBot) -> None:
    ctx.settings.databases = ["/a.db", "postgresql://li@db.firm.example/team?channel_binding=prefer"]
    window = MainWindow(ctx)
    qtbot.addWidget(window)
    window.navigate("settings", section="team")
    assert isinstance(window.page, SettingsPage)
    section = window.page.shown()
    assert isinstance(section, TeamSection)
    address = section.form.address
    assert (address.server, address.login, address.pooled) == ("db.firm.example", "li", True)


def test_the_start_window_offers_the_form_when_a_team_database_does_not_open(
    qtbot: QtBot, themed: None
) -> None:
    error = UserError("password_needed", "A password is needed.")
    dialog = StartProblem(Locale("en"), "postgresql://li@db.firm.example/team", error, "/own.db")
    qtbot.addWidget(dialog)
    assert dialog.team.isVisibleTo(dialog)
    assert dialog.team.login.text() == "li"
    dialog.team._connect(Chosen("postgresql://li:x@db.firm.example/team", False))
    assert dialog.choice == Chosen("postgresql://li:x@db.firm.example/team", False)
    plain = StartProblem(Locale("en"), "/own.db", error, "/own.db")
    qtbot.addWidget(plain)
    assert not plain.team.isVisibleTo(plain)
    plain.show_team()
    assert plain.team.isVisibleTo(plain)


@pytest.fixture
def console(qtbot: QtBot, themed: None, team: Place, qapp: object) -> Iterator[Console]:
    """A whole console on the team database."""
    made = Console(qapp, load(), "en")  # type: ignore[arg-type]
    made.show(team.open(), team.where)
    yield made
    if made.window is not None:
        made.window.close()


def test_a_console_whose_login_is_closed_lets_go_of_everything(
    console: Console, team: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Security 55: nothing that was read stays, and the password is forgotten."""
    told: list[str] = []

    def ask(_locale: object, _where: str, error: UserError, _embedded: str) -> None:
        told.append(error.code)

    monkeypatch.setattr(StartProblem, "ask", ask)
    console._not_admitted(UserError("login_closed_at_server", "Closed."))
    assert told == ["login_closed_at_server"]
    assert (console.window, console.workspace) == (None, None)


def test_viewing_as_is_entered_and_left(qtbot: QtBot, console: Console, team: Place) -> None:
    assert console.workspace is not None
    console.workspace.write(lambda work: add_person(work, "page.viewed", name="Viewed", role=Role.REP))
    person = next(row.id for row in console.workspace.read(_people) if row.login == "page.viewed")
    console.view_as(person)
    assert console.window is not None
    qtbot.waitUntil(
        lambda: console.window is not None and console.window.ctx.connection.viewing == "Viewed",
        timeout=20_000,
    )
    console.view_as(None)
    assert console.window.ctx.connection.viewing == ""
    assert console.window.ctx.connection.login == "admin"


def test_databases_are_remembered_without_their_passwords(tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    for number in range(10):
        settings.remember_database(f"postgresql://li@db{number}.example/team")
    settings.remember_database("postgresql://li@db5.example/team")
    again = load(tmp_path / "settings.json")
    assert again.last_database == again.databases[0] == "postgresql://li@db5.example/team"
    assert len(again.databases) == len(set(again.databases)) == 8
