"""Commands about the audit trail: audit verify, audit list, audit exports, audit export."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.cli.context import PARTLY, current, emit
from desktop.cli.texttable import text_table
from desktop.cli.typed import parse_day
from desktop.i18n import N_, Locale

if TYPE_CHECKING:
    from desktop.queries.audit import AuditFilter, AuditRow, Checked

Who = Annotated[
    str | None, typer.Option("--person", metavar="LOGIN", help=N_("Login or name of who did it."))
]
Action = Annotated[str | None, typer.Option(help=N_("An action such as approve_report, or its first part."))]
Subject = Annotated[str | None, typer.Option(help=N_("What it was done to, such as account."))]
Since = Annotated[str | None, typer.Option(metavar="DATE", help=N_("From this business day on."))]
Until = Annotated[str | None, typer.Option(metavar="DATE", help=N_("Up to and with this business day."))]


def register(app: typer.Typer) -> None:
    """Add this area's commands."""
    audit = typer.Typer(help=N_("The audit trail."), no_args_is_help=True)
    audit.command("verify", help=N_("Tell whether the audit trail is as it was written."))(verify)
    audit.command("list", help=N_("List audit entries, the newest first."))(list_entries)
    audit.command("exports", help=N_("List what was exported: by whom, how many rows, which file."))(exports)
    audit.command("export", help=N_("Write audit entries as JSON lines."))(export)
    app.add_typer(audit, name="audit")


def verify(
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE.xlsx|POSITION:HASH", help=N_("A head that was printed elsewhere.")),
    ] = None,
) -> None:
    """Verify the chain: exit code 4 if anything is wrong."""
    from desktop.queries.audit import verify_trail
    from desktop.queries.printed_heads import head_from

    cli = current()
    heads = [head_from(text) for text in against or ()]
    found = cli.workspace(create=False).read(lambda work: verify_trail(work, heads), cli.control())
    emit(checked_json(found, cli.locale), _checked_text(found, cli.locale))
    if found.count:
        raise typer.Exit(PARTLY)


def list_entries(
    person: Who = None,
    action: Action = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=N_("At most so many."))] = 50,
) -> None:
    """List entries."""
    from desktop.queries.audit import audit_entries

    asked = _filter(person, action, subject, since, until)
    _say(current().workspace(create=False).read(lambda work: audit_entries(work, asked, limit=limit)))


def exports(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help=N_("At most so many."))] = 50,
) -> None:
    """List the export log."""
    from desktop.queries.audit import export_log

    _say(current().workspace(create=False).read(lambda work: export_log(work, limit)))


def export(
    out: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help=N_("Where the entries go."))],
    person: Who = None,
    action: Action = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Write entries to a file."""
    from desktop.operations.audit import export_audit

    cli = current()
    asked = _filter(person, action, subject, since, until)
    rows, fingerprint = export_audit(cli.workspace(create=False), asked, out)
    said = cli.locale._("{rows} entries written to {file}, SHA-256 {hash}")
    emit(
        {"rows": rows, "file": out.as_posix(), "sha256": fingerprint},
        said.format(rows=cli.locale.integer(rows), file=out, hash=fingerprint),
    )


def checked_json(found: Checked, locale: Locale) -> dict[str, Any]:
    """Return the result of a verification as scripts read it."""
    return {
        "ok": not found.count,
        "entries": found.entries,
        "erased": found.erased,
        "head": {"position": found.head.position, "hash": found.head.hash},
        "count": found.count,
        "problems": [
            {
                "code": item.code,
                "position": item.position,
                "message": locale._(item.message).format(**item.params),
            }
            for item in found.findings
        ],
    }


def _checked_text(found: Checked, locale: Locale) -> str:
    _ = locale._
    first = _("{entries} audit entries, head {position}:{hash}").format(
        entries=locale.integer(found.entries), position=found.head.position, hash=found.head.hash
    )
    lines = [_(item.message).format(**item.params) for item in found.findings]
    if found.erased:
        lines.append(_("The details of {n} entries were erased on request.").format(n=found.erased))
    if not found.count:
        lines.append(_("The audit trail is whole."))
    return "\n".join([first, *lines])


def _say(rows: list[AuditRow]) -> None:
    cli = current()
    _ = cli.locale._
    headers = [_("No."), _("At"), _("Person"), _("Action"), _("Subject"), _("Details")]
    emit([asdict(row) for row in rows], text_table(headers, [_line(row, cli.locale) for row in rows]))


def _line(row: AuditRow, locale: Locale) -> list[str]:
    subject = f"{row.subject} {row.subject_id}" if row.subject_id is not None else row.subject
    details = json.dumps(row.details, ensure_ascii=False) if row.details else ""
    if row.erased_by:
        details = locale._("erased by entry {position}").format(position=row.erased_by)
    return [
        str(row.position),
        locale.instant(row.at),
        row.person or "—",
        row.action,
        subject,
        details[:120].replace("\n", " "),
    ]


def _filter(
    person: str | None, action: str | None, subject: str | None, since: str | None, until: str | None
) -> AuditFilter:
    from desktop.queries.audit import AuditFilter

    first, last = (parse_day(text) if text else None for text in (since, until))
    return AuditFilter(person, action, subject, None, first, last)
