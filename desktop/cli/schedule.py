"""Commands about what goes out by the clock: schedule install, remove, show, list, add, change, test, rest, resume, delete."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.errors import one_of
from desktop.i18n import N_

IS_WINDOWS = sys.platform == "win32"
Number = Annotated[int, typer.Argument(metavar="NUMBER", help=N_("Its number in: plumbline schedule list"))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    schedule = typer.Typer(help=N_("What goes out by the clock, and who looks at it."), no_args_is_help=True)
    add_command = schedule.command
    add_command("install", help=N_("Let this machine look at the clock every five minutes."))(install)
    add_command("remove", help=N_("Let this machine no longer look at the clock by itself."))(remove)
    add_command("show", help=N_("Show how this machine looks at the clock."))(show)
    add_command("list", help=N_("List what is planned: due next, last due, last acted."))(list_planned)
    add_command("add", help=N_("Let a report go out by the clock."))(add)
    add_command("change", help=N_("Change when a schedule goes out, about whom and to whom."))(change)
    add_command("test", help=N_("Send a schedule's report to one address as a test."))(send_test)
    add_command("rest", help=N_("Let a schedule rest."))(rest)
    add_command("resume", help=N_("Let a schedule go on."))(resume)
    add_command("delete", help=N_("Take a schedule away; what it sent stays on record."))(delete)
    app.add_typer(schedule, name="schedule")


def install() -> None:
    """Make the Task Scheduler's entry; elsewhere say the line for cron."""
    from desktop.operations import task_scheduler as tasks

    cli = current()
    what = tasks.entry(cli.where, cli.login)
    if not IS_WINDOWS:
        line = tasks.cron_line(what)
        words = cli.locale._("This machine has no Windows Task Scheduler. For cron (crontab -e), add:")
        emit({"installed": False, "cron": line}, f"{words}\n{line}")
        return
    tasks.install(what)
    words = cli.locale._("“{name}” looks at the clock of {where} every {n} minutes while you are signed in.")
    emit(
        {"installed": True, "task": tasks.NAME},
        words.format(name=tasks.NAME, where=what.arguments[-1], n=tasks.MINUTES),
    )


def remove() -> None:
    """Take the entry away."""
    from desktop.operations import task_scheduler as tasks

    cli = current()
    if not IS_WINDOWS:
        words = cli.locale._("This machine has no Windows Task Scheduler; take the line out of crontab -e.")
        emit({"removed": False}, words)
        return
    tasks.remove()
    emit({"removed": True}, cli.locale._("“{name}” is gone.").format(name=tasks.NAME))


def show(
    xml: Annotated[bool, typer.Option("--xml", help=N_("The task as Windows imports it."))] = False,
) -> None:
    """Show the entry."""
    from desktop.operations import task_scheduler as tasks

    cli = current()
    what = tasks.entry(cli.where, cli.login)
    if xml:
        text = tasks.task_xml(what, tasks.windows_user())
    else:
        text = tasks.show() if IS_WINDOWS else tasks.cron_line(what)
    emit({"program": what.program, "arguments": what.arguments, "text": text}, text)


def list_planned() -> None:
    """List schedules and rules."""
    from desktop.jobs.status import clock_view
    from desktop.queries.work_calendar import due_text

    cli = current()
    _ = cli.locale._
    found = cli.workspace(create=False).read(clock_view)
    headers = [_("No."), _("What"), _("At"), _("Due next"), _("Last due"), _("Last acted"), _("State")]
    rows = [
        [
            str(line.schedule_id or ""),
            _(line.name),
            line.at,
            due_text(line.next_at, cli.locale),
            cli.locale.instant(line.last_due),
            cli.locale.instant(line.last_acted),
            line.state or "—",
        ]
        for line in found.planned
    ]
    emit([asdict(line) for line in found.planned], text_table(headers, rows))


