"""The commands `user ...`: people and their logins."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from desktop.cli.context import current, emit
from desktop.cli.passwords import NO_PASSWORD, read_password
from desktop.cli.typed import parse_day
from desktop.i18n import N_
from desktop.terms import Role

if TYPE_CHECKING:
    from desktop.store.workspace import Work

LOGIN = typer.Argument(metavar="LOGIN")
PASSWORD = typer.Option("--password-stdin", help=N_("Read the password from standard input, one line."))
UNTIL = typer.Option("--valid-until", metavar="DATE", help=N_("The last day on which the password is valid."))


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    users = typer.Typer(help=N_("People and their logins."), no_args_is_help=True)
    users.command("add", help=N_("Give a person a login."))(user_add)
    users.command("move", help=N_("Give a person another role, unit or manager."))(user_move)
    users.command("password", help=N_("Give a login another password; without LOGIN your own."))(
        user_password
    )
    users.command("close", help=N_("Take a person's login away."))(user_close)
    users.command("list", help=N_("List the people with a login."))(user_list)
    app.add_typer(users, name="user")


def user_add(
    login: Annotated[str, LOGIN],
    name: Annotated[str, typer.Option(help=N_("The person's name; an imported person is linked."))],
    role: Annotated[Role, typer.Option(help=N_("What the person does."))],
    unit: Annotated[str | None, typer.Option(help=N_("The unit of the organisation."))] = None,
    manager: Annotated[str | None, typer.Option(help=N_("The login of the person's manager."))] = None,
    password_stdin: Annotated[bool, PASSWORD] = False,
    valid_until: Annotated[str | None, UNTIL] = None,
) -> None:
    """Give a person a login."""
    from desktop.operations.people import add_person

    workspace = current().workspace()
    password = read_password(login, from_stdin=password_stdin) if not workspace.is_sqlite else None
    until = _end_of(valid_until, workspace.zone)
    workspace.write(
        lambda work: add_person(
            work,
            login,
            name=name,
            role=role,
            unit=unit,
            manager=manager,
            password=password,
            valid_until=until,
        )
    )
    _say_user(login, N_("{name} signs in as {login}."))
    if password is None and not workspace.is_sqlite:
        current().note(current().locale._(NO_PASSWORD).format(login=login))


def user_move(
    login: Annotated[str, LOGIN],
    role: Annotated[Role | None, typer.Option(help=N_("What the person does."))] = None,
    unit: Annotated[str | None, typer.Option(help=N_("The unit of the organisation; '' for none."))] = None,
    manager: Annotated[
        str | None, typer.Option(help=N_("The login of the person's manager; '' for none."))
    ] = None,
) -> None:
    """Give a person another role, unit or manager."""
    from desktop.operations.people import end_sessions, move_person

    workspace = current().workspace()
    workspace.write(lambda work: move_person(work, login, role=role, unit=unit, manager=manager))
    if role is not None and login != workspace.actor.login:
        workspace.write(lambda work: end_sessions(work, login))
    _say_user(login, N_("{name} ({login}) has the new place."))


def user_password(
    login: Annotated[str | None, LOGIN] = None,
    password_stdin: Annotated[bool, PASSWORD] = False,
    valid_until: Annotated[str | None, UNTIL] = None,
) -> None:
    """Give a login another password."""
    from desktop.operations.people import set_password

    workspace = current().workspace()
    whose = login or workspace.actor.login
    password = read_password(whose, from_stdin=password_stdin) or ""
    until = _end_of(valid_until, workspace.zone)
    workspace.write(lambda work: set_password(work, whose, password, valid_until=until))
    _say_user(whose, N_("{name} signs in as {login} with the new password."))


def user_close(login: Annotated[str, LOGIN]) -> None:
    """Take a person's login away."""
    from desktop.operations.people import close_person, end_sessions

    workspace = current().workspace()
    workspace.write(lambda work: close_person(work, login))
    workspace.write(lambda work: end_sessions(work, login))
    _say_user(login, N_("The login {login} of {name} is closed."))


def user_list() -> None:
    """List the people with a login."""
    cli = current()
    rows = cli.workspace().read(_logins)
    lines = [
        f"{row['login']:<20} {cli.locale._(Role(row['role']).label)}  {row['name']}  {row['unit'] or '—'}"
        + ("" if row["active"] else f"  ({cli.locale._('closed')})")
        for row in rows
    ]
    emit(rows, "\n".join(lines))


def _end_of(text: str | None, zone: str) -> datetime | None:
    """Return the end of a day, given as text, in the business's zone."""
    if not text:
        return None
    return datetime.combine(parse_day(text), time.max, ZoneInfo(zone))


def _say_user(login: str, said: str) -> None:
    cli = current()
    row = next(row for row in cli.workspace().read(_logins) if row["login"] == login)
    emit(row, cli.locale._(said).format(**row))


def _logins(work: Work) -> list[dict[str, Any]]:
    from desktop.queries.people import people

    wanted = ("login", "name", "role", "unit", "active")
    return [
        {key: value for key, value in asdict(row).items() if key in wanted}
        for row in people(work, with_login=True)
    ]
