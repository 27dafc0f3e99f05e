"""Commands about the firm's mail server: mail show, set, password, test, robot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from desktop.cli.context import current, emit, existing_path
from desktop.cli.passwords import read_password
from desktop.errors import NotFound
from desktop.i18n import N_
from desktop.operations.mail_server import MailServer

Stdin = Annotated[bool, typer.Option("--password-stdin", help=N_("Read the password from standard input."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    mail = typer.Typer(help=N_("The mail server by which reports go out."), no_args_is_help=True)
    mail.command("show", help=N_("Show the mail server; never its password."))(show)
    mail.command("set", help=N_("Let mail go out by a server."))(set_)
    mail.command("password", help=N_("Keep its password in this machine's vault."))(password)
    mail.command("test", help=N_("Send a test mail."))(test)
    mail.command(
        "robot", help=N_("Keep the webhook of a group's robot in this machine's vault, and try it.")
    )(robot)
    app.add_typer(mail, name="mail")


def _server() -> MailServer:
    from desktop.operations.mail_server import mail_server

    found = current().workspace(create=False).read(mail_server)
    if found is None:
        raise NotFound(
            "mail_server_missing",
            N_("No mail server is set."),
            remedy=N_("Enter it in Settings, Mail, or with: plumbline mail set"),
        )
    return found


def show() -> None:
    """Show the server."""
    server = _server()
    document = {
        "host": server.host,
        "port": server.port,
        "security": server.security.value,
        "sender": server.sender,
        "login": server.login or None,
        "own_certificate": bool(server.certificate),
    }
    emit(document, "\n".join(f"{key}: {value}" for key, value in document.items()))


def set_(
    host: Annotated[str, typer.Argument(metavar="HOST")],
    sender: Annotated[str, typer.Option(help=N_("The address that reports come from."))],
    port: Annotated[str, typer.Option(help=N_("587 with STARTTLS and 465 with SSL, if left out."))] = "",
    security: Annotated[str, typer.Option(help=N_("starttls, ssl or none."))] = "starttls",
    login: Annotated[str, typer.Option("--user", help=N_("The login at the mail server."))] = "",
    certificate: Annotated[
        Path | None, typer.Option(help=N_("A PEM file with a certificate to trust."))
    ] = None,
    password_stdin: Stdin = False,
) -> None:
    """Set the server."""
    from desktop.operations.mail_server import Security, check_server, keep_password, set_mail_server

    cli = current()
    pem = existing_path(certificate).read_text(encoding="ascii", errors="replace") if certificate else ""
    try:
        way = Security(security.lower())
    except ValueError:
        raise typer.BadParameter(security) from None
    server = check_server(host, port, way, sender, login, pem)
    cli.workspace(create=False).write(lambda work: set_mail_server(work, server))
    if server.login and (secret := read_password(server.login, from_stdin=password_stdin)):
        keep_password(server, secret)
    emit(
        {"host": server.host, "port": server.port}, cli.locale._("Mail goes out by this server from now on.")
    )


def password(password_stdin: Stdin = False) -> None:
    """Keep the password on this machine."""
    from desktop.operations.mail_server import keep_password

    cli, server = current(), _server()
    secret = read_password(server.login, from_stdin=password_stdin)
    if secret:
        keep_password(server, secret)
    words = (
        cli.locale._("The password is in this machine's vault.")
        if secret
        else cli.locale._("Nothing was kept.")
    )
    emit({"kept": bool(secret)}, words)


def test(
    to: Annotated[str, typer.Argument(metavar="ADDRESS", help=N_("Whom the test mail goes to."))],
) -> None:
    """Send a test mail."""
    from desktop.operations.mail_trial import send_test

    cli = current()
    server = _server()
    now = cli.workspace(create=False).clock.now()
    said = send_test(server, to, None, cli.locale, now)
    emit({"to": to, "said": said}, cli.locale._("The server took the test mail: {said}").format(said=said))


def robot(
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("What schedules call it."))],
    password_stdin: Annotated[
        bool, typer.Option("--url-stdin", help=N_("Read the webhook from standard input."))
    ] = False,
) -> None:
    """Keep a robot's webhook, unless none is given, and post a line to it."""
    from desktop.operations.robots import check_robot, keep_robot, ring_test

    cli = current()
    url = read_password(name, from_stdin=password_stdin)
    address = keep_robot(name, url) if url else check_robot(name)
    ring_test(name, cli.locale, cli.workspace(create=False).clock.now())
    words = cli.locale._("The group got a test; name it in schedules as {address}.").format(address=address)
    emit({"robot": address}, words)
