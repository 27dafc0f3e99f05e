"""What leaves the database: once, in order, and with doubts told (RPT-03, RPT-06)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.errors import NotAllowed, NotFound
from desktop.jobs.runner import Runner, Ticked
from desktop.models.clockwork import Outbox
from desktop.operations.mail_server import MailServer, Security, keep_password, set_mail_server
from desktop.operations.outbox import give_up, keep_file, note_arrived, queue, send_again
from desktop.store.workspace import Work, Workspace
from desktop.terms import OutboxState, Role
from tests.conftest import NOW
from tests.databases import Place
from tests.jobs.post_office import PASSWORD, PostOffice, hanging_up, post_office
from tests.jobs.rules import let_the_lease_run_out
from tests.jobs.test_killed_clock import run_and_die
from tests.maker import Maker


def letters(workspace: Workspace, *to: str) -> list[int]:
    """Put a letter to each into the outbox and return their numbers."""

    def put(work: Work) -> list[int]:
        for one in to:
            queue(work, key=f"test:{one}", channel="mail", target=one, subject=f"For {one}", body="Hello")
        return [row.id for row in work.rows(select(Outbox.id).order_by(Outbox.id))]

    return workspace.write(put)


def states(workspace: Workspace) -> list[tuple[str, int]]:
    """Return state and attempts of every message, in order."""
    query = select(Outbox.state, Outbox.attempts).order_by(Outbox.id)
    return workspace.read(lambda work: [(row.state, row.attempts) for row in work.rows(query)])


def use(workspace: Workspace, server: MailServer) -> None:
    """Let the firm's mail go out by a server."""
    workspace.write(lambda work: set_mail_server(work, server))
    if server.login:
        keep_password(server, PASSWORD)


def look(place: Place, minutes: int = 0) -> Ticked:
    """Look at the clock some minutes later."""
    return Runner(place.open(clock=FixedClock(NOW + timedelta(minutes=minutes))), []).tick()


@pytest.fixture
def office(tmp_path: Path, workspace: Workspace) -> object:
    """A mail server that the firm uses."""
    with post_office(tmp_path, Security.STARTTLS) as found:
        use(workspace, found.server)
        yield found


def test_each_recipient_gets_one_letter_and_no_second_one(workspace: Workspace, office: PostOffice) -> None:
    letters(workspace, "a@firm.example", "b@firm.example")
    letters(workspace, "a@firm.example")  # queued again under the same key
    sent = Runner(workspace, []).tick()
    assert [one.state for one in sent.delivered] == [OutboxState.SENT, OutboxState.SENT]
    assert Runner(workspace, []).tick().delivered == ()
    assert [str(one["To"]) for one in office.received] == ["a@firm.example", "b@firm.example"]


def test_a_refused_address_does_not_keep_the_others(
    place: Place, workspace: Workspace, office: PostOffice
) -> None:
    office.refused = {"gone@firm.example": "550 no such user", "busy@firm.example": "451 later"}
    letters(workspace, "gone@firm.example", "busy@firm.example", "here@firm.example")
    Runner(workspace, []).tick()
    assert states(workspace) == [("failed", 1), ("waiting", 1), ("sent", 1)]
    office.refused.clear()
    look(place, minutes=2)
    assert states(workspace) == [("failed", 1), ("sent", 2), ("sent", 1)]
    assert [str(one["To"]) for one in office.received] == ["here@firm.example", "busy@firm.example"]


def test_a_server_that_is_away_costs_no_attempt_and_is_told(
    place: Place, workspace: Workspace, tmp_path: Path
) -> None:
    letters(workspace, "a@firm.example")
    missing = Runner(workspace, []).tick()
    assert missing.problem is not None
    assert missing.problem.code == "mail_server_missing"
    use(workspace, MailServer("127.0.0.1", 1, Security.SSL, "reports@firm.example"))
    away = look(place, minutes=6)
    assert away.problem is not None
    assert away.problem.code == "mail_unreachable"
    assert states(workspace) == [("waiting", 0)]
    assert look(place, minutes=7) == Ticked()  # left alone for five minutes
    with post_office(tmp_path, Security.STARTTLS) as office:
        use(workspace, office.server)
        look(place, minutes=12)
        assert len(office.received) == 1
    assert states(workspace) == [("sent", 1)]


