"""The commands `todo ...`: what is to be done next, by when, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_day
from desktop.i18n import N_
from desktop.terms import TaskState

if TYPE_CHECKING:
    from datetime import date

Number = Annotated[int, typer.Argument(metavar="ID", help=N_("The number of the to-do."))]
Day = Annotated[str | None, typer.Option(metavar="DATE", help=N_("By which day it is done."))]
What = Annotated[str, typer.Argument(metavar="TEXT", help=N_("What is done next."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    todos = typer.Typer(
        help=N_("What is to be done next, by when, and what came of it."), no_args_is_help=True
    )
    todos.command("list", help=N_("List what is still to be done, the most urgent first."))(todo_list)
    todos.command("add", help=N_("Plan the next action of a deal or customer."))(todo_add)
    todos.command("move", help=N_("Say what is done instead, or by which other day."))(todo_move)
    todos.command("done", help=N_("Say what came of it."))(todo_done)
    todos.command("drop", help=N_("Drop it, and say why."))(todo_drop)
    app.add_typer(todos, name="todo")


def todo_list(
    person: Annotated[
        str | None, typer.Option(metavar="PERSON", help=N_("Whose; default: everybody's."))
    ] = None,
) -> None:
    """List what is still to be done."""
    from desktop.queries.scope import person_named
    from desktop.queries.todos import open_todos

    cli = current()
    _ = cli.locale._
    found = cli.workspace().read(
        lambda work: open_todos(work, owner_id=person_named(work, person) if person else None), cli.control()
    )
    table = text_table(
        [_("No."), _("By which day"), _("Next action"), _("Owner"), _("Customer"), _("Deal")],
        [
            [
                str(one.id),
                cli.locale.day(one.due_on),
                one.title,
                one.owner or "",
                one.account or "",
                one.deal or "",
            ]
            for one in found
        ],
    )
    emit({"todos": [one.to_json() for one in found]}, table)


def todo_add(
    what: What,
    by: Day = None,
    deal: Annotated[int | None, typer.Option(metavar="ID", help=N_("The number of the deal."))] = None,
    customer: Annotated[str | None, typer.Option(metavar="NAME", help=N_("The customer's name."))] = None,
) -> None:
    """Plan a next action."""
    from desktop.operations.todos import plan_next_action
    from desktop.queries.quote_words import account_named

    cli = current()
    day = _day(by)
    number = cli.workspace().write(
        lambda work: plan_next_action(
            work,
            what=what,
            by=day,
            deal_id=deal,
            account_id=account_named(work, customer) if customer and deal is None else None,
        ),
        cli.control(),
    )
    emit({"todo": number}, cli.locale._("To-do {id} is planned.").format(id=number))


def todo_move(
    todo: Number,
    by: Day = None,
    what: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("What is done next."))] = None,
) -> None:
    """Say what is done instead, or by which other day."""
    _settle(todo, TaskState.OPEN, "", what, _day(by))


def todo_done(
    todo: Number, result: Annotated[str, typer.Argument(metavar="TEXT", help=N_("What came of it."))]
) -> None:
    """Say what came of it."""
    _settle(todo, TaskState.DONE, result)


def todo_drop(
    todo: Number, reason: Annotated[str, typer.Argument(metavar="TEXT", help=N_("Why it is dropped."))]
) -> None:
    """Drop a to-do."""
    _settle(todo, TaskState.CANCELLED, reason)


def _settle(todo: int, state: TaskState, note: str, what: str | None = None, by: date | None = None) -> None:
    from desktop.operations.todos import settle_todo

    cli = current()
    cli.workspace().write(
        lambda work: settle_todo(work, todo, state, note=note, what=what, by=by), cli.control()
    )
    words = cli.locale._("To-do {id}: {state}.").format(id=todo, state=cli.locale._(state.label))
    emit({"todo": todo, "state": state.value}, words)


def _day(by: str | None) -> date | None:
    return parse_day(by) if by else None
