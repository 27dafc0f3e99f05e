"""The command that says what a leaver holds: handover."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit
from desktop.cli.texttable import text_table
from desktop.i18n import N_, Locale
from desktop.money import money_text

if TYPE_CHECKING:
    from desktop.queries.handover import HandoverView
    from desktop.store.workspace import Work


def register(app: typer.Typer) -> None:
    """Add this area's command."""
    app.command("handover", help=N_("What a leaver holds, and what is missing in it."))(handover)


def handover(
    rep: Annotated[str, typer.Argument(metavar="REP", help=N_("Login or name of who leaves."))],
    to: Annotated[
        str | None, typer.Option(metavar="REP", help=N_("Login or name of who takes over."))
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="FILE", help=N_("Write the checklist here."))] = None,
) -> None:
    """Say what is to be handed over; nothing is changed."""
    from desktop.exporters.saving import save_bytes
    from desktop.queries.handover import handover as checklist
    from desktop.queries.handover_sheets import handover_workbook
    from desktop.queries.scope import person_named

    cli = current()

    def ask(work: Work) -> tuple[HandoverView, bytes]:
        view = checklist(work, person_named(work, rep), person_named(work, to) if to else None)
        return view, handover_workbook(work, view, cli.locale) if xlsx else b""

    view, content = cli.workspace().read(ask, cli.control())
    if xlsx:
        save_bytes(xlsx, content)
    emit(handover_json(view, xlsx), _text(view, cli.locale, xlsx))


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
