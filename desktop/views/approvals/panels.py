"""What stands at the right of a request: whose turn it is, the trail, and how many can be approved at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.i18n import N_, Locale
from desktop.operations.approvals.batch import Batch
from desktop.operations.approvals.viewing import RequestView
from desktop.queries.approvals import ApprovalItem, Slot, TrailLine
from desktop.queries.work_calendar import due_text
from desktop.terms import ApprovalState, SignState
from desktop.views.approvals.columns import LIMIT_HOURS, STATES, level_words, subject_words, waiting_words
from desktop.views.figures import Figure
from desktop.views.inspector import Inspector, Line, TimelineItem
from desktop.views.strips import Advice

KEYS = N_("A approves, R rejects, B sends it back, S asks somebody to sign as well.")
_ICONS = {
    SignState.WAITING: "clock",
    SignState.APPROVED: "check",
    SignState.REJECTED: "close",
    SignState.RETURNED: "undo",
    SignState.SKIPPED: "more",
}


def slot_words(slot: Slot, locale: Locale) -> str:
    """Return whom a signature is asked of."""
    return slot.word if slot.is_person else locale._(slot.word)


def slots_words(slots: Sequence[Slot], locale: Locale) -> str:
    """Return whom signatures are asked of, one after the other."""
    return ("、" if locale.is_chinese else ", ").join(slot_words(slot, locale) for slot in slots)


def state_advice(panel: Inspector, item: ApprovalItem, locale: Locale) -> None:
    """Say first whether this is the reader's to decide, and what became of it."""
    _ = locale._
    if item.state is not ApprovalState.WAITING:
        words = _(item.state.label)
        if item.decided_by:
            words += f" · {item.decided_by} · {locale.instant(item.decided_at)}"
        panel.add(Advice(STATES[item.state][0], words, item.reason or ""))
    elif item.why_not:
        panel.add(Advice("grey", _("Not yours to decide"), _(item.why_not)))
    elif item.behalf_of:
        panel.add(Advice("amber", _("You sign for {name}").format(name=item.behalf_of), _("as their deputy")))


def request_facts(panel: Inspector, item: ApprovalItem, locale: Locale) -> None:
    """Say who asked, when, and how far it has come."""
    _ = locale._
    late = "red_strong" if item.is_late else ""
    panel.add_values(
        [
            (_("Asked by"), item.requested_by),
            (_("Asked at"), locale.instant(item.requested_at)),
            (_("Waiting for"), waiting_words(item.waiting_hours, locale)),
            (_("Level"), level_words(item, locale)),
            (_("Asked of"), slots_words(item.asked, locale)),
            (_("Due"), due_text(item.due_at, locale), late),
        ]
    )


def trail(panel: Inspector, view: RequestView, locale: Locale) -> None:
    """List every signature: of whom it was asked, who gave it, for whom, when and why."""
    column = panel.add_section(locale._("Signatures"))
    for line in view.trail:
        who, note = _trail_words(line, locale)
        when = locale.instant(line.decided_at or line.due_at) if line.decided_at or line.due_at else ""
        column.addWidget(TimelineItem(_ICONS[line.state], who, note, when))


def _trail_words(line: TrailLine, locale: Locale) -> tuple[str, str]:
    _ = locale._
    asked = slot_words(line.slot, locale)
    who = f"{line.number} · {asked}"
    if line.decided_by:
        signed = line.decided_by
        if line.on_behalf_of:
            signed = _("{deputy} for {name}").format(deputy=line.decided_by, name=line.on_behalf_of)
        who = f"{line.number} · {signed}"
    parts = [_(line.state.label), *([asked] if line.decided_by else [])]
    if line.added_by:
        parts.append(_("added by {name}").format(name=line.added_by))
    if line.escalated_to:
        parts.append(_("overdue, now also: {who}").format(who=slot_words(line.escalated_to, locale)))
    elif line.is_late:
        parts.append(_("late"))
    if line.reason:
        parts.append(line.reason)
    return who, " · ".join(parts)


def batch_panel(batch: Batch, locale: Locale, approve: Callable[[], object]) -> Inspector:
    """Show what can be approved at once, and by name what cannot and why."""
    _ = locale._
    count = locale.integer(len(batch.clear))
    panel = Inspector(locale, _("Approve several at once"))
    if batch.clear:
        words = locale.plural("{n} request can be approved", "{n} requests can be approved", len(batch.clear))
        panel.add(Advice("green", words, _("Each is signed by itself and stands in the trail.")))
        column = panel.add_section(_("Will be approved"), count)
        for item in batch.clear:
            column.addWidget(Line(subject_words(item, locale), right=item.requested_by))
        panel.set_actions((_("Approve {n}").format(n=count), approve))
    else:
        panel.add(Advice("grey", _("Nothing here can be approved without a look of its own.")))
    if batch.exceptions:
        column = panel.add_section(_("Left out"), locale.integer(len(batch.exceptions)))
        for left in batch.exceptions:
            column.addWidget(TimelineItem("warning", left.title, left.text(locale)))
    return panel


def figures(waiting: Sequence[ApprovalItem], decided: Sequence[ApprovalItem], locale: Locale) -> list[Figure]:
    """Return the figures above the list."""
    _ = locale._
    mine = [item for item in waiting if not item.why_not]
    number, unit = locale.integer, "件" if locale.is_chinese else ""
    others = len(waiting) - len(mine)
    longest = max((item.waiting_hours for item in mine), default=0.0)
    late = sum(item.is_late or item.waiting_hours >= LIMIT_HOURS for item in mine)
    approved = sum(item.state is ApprovalState.APPROVED for item in decided)
    return [
        Figure(
            "requests_to_decide",
            _("For you to decide"),
            number(len(mine)),
            unit,
            _("longest: {time}").format(time=waiting_words(longest, locale)) if mine else _("all done"),
            status="red" if late else "",
            delta_status="red" if late else "" if mine else "green",
        ),
        Figure(
            "requests_overdue",
            _("Overdue"),
            number(sum(item.is_late for item in waiting)),
            unit,
            _("counted in working time"),
            status="red" if any(item.is_late for item in waiting) else "",
        ),
        Figure(
            "requests_of_others",
            _("Not yours to decide"),
            number(others),
            unit,
            _("your own, or asked of others"),
        ),
        Figure(
            "requests_decided",
            _("Decided lately"),
            number(len(decided)),
            unit,
            _("{n} of them approved").format(n=number(approved)),
        ),
    ]
