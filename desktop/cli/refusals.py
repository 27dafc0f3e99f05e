"""The commands `refusal ...`, and `assign`, which heeds them."""

from __future__ import annotations

from typing import Annotated

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_day
from desktop.i18n import N_
from desktop.terms import OwnedKind

REASON = typer.Option(metavar="TEXT", help=N_("Why; it stays on record."))


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    refusals = typer.Typer(
        help=N_("Customers that refused: nobody is given them for a while."), no_args_is_help=True
    )
    refusals.command("list", help=N_("List the refusals that stand, the newest first."))(refusal_list)
    refusals.command("add", help=N_("Record that a customer or lead refused."))(refusal_add)
    refusals.command("lift", help=N_("Lift a refusal before its time (sales operations)."))(refusal_lift)
    app.add_typer(refusals, name="refusal")
    app.command("assign", help=N_("Give a record to a person; a customer that refused is held back."))(assign)


def refusal_list(
    past: Annotated[bool, typer.Option("--past", help=N_("Those that are over or lifted, too."))] = False,
) -> None:
    """List refusals."""
    from desktop.queries.refusals import refusals

    cli = current()
    _ = cli.locale._
    found = cli.workspace().read(lambda work: refusals(work, past=past), cli.control())
    table = text_table(
        [
            _("No."),
            _("Customer"),
            _("Refused on"),
            _("Not before"),
            _("Reason"),
            _("Recorded by"),
            _("Lifted"),
        ],
        [
            [
                str(one.id),
                one.customer,
                cli.locale.day(one.refused_on),
                cli.locale.day(one.until),
                one.reason,
                one.by,
                one.lifted,
            ]
            for one in found
        ],
    )
    emit({"refusals": [one.to_json() for one in found]}, table)


def refusal_add(
    record: Annotated[int, typer.Argument(metavar="ID", help=N_("The number of the customer or lead."))],
    reason: Annotated[str, REASON],
    lead: Annotated[bool, typer.Option("--lead", help=N_("The number is a lead's."))] = False,
    source: Annotated[
        str, typer.Option(metavar="TEXT", help=N_("How it was told, e.g. call or visit."))
    ] = "",
    on: Annotated[str | None, typer.Option(metavar="DATE", help=N_("When; today by default."))] = None,
) -> None:
    """Record a refusal."""
    from desktop.operations.refusals import record_refusal

    cli = current()
    kind, day = "lead" if lead else "account", parse_day(on) if on else None
    number = cli.workspace().write(
        lambda work: record_refusal(work, kind, record, reason, source=source, on=day), cli.control()
    )
    emit({"refusal": number}, cli.locale._("Refusal {id} is on record.").format(id=number))


def refusal_lift(
    refusal: Annotated[int, typer.Argument(metavar="ID", help=N_("The number of the refusal."))],
    reason: Annotated[str, REASON],
) -> None:
    """Lift a refusal."""
    from desktop.operations.refusals import lift_refusal

    cli = current()
    cli.workspace().write(lambda work: lift_refusal(work, refusal, reason), cli.control())
    emit({"lifted": refusal}, cli.locale._("Refusal {id} was lifted.").format(id=refusal))


def assign(
    kind: Annotated[OwnedKind, typer.Argument(metavar="KIND", case_sensitive=False)],
    record: Annotated[list[int], typer.Argument(metavar="ID...", help=N_("The numbers of the records."))],
    to: Annotated[str, typer.Option(metavar="PERSON", help=N_("Login or name of who gets them."))],
    reason: Annotated[str, REASON],
) -> None:
    """Give records of one kind to a person."""
    from desktop.operations.handover import assign_records
    from desktop.queries.scope import person_named

    cli = current()
    moved = cli.workspace().write(
        lambda work: assign_records(work, kind, record, person_named(work, to), reason), cli.control()
    )
    emit(
        {"moved": moved},
        cli.locale.plural("{n} record has another owner now.", "{n} records have another owner now.", moved),
    )
