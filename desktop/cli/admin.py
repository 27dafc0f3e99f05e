"""Commands for whoever looks after the database: init, check, doctor, digest."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from desktop.cli.context import PARTLY, current, emit, shown
from desktop.cli.passwords import NO_PASSWORD, read_password
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("init", help=N_("Create or upgrade the tables of a database."))(init)
    app.command("check", help=N_("Check that the database is whole."))(check)
    app.command("digest", help=N_("Print the SHA-256 of every business table."))(digest)
    app.command("doctor", help=N_("Say what is installed, reachable and writable, and what to do."))(doctor)


def init(
    admin: Annotated[
        str | None,
        typer.Option(metavar="LOGIN", help=N_("The first administrator's login (new team database).")),
    ] = None,
    admin_name: Annotated[
        str | None, typer.Option("--admin-name", metavar="NAME", help=N_("The first administrator's name."))
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=N_("Read the first administrator's password, one line."))
    ] = False,
    backup: Annotated[
        Path | None, typer.Option(metavar="FILE", help=N_("Back a team database up before it is upgraded."))
    ] = None,
    without_backup: Annotated[
        bool, typer.Option("--without-backup", help=N_("Upgrade a team database without a backup."))
    ] = False,
) -> None:
    """Create or upgrade the schema; on PostgreSQL also the roles and their rights."""
    from desktop.operations.connections import set_up
    from desktop.operations.keeping import back_up_before_upgrade, put_seal
    from desktop.store.open import initialise
    from desktop.store.schema import HEAD

    cli = current()
    cli.signed_in(
        lambda where: back_up_before_upgrade(where, backup, declined=without_backup, control=cli.control())
    )
    if admin is None:
        created = cli.signed_in(initialise)
        put_seal(cli.where)
    else:
        password = read_password(admin, from_stdin=password_stdin)
        created = cli.signed_in(
            lambda where: set_up(where, login=admin, name=admin_name or "", password=password)
        )
    database = shown(cli.where)
    said = N_("{database} is ready, schema {schema}.") if created else N_("{database} was up to date.")
    lines = [cli.locale._(said).format(database=database, schema=HEAD)]
    if admin is not None and created:
        lines += [cli.locale._(text).format(login=admin) for text in _NEXT]
        if password is None:
            lines.append(cli.locale._(NO_PASSWORD).format(login=admin))
    emit({"database": database, "schema": HEAD, "created": created}, "\n".join(lines))


_NEXT = (
    N_("{login} is the first administrator: the login that ran init is not for daily work."),
    N_("Next: TLS and pg_hba.conf, as in docs/admin-guide/set-up.md, and a backup every night."),
    N_(
        "Next: connect as {login} in the console (Settings, Team database) and add people (Settings, People)."
    ),
)


def check() -> None:
    """Check the file, the references, the deals, the tree and the seals."""
    from desktop.store.integrity import problems
    from desktop.store.remedies import remedy_of

    cli = current()
    found = cli.workspace(create=False).read(problems, cli.control())
    told = [
        {
            "code": item.code,
            "message": cli.locale._(item.message).format(**item.params),
            "remedy": cli.locale._(remedy_of(item.code)),
        }
        for item in found
    ]
    lines = [f"{item['message']}\n  → {item['remedy']}" for item in told]
    text = "\n".join(lines) or cli.locale._("The database is whole.")
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
