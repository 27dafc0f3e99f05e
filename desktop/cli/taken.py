"""The command that asks whether a customer is already somebody's: taken."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop.cli.context import current, emit
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add this area's command."""
    app.command("taken", help=N_("Ask whether a customer is already taken; each question is recorded."))(
        taken
    )


def taken(
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("The customer's full name."))],
    credit_code: Annotated[
        str, typer.Option("--credit-code", metavar="CODE", help=N_("Its credit code, if known."))
    ] = "",
) -> None:
    """Say whether somebody looks after this customer, and in which unit."""
    from desktop.operations.taken import is_taken

    cli = current()
    answer = is_taken(cli.workspace(), name, credit_code)
    _ = cli.locale._
    if answer.own:
        told = _("This customer is yours.")
    elif answer.taken:
        told = _("Taken: {name}, looked after in {unit}.").format(
            name=answer.name, unit=answer.unit or _("no unit")
        )
    else:
        told = _("Not taken.")
    if answer.until:
        told += " " + _("It refused; nobody is given it before {day}.").format(
            day=cli.locale.day(answer.until)
        )
    emit(
        {
            "taken": answer.taken,
            "own": answer.own,
            "name": answer.name or None,
            "unit": answer.unit or None,
            "refused_until": answer.until,
        },
        told,
    )