def add(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help=N_("morning_mail, monday_pack, quarter_pack, …"))
    ],
    to: Annotated[
        list[str] | None, typer.Option(help=N_("A login, or a mail address; may be given several times."))
    ] = None,
    at: Annotated[
        str, typer.Option(metavar="HH:MM", help=N_("When; the firm's mail time if left out."))
    ] = "",
    name: Annotated[str, typer.Option(help=N_("What it is called."))] = "",
    unit: Annotated[str | None, typer.Option(help=N_("About one unit of the organisation alone."))] = None,
    folder: Annotated[str, typer.Option(help=N_("A folder into which its file is put."))] = "",
    language: Annotated[str | None, typer.Option("--in", help=N_("zh_CN or en; yours if left out."))] = None,
) -> None:
    """Add a schedule."""
    from desktop.operations.scheduled.making import CONTENTS
    from desktop.operations.schedules import Wish, add_schedule, is_address
    from desktop.queries.scope import person_named, unit_named
    from desktop.store.workspace import Work

    cli = current()
    known = {each.value: each for each in CONTENTS}
    content = one_of(
        known, kind, "schedule_kind_unknown", N_("There is no report “{name}” that goes out by the clock.")
    )

    def make(work: Work) -> int:
        wish = Wish(
            content,
            name or cli.locale._(content.label),
            at,
            unit_named(work, unit) if unit else None,
            language or cli.locale.language,
            [person_named(work, one) for one in to or () if not is_address(one)],
            [one for one in to or () if is_address(one)],
            folder,
        )
        return add_schedule(work, wish)

    number = cli.workspace(create=False).write(make)
    words = cli.locale._("Schedule {id} goes out by the clock from now on.").format(id=number)
    emit({"id": number}, words)


def change(
    number: Number,
    to: Annotated[
        list[str] | None, typer.Option(help=N_("To these alone: logins or mail addresses."))
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="HH:MM", help=N_("When it goes out."))] = None,
    name: Annotated[str | None, typer.Option(help=N_("What it is called."))] = None,
    unit: Annotated[str | None, typer.Option(help=N_("About one unit; empty: the whole firm."))] = None,
    folder: Annotated[str | None, typer.Option(help=N_("A folder for its file; empty: none."))] = None,
    language: Annotated[str | None, typer.Option("--in", help=N_("zh_CN or en."))] = None,
) -> None:
    """Change a schedule; what is left out stays."""
    from desktop.operations.schedules import change_schedule, is_address, schedule_wish
    from desktop.queries.scope import person_named, unit_named
    from desktop.store.workspace import Work

    cli = current()

    def make(work: Work) -> None:
        wish, version = schedule_wish(work, number)
        given: dict[str, Any] = {"at": at, "name": name, "folder": folder, "language": language}
        if unit is not None:
            given["unit_id"] = unit_named(work, unit) if unit else 0
        if to:
            given["people"] = [person_named(work, one) for one in to if not is_address(one)]
            given["addresses"] = [one for one in to if is_address(one)]
        wanted = replace(wish, **{key: value for key, value in given.items() if value is not None})
        change_schedule(work, number, version, replace(wanted, unit_id=wanted.unit_id or None))

    cli.workspace(create=False).write(make)
    emit({"id": number}, cli.locale._("Changed."))


def send_test(
    number: Number, to: Annotated[str, typer.Option(help=N_("A mail address; yours if left out."))] = ""
) -> None:
    """Send a schedule's report to one address."""
    from desktop.operations.scheduled.making import queue_test

    cli = current()
    address = cli.workspace(create=False).write(lambda work: queue_test(work, number, to))
    words = cli.locale._("The test goes to {address} with the next look at the clock.")
    emit({"id": number, "to": address}, words.format(address=address))


def rest(number: Number) -> None:
    """Let a schedule rest."""
    _set(number, active=False)


def resume(number: Number) -> None:
    """Let a schedule go on."""
    _set(number, active=True)


def _set(number: int, *, active: bool) -> None:
    from desktop.operations.schedules import set_active

    cli = current()
    cli.workspace(create=False).write(lambda work: set_active(work, number, active))
    emit({"id": number, "active": active}, cli.locale._("Changed."))


def delete(number: Number) -> None:
    """Take a schedule away."""
    from desktop.operations.schedules import remove_schedule

    cli = current()
    cli.workspace(create=False).write(lambda work: remove_schedule(work, number))
    emit({"id": number}, cli.locale._("The schedule was removed; what it sent stays on record."))
