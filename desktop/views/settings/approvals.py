"""Approval flows and deputies: who signs what, above which limit, within which time, and who stands in (APR-01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QLineEdit, QWidget

from desktop.i18n import N_
from desktop.operations.approvals.flows import end_deputy, name_deputy, set_duty
from desktop.queries.approval_flows import (
    DeputyRow,
    DutyRow,
    FlowRow,
    SignerRow,
    deputy_list,
    duty_list,
    flow_list,
    signers,
)
from desktop.views.approvals.conditions import conditions_words
from desktop.views.approvals.panels import slot_words
from desktop.views.buttons import button
from desktop.views.cells import DateCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.settings.flow_editor import FlowEditor, time_words
from desktop.views.settings.section import Section
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"approval"})
FLOW_ROWS = 7


@dataclass(frozen=True, slots=True)
class _Loaded:
    flows: list[FlowRow]
    duties: list[DutyRow]
    deputies: list[DeputyRow]
    signers: list[SignerRow]


def _load(work: Work) -> _Loaded:
    return _Loaded(flow_list(work), duty_list(work), deputy_list(work), signers(work))


class ApprovalSection(Section):
    """The flow of each kind with its levels, who holds duties, and deputies."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        _ = self._
        self.loaded: _Loaded | None = None
        flows = SectionLine(_("Approval flows"), _("What waits already keeps the flow it was asked under"))
        self.flows = DataTable(
            page,
            "settings.flows",
            (
                Column("kind", N_("Kind"), TextCell(), width=110, value=lambda row: _(row.kind.label)),
                Column("name", N_("Flow"), TextCell(), width=200, stretch=1, value=lambda row: _(row.name)),
                Column("levels", N_("Levels"), NumberCell(), width=64, value=lambda row: len(row.levels)),
                Column("first", N_("Who signs"), TextCell("t2"), width=260, stretch=2, value=self._who),
                Column("number", N_("Version"), NumberCell(), width=70),
            ),
            title=_("Approval flows"),
        )
        self.flows.selected.connect(self.show_flow)
        self.column.addWidget(flows)
        self.column.addWidget(self.flows)
        self.duty_line = SectionLine(_("Duties"), _("Nobody named: a director takes care of it"))
        self.column.addWidget(self.duty_line)
        self.duties = QHBoxLayout()
        self.duties.setSpacing(24)
        self.duties.setContentsMargins(0, 0, 0, 8)
        self.column.addLayout(self.duties)
        line = SectionLine(
            _("Deputies"), _("They sign for somebody absent, never what either of the two asked for")
        )
        line.add(button(_("Name a deputy"), self.new_deputy, look="tinted", icon="add", small=True))
        self.deputies = DataTable(
            page,
            "settings.deputies",
            (
                Column("person", N_("Absent"), TextCell(), width=120, stretch=1),
                Column("deputy", N_("Deputy"), TextCell(), width=120, stretch=1),
                Column("starts_on", N_("First day"), DateCell(), width=104),
                Column("ends_on", N_("Last day"), DateCell(), width=104),
                Column("is_active", N_("State"), ChipCell(_STANDING), width=100),
                Column("reason", N_("Reason"), TextCell("t2"), width=140, stretch=1),
            ),
            title=_("Deputies"),
        )
        self.deputies.selected.connect(self.show_deputy)
        self.deputies.set_empty(_("Nobody has a deputy. Name one before somebody who signs is away."))
        self.column.addWidget(line)
        self.column.addWidget(self.deputies, 1)

    def reload(self) -> None:
        self.page.read(_load, self._show, key="approval-settings")

    def _show(self, loaded: _Loaded) -> None:
        self.loaded = loaded
        self.flows.set_rows(loaded.flows)
        self.flows.setFixedHeight(34 + 34 * max(len(loaded.flows), FLOW_ROWS))
        self.deputies.set_rows(loaded.deputies)
        while self.duties.count():
            item = self.duties.takeAt(0)
            if item and (widget := item.widget()):
                widget.deleteLater()
        for duty in loaded.duties:
            self.duties.addWidget(self._duty(duty, loaded.signers))
        self.duties.addStretch(1)

    def _who(self, row: FlowRow) -> str:
        locale = self.ctx.locale
        joined = " / ".join
        return " → ".join(joined(slot_words(slot, locale) for slot in level) for level in row.asked)

    def _duty(self, duty: DutyRow, found: list[SignerRow]) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(self._(duty.duty.label), "strong"))
        choice = QComboBox()
        choice.setAccessibleName(self._(duty.duty.label))
        choice.addItem(self._("Nobody"), None)
        for signer in found:
            choice.addItem(f"{signer.name} · {self._(signer.role.label)}", signer.id)
        if duty.holders:
            choice.setCurrentIndex(max(choice.findData(duty.holders[0][0]), 0))

        def save(_index: int) -> None:
            person = choice.currentData()
            people = [] if person is None else [person]
            self.page.write(lambda work: set_duty(work, duty.duty, people), topics=TOPICS)

        choice.activated.connect(save)
        row.addWidget(choice)
        return box

    # flows

    def show_flow(self, row: FlowRow) -> None:
        """Show the levels of a flow, and let them be edited into its next version."""
        locale, _ = self.ctx.locale, self._
        panel = Inspector(locale, _(row.name), _(row.kind.label))
        for number, (level, asked) in enumerate(zip(row.levels, row.asked, strict=True), start=1):
            panel.add_section(f"{number} · {_(level.name)}", _(level.mode.label))
            panel.add_values(
                [
                    (_("Condition"), conditions_words(level.conditions, locale)),
                    (_("Who signs"), "、".join(slot_words(slot, locale) for slot in asked)),
                    (_("Within"), time_words(level, locale)),
                ]
            )
        panel.set_actions((_("Edit…"), lambda: self.edit_flow(row)))
        self.page.show_inspector(panel)

    def edit_flow(self, row: FlowRow) -> None:
        """Edit the levels; saving puts a new version in force."""
        found = self.loaded.signers if self.loaded else []
        self.page.show_inspector(FlowEditor(self.page, row, found, TOPICS))

    # deputies

    def new_deputy(self) -> None:
        """Open the form for naming a deputy for oneself."""
        _ = self._
        panel = Inspector(self.ctx.locale, _("Name a deputy"))
        panel.add(
            Advice("grey", _("For yourself"), _("They see and sign what is asked of you, from day to day."))
        )
        self.person = QComboBox()
        self.person.setAccessibleName(_("Deputy"))
        me = self.ctx.connection.person_id
        for signer in self.loaded.signers if self.loaded else ():
            if signer.id != me:
                self.person.addItem(f"{signer.name} · {_(signer.role.label)}", signer.id)
        self.first, self.last = QDateEdit(), QDateEdit()
        today = self.ctx.today
        for field, name in ((self.first, _("First day")), (self.last, _("Last day"))):
            field.setCalendarPopup(True)
            field.setDisplayFormat("yyyy-MM-dd")
            field.setDate(QDate(today.year, today.month, today.day))
            field.setAccessibleName(name)
        self.why = QLineEdit()
        self.why.setPlaceholderText(_("Reason (leave, travel)"))
        for name, widget in (
            (_("Deputy"), self.person),
            (_("First day"), self.first),
            (_("Last day"), self.last),
            (_("Reason"), self.why),
        ):
            panel.add(label(name, "caption"))
            panel.add(widget)
        panel.set_actions((_("Save"), self.save_deputy))
        self.page.show_inspector(panel)

    def save_deputy(self) -> None:
        """Name the deputy of the form."""
        person, why = self.person.currentData(), self.why.text()
        first, last = self.first.date().toPython(), self.last.date().toPython()
        if person is None:
            return

        def done(_number: int) -> None:
            self.page.close_inspector()
            self.page.show_message("green", self._("The deputy was named."))

        self.page.write(
            lambda work: name_deputy(work, person, first, last, reason=why),  # type: ignore[arg-type]
            done,
            topics=TOPICS,
        )

    def show_deputy(self, row: DeputyRow) -> None:
        """Show one deputy; it can be ended from today."""
        _ = self._
        panel = Inspector(self.ctx.locale, f"{row.deputy} → {row.person}", row.reason or "")
        day = self.ctx.locale.day
        panel.add_values([(_("First day"), day(row.starts_on)), (_("Last day"), day(row.ends_on))])
        if row.is_active or row.starts_on > self.ctx.today:
            panel.set_actions(None, [(_("End now"), lambda: self.end(row))])
        self.page.show_inspector(panel)

    def end(self, row: DeputyRow) -> None:
        """End somebody's standing in: from today they sign no more."""
        before = self.ctx.today - timedelta(days=1)

        def done(_result: None) -> None:
            self.page.close_inspector()
            self.page.show_message("green", self._("The deputy signs no more."), place=row.deputy)

        self.page.write(
            lambda work: end_deputy(work, row.id, before, version=row.version), done, topics=TOPICS
        )


_STANDING: dict[str, tuple[str, str]] = {
    True: ("green", N_("In force")),  # type: ignore[dict-item]
    False: ("grey", N_("Not active")),  # type: ignore[dict-item]
}
