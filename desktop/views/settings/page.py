"""Settings: this machine, the database and its people, and the configuration that counts from a day on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from desktop.i18n import N_
from desktop.views.buttons import Segments
from desktop.views.context import AppContext
from desktop.views.page import Page
from desktop.views.settings.approvals import ApprovalSection
from desktop.views.settings.audit import AuditSection
from desktop.views.settings.backups import BackupSection
from desktop.views.settings.calendar import CalendarSection
from desktop.views.settings.clock import ClockSection
from desktop.views.settings.database import DatabaseSection
from desktop.views.settings.fields import FieldSection
from desktop.views.settings.general import GeneralSection
from desktop.views.settings.lists import PipelineSection
from desktop.views.settings.mail import MailSection
from desktop.views.settings.metrics import MetricSection
from desktop.views.settings.people import PeopleSection
from desktop.views.settings.section import Section
from desktop.views.settings.team import TeamSection
from desktop.views.settings.thresholds import ThresholdSection

SECTIONS: tuple[tuple[str, str, type[Section]], ...] = (
    ("general", N_("General"), GeneralSection),
    ("database", N_("Database"), DatabaseSection),
    ("backups", N_("Backups"), BackupSection),
    ("team", N_("Team database"), TeamSection),
    ("people", N_("People"), PeopleSection),
    ("thresholds", N_("Thresholds"), ThresholdSection),
    ("pipelines", N_("Pipelines"), PipelineSection),
    ("approvals", N_("Approvals"), ApprovalSection),
    ("fields", N_("Own fields"), FieldSection),
    ("metrics", N_("Metrics"), MetricSection),
    ("calendar", N_("Calendar"), CalendarSection),
    ("clock", N_("Clock"), ClockSection),
    ("mail", N_("Mail"), MailSection),
    ("audit", N_("Audit trail"), AuditSection),
)


class SettingsPage(Page):
    """Sections, built when they are first shown; `open(section="thresholds")` goes to one."""

    topics = frozenset(
        {
            "threshold",
            "pipeline",
            "person",
            "calendar",
            "import",
            "metric",
            "custom_field",
            "approval",
            "clock",
        }
    )
    uses_scope = False

    def __init__(self, ctx: AppContext) -> None:
        super().__init__(ctx)
        self.set_title(self._("Settings"))
        self.segments = Segments([(key, self._(text)) for key, text, _section in SECTIONS], "general")
        self.segments.chosen.connect(self.show_section)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 8)
        row.addWidget(self.segments)
        row.addStretch(1)
        self.body.addLayout(row)
        self.stack = QStackedWidget()
        self.body.addWidget(self.stack, 1)
        self.sections: dict[str, Section] = {}
        self.current = "general"

    def reload(self) -> None:
        self.show_section(self.current)

    def open(self, **args: Any) -> None:
        """Show a section by its key."""
        self.show_section(str(args.get("section", self.current)))

    def show_section(self, key: str) -> None:
        """Show a section, building it first if need be."""
        kinds = {name: section for name, _text, section in SECTIONS}
        if key not in kinds:
            return
        if key != self.current:
            self.close_inspector()
        if key not in self.sections:
            self.sections[key] = kinds[key](self)
            self.stack.addWidget(self.sections[key])
        self.current = key
        self.segments.set_current(key)
        self.stack.setCurrentWidget(self.sections[key])
        self.sections[key].reload()

    def shown(self) -> QWidget:
        """Return the section that is shown."""
        return self.sections[self.current]

    def show_example(self) -> None:
        """For pictures: the section with most in it."""
        self.show_section("thresholds")
        section = self.sections["thresholds"]
        if isinstance(section, ThresholdSection):
            section.table.select_first()

    def picture_states(self) -> list[tuple[str, Callable[[], object]]]:
        """For pictures: a lost race, the team database's form on both tabs, a person's inspector, the clock."""
        return [
            ("conflict", self._conflict),
            ("team", lambda: self._team("connect")),
            ("set-up", lambda: self._team("set_up")),
            ("people", self._person),
            ("audit", lambda: self.show_section("audit")),
            ("clock", self._schedule),
            ("clock-done", lambda: self._clock("runs")),
            ("clock-outbox", lambda: self._clock("outbox")),
            ("clock-form", self._schedule_form),
            ("mail", lambda: self.show_section("mail")),
        ]

    def _conflict(self) -> object:
        self.show_section("calendar")
        section = self.sections["calendar"]
        return section.example_conflict() if isinstance(section, CalendarSection) else None

    def _team(self, kind: str) -> None:
        self.show_section("team")
        section = self.sections["team"]
        if isinstance(section, TeamSection):
            section.form.show_kind(kind)

    def _clock(self, view: str) -> ClockSection | None:
        self.show_section("clock")
        section = self.sections["clock"]
        if not isinstance(section, ClockSection):
            return None
        section.choose(view)
        return section

    def _schedule(self) -> None:
        if (section := self._clock("planned")) is not None:
            rows = [row for row in section.planned.rows() if row.schedule_id]
            if rows:
                section.planned.select(rows[0].id)

    def _schedule_form(self) -> None:
        if (section := self._clock("planned")) is not None:
            rows = [row for row in section.planned.rows() if row.schedule_id]
            if rows:
                section.change_schedule(rows[0])

    def _person(self) -> None:
        self.show_section("people")
        section = self.sections["people"]
        if isinstance(section, PeopleSection):
            section.table.select_first()
