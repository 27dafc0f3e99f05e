"""Commands about one person's data: person-data, erase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import current, emit
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.operations.erasure import Erasure

Key = Annotated[
    str,
    typer.Argument(metavar="KEY", help=N_("contact:12, lead:12, person:12, a phone or an e-mail address.")),
]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command("person-data", help=N_("Everything that is stored about one person."))(data)
    app.command("erase", help=N_("Erase one person; without --apply it only says what would go."))(erase)


def data(
    key: Key,
    xlsx: Annotated[
        Path | None, typer.Option(metavar="FILE.xlsx", help=N_("Write it as a workbook, too."))
    ] = None,
) -> None:
    """Report what is stored about a person."""
    from desktop.operations.person_report import data_report, save_report

    cli = current()
    found, document = data_report(cli.workspace(create=False), key)
    if xlsx:
        save_report(document, xlsx, cli.locale)
    said = cli.locale._(
        "{records} records, {mentions} other places, {entries} audit entries, {reports} frozen reports"
    )
    emit(
        document,
        said.format(
            records=len(found.subjects),
            mentions=len(found.mentions),
            entries=len(found.entries),
            reports=len(found.snapshots),
        ),
    )


def erase(
    key: Key,
    apply: Annotated[bool, typer.Option("--apply", help=N_("Do it. There is no way back."))] = False,
) -> None:
    """Erase a person, or rehearse it."""
    from desktop.operations.erasure import erase_person

    workspace = current().workspace(create=False)
    act = workspace.write if apply else workspace.rehearse
    done = act(lambda work: erase_person(work, key), current().control())
    emit(_json(done, applied=apply), _text(done, current().locale, applied=apply))


def _json(done: Erasure, *, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "records": [f"{kind}:{number}" for kind, number in done.subjects],
        "rows": done.cells,
        "audit_entries": done.entries,
        "kept_snapshots": list(done.kept_snapshots),
    }


def _text(done: Erasure, locale: Locale, *, applied: bool) -> str:
    from desktop.operations.erasure import KEPT_WHY

    _ = locale._
    lines = [f"{table}: {locale.integer(rows)}" for table, rows in sorted(done.cells.items())]
    lines.append(_("Audit entries without details from now on: {n}").format(n=done.entries))
    if done.kept_snapshots:
        lines.append(_("{n} frozen reports name the person.").format(n=len(done.kept_snapshots)))
        lines.append(_(KEPT_WHY))
    lines.append(_("Erased.") if applied else _("Nothing was changed; do it with --apply."))
    return "\n".join(lines)