def test_a_lost_answer_is_never_sent_again_by_itself(place: Place, workspace: Workspace) -> None:
    letters(workspace, "a@firm.example")
    with hanging_up(".") as (server, heard):
        use(workspace, server)
        (one,) = look(place).delivered
        assert one.state is OutboxState.UNSURE
        for hours in (1, 5, 48):
            assert look(place, minutes=60 * hours).delivered == ()
        assert heard.count(".") == 1
    assert states(workspace) == [("unsure", 1)]


def test_a_person_decides_about_a_lost_answer(place: Place, workspace: Workspace, tmp_path: Path) -> None:
    first, second, third = letters(workspace, "a@firm.example", "b@firm.example", "c@firm.example")
    with hanging_up(".") as (server, _):
        use(workspace, server)
        for minutes in (0, 1, 2):  # the connection is gone after each, so each look sends one
            look(place, minutes=minutes)
    assert states(workspace) == [("unsure", 1)] * 3
    workspace.write(lambda work: note_arrived(work, first))
    workspace.write(lambda work: send_again(work, second))
    workspace.write(lambda work: give_up(work, third))
    with post_office(tmp_path, Security.STARTTLS) as office:
        use(workspace, office.server)
        look(place, minutes=3)
        assert [str(one["To"]) for one in office.received] == ["b@firm.example"]
    assert states(workspace) == [("sent", 1), ("sent", 2), ("dropped", 1)]
    with pytest.raises(NotFound):
        workspace.write(lambda work: send_again(work, first))


@pytest.mark.skipif(os.name == "nt", reason="no servers are killed on Windows")
def test_killed_after_the_server_took_it_nothing_is_doubled(
    place: Place, workspace: Workspace, tmp_path: Path
) -> None:
    """The worst moment: the mail is out, and the console dies before it can write that down."""
    letters(workspace, "a@firm.example")
    with post_office(tmp_path, Security.NONE, login=False) as office:
        use(workspace, office.server)
        run_and_die(place, "after sending")
        assert len(office.received) == 1
        assert look(place).busy
        let_the_lease_run_out(workspace)
        (one,) = look(place).delivered
        assert one.state is OutboxState.UNSURE
        look(place, minutes=600)
        assert len(office.received) == 1
        (number,) = letters(workspace)
        workspace.write(lambda work: send_again(work, number))
        look(place, minutes=601)
        assert len({str(each["Message-ID"]) for each in office.received}) == 1
        assert len(office.received) == 2


def into_folder(folder: Path) -> Callable[[Work], object]:
    """Return an operation that puts a file for a folder into the outbox."""

    def put(work: Work) -> None:
        file = keep_file(work, "pack 2026-W47.xlsx", b"PK figures")
        queue(work, key="pack:folder", channel="folder", target=str(folder), subject="Pack", file_id=file)

    return put


def test_a_file_is_dropped_whole_and_waits_for_its_folder(
    place: Place, workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    workspace.write(into_folder(folder))
    (one,) = look(place).delivered
    assert one.problem is not None
    assert one.problem["code"] == "folder_not_written"
    folder.mkdir()
    look(place, minutes=2)
    assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [
        ("pack 2026-W47.xlsx", b"PK figures")
    ]
    assert states(workspace) == [("sent", 2)]


@pytest.mark.skipif(os.name == "nt", reason="no servers are killed on Windows")
def test_killed_after_writing_a_file_it_is_written_again_the_same(
    place: Place, workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    workspace.write(into_folder(folder))
    run_and_die(place, "after the file")
    let_the_lease_run_out(workspace)
    look(place)
    assert [file.read_bytes() for file in folder.iterdir()] == [b"PK figures"]
    assert states(workspace) == [("sent", 2)]


def test_only_who_runs_the_clock_decides_about_messages(
    place: Place, workspace: Workspace, make: Maker
) -> None:
    (number,) = letters(workspace, "a@firm.example")
    make.person("Finance", login="clock_finance", role=Role.FINANCE)
    finance = place.open("clock_finance")
    with pytest.raises(NotAllowed):
        finance.write(lambda work: give_up(work, number))
