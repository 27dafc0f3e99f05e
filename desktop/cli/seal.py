"""Commands about the keys that seal workbooks, and proof without a database: seal, verify --offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit, existing_path
from desktop.cli.texttable import text_table
from desktop.errors import InvalidInput
from desktop.i18n import N_

if TYPE_CHECKING:
    from desktop.queries.seals import KeyRow


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    app.command(
        "seal", help=N_("Show the keys that seal workbooks, make a new one, write out the public ones.")
    )(seal)


def seal(
    rotate: Annotated[
        bool, typer.Option("--rotate", help=N_("Make a new key for yourself; the former one is retired."))
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=N_("Write the public keys, to verify without the database.")),
    ] = None,
) -> None:
    """Show the keys."""
    from desktop.exporters.saving import save_bytes
    from desktop.operations.sealing import new_seal_key
    from desktop.queries.seals import keys_document, seal_keys

    cli = current()
    workspace = cli.workspace(create=False)
    if rotate:
        workspace.write(new_seal_key)
    rows = workspace.read(seal_keys)
    if keys is not None:
        save_bytes(keys, keys_document(rows).encode())
    _ = cli.locale._
    lines = [
        [row.key_id, row.person, cli.locale.instant(row.made_at), cli.locale.instant(row.retired_at)]
        for row in rows
    ]
    text = text_table([_("Key"), _("Made by"), _("In use since"), _("Retired")], lines)
    emit(
        [_key_json(row) for row in rows],
        text if rows else _("There is no key yet; the first export makes one."),
    )


def _key_json(row: KeyRow) -> dict[str, Any]:
    return {
        "key": row.key_id,
        "public": row.public_key,
        "person": row.person,
        "since": row.made_at,
        "retired_at": row.retired_at,
        "retired_by": row.retired_by,
    }


def verify_without_database(file: Path, keys: Path | None) -> None:
    """Say what a workbook proves by itself: exit code 0 for the sealed content, 4 for anything else."""
    from desktop.queries.seals import SEALS, keys_from, verify_offline
    from desktop.terms import Verdict

    if keys is None:
        raise InvalidInput(
            "keys_missing",
            N_("Without the database, a seal is proven with public keys."),
            remedy=N_("Name the file that was made by: plumbline seal --keys FILE"),
        )
    trusted = keys_from(existing_path(keys).read_text("utf-8", "replace"), keys.name)
    result = verify_offline(existing_path(file).read_bytes(), file.name, trusted)
    _ = current().locale._
    lines = [_(result.verdict.label), _(SEALS[result.seal])]
    if result.report:
        lines.append(
            _("Report {number}, approved: {people}; key {key}").format(
                number=result.report, people=result.approved or "—", key=result.key_id
            )
        )
    if result.changed:
        lines.append(text_table([_("Sheet"), _("Cell")], [list(place) for place in result.changed]))
    emit(
        {
            "verdict": result.verdict.value,
            "seal": result.seal,
            "report": result.report,
            "approved": result.approved,
            "key": result.key_id,
            "changed": [{"sheet": sheet, "cell": cell} for sheet, cell in result.changed],
        },
        "\n".join(lines),
    )
    if result.verdict not in (Verdict.RESAVED, Verdict.FILLED):
        raise typer.Exit(PARTLY)
