"""Handing one message to a mail server, and telling exactly how far that went (INT-03).

A mail server has taken a message over when it says so after the last line. Before that line nothing was
taken; if the answer to it is lost nobody can know, and that is said (`Unsure`), never guessed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.operations.mail_server import MailServer, Security, check_address

SECONDS = 60
"""How long a server may be silent; less than the clock's lease."""


class Unreachable(UserError):
    """The server cannot be used at all just now: no message was tried."""


class Refused(UserError):
    """The server did not take this message; `for_good` if trying again leads nowhere."""

    def __init__(
        self, code: str, template: str, *, for_good: bool, remedy: str = "", **params: object
    ) -> None:
        super().__init__(code, template, remedy=remedy, **params)
        self.for_good = for_good


class Unsure(UserError):
    """The message was handed over whole and the answer was lost: it may have been taken or not."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one recipient; `key` makes its message id, the same for every attempt."""

    key: str
    to: str
    subject: str
    text: str
    html: str | None = None
    file_name: str | None = None
    file: bytes | None = None


def message_id(server: MailServer, key: str) -> str:
    """Return the message id of a key: mail programs know a second copy again by it."""
    digest = hashlib.sha256(f"{server.sender}\n{key}".encode()).hexdigest()[:40]
    return f"<{digest}.plumbline@{server.domain}>"


def compose(server: MailServer, mail: Mail, at: datetime) -> bytes:
    """Return a message as it goes over the line."""
    message = EmailMessage(policy=SMTP)
    message["From"] = server.sender
    message["To"] = check_address(mail.to)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(server, mail.key)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Plumbline-Due"] = re.sub(r"[^\x21-\x7e]", "_", mail.key)[:200]
    message.set_content(mail.text, cte="base64")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="base64")
    if mail.file is not None and mail.file_name:
        kind, _, subtype = _TYPES.get(mail.file_name.rpartition(".")[2], _BYTES).partition("/")
        message.add_attachment(
            mail.file, maintype=kind, subtype=subtype, filename=" ".join(mail.file_name.split())
        )
    return message.as_bytes()


_BYTES = "application/octet-stream"
_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@contextlib.contextmanager
def connected(server: MailServer, password: str | None) -> Iterator[smtplib.SMTP]:
    """Connect, protect the way and sign in; raise Unreachable with what is wrong."""
    try:
        smtp = _open(server)
    except (OSError, smtplib.SMTPException) as error:
        raise _unreachable(server, error) from error
    try:
        try:
            if server.login and password is not None:
                smtp.login(server.login, password)
            smtp.ehlo_or_helo_if_needed()
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable(
                "mail_login_refused",
                N_("{host} does not accept the login {login}: {detail}"),
                remedy=N_(
                    "Enter the password again in Settings, Mail; many providers want one made for programs."
                ),
                host=server.host,
                login=server.login,
                detail=_said(error.smtp_error),
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise _unreachable(server, error) from error
        yield smtp
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def _open(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.certificate:
        context.load_verify_locations(cadata=server.certificate)
    if server.security is Security.SSL:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.security is Security.STARTTLS:
        try:
            smtp.starttls(context=context)
        except Exception:
            smtp.close()
            raise
    return smtp


def _unreachable(server: MailServer, error: Exception) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(
            "mail_certificate_refused",
            N_("{host} cannot prove that it is {host}: {detail}"),
            remedy=N_("Write the server's name as its certificate has it, or give the certificate to trust."),
            host=server.host,
            detail=error.verify_message,
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Unreachable(
            "mail_no_starttls",
            N_("{host} offers no encryption at port {port}."),
            remedy=N_("Try SSL at port 465. Nothing is sent unprotected."),
            host=server.host,
            port=server.port,
        )
    return Unreachable(
        "mail_unreachable",
        N_("The mail server {host}:{port} cannot be reached: {detail}"),
        remedy=N_("Check name, port and network. What is to go out waits, and is tried again."),
        host=server.host,
        port=server.port,
        detail=str(error) or type(error).__name__,
    )


def send(smtp: smtplib.SMTP, server: MailServer, mail: Mail, at: datetime) -> str:
    """Hand a message over and return what the server said; raise Refused or Unsure."""
    content = compose(server, mail, at)
    try:
        smtp.rset()
        _expect(smtp.mail(server.sender), (250,), mail)
        _expect(smtp.rcpt(mail.to), (250, 251), mail)
        _expect(smtp.docmd("DATA"), (354,), mail)
        smtp.send(_stuffed(content))
    except (OSError, smtplib.SMTPException) as error:
        raise Refused(
            "mail_broken_off",
            N_("The connection broke before the message was handed over: {detail}"),
            remedy=N_("It is tried again."),
            for_good=False,
            detail=str(error) or type(error).__name__,
        ) from error
    try:
        answer = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure(
            "mail_unsure",
            N_("The message to {to} was handed over, but the server's answer was lost: it may have arrived."),
            remedy=N_(
                "Ask the recipient, then say “Arrived” or “Send again”. It keeps its message id, by which many "
                "mail programs know a second copy."
            ),
            to=mail.to,
        ) from error
    _expect(answer, (250,), mail)
    return _said(answer[1])


def _stuffed(content: bytes) -> bytes:
    """Return content as SMTP wants it: lines that begin with a point get another, a lone point ends."""
    lines = re.sub(rb"\r\n|\n|\r(?!\n)", b"\r\n", content)
    ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _expect(answer: tuple[int, bytes], wanted: tuple[int, ...], mail: Mail) -> None:
    code, said = answer
    if code in wanted:
        return
    for_good = 500 <= code < 600
    raise Refused(
        "mail_refused",
        N_("The mail server did not take the message to {to}: {status} {detail}"),
        remedy=N_("Check the address, then send it again.") if for_good else N_("It is tried again."),
        for_good=for_good,
        to=mail.to,
        status=code,
        detail=_said(said),
    )


def _said(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:300]
