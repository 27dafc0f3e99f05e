"""Commands for whoever looks after the database: init, user, check, doctor, digest."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit, shown
from desktop.i18n import N_
from desktop.terms import Role

if TYPE_CHECKING:
    from desktop.store.workspace import Work


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("init", help=N_("Create or upgrade the tables of a database."))(init)
    app.command("check", help=N_("Check that the database is whole."))(check)
    app.command("digest", help=N_("Print the SHA-256 of every business table."))(digest)
    app.command("doctor", help=N_("Say what is installed, reachable and writable, and what to do."))(doctor)
    users = typer.Typer(help=N_("People and their logins."), no_args_is_help=True)
    users.command("add", help=N_("Give a person a login."))(user_add)
    users.command("close", help=N_("Take a person's login away."))(user_close)
    users.command("list", help=N_("List the people with a login."))(user_list)
    app.add_typer(users, name="user")


def init() -> None:
    """Create or upgrade the schema; on PostgreSQL also the roles and their rights."""
    from desktop.store.open import initialise
    from desktop.store.schema import HEAD

    cli = current()
    created = initialise(cli.where)
    database = shown(cli.where)
    said = N_("{database} is ready, schema {schema}.") if created else N_("{database} was up to date.")
    emit(
        {"database": database, "schema": HEAD, "created": created},
        cli.locale._(said).format(database=database, schema=HEAD),
    )


def user_add(
    login: Annotated[str, typer.Argument(metavar="LOGIN")],
    name: Annotated[str, typer.Option(help=N_("The person's name; an imported person is linked."))],
    role: Annotated[Role, typer.Option(help=N_("What the person does."))],
    unit: Annotated[str | None, typer.Option(help=N_("The unit of the organisation."))] = None,
    manager: Annotated[str | None, typer.Option(help=N_("The login of the person's manager."))] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=N_("Read the password of the login role."))
    ] = False,
) -> None:
    """Give a person a login."""
    from desktop.operations.people import add_person

    cli = current()
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    cli.workspace().write(
        lambda work: add_person(
            work, login, name=name, role=role, unit=unit, manager=manager, password=password
        )
    )
    _say_user(login, N_("{name} signs in as {login}."))


def user_close(login: Annotated[str, typer.Argument(metavar="LOGIN")]) -> None:
    """Take a person's login away."""
    from desktop.operations.people import close_person

    current().workspace().write(lambda work: close_person(work, login))
    _say_user(login, N_("The login {login} of {name} is closed."))


def _say_user(login: str, said: str) -> None:
    cli = current()
    row = next(row for row in cli.workspace().read(_logins) if row["login"] == login)
    emit(row, cli.locale._(said).format(**row))


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


def _logins(work: Work) -> list[dict[str, Any]]:
    from desktop.queries.people import people

    return [
        {key: value for key, value in asdict(row).items() if key != "id"}
        for row in people(work, with_login=True)
    ]


def check() -> None:
    """Check the file, the references, the deals, the tree and the seals."""
    from desktop.store.integrity import problems

    cli = current()
    found = cli.workspace(create=False).read(problems, cli.control())
    told = [
        {"code": item.code, "message": cli.locale._(item.message).format(**item.params)} for item in found
    ]
    text = "\n".join(item["message"] for item in told) or cli.locale._("The database is whole.")
    emit({"ok": not told, "problems": told}, text)
    if told:
        raise typer.Exit(PARTLY)


def digest(
    physical: Annotated[bool, typer.Option("--physical", help=N_("Every table and column."))] = False,
) -> None:
    """Print the SHA-256 per table."""
    from desktop.store.digest import digest as take

    cli = current()
    found = cli.workspace(create=False).read(lambda work: take(work, physical=physical), cli.control())
    lines = [f"{value}  {table}" for table, value in {**found.tables, "*": found.all}.items()]
    emit(asdict(found), "\n".join(lines))


def doctor() -> None:
    """Say what is installed, reachable and writable."""
    from desktop.cli.health import examine

    cli = current()
    checks = examine(cli.where, cli.login, cli.locale)
    ok = all(item.ok for item in checks)
    lines = []
    for item in checks:
        lines.append(f"{'✓' if item.ok else '✗'} {item.name}: {item.detail}")
        if item.remedy:
            lines.append(f"  → {item.remedy}")
    emit({"ok": ok, "checks": [asdict(item) for item in checks]}, "\n".join(lines))
    if not ok:
        raise typer.Exit(PARTLY)
