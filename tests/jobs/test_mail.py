"""Mail over a real server on loopback: what it takes is sent once, and what is not known is said (INT-03)."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest

from desktop.errors import InvalidInput, UserError
from desktop.operations import mail
from desktop.operations.mail import Mail
from desktop.operations.mail_server import (
    MailServer,
    Security,
    check_address,
    check_server,
    keep_password,
    mail_server,
    password_of,
    set_mail_server,
)
from desktop.secrets import forget
from desktop.store.workspace import Workspace
from tests.conftest import NOW
from tests.jobs.post_office import LOGIN, PASSWORD, hanging_up, post_office

LETTER = Mail(
    "morning:2026-11-18:boss@firm.example",
    "boss@firm.example",
    "华东区 11 月 17 日\r\n早报",
    "昨日新签 3 单。\n.\n..end\n",
    "<p>昨日新签 <b>3</b> 单。</p>",
    "早报 2026-11-18.pdf",
    b"%PDF-1.4 \x00\xff\r\n.\r\n",
)


def send(server: MailServer, letter: Mail = LETTER, password: str | None = PASSWORD) -> str:
    with mail.connected(server, password) as smtp:
        return mail.send(smtp, server, letter, NOW)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.SSL])
def test_a_letter_arrives_as_it_was_written(tmp_path: Path, security: Security) -> None:
    with post_office(tmp_path, security) as office:
        assert send(office.server) == "queued as 4711"
    (found,) = office.received
    assert (found["From"], found["To"]) == (LOGIN, "boss@firm.example")
    assert found["Subject"] == "华东区 11 月 17 日 早报"
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert "<b>3</b>" in html.get_content()
    (file,) = found.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("早报 2026-11-18.pdf", "application/pdf")
    assert file.get_payload(decode=True) == LETTER.file
    assert found["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_a_server_within_the_firm_may_want_no_login(tmp_path: Path, security: Security) -> None:
    with post_office(tmp_path, security, login=False) as office:
        send(office.server, password=None)
    assert len(office.received) == 1


def test_the_message_id_is_made_from_what_was_due_and_so_the_same_when_tried_again(tmp_path: Path) -> None:
    with post_office(tmp_path, Security.STARTTLS) as office:
        send(office.server)
        send(office.server)
        send(office.server, Mail("another", LETTER.to, "x", "y"))
    first, again, other = (str(one["Message-ID"]) for one in office.received)
    assert first == again == mail.message_id(office.server, LETTER.key)
    assert first.endswith("@firm.example>")
    assert other != first


def test_a_wrong_password_is_said_and_nothing_is_sent(tmp_path: Path) -> None:
    with post_office(tmp_path, Security.STARTTLS) as office:
        with pytest.raises(mail.Unreachable) as error:
            send(office.server, password="wrong")
        assert error.value.code == "mail_login_refused"
        assert office.received == []


def test_a_server_that_cannot_prove_itself_gets_neither_password_nor_mail(tmp_path: Path) -> None:
    with post_office(tmp_path, Security.STARTTLS) as office:
        unknown = MailServer(office.server.host, office.server.port, Security.STARTTLS, LOGIN, LOGIN)
        with pytest.raises(mail.Unreachable) as error:
            send(unknown)
        assert error.value.code == "mail_certificate_refused"
        assert office.received == []


def test_without_encryption_on_offer_nothing_is_sent_unprotected(tmp_path: Path) -> None:
    with post_office(tmp_path, Security.NONE, login=False) as office:
        plain = MailServer(office.server.host, office.server.port, Security.STARTTLS, LOGIN)
        with pytest.raises(mail.Unreachable) as error:
            send(plain)
        assert error.value.code == "mail_no_starttls"


def test_a_server_that_is_not_there_is_told_apart() -> None:
    with pytest.raises(mail.Unreachable) as error:
        send(MailServer("127.0.0.1", 1, Security.SSL, LOGIN))
    assert error.value.code == "mail_unreachable"


@pytest.mark.parametrize(
    ("answer", "for_good"), [("550 no such user", True), ("451 greylisted, come back", False)]
)
def test_a_refusal_says_whether_trying_again_helps(tmp_path: Path, answer: str, for_good: bool) -> None:
    with post_office(tmp_path, Security.STARTTLS) as office:
        office.refused[LETTER.to] = answer
        with pytest.raises(mail.Refused) as error:
            send(office.server)
    assert error.value.for_good is for_good
    assert answer[4:] in str(error.value)


def test_a_connection_that_breaks_before_the_message_is_whole_is_no_doubt() -> None:
    with hanging_up("RCPT") as (server, _), pytest.raises(mail.Refused) as error:
        send(server)
    assert error.value.for_good is False


def test_an_answer_that_is_lost_leaves_the_sending_in_doubt() -> None:
    with hanging_up(".") as (server, heard), pytest.raises(mail.Unsure) as error:
        send(server)
    assert heard[-1] == "."
    assert error.value.code == "mail_unsure"


@pytest.mark.parametrize(
    "address",
    ["", "boss", "boss@firm", "a b@firm.example", "a@b@firm.example", "x@firm.example\r\nBcc: y@z.example"],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(address: str) -> None:
    with pytest.raises(InvalidInput):
        check_address(address)


def test_nothing_in_a_letter_can_add_headers() -> None:
    server = MailServer("smtp.firm.example", 587, Security.STARTTLS, LOGIN)
    evil = Mail("k\r\nBcc: x@y.example", LETTER.to, "s\r\nBcc: x@y.example", "t", None, "a\r\nX: y.pdf", b"")
    found = email.message_from_bytes(mail.compose(server, evil, NOW), policy=email.policy.default)
    assert found["Bcc"] is None
    assert found["X"] is None
    assert [part.get_filename() for part in found.walk() if part.get_filename()] == ["a X: y.pdf"]
    assert found["Subject"] == "s Bcc: x@y.example"


@pytest.mark.parametrize(
    ("host", "port", "security", "login", "code"),
    [
        ("", "", Security.SSL, "", "mail_host_invalid"),
        ("smtp.firm.example", "many", Security.SSL, "", "mail_port_invalid"),
        ("smtp.firm.example", "70000", Security.SSL, "", "mail_port_invalid"),
        ("smtp.firm.example", "", Security.NONE, "me", "mail_unprotected_login"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    host: str, port: str, security: Security, login: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        check_server(host, port, security, LOGIN, login)
    assert error.value.code == code


def test_the_server_stands_in_the_database_and_the_password_in_the_vault(workspace: Workspace) -> None:
    server = check_server("smtp.firm.example", "", Security.STARTTLS, LOGIN, LOGIN)
    workspace.write(lambda work: set_mail_server(work, server))
    workspace.write(lambda work: set_mail_server(work, server))
    found = workspace.read(mail_server)
    assert found == server
    assert server.port == 587
    forget(server.vault_key)
    with pytest.raises(UserError) as error:
        password_of(server)
    assert error.value.code == "mail_password_missing"
    keep_password(server, PASSWORD)
    assert password_of(server) == PASSWORD
