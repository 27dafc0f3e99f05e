"""What a person who asks is handed: everything stored about them, as JSON and as a workbook (PER-08)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from desktop.exporters.layouts import Column, Layout, Sheet
from desktop.exporters.saving import save_bytes
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import Locale
from desktop.operations.audit import log_export
from desktop.queries.audit import AuditFilter, AuditRow, audit_entries
from desktop.queries.person_data import PersonData, person_data
from desktop.store.workspace import Work, Workspace


def data_report(workspace: Workspace, key: str) -> tuple[PersonData, dict[str, Any]]:
    """Return everything about a person, also as a JSON document; that it was asked for goes on record."""

    def ask(work: Work) -> tuple[PersonData, dict[str, Any]]:
        found = person_data(work, key)
        document = _document(found, _trail(work, found))
        content = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
        records = [f"{subject.kind}:{subject.id}" for subject in found.subjects]
        log_export(
            work,
            "person_data",
            rows=len(found.subjects) + len(found.mentions),
            file="",
            sha256=hashlib.sha256(content).hexdigest(),
            filter={"records": ", ".join(records)},
        )
        return found, document

    return workspace.write(ask)


def save_report(document: dict[str, Any], path: Path, locale: Locale) -> None:
    """Write the document as a workbook; raises UserError if the file cannot be written."""
    _ = locale._
    records = [
        (one["kind"], one["id"], field, _text(value))
        for one in document["records"]
        for field, value in one["values"].items()
    ]
    mentions = [(one["table"], one["id"], one["column"], one["text"]) for one in document["mentions"]]
    trail = [
        (one["position"], one["at"], one["person"], one["action"], _text(one["details"]))
        for one in document["audit"]
    ]
    layout = Layout(
        _("Personal data"),
        (
            Sheet(
                _("Own records"),
                (Column(_("Kind")), Column(_("No.")), Column(_("Field")), Column(_("Value"), width=50)),
                records,
            ),
            Sheet(
                _("Mentions"),
                (Column(_("Table")), Column(_("No.")), Column(_("Field")), Column(_("Text"), width=60)),
                mentions,
            ),
            Sheet(
                _("Audit trail"),
                (
                    Column(_("No.")),
                    Column(_("At"), width=26),
                    Column(_("Person")),
                    Column(_("Action")),
                    Column(_("Details"), width=60),
                ),
                trail,
            ),
        ),
    )
    save_bytes(path, workbook_bytes(layout, locale))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _trail(work: Work, found: PersonData) -> list[AuditRow]:
    wanted = set(found.entries)
    if not wanted:
        return []
    rows = audit_entries(work, AuditFilter(), limit=None, after=min(wanted) - 1 or 0)
    return [row for row in rows if row.position in wanted]


def _document(found: PersonData, trail: list[AuditRow]) -> dict[str, Any]:
    return {
        "records": [
            {"kind": subject.kind, "id": subject.id, "values": subject.values} for subject in found.subjects
        ],
        "mentions": [
            {"table": one.table, "id": one.id, "column": one.column, "text": one.text}
            for one in found.mentions
        ],
        "audit": [
            {
                "position": row.position,
                "at": row.at.isoformat(),
                "person": row.person,
                "action": row.action,
                "details": row.details,
            }
            for row in trail
        ],
        "snapshots": list(found.snapshots),
        "import_evidence": list(found.evidence),
    }
