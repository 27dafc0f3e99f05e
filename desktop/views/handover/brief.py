"""The inspector of the Handover page: the customer brief for the successor (HND-05)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.queries.customer_brief import BriefActivity, BriefContact, CustomerBrief
from desktop.queries.handover import DARK, AccountLine, HandoverView
from desktop.terms import ActivityType
from desktop.views.chips import Avatar
from desktop.views.inspector import Inspector, Line, TimelineItem
from desktop.views.labels import ElidedLabel, label
from desktop.views.strips import Advice

ICONS = {
    ActivityType.CALL: "call",
    ActivityType.VISIT: "visit",
    ActivityType.MEETING: "meeting",
    ActivityType.EMAIL: "mail",
    ActivityType.WECHAT: "chat",
    ActivityType.DEMO: "demo",
    ActivityType.TASK: "todo",
}


class _Contact(QWidget):
    """A contact as avatar, name and title, and how to reach them."""

    def __init__(self, contact: BriefContact, locale: Locale) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(10)
        row.addWidget(Avatar(contact.name))
        column = QVBoxLayout()
        column.setSpacing(0)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(label(contact.name, "strong"))
        role = " · ".join(filter(None, (contact.department, contact.title)))
        line.addWidget(ElidedLabel(role, "caption"), 1)
        column.addLayout(line)
        decides = locale._("Decides") if contact.decides else ""
        reach = " · ".join(filter(None, (contact.mobile, decides)))
        column.addWidget(ElidedLabel(reach or locale._("No number on record"), "caption"))
        row.addLayout(column, 1)


def brief_inspector(
    locale: Locale,
    view: HandoverView,
    line: AccountLine,
    brief: CustomerBrief,
    open_account: Callable[[int], object],
) -> Inspector:
    """Return the panel of one customer."""
    _ = locale._
    to = view.successor.name if view.successor else ""
    subtitle = _("Customer brief · for {receiver}").format(receiver=to) if to else _("Customer brief")
    panel = Inspector(locale, brief.name, subtitle, grade=brief.grade or "")
    if line.dark:
        fact = locale.plural(
            "{n} gap a successor would fall into", "{n} gaps a successor would fall into", len(line.dark)
        )
        words = ("、" if locale.is_chinese else ", ").join(_(DARK[flag]) for flag in line.dark)
        panel.add(Advice("red" if len(line.dark) > 2 else "amber", fact, words))
    panel.add_values(
        [
            (_("Industry"), brief.industry or ""),
            (_("City"), brief.city or ""),
            (_("Phone"), brief.phone or ""),
            (_("Open receivable"), locale.money_short(line.receivable) if line.receivable else ""),
            (_("Overdue"), locale.money_short(line.overdue) if line.overdue else "", "amber_strong"),
            (_("Known to others"), _people(locale, line.known_by)),
        ]
    )
    column = panel.add_section(_("Key contacts"), locale.integer(line.contacts))
    for contact in brief.contacts:
        column.addWidget(_Contact(contact, locale))
    if not brief.contacts:
        column.addWidget(label(_("Nobody is on record."), "caption"))
    if brief.deals:
        column = panel.add_section(_("Open opportunities"), locale.integer(len(brief.deals)))
        for deal in brief.deals[:5]:
            stage = (deal.stage_zh if locale.is_chinese else None) or deal.stage
            column.addWidget(Line(deal.name, right=f"{stage} · {locale.money_short(deal.amount)}"))
    column = panel.add_section(_("Open to-dos"), locale.integer(len(brief.todos)))
    for todo in brief.todos[:6]:
        due = f"{todo.due_on:%m-%d}" if todo.due_on else "—"
        column.addWidget(Line(todo.title, left=due, right=todo.owner or ""))
    if not brief.todos:
        column.addWidget(label(_("Nothing is planned."), "caption"))
    column = panel.add_section(_("Last interactions"), locale.integer(line.records))
    for activity in brief.activities:
        column.addWidget(_activity(activity, locale))
    if not brief.activities:
        column.addWidget(label(_("Nothing was ever recorded."), "caption"))
    panel.set_actions(None, [(_("Open the customer"), lambda: open_account(brief.id))])
    return panel


def _people(locale: Locale, count: int) -> str:
    if not count:
        return locale._("nobody else")
    return locale.plural("{n} other person", "{n} other people", count)


def _activity(activity: BriefActivity, locale: Locale) -> TimelineItem:
    known = {str(item): item for item in ActivityType}.get(activity.type or "")
    word = locale._(known.label) if known else activity.type or ""
    note = " · ".join(filter(None, (word, activity.by)))
    day = f"{activity.on:%m-%d}" if activity.on else ""
    icon = ICONS.get(known, "note") if known else "note"
    return TimelineItem(icon, activity.text or word or "—", note, day)
