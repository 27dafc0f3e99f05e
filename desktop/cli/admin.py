"""Commands for whoever looks after the database: init, check, doctor, digest."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from desktop.cli.context import PARTLY, current, emit, shown
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("init", help=N_("Create or upgrade the tables of a database."))(init)
    app.command("check", help=N_("Check that the database is whole."))(check)
    app.command("digest", help=N_("Print the SHA-256 of every business table."))(digest)
    app.command("doctor", help=N_("Say what is installed, reachable and writable, and what to do."))(doctor)


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
