"""Next actions where the work is: what is to be done by when, planned and settled beside the record (RPT-14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.operations.todos import plan_next_action, settle_todo
from desktop.queries.todos import TodoLine
from desktop.terms import TaskState
from desktop.views.buttons import button
from desktop.views.editing import Edit, EditedField, Save, Values
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import label
from desktop.views.page import Page

TOPICS = frozenset({"task"})
USUAL_DAYS = 3


def add_todos(
    page: Page,
    panel: Inspector,
    todos: Sequence[TodoLine],
    *,
    about: str,
    back: Callable[[], None],
    deal_id: int | None = None,
    account_id: int | None = None,
) -> None:
    """Add the next actions of a deal or customer to its inspector; `back` opens that again after a change."""
    locale, _ = page.locale_, page._

    def plan() -> None:
        page.show_inspector(PlanPanel(page, about, back, deal_id, account_id))

    column = panel.add_section(_("Next actions"), action=(_("Plan one…"), plan))
    for todo in todos:
        row = QHBoxLayout()
        row.setSpacing(6)
        due = locale.day(todo.due_on) if todo.due_on else "—"
        row.addWidget(Line(todo.title, left=due, look="red" if todo.is_late else ""), 1)
        settle = button(_("Settle…"), partial(_settle, page, todo, back), look="link", small=True)
        settle.setAccessibleName(f"{_('Settle…')} {todo.title}")
        row.addWidget(settle)
        column.addLayout(row)
    if not todos:
        column.addWidget(
            label(_("Nothing is planned: say what is done next, and by when."), "caption", wrap=True)
        )


def _settle(page: Page, todo: TodoLine, back: Callable[[], None]) -> None:
    page.show_inspector(SettlePanel(page, todo, back))


class PlanPanel(Inspector):
    """The form of a next action: what, and by when."""

    def __init__(
        self, page: Page, about: str, back: Callable[[], None], deal_id: int | None, account_id: int | None
    ) -> None:
        _ = page._
        super().__init__(page.locale_, _("Next action"), about)
        self.page, self.back, self.deal_id, self.account_id = page, back, deal_id, account_id
        self.what = _line(self.add_section(_("What is done next")), _("e.g. visit with the plant manager"))
        self.day = _day(self.add_section(_("By which day")), page.ctx.today + timedelta(days=USUAL_DAYS))
        self.what.returnPressed.connect(self.send)
        self.set_actions((_("Plan"), self.send), [(_("Cancel"), back)])
        self.what.setFocus()

    def send(self) -> None:
        """Plan what was typed; the operation says what is missing."""
        what, by = self.what.text(), _typed(self.day)
        self.page.write(
            lambda work: plan_next_action(
                work, what=what, by=by, deal_id=self.deal_id, account_id=self.account_id
            ),
            lambda _number: self.back(),
            topics=TOPICS,
            title=self.page._("Next action"),
        )


class SettlePanel(Inspector):
    """The form of a to-do: still to be done (what, by when), done (what came of it), or dropped (why)."""

    def __init__(self, page: Page, todo: TodoLine, back: Callable[[], None]) -> None:
        _ = page._
        super().__init__(page.locale_, todo.title, todo.account or "")
        self.page, self.todo, self.back = page, todo, back
        self.state = QComboBox()
        self.state.setAccessibleName(_("State"))
        for state in (TaskState.DONE, TaskState.OPEN, TaskState.CANCELLED):
            self.state.addItem(_(state.label), state.value)
        self.add_section(_("State")).addWidget(self.state)
        self.open_part = QWidget()
        column = QVBoxLayout(self.open_part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(_("What is done next"), "caption"))
        self.what = _line(column, "")
        self.what.setText(todo.title)
        column.addWidget(label(_("By which day"), "caption"))
        self.day = _day(column, max(page.ctx.today, todo.due_on or page.ctx.today))
        self.over_part = QWidget()
        column = QVBoxLayout(self.over_part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(_("What came of it, or why it is dropped"), "caption", wrap=True))
        self.note = _line(column, _("e.g. sample accepted, price asked for"))
        self.add(self.open_part)
        self.add(self.over_part)
        self.state.currentIndexChanged.connect(self.show_parts)
        self.note.returnPressed.connect(self.send)
        self.set_actions((_("Save"), self.send), [(_("Cancel"), back)])
        self.show_parts()
        self.note.setFocus()

    def show_parts(self) -> None:
        """Show what the chosen state has to say."""
        still = self.state.currentData() == TaskState.OPEN
        self.open_part.setVisible(still)
        self.over_part.setVisible(not still)

    def send(self) -> None:
        """Save the state with what it says; who was faster is shown field by field."""
        state = TaskState(self.state.currentData())
        mine: dict[str, object] = {"state": state.value}
        if state is TaskState.OPEN:
            mine |= {"title": self.what.text(), "due_on": _typed(self.day).isoformat()}
        else:
            mine["note"] = self.note.text()
        _ = self.page._
        Edit(
            self.page,
            title=self.todo.title,
            was={
                "title": self.todo.title,
                "due_on": self.todo.due_on.isoformat() if self.todo.due_on else None,
                "state": TaskState.OPEN.value,
                "note": None,
            },
            version=self.todo.version,
            fields=[
                EditedField("title", _("Next action")),
                EditedField("due_on", _("By which day")),
                EditedField("state", _("State"), lambda value: _(TaskState(value).label) if value else ""),
                EditedField("note", _("What came of it, or why it is dropped")),
            ],
            save=_saving(self.todo.id),
            done=lambda _none: self.back(),
            topics=TOPICS,
        ).send(mine)


def _saving(todo_id: int) -> Save:
    def save(values: Values, version: int, seen: Values):  # type: ignore[no-untyped-def]
        by = values.get("due_on")
        return lambda work: settle_todo(
            work,
            todo_id,
            TaskState(values["state"]),
            note=values.get("note") or "",
            what=values.get("title"),
            by=date.fromisoformat(by) if by else None,
            version=version,
            seen=seen,
        )

    return save


def _line(column: QVBoxLayout, hint: str) -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText(hint)
    made.setAccessibleName(hint)
    column.addWidget(made)
    return made


def _day(column: QVBoxLayout, day: date) -> QDateEdit:
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setCalendarPopup(True)
    made.setDisplayFormat("yyyy-MM-dd")
    column.addWidget(made)
    return made


def _typed(box: QDateEdit) -> date:
    day = box.date()
    return date(day.year(), day.month(), day.day())
