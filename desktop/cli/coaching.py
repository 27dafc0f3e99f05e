"""The commands `coach` and `coaching`: notes from who leads somebody, and their time line."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.i18n import N_


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("coach", help=N_("Write a coaching note for somebody you lead."))(coach_person)
    app.command("coaching", help=N_("Read coaching notes: one's own, and those of the people one leads."))(
        coaching
    )


def coach_person(
    person: Annotated[str, typer.Argument(metavar="PERSON", help=N_("Login or name of whom you coach."))],
    note: Annotated[str, typer.Argument(metavar="TEXT", help=N_("What went well, and what to try next."))],
    deal: Annotated[int | None, typer.Option(metavar="ID", help=N_("The number of the deal."))] = None,
    customer: Annotated[str | None, typer.Option(metavar="NAME", help=N_("The customer's name."))] = None,
) -> None:
    """Write a coaching note."""
    from desktop.operations.coaching import coach
    from desktop.queries.quote_words import account_named
    from desktop.queries.scope import person_named

    cli = current()
    number = cli.workspace().write(
        lambda work: coach(
            work,
            person_named(work, person),
            note,
            deal_id=deal,
            account_id=account_named(work, customer) if customer and deal is None else None,
        ),
        cli.control(),
    )
    emit({"note": number}, cli.locale._("Coaching note {id} is written.").format(id=number))


def coaching(
    person: Annotated[
        str | None,
        typer.Argument(metavar="PERSON", help=N_("About whom; default: everybody one may read of.")),
    ] = None,
) -> None:
    """Read coaching notes."""
    from desktop.queries.coaching import coaching_notes
    from desktop.queries.scope import person_named

    cli = current()
    _ = cli.locale._
    found = cli.workspace().read(
        lambda work: coaching_notes(work, person_id=person_named(work, person) if person else None),
        cli.control(),
    )
    table = text_table(
        [_("At"), _("For"), _("Written by"), _("Deal"), _("Customer"), _("Coaching note")],
        [
            [cli.locale.instant(one.at), one.person, one.by, one.deal or "", one.customer or "", one.note]
            for one in found
        ],
    )
    emit({"notes": [one.to_json() for one in found]}, table)
