"""Reports go out in finance's own templates, registered so that `verify` knows them (RPT-07, APR-08)."""

from __future__ import annotations

from pathlib import Path

from desktop.exporters.saving import save_bytes
from desktop.i18n import Locale
from desktop.operations.reports import register_export, require_approved
from desktop.queries.filling import FilledReport, filled_report, require_suffix
from desktop.queries.reports import ReportRow, report_row
from desktop.store.workspace import Work, Workspace


def export_filled(
    workspace: Workspace, report_id: int, content: bytes, name: str, path: Path, locale: Locale
) -> FilledReport:
    """Fill a template with an approved report, register its bytes, and write them.

    Raises InvalidInput unless the report is approved, TemplateRefused with every fault of the template, both before
    anything is written, and UserError if the file cannot be written.
    """

    def fill(work: Work) -> FilledReport:
        require_approved(report_row(work, report_id))
        found = filled_report(work, report_id, content, name, locale)
        require_suffix(found, path)
        return found

    filled = workspace.read(fill)
    workspace.write(lambda work: register_filled(work, filled))
    save_bytes(path, filled.rendered.content)
    return filled


def register_filled(work: Work, filled: FilledReport) -> ReportRow:
    """Register a filled template as an exported file of its report."""
    work.audit(
        "fill_template",
        "report",
        filled.rendered.report_id,
        template=filled.template,
        sha256=filled.rendered.sha256,
        names=[one.name for one in filled.placed],
    )
    return register_export(work, filled.rendered)
