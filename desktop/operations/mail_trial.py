"""A letter that shows whether a mail server can be used, before anything depends on it (INT-03)."""

from __future__ import annotations

from datetime import datetime

from desktop.i18n import Locale
from desktop.operations import mail
from desktop.operations.mail_server import MailServer, check_address, password_of


def send_test(server: MailServer, to: str, password: str | None, locale: Locale, now: datetime) -> str:
    """Send a letter now and return what the server said; `password` None: the one in this machine's vault.

    Raises UserError with what is wrong: the server, the login, the certificate or the address.
    """
    address = check_address(to)
    secret = password if password is not None and server.login else password_of(server)
    text = locale._("This is a test mail of Plumbline, sent at {now} by {host}.").format(
        now=locale.instant(now, seconds=True), host=server.host
    )
    letter = mail.Mail(f"test:{now.isoformat()}", address, locale._("Test mail of Plumbline"), f"{text}\n")
    with mail.connected(server, secret) as smtp:
        return mail.send(smtp, server, letter, now)
