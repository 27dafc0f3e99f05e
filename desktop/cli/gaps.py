"""Commands that hand sheets out: gaps, kit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desktop.cli.context import current, emit
from desktop.errors import InvalidInput
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.operations.gaps import HandedOut

Owners = Annotated[
    list[str] | None,
    typer.Option("--owner", metavar="NAME", help=N_("Whose customers; may be repeated. Default: everybody.")),
]
Out = Annotated[Path, typer.Option(metavar="PATH", help=N_("A file for one person, a folder for several."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("gaps", help=N_("Write sheets that ask for what is missing in customers."))(gaps)
    app.command("kit", help=N_("Write field kits: visits, requests and gaps, one workbook per person."))(kit)


def gaps(
    out: Out,
    owner: Owners = None,
    fields: Annotated[
        str | None,
        typer.Option(metavar="FIELD,...", help=N_("The fields to ask for, as `fields` names them.")),
    ] = None,
) -> None:
    """Write, per person, the customers in which something is missing."""
    from desktop.operations.gaps import write_gap_sheets
    from desktop.queries.gaps import CHOSEN

    cli, owners = current(), _owners(owner, out)
    asked = tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else CHOSEN
    written = cli.workspace(create=False).write(
        lambda work: write_gap_sheets(work, path=out, owners=owners, fields=asked, locale=cli.locale)
    )
    _say(written)


def kit(out: Out, owner: Owners = None) -> None:
    """Write, per person, a workbook for the road."""
    from desktop.operations.gaps import write_field_kits

    cli, owners = current(), _owners(owner, out)
    written = cli.workspace(create=False).write(
        lambda work: write_field_kits(work, path=out, owners=owners, locale=cli.locale)
    )
    _say(written)


def _owners(owner: list[str] | None, out: Path) -> list[str]:
    owners = owner or []
    if out.suffix.lower() == ".xlsx" and len(owners) != 1:
        raise InvalidInput(
            "folder_needed",
            N_("{file} is one file, and there may be several people."),
            remedy=N_("Name one person with --owner, or give a folder."),
            file=out.name,
        )
    return owners


def _say(written: list[HandedOut]) -> None:
    cli = current()
    document = [
        {"owner": one.owner, "file": str(one.path), "customers": one.customers, "open": one.open}
        for one in written
    ]
    lines = [
        cli.locale._("{owner}: {customers} customers, {open} open cells, {file}").format(
            owner=one.owner,
            customers=cli.locale.integer(one.customers),
            open=cli.locale.integer(one.open),
            file=one.path,
        )
        for one in written
    ]
    emit(document, "\n".join(lines) or cli.locale._("Nothing is missing."))
