"""Commands about approvals: approvals, ask, decide, deputies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_amount, parse_day
from desktop.errors import InvalidInput, one_of
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.queries.approvals import ApprovalItem
    from desktop.store.workspace import Work

Number = Annotated[int, typer.Argument(metavar="ID", help=N_("The request's number."))]
Reason = Annotated[str, typer.Option("--reason", help=N_("Why; needed unless it is approved."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("approvals", help=N_("List what waits for a decision, or the trail of one request."))(
        approvals
    )
    app.command("decide", help=N_("Approve, reject, send back or withdraw requests."))(decide)
    app.command("ask", help=N_("Ask for another target, another stage of a deal, or a handover."))(ask)
    app.command("deputies", help=N_("Show who signs for whom, or name somebody while you are away."))(
        deputies
    )


def approvals(
    number: Annotated[
        int | None, typer.Argument(metavar="[ID]", help=N_("One request with its trail."))
    ] = None,
    decided: Annotated[bool, typer.Option("--decided", help=N_("The last decisions instead."))] = False,
) -> None:
    """List requests, or show one."""
    from desktop.queries.approvals import approval_history, approval_inbox

    cli = current()
    if number is not None:
        _one(number)
        return
    items = cli.workspace().read(approval_history if decided else approval_inbox)
    emit([_document(item) for item in items], _table(items, cli.locale))


def _document(item: ApprovalItem) -> dict[str, Any]:
    from desktop.money import money_text

    return {
        "request": item.id,
        "kind": item.kind,
        "title": item.title,
        "state": item.state.value,
        "level": item.level,
        "levels": item.levels,
        "asked_of": [slot.text for slot in item.asked],
        "amount": None if item.amount is None else money_text(item.amount),
        "requested_by": item.requested_by,
        "requested_at": item.requested_at,
        "due_at": item.due_at,
        "late": item.is_late,
        "yours": not item.why_not and item.state.value == "waiting",
        "decided_by": item.decided_by,
        "decided_at": item.decided_at,
        "reason": item.reason,
    }


def _table(items: list[ApprovalItem], locale: Locale) -> str:
    _ = locale._
    rows = [
        [
            str(item.id),
            _(item.label),
            item.title,
            "" if item.amount is None else locale.money(item.amount),
            item.requested_by,
            f"{item.level}/{item.levels} {_(item.level_name)}".strip(),
            locale.instant(item.due_at) if item.due_at else "",
            _(item.state.label) if item.why_not else _("yours"),
        ]
        for item in items
    ]
    heads = [
        _("Request"),
        _("Kind"),
        _("About"),
        _("Amount"),
        _("Asked by"),
        _("Level"),
        _("Due"),
        _("State"),
    ]
    return text_table(heads, rows) if rows else _("Nothing waits for a decision")


def _one(number: int) -> None:
    from desktop.operations.approvals.viewing import request_view

    cli = current()
    locale, _ = cli.locale, cli.locale._
    view = cli.workspace().read(lambda work: request_view(work, number))
    lines = [
        {
            "level": line.number,
            "asked_of": line.slot.text,
            "state": line.state.value,
            "decided_by": line.decided_by,
            "on_behalf_of": line.on_behalf_of,
            "decided_at": line.decided_at,
            "due_at": line.due_at,
            "reason": line.reason,
        }
        for line in view.trail
    ]
    warnings = [_(one.text).format(**one.params) for one in view.context.warnings]
    rows = [
        [
            str(line.number),
            line.slot.word if line.slot.is_person else _(line.slot.word),
            _(line.state.label),
            line.decided_by or "",
            locale.instant(line.decided_at) if line.decided_at else "",
            line.reason or "",
        ]
        for line in view.trail
    ]
    heads = [_("Level"), _("Asked of"), _("State"), _("Decided by"), _("Time"), _("Reason")]
    text = "\n".join([f"{view.id} {view.title}", *warnings, text_table(heads, rows)])
    document = {"request": view.id, "kind": view.kind, "title": view.title, "facts": dict(view.facts)}
    emit({**document, "warnings": warnings, "trail": lines, "follows": view.follows_id}, text)


def decide(
    numbers: Annotated[list[int], typer.Argument(metavar="ID…", help=N_("The numbers of requests."))],
    decision: Annotated[
        str, typer.Option("--decision", help=N_("approve, reject, return or withdraw."))
    ] = "approve",
    reason: Reason = "",
) -> None:
    """Decide requests; of several, those that need a look of their own are left out and named."""
    from desktop.operations.approvals import approve, reject, return_request, withdraw_request
    from desktop.operations.approvals.batch import approve_many, batch_of

    cli = current()
    if decision == "approve" and len(numbers) > 1:
        batch = cli.workspace().read(lambda work: batch_of(work, numbers))
        done = approve_many(cli.workspace(), batch.clear, reason=reason)
        left = [*batch.exceptions, *done.exceptions]
        document = {
            "approved": list(done.signed),
            "left_out": [
                {"request": one.id, "title": one.title, "why": one.text(cli.locale)} for one in left
            ],
        }
        count = len(done.signed)
        lines = [cli.locale.plural("{n} request approved.", "{n} requests approved.", count)]
        emit(
            document, "\n".join([*lines, *(f"{one.id} {one.title}: {one.text(cli.locale)}" for one in left)])
        )
        if left:
            raise typer.Exit(PARTLY)
        return
    acts: dict[str, Any] = {
        "approve": lambda work, number: approve(work, number, reason=reason),
        "reject": lambda work, number: reject(work, number, reason),
        "return": lambda work, number: return_request(work, number, reason),
        "withdraw": lambda work, number: withdraw_request(work, number, reason=reason),
    }
    act = one_of(acts, decision, "decision_unknown", N_("A request cannot be decided as “{name}”."))

    def all_of_them(work: Work) -> list[dict[str, Any]]:
        return [{"request": number, "state": act(work, number).value} for number in numbers]

    states = cli.workspace().write(all_of_them)
    emit(states, "\n".join(f"{one['request']}: {one['state']}" for one in states))


def deputies(
    name: Annotated[str, typer.Option("--name", help=N_("Who shall sign for you (their name)."))] = "",
    start: Annotated[str, typer.Option("--from", help=N_("First day, YYYY-MM-DD."))] = "",
    until: Annotated[str, typer.Option("--until", help=N_("Last day, YYYY-MM-DD."))] = "",
    reason: Annotated[str, typer.Option("--reason", help=N_("Why you are away."))] = "",
) -> None:
    """List deputies, or name one for oneself."""
    from desktop.operations.approvals.flows import name_deputy
    from desktop.queries.approval_flows import deputy_list
    from desktop.queries.scope import person_named

    cli = current()
    workspace = cli.workspace()
    if name:
        if not start:
            raise InvalidInput("deputy_without_days", N_("Say from when on: --from 2026-04-30."))
        days = (parse_day(start), parse_day(until or start))
        workspace.write(lambda work: name_deputy(work, person_named(work, name), *days, reason=reason))
    rows = workspace.read(deputy_list)
    document = [
        {
            "deputy": row.id,
            "for": row.person,
            "signs": row.deputy,
            "from": row.starts_on,
            "until": row.ends_on,
            "active": row.is_active,
            "reason": row.reason,
        }
        for row in rows
    ]
    _ = cli.locale._
    heads = [_("Absent"), _("Deputy"), _("First day"), _("Last day"), _("Reason")]
    lines = [
        [row.person, row.deputy, row.starts_on.isoformat(), row.ends_on.isoformat(), row.reason or ""]
        for row in rows
    ]
    emit(document, text_table(heads, lines) if lines else _("Nobody has named a deputy."))


def ask(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=N_("target, stage or handover."))],
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it is asked for."))] = "",
    person: Annotated[str, typer.Option("--person", help=N_("Whose target, or who hands over."))] = "",
    period: Annotated[str, typer.Option("--period", help=N_("The target's month, YYYY-MM."))] = "",
    value: Annotated[str, typer.Option("--value", help=N_("The target that is right now, in CNY."))] = "",
    deal: Annotated[int, typer.Option("--deal", help=N_("The deal's number."))] = 0,
    stage: Annotated[str, typer.Option("--stage", help=N_("The stage it shall stand in."))] = "",
    to: Annotated[str, typer.Option("--to", help=N_("Who takes over."))] = "",
) -> None:
    """Ask for another target, another stage of a deal, or a handover."""
    cli = current()
    acts: dict[str, Any] = {
        "target": lambda work: _ask_target(work, person, period, value, reason),
        "stage": lambda work: _ask_stage(work, deal, stage, reason),
        "handover": lambda work: _ask_handover(work, person, to, reason),
    }
    act = one_of(
        acts,
        kind,
        "approval_kind_unknown",
        N_("There is nothing of the kind “{name}” that could be approved."),
    )
    number = cli.workspace().write(act)
    said = cli.locale._("Request {id} waits for its decision.").format(id=number)
    emit({"request": number, "state": "waiting"}, said)


def _ask_target(work: Work, person: str, period: str, value: str, reason: str) -> int:
    from desktop.operations.approval_subjects.target_adjustment import ask_person_target
    from desktop.periods import Period

    return ask_person_target(work, person, Period.parse(period), parse_amount(value), reason)


def _ask_stage(work: Work, deal: int, stage: str, reason: str) -> int:
    from desktop.operations.approval_subjects.stage_override import ask_named_stage

    return ask_named_stage(work, deal, stage, reason)


def _ask_handover(work: Work, person: str, to: str, reason: str) -> int:
    from desktop.operations.approval_subjects.handover import ask_handover
    from desktop.queries.scope import person_named

    return ask_handover(work, person_named(work, person), person_named(work, to), reason)
