"""Settings, Clock: what is due next, what was done when, what failed and what to do, and what goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget

from desktop.errors import UserError
from desktop.jobs.runner import RUNNERS, Runner, Ticked
from desktop.jobs.status import ClockView, Message, Planned, Run, clock_view
from desktop.operations.outbox import give_up, note_arrived, send_again
from desktop.operations.scheduled.making import queue_test
from desktop.operations.schedules import remove_schedule, set_active
from desktop.queries.work_calendar import due_text
from desktop.terms import OutboxState, Role
from desktop.views.buttons import Segments, button
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine
from desktop.views.reports.naming import ask_name
from desktop.views.settings.clock_words import MESSAGES, PLANNED, RUNS, problem_words
from desktop.views.settings.schedule_form import ScheduleForm
from desktop.views.settings.section import Section
from desktop.views.strips import Advice
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"clock"})
READERS = {role.label for role in (*RUNNERS, Role.AUDITOR)}
KEEPERS = {role.label for role in RUNNERS}
UNDECIDED = (OutboxState.UNSURE.value, OutboxState.FAILED.value, OutboxState.WAITING.value)


class ClockSection(Section):
    """Three views: what is planned, what was done, the outbox."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        _ = self._
        self.may = self.ctx.connection.role in KEEPERS
        self.line = SectionLine(_("Clock"))
        self.views = Segments(
            [("planned", _("Planned")), ("runs", _("Done")), ("outbox", _("Outbox"))], "planned"
        )
        self.views.chosen.connect(self.choose)
        self.line.add(self.views)
        self.run_button = button(_("Run now"), self.run_now, small=True)
        self.add_button = button(_("New schedule"), self.new_schedule, look="tinted", icon="add", small=True)
        if self.may:
            self.line.add(self.run_button)
            self.line.add(self.add_button)
        self.column.addWidget(self.line)
        self.planned = DataTable(page, "settings.clock.planned", PLANNED, title=_("Planned"))
        self.runs = DataTable(page, "settings.clock.runs", RUNS, filters=True, title=_("Done"))
        self.outbox = DataTable(page, "settings.clock.outbox", MESSAGES, filters=True, title=_("Outbox"))
        self.planned.selected.connect(self.show_planned)
        self.runs.selected.connect(self.show_run)
        self.outbox.selected.connect(self.show_message)
        self.runs.set_empty(_("Nothing has fallen due yet."))
        self.outbox.set_empty(_("Nothing was to be sent yet: schedules put their mails and files here."))
        self.stack = QStackedWidget()
        for table in (self.planned, self.runs, self.outbox):
            self.stack.addWidget(table)
        if self.ctx.connection.role not in READERS:
            words = _("The clock is looked after by sales operations and administrators.")
            self.column.addWidget(Advice("grey", _("Not for this role"), words))
            self.column.addStretch(1)
        else:
            self.column.addWidget(self.stack, 1)

    def reload(self) -> None:
        if self.ctx.connection.role in READERS:
            self.page.read(clock_view, self._show, key="clock")

    def choose(self, key: str) -> None:
        """Show one of the three views."""
        self.views.set_current(key)
        self.stack.setCurrentIndex(("planned", "runs", "outbox").index(key))
        self.page.close_inspector()

    def _show(self, found: ClockView) -> None:
        _, locale = self._, self.ctx.locale
        # A schedule is called as its maker said, a rule in the reader's language.
        self.planned.set_rows(
            [row if row.schedule_id else replace(row, name=self._(row.name)) for row in found.planned]
        )
        self.runs.set_rows(list(found.runs))
        self.outbox.set_rows(list(found.messages))
        parts = []
        if found.holder:
            parts.append(_("{holder} is running the clock just now.").format(holder=found.holder))
        if found.failed_runs:
            parts.append(locale.plural("{n} failed", "{n} failed", found.failed_runs))
        if found.open_messages:
            words = locale.plural("{n} message to decide", "{n} messages to decide", found.open_messages)
            parts.append(words)
        if not found.planned:
            parts.append(_("nothing is planned yet"))
        self.line.set(explanation=" · ".join(parts))
        if found.problem is not None:
            self.page.strips.show_error(found.problem)

    def run_now(self) -> None:
        """Do what is due now, as the clock would."""
        self.run_button.setEnabled(False)
        runner = Runner(self.ctx.workspace)  # type: ignore[arg-type]
        self.ctx.tasks.run(
            self.page,
            runner.tick,
            self._ran,
            title=self._("Running the clock"),
            ended=lambda: self.run_button.setEnabled(True),
        )

    def _ran(self, found: Ticked) -> None:
        _ = self._
        self.reload()
        if found.busy:
            words = _("{holder} is running the clock just now.").format(holder=found.busy)
            self.page.show_message("amber", words)
        elif found.problem is not None:
            self.page.strips.show_error(found.problem)
        elif found.failed:
            self.page.show_message("red", _("Something failed: select it to see what to do."))
        elif found.acted or found.delivered:
            self.page.show_message("green", _("What was due is done."))
        else:
            self.page.show_message("grey", _("Nothing is due."))

    def new_schedule(self) -> None:
        """Open the form of a new schedule."""
        self.form = ScheduleForm(self.page, self.reload)
        self.form.open()

    def change_schedule(self, row: Planned) -> None:
        """Open the form of a schedule that is there."""
        self.form = ScheduleForm(self.page, self.reload, row.schedule_id)
        self.form.open()

    def _test(self, row: Planned) -> None:
        """Send a schedule's report to one address, unless another is named that of the person at the console."""
        number = row.schedule_id or 0
        words = self._("To which address? (empty: your own)")
        to = ask_name(self.page, self._("Test"), words)

        def told(address: str) -> None:
            words = self._("The test goes to {address} with the next look at the clock.").format(
                address=address
            )
            self.page.show_message(
                "green", words, place=row.name, actions=[(self._("Run now"), self.run_now)]
            )
            self.reload()

        self.page.write(lambda work: queue_test(work, number, to), told, topics=TOPICS)

    def show_planned(self, row: Planned) -> None:
        """Open the inspector on a schedule or rule."""
        _, locale = self._, self.ctx.locale
        panel = Inspector(locale, _(row.name), _(row.what) if row.schedule_id else _("Rule"))
        self._tell(panel, row.problem)
        panel.add_values(
            [
                (_("At"), row.at),
                (_("Due next"), due_text(row.next_at, locale)),
                (_("Last due"), locale.instant(row.last_due) if row.last_due else ""),
                (_("Last acted"), locale.instant(row.last_acted) if row.last_acted else ""),
                (_("Organisation"), row.unit or (_("Whole firm") if row.schedule_id else "")),
                (_("To"), ", ".join(_("an address") if name == "@" else name for name in row.recipients)),
                (_("Folder"), row.folder),
            ]
        )
        if row.schedule_id and self.may:
            word = _("Let it rest") if row.active else _("Let it go on")
            panel.set_actions(
                (_("Change"), partial(self.change_schedule, row)),
                [
                    (_("Test"), partial(self._test, row)),
                    (word, partial(self._rest, row)),
                    (_("Remove"), partial(self._remove, row)),
                ],
            )
        self.page.show_inspector(panel)

    def _rest(self, row: Planned) -> None:
        number, active = row.schedule_id or 0, not row.active
        self._act(lambda work: set_active(work, number, active, row.version), self._("Changed."), row.name)

    def _remove(self, row: Planned) -> None:
        number = row.schedule_id or 0
        words = self._("The schedule was removed; what it sent stays on record.")
        self._act(lambda work: remove_schedule(work, number, row.version), words, row.name)

    def show_run(self, row: Run) -> None:
        """Open the inspector on something that was due."""
        _, locale = self._, self.ctx.locale
        panel = Inspector(locale, row.subject, _(row.rule))
        self._tell(panel, row.problem)
        panel.add_values(
            [
                (_("Due"), locale.instant(row.due_at, seconds=True)),
                (_("Acted"), locale.instant(row.acted_at, seconds=True)),
                (_("Attempts"), locale.integer(row.attempts)),
                (_("Tried again"), locale.instant(row.retry_at) if row.retry_at else ""),
                (_("Run by"), row.by),
            ]
        )
        self.page.show_inspector(panel)

    def show_message(self, row: Message) -> None:
        """Open the inspector on a message; a person decides about one whose answer was lost."""
        _, locale = self._, self.ctx.locale
        panel = Inspector(locale, row.subject, row.target)
        self._tell(panel, row.problem)
        panel.add_values(
            [
                (_("Queued"), locale.instant(row.queued_at)),
                (_("Sent at"), locale.instant(row.sent_at) if row.sent_at else ""),
                (_("Attempts"), locale.integer(row.attempts)),
                (_("Tried again"), locale.instant(row.retry_at) if row.retry_at else ""),
            ]
        )
        if self.may and row.state in UNDECIDED:
            again = (_("Send again"), partial(self._decide, send_again, row))
            others = [(_("Do not send"), partial(self._decide, give_up, row))]
            if row.state != OutboxState.WAITING:
                others.insert(0, (_("Arrived"), partial(self._decide, note_arrived, row)))
            panel.set_actions(again, others)
        self.page.show_inspector(panel)

    def _decide(self, act: Callable[[Work, int], None], row: Message) -> None:
        self._act(lambda work: act(work, row.id), self._("Noted."), row.subject)

    def _tell(self, panel: Inspector, problem: dict[str, Any] | None) -> None:
        what, remedy = problem_words(problem, self.ctx.locale)
        if what:
            panel.add(Advice("red", what, remedy))

    def _act(self, operation: Callable[[Work], None], words: str, place: str) -> None:
        def done(_result: None) -> None:
            self.page.close_inspector()
            self.page.show_message("green", words, place=place)
            self.reload()

        def failed(error: UserError) -> None:
            self.page.strips.show_error(error)
            self.reload()

        self.page.write(operation, done, topics=TOPICS, failed=failed)
