"""Acts about the audit trail itself: writing it out for an auditor, and logging exports of personal data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from desktop.exporters.saving import save_bytes
from desktop.queries.audit import EXPORTED, AuditFilter, AuditRow, all_entries
from desktop.store.workspace import Work, Workspace


def export_audit(workspace: Workspace, asked: AuditFilter, path: Path) -> tuple[int, str]:
    """Write entries as JSON lines, the oldest first, and log it; return their number and the file's SHA-256.

    Raises UserError if the file cannot be written.
    """
    lines = workspace.read(lambda work: [_line(row) for row in all_entries(work, asked)])
    content = "".join(lines).encode()
    fingerprint = hashlib.sha256(content).hexdigest()
    chosen = {key: value for key, value in asdict(asked).items() if value is not None}
    workspace.write(
        lambda work: log_export(
            work, "audit", rows=len(lines), file=path.name, sha256=fingerprint, filter=chosen
        )
    )
    save_bytes(path, content)
    return len(lines), fingerprint


def log_export(
    work: Work, what: str, *, rows: int, file: str, sha256: str, filter: dict[str, Any] | None = None
) -> None:
    """Put on record that personal data left the database: who, what, which filter, how many rows, which file."""
    plain = {key: value if isinstance(value, int) else str(value) for key, value in (filter or {}).items()}
    work.audit(EXPORTED, what, rows=rows, file=file, sha256=sha256, filter=plain)


def _line(row: AuditRow) -> str:
    values = {
        key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(row).items()
    }
    return json.dumps(values, ensure_ascii=False) + "\n"
