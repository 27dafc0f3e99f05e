"""The command that runs the clock: tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.jobs.runner import Ticked


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("tick", help=N_("Do what is due by now: rules, scheduled reports and mail."))(tick)


def tick(
    no_send: Annotated[
        bool, typer.Option("--no-send", help=N_("Leave what is to be mailed or dropped in the outbox."))
    ] = False,
) -> None:
    """Look at the clock once: exit code 4 if anything failed."""
    from desktop.jobs.runner import Runner

    cli = current()
    found = Runner(cli.workspace(create=False), send=not no_send).tick(cli.control())
    emit(_json(found, cli.locale), _text(found, cli.locale))
    if found.failed:
        raise typer.Exit(PARTLY)


def _json(found: Ticked, locale: Locale) -> dict[str, Any]:
    return {
        "busy": found.busy or None,
        "acted": [
            {
                "rule": one.rule,
                "key": one.key,
                "subject": one.subject,
                "due_at": one.due_at,
                "acted_at": one.acted_at,
                "state": one.state.value,
                "problem": said(one.problem, locale),
            }
            for one in found.acted
        ],
        "delivered": [
            {
                "channel": one.channel,
                "to": one.target,
                "subject": one.subject,
                "state": one.state.value,
                "problem": said(one.problem, locale),
            }
            for one in found.delivered
        ],
        "problem": None
        if found.problem is None
        else {"code": found.problem.code, "message": found.problem.text(locale)},
    }


def _text(found: Ticked, locale: Locale) -> str:
    _ = locale._
    if found.busy:
        return _("{holder} is running the clock just now.").format(holder=found.busy)
    lines = []
    for one in found.acted:
        line = _("{state}: {what}, due {due}, acted {acted}").format(
            state=_(one.state.label),
            what=one.subject or f"{one.rule} {one.key}",
            due=locale.instant(one.due_at),
            acted=locale.instant(one.acted_at),
        )
        lines += [line, *_problem_lines(one.problem, locale)]
    for sent in found.delivered:
        lines += [
            f"{_(sent.state.label)}: {sent.subject} → {sent.target}",
            *_problem_lines(sent.problem, locale),
        ]
    if found.problem is not None:
        lines += [found.problem.text(locale), found.problem.remedy_text(locale)]
    return "\n".join(lines) or _("Nothing is due.")


def _problem_lines(problem: dict[str, Any] | None, locale: Locale) -> list[str]:
    told = said(problem, locale)
    return [f"  {text}" for text in (told["message"], told["remedy"]) if text] if told else []


def said(problem: dict[str, Any] | None, locale: Locale) -> dict[str, str] | None:
    """Return a problem that was kept, in the reader's language."""
    if problem is None:
        return None
    from desktop.jobs.status import told

    error = told(problem)
    return {"code": error.code, "message": error.text(locale), "remedy": error.remedy_text(locale)}
