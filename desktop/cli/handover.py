"""The command that says what a leaver holds, hands it over and takes it back: handover."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit
from desktop.cli.texttable import text_table
from desktop.i18n import N_, Locale
from desktop.money import money_text

if TYPE_CHECKING:
    from desktop.operations.handover import HandoverDone
    from desktop.queries.handover import HandoverView
    from desktop.store.workspace import Work


def register(app: typer.Typer) -> None:
    """Add this area's command."""
    app.command("handover", help=N_("What a leaver holds and lacks; hand it over, or take that back."))(
        handover
    )


def handover(
    rep: Annotated[str | None, typer.Argument(metavar="REP", help=N_("Login or name of who leaves."))] = None,
    to: Annotated[
        str | None, typer.Option(metavar="REP", help=N_("Login or name of who takes over."))
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help=N_("Write the checklist here."))] = None,
    apply: Annotated[bool, typer.Option("--apply", help=N_("Hand everything over."))] = False,
    close_login: Annotated[
        bool, typer.Option("--close-login", help=N_("With --apply: close the leaver's login as well."))
    ] = False,
    undo: Annotated[int | None, typer.Option(metavar="ID", help=N_("Take a handover back."))] = None,
) -> None:
    """Say what is to be handed over; with --apply do it, with --undo take one back."""
    if undo is not None:
        if rep or to or xlsx or apply or close_login:
            raise typer.BadParameter(current().locale._("--undo ID stands alone."))
        _take_back(undo)
        return
    if rep is None:
        raise typer.BadParameter(
            current().locale._("Say who leaves, or take a handover back with --undo ID.")
        )
    if (apply and not to) or (close_login and not apply):
        raise typer.BadParameter(
            current().locale._("--apply needs --to REP, and --close-login needs --apply.")
        )
    cli = current()
    view, content = cli.workspace().read(
        lambda work: _checklist(work, rep, to, with_sheet=xlsx is not None), cli.control()
    )
    if xlsx:
        _save(xlsx, content)
    document, told = handover_json(view, xlsx), _text(view, cli.locale, xlsx)
    if apply and view.successor:
        done = _apply(view, close_login=close_login)
        document |= {"handover": done.handover, "moved": dict(done.moved)}
        told += "\n" + cli.locale._("Handover {id}: {count} records now belong to {receiver}.").format(
            id=done.handover, count=cli.locale.integer(done.total), receiver=view.successor.name
        )
    emit(document, told)


def _checklist(work: Work, rep: str, to: str | None, *, with_sheet: bool) -> tuple[HandoverView, bytes]:
    from desktop.queries.handover import handover as checklist
    from desktop.queries.handover_sheets import handover_workbook
    from desktop.queries.scope import person_named

    view = checklist(work, person_named(work, rep), person_named(work, to) if to else None)
    return view, handover_workbook(work, view, current().locale) if with_sheet else b""


def _save(path: Path, content: bytes) -> None:
    from desktop.exporters.saving import save_bytes

    save_bytes(path, content)


def _apply(view: HandoverView, *, close_login: bool) -> HandoverDone:
    from desktop.operations.handover import hand_over

    assert view.successor
    leaver, receiver, seen = view.leaver.id, view.successor.id, {"account": len(view.accounts)}
    cli = current()
    return cli.workspace().write(
        lambda work: hand_over(work, leaver, receiver, seen=seen, close_login=close_login), cli.control()
    )


def _take_back(number: int) -> None:
    from desktop.operations.handover import undo_handover

    cli = current()
    done = cli.workspace().write(lambda work: undo_handover(work, number), cli.control())
    lines = [
        cli.locale._("Handover {id} was taken back: {count} records returned, {kept} kept.").format(
            id=number, count=cli.locale.integer(done.reversed), kept=cli.locale.integer(len(done.kept))
        ),
        *(f"  {one.kind} {one.id}: {one.text(cli.locale)}" for one in done.kept),
    ]
    emit(done.to_json(cli.locale), "\n".join(lines))
    if done.kept:
        raise typer.Exit(PARTLY)


def handover_json(view: HandoverView, xlsx: Path | None = None) -> dict[str, Any]:
    """Return the checklist as scripts read it."""
    document: dict[str, Any] = {
        "from": view.leaver.name,
        "to": view.successor.name if view.successor else None,
        "accounts": len(view.accounts),
        "open_opportunities": view.open_count,
        "items": [
            {
                "kind": item.kind,
                "id": item.id,
                "title": item.title,
                "amount": None if item.amount is None else money_text(item.amount),
                "dark": list(item.dark),
            }
            for item in view.items
        ],
        "completeness": float(view.completeness),
    }
    return document | ({"file": xlsx.as_posix()} if xlsx else {})


def _text(view: HandoverView, locale: Locale, xlsx: Path | None) -> str:
    from desktop.queries.handover import DARK, KINDS

    _ = locale._
    lines = [
        _("Handover of {leaver} to {receiver}, as of {day}").format(
            leaver=view.leaver.name,
            receiver=view.successor.name if view.successor else _("not chosen yet"),
            day=view.as_of,
        ),
        "",
        text_table(
            [_("Part"), _("Items"), _("Complete")],
            [
                [_(KINDS[part.kind]), locale.integer(part.total), locale.integer(part.complete)]
                for part in view.parts
            ],
            {1, 2},
        ),
        "",
        _("Completeness {share} · open receivable {receivable}, overdue {overdue}").format(
            share=locale.percent(view.completeness),
            receivable=locale.money(view.receivable),
            overdue=locale.money(view.overdue),
        ),
    ]
    for flag, label in DARK.items():
        count = sum(flag in item.dark for item in view.items)
        if count:
            lines.append(f"  {_(label)}: {locale.integer(count)}")
    if xlsx:
        lines.append(_("Written: {file}").format(file=xlsx))
    return "\n".join(lines)
