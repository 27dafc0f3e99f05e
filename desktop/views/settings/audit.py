"""The audit trail: who did what, and whether it is as it was written (PER-05)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.errors import UserError
from desktop.i18n import N_
from desktop.queries.audit import AuditFilter, AuditRow, Checked, audit_entries, verify_trail
from desktop.terms import Role
from desktop.views.buttons import button
from desktop.views.cells import TextCell
from desktop.views.columns import Column
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

MOST = 1_000
READERS = (Role.ADMIN.label, Role.AUDITOR.label)
ACTIONS = {
    "accept_calibration": N_("Calibration accepted"),
    "add_calendar_event": N_("Calendar event added"),
    "add_custom_field": N_("Own field added"),
    "add_person": N_("Person added"),
    "add_schedule": N_("Schedule added"),
    "apart": N_("Records told apart"),
    "approve_report": N_("Report approved"),
    "assign": N_("Assigned"),
    "change_calendar_event": N_("Calendar event changed"),
    "clock_acted": N_("Done by the clock"),
    "close_person": N_("Login closed"),
    "delete_profile": N_("Mapping deleted"),
    "draft_report": N_("Report drafted"),
    "end_sessions": N_("Sessions ended"),
    "end_stuck_session": N_("Stuck session ended"),
    "erase_person": N_("Person erased"),
    "export.personal": N_("Personal data exported"),
    "export_gaps": N_("Gap sheets exported"),
    "export_kits": N_("Field kits exported"),
    "export_report": N_("Report exported"),
    "export_table": N_("Table exported"),
    "give_up_message": N_("Message given up"),
    "hand_over": N_("Handed over"),
    "import.apply": N_("Imported"),
    "import.certificate": N_("Certificate made"),
    "import.undo": N_("Import taken back"),
    "import_profiles": N_("Mappings imported"),
    "merge": N_("Merged"),
    "move_person": N_("Person moved"),
    "note_arrived": N_("Message noted as arrived"),
    "plan_stuck_action": N_("Next step planned"),
    "refresh_report": N_("Report taken again"),
    "refused": N_("Attempt refused"),
    "reject_report": N_("Report rejected"),
    "remove_calendar_event": N_("Calendar event removed"),
    "remove_schedule": N_("Schedule removed"),
    "rename_custom_field": N_("Own field renamed"),
    "rename_profile": N_("Mapping renamed"),
    "reveal": N_("Phone and mail shown"),
    "send_again": N_("Message sent again"),
    "set_mail_server": N_("Mail server set"),
    "set_password": N_("Password set"),
    "set_schedule_active": N_("Schedule stopped or resumed"),
    "set_target": N_("Target set"),
    "set_threshold": N_("Threshold set"),
    "submit_report": N_("Report submitted"),
    "undo_handover": N_("Handover taken back"),
    "unmerge": N_("Merge split"),
    "withdraw_report": N_("Report withdrawn"),
}
"""What actions are called; others are shown by their code."""


@dataclass(frozen=True, slots=True)
class _Line:
    id: int
    at: str
    person: str
    action: str
    subject: str
    details: str
    row: AuditRow


COLUMNS = (
    Column("id", N_("No."), TextCell("t2"), width=72, filterable=False),
    Column("at", N_("At"), TextCell(), width=150),
    Column("person", N_("Person"), TextCell(), width=110, stretch=0.4),
    Column("action", N_("Action"), TextCell(), width=150, stretch=0.6),
    Column("subject", N_("Subject"), TextCell("t2"), width=130, stretch=0.4),
    Column("details", N_("Details"), TextCell("t2"), width=220, stretch=2.0, drop=1),
)


class AuditSection(Section):
    """The newest entries, with a filter per column, and a button that verifies all of them."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        title = self._("Audit trail")
        self.line = SectionLine(title)
        self.table = DataTable(page, "settings.audit", COLUMNS, filters=True, title=title)
        self.table.selected.connect(self.show_entry)
        self.table.set_empty(self._("Nothing is on record yet: every act that changes something comes here."))
        self.verify_button = button(self._("Verify"), self.verify, look="tinted", small=True)
        connection = self.ctx.connection
        self.reads_all = not connection.is_team or connection.role in READERS
        if self.reads_all:
            self.line.add(self.verify_button)
        self.line.add(self.table.columns_button())
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)

    def reload(self) -> None:
        def query(work: Work) -> list[AuditRow]:
            return audit_entries(work, AuditFilter(), limit=MOST)

        self.page.read(query, self._show, key="audit")

    def _show(self, rows: list[AuditRow]) -> None:
        said = self._("The newest {n} entries") if self.reads_all else self._("Your own newest {n} entries")
        self.line.set(explanation=said.format(n=self.ctx.locale.integer(len(rows))))
        self.table.set_rows([self._line(row) for row in rows])

    def _line(self, row: AuditRow) -> _Line:
        subject = f"{row.subject} {row.subject_id}" if row.subject_id is not None else row.subject
        details = json.dumps(row.details, ensure_ascii=False) if row.details else ""
        if row.erased_by:
            details = self._("erased by entry {position}").format(position=row.erased_by)
        action = self._(ACTIONS[row.action]) if row.action in ACTIONS else row.action
        at = self.ctx.locale.instant(row.at)
        return _Line(row.position, at, row.person, action, subject, details, row)

    def show_entry(self, line: _Line) -> None:
        """Open the inspector on an entry: all it says, and its hash."""
        _ = self._
        row = line.row
        panel = Inspector(self.ctx.locale, line.action, f"{_('No.')} {row.position}")
        panel.add_values(
            [
                (_("At"), line.at),
                (_("Person"), f"{row.person} · {row.login}" if row.login else row.person),
                (_("Subject"), line.subject),
            ]
        )
        if row.details:
            text = json.dumps(row.details, ensure_ascii=False, indent=2)
            panel.add_section(_("Details")).addWidget(label(text, wrap=True, selectable=True))
        elif line.details:
            panel.add_section(_("Details")).addWidget(label(line.details, "caption", wrap=True))
        halves = f"{row.hash[:32]}\n{row.hash[32:]}"
        panel.add_section("SHA-256").addWidget(label(halves, "caption", selectable=True))
        self.page.show_inspector(panel)

    def verify(self) -> None:
        """Link all entries again, off the window's thread, and say what came out."""
        self.verify_button.setEnabled(False)
        self.page.read(verify_trail, self._verified, key="verify")

    def _verified(self, found: Checked) -> None:
        self.verify_button.setEnabled(True)
        _ = self._
        if not found.count:
            said = _("The audit trail is whole: {n} entries, head {position} · {hash}").format(
                n=self.ctx.locale.integer(found.entries),
                position=found.head.position,
                hash=found.head.hash[:16],
            )
            self.page.show_message("green", said)
            return
        first = found.findings[0]
        problem = UserError("audit_broken", first.message, **first.params)
        more = _("{n} places of the audit trail do not fit.").format(n=self.ctx.locale.integer(found.count))
        self.page.show_message("red", f"{more} {problem.text(self.ctx.locale)}")
