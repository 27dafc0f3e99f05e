"""The inspector of a customer: archive, people, time line, deals, papers, collisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.queries.account_detail import AccountView, ContactLine, DealLine, TimelineEntry
from desktop.queries.account_papers import PaperLine
from desktop.queries.custom_fields import CustomFact
from desktop.terms import ActivityType, DealStatus
from desktop.views.buttons import Segments, button
from desktop.views.chips import Avatar, Tag
from desktop.views.inspector import Inspector, Line, TimelineItem
from desktop.views.labels import ElidedLabel, label
from desktop.views.strips import Action, Advice

FACT_LABELS = {
    "short_name": N_("Short name"),
    "credit_code": N_("Credit code"),
    "industry": N_("Industry"),
    "type": N_("Type"),
    "status": N_("Status"),
    "source": N_("Source"),
    "cooperation_stage": N_("Cooperation stage"),
    "place": N_("Place"),
    "address": N_("Address"),
    "phone": N_("Phone"),
    "mobile": N_("Mobile"),
    "email": N_("E-mail"),
    "website": N_("Website"),
    "employees": N_("Employees"),
    "annual_revenue": N_("Annual revenue"),
    "annual_purchase": N_("Annual purchase"),
    "purchase_cycle": N_("Purchase cycle"),
    "budget_range": N_("Budget range"),
    "go_live_on": N_("Go-live"),
    "it_compatibility": N_("IT compatibility"),
    "founded_on": N_("Founded"),
    "created_at": N_("Created"),
    "next_contact_at": N_("Next contact"),
}
REACHED_BY = ("phone", "mobile", "email")
SHOW = N_("Show")
SHOW_TIP = N_("Show phone and mail in full. The audit trail records who did.")
Reveal = Callable[[str, int, Callable[[Mapping[str, str]], None]], object]
"""Asks for the masked values of a record: its kind, its id, and who takes them."""
MONEY_FACTS = {"annual_revenue", "annual_purchase"}
EVENT_ICONS = {
    "call": "phone",
    "visit": "visit",
    "meeting": "meeting",
    "email": "mail",
    "wechat": "chat",
    "demo": "demo",
    "task": "todo",
    "note": "note",
    "quote": "file",
    "contract": "sign",
    "payment": "money",
    "owner": "person",
}
EVENT_WORDS = {
    "quote": N_("Quote"),
    "contract": N_("Contract signed"),
    "payment": N_("Payment received"),
    "owner": N_("New owner"),
}
ACTIVITIES = frozenset(kind.value for kind in ActivityType)
TABS = (
    ("timeline", N_("Time line")),
    ("deals", N_("Deals")),
    ("papers", N_("Papers")),
    ("archive", N_("Archive")),
)


class CustomerPanel(Inspector):
    """Customer 360; `tab` is remembered by the page from one customer to the next."""

    def __init__(
        self,
        locale: Locale,
        view: AccountView,
        tab: str,
        go: Callable[..., None],
        chosen: Callable[[str], None],
        reveal: Reveal,
        lift: Callable[[int], None],
    ) -> None:
        owner = view.owner or locale._("nobody's")
        super().__init__(locale, view.name, owner, grade=view.grade or "")
        self._view, self._go, self._reveal, self._lift = view, go, reveal, lift
        self._facts = dict(view.facts)
        self._advice()
        self._key_values()
        segments = Segments([(key, locale._(text)) for key, text in TABS], tab)
        segments.chosen.connect(chosen)
        segments.chosen.connect(self.show_tab)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 4)
        row.addWidget(segments)
        row.addStretch(1)
        self.body.addLayout(row)
        self._place = QVBoxLayout()
        self._place.setSpacing(0)
        self.body.addLayout(self._place)
        self._shown: QWidget | None = None
        self.show_tab(tab)

    def _advice(self) -> None:
        locale, view = self._locale, self._view
        _ = locale._
        for clash in view.collisions:
            fact = _("{person} also has open deals here").format(person=clash.person)
            words = locale.plural("{n} deal", "{n} deals", clash.deals)
            self.add(Advice("red", fact, f"{words}, {locale.money_short(clash.amount)}"))
        if view.refused_until:
            self.add(self._refused(view.refused_until))
        if view.silent_days is None or view.silent_days >= view.remind_days:
            self.add(self._silence())
        if view.overdue:
            fact = _("{amount} overdue").format(amount=locale.money_short(view.overdue))
            more = _("of {amount} still to be paid").format(amount=locale.money_short(view.receivable))
            self.add(Advice("amber", fact, more))

    def _refused(self, until: date) -> Advice:
        """Say that nobody is given this customer for a while, and why."""
        _, locale = self._locale._, self._locale
        fact = _("No purchasing window before {day}").format(day=locale.day(until))
        if not self._view.refusals:
            return Advice("amber", fact, _("Another record of this customer refused."))
        newest = self._view.refusals[0]
        words = [newest.reason, newest.source, f"{newest.by}, {locale.day(newest.refused_on)}"]
        lift: Action = (_("Lift…"), partial(self._lift, newest.id))
        actions = [lift] if self._view.may_lift else []
        return Advice("amber", fact, " · ".join(word for word in words if word), actions)

    def _silence(self) -> Advice:
        locale, view = self._locale, self._view
        _ = locale._
        if view.silent_days is None:
            return Advice("amber", _("No effective interaction on record"), _("Log a call or a visit."))
        released = view.silent_days >= view.release_days
        fact = locale.plural(
            "No effective interaction for {n} day", "No effective interaction for {n} days", view.silent_days
        )
        limits = _("Reminder after {remind} days, release after {release}.").format(
            remind=view.remind_days, release=view.release_days
        )
        return Advice("red" if released else "amber", fact, limits)

    def _key_values(self) -> None:
        locale, view = self._locale, self._view
        _ = locale._
        open_deals = sum(1 for deal in view.deals if deal.status is DealStatus.OPEN)
        self.add_values(
            [
                (
                    _("In hand"),
                    f"{locale.money_short(view.open_amount)} · {_('{n} open').format(n=open_deals)}",
                ),
                (_("Won"), locale.money_short(view.won_amount) if view.won_amount else ""),
                (_("Receivable"), locale.money_short(view.receivable) if view.receivable else ""),
                (_("Last"), locale.day(view.last_effective_at.date()) if view.last_effective_at else ""),
            ]
        )
        column = self.add_section(
            _("Contacts"), locale.plural("{n} contact", "{n} contacts", len(view.contacts))
        )
        for contact in view.contacts[:4]:
            column.addWidget(contact_line(locale, contact, reveal=self._reveal))
        if not view.contacts:
            column.addWidget(label(_("No contact is known here."), "caption"))

    def show_tab(self, tab: str) -> None:
        """Show time line, deals, papers or archive."""
        if self._shown is not None:
            self._shown.hide()
            self._shown.deleteLater()
        self._shown = box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        {"deals": self._deals, "papers": self._papers, "archive": self._archive}.get(tab, self._timeline)(
            column
        )
        self._place.addWidget(box)

    def _timeline(self, column: QVBoxLayout) -> None:
        for entry in self._view.timeline:
            column.addWidget(timeline_item(self._locale, entry))
        left = self._view.activities - sum(1 for entry in self._view.timeline if entry.kind in ACTIVITIES)
        if left > 0:
            words = self._locale.plural("{n} older interaction", "{n} older interactions", left)
            column.addWidget(label(words, "caption"))
        if not self._view.timeline:
            words = self._locale._(
                "Nothing has happened yet. Calls, visits, quotes and payments appear here."
            )
            column.addWidget(label(words, "caption", wrap=True))

    def _deals(self, column: QVBoxLayout) -> None:
        locale = self._locale
        for deal in self._view.deals:
            column.addWidget(deal_line(locale, deal))
        if not self._view.deals:
            column.addWidget(label(locale._("No deal yet."), "caption"))

    def _papers(self, column: QVBoxLayout) -> None:
        _ = self._locale._
        view = self._view
        groups = (
            (_("Contracts"), view.contracts),
            (_("Quotes"), view.quotes),
            (_("Payments"), view.payments),
        )
        for title, papers in groups:
            if papers:
                column.addWidget(label(title, "caption_strong"))
                for paper in papers[:12]:
                    column.addWidget(paper_line(self._locale, paper))
        if not any(papers for _title, papers in groups):
            column.addWidget(label(_("No quote, contract or payment yet."), "caption"))

    def _archive(self, column: QVBoxLayout) -> None:
        locale, view = self._locale, self._view
        facts = dict(self._facts)
        place = [facts.pop(name, None) for name in ("country", "region", "province", "city", "district")]
        facts["place"] = " ".join(dict.fromkeys(part for part in place if part))
        shown = 0
        for name, caption in FACT_LABELS.items():
            words = fact_text(locale, name, facts.get(name))
            if words:
                column.addLayout(fact_row(locale._(caption), words))
                shown += 1
        masked = [name for name in REACHED_BY if view.facts.get(name)]
        if masked and all(self._facts[name] == view.facts[name] for name in masked):
            asked = button(locale._(SHOW), self._show_reach, look="link", small=True, tip=locale._(SHOW_TIP))
            column.addWidget(asked)
        for fact in view.own_facts:
            words = own_fact_text(locale, fact)
            column.addLayout(fact_row(fact.label(chinese=locale.is_chinese), words))
        if view.tags:
            row = QHBoxLayout()
            for tag in view.tags[:6]:
                row.addWidget(Tag(tag))
            row.addStretch(1)
            column.addLayout(row)
        if view.description:
            column.addWidget(label(view.description, "secondary", wrap=True, selectable=True))
        words = locale._("{known} of {all} fields are filled").format(known=shown, all=len(FACT_LABELS))
        column.addWidget(label(words, "caption"))

    def _show_reach(self) -> None:
        """Show phone and mail in full, once the database has put on record who asked."""

        def show(values: Mapping[str, str]) -> None:
            self._facts.update(values)
            self.show_tab("archive")

        self._reveal("account", self._view.id, show)


def fact_row(caption: str, words: str) -> QHBoxLayout:
    """Return a fact: what it is called, and what it says."""
    row = QHBoxLayout()
    key = label(caption, "caption", wrap=True)
    key.setFixedWidth(96)
    row.addWidget(key)
    row.addWidget(label(words, wrap=True, selectable=True), 1)
    return row


def own_fact_text(locale: Locale, fact: CustomFact) -> str:
    """Return what a custom field says, as it is read."""
    value = fact.value
    if isinstance(value, bool):
        return locale._("yes") if value else locale._("no")
    if isinstance(value, tuple):
        return locale._(", ").join(value)
    if isinstance(value, datetime):
        return locale.instant(value)
    if fact.type == "money" and isinstance(value, int):
        return locale.money_short(value)
    if isinstance(value, float):
        return f"{value:,.10g}"
    return fact_text(locale, "", value)


def fact_text(locale: Locale, name: str, value: Any) -> str:
    """Return a fact as it is read."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return locale.instant(value)[:10]
    if isinstance(value, date):
        return locale.day(value)
    if name in MONEY_FACTS:
        return locale.money_short(value)
    return locale.integer(value) if isinstance(value, int) else str(value)


def timeline_item(locale: Locale, entry: TimelineEntry) -> TimelineItem:
    """Return an event with its icon."""
    money = f" · {locale.money_short(entry.amount)}" if entry.amount else ""
    words = (entry.words or event_title(locale, entry)) + money
    icon = EVENT_ICONS.get(entry.kind, "note")
    return TimelineItem(icon, words, event_note(locale, entry), f"{entry.on:%Y-%m-%d}")


def event_title(locale: Locale, entry: TimelineEntry) -> str:
    """Return what kind of event it is."""
    known = {kind.value: kind.label for kind in ActivityType}
    return locale._(EVENT_WORDS.get(entry.kind) or known.get(entry.kind, entry.kind))


def event_note(locale: Locale, entry: TimelineEntry) -> str:
    """Return the line below an event: its kind, its person, and whether it was entered late (IMP-09)."""
    late = ""
    if entry.late_days:
        late = locale.plural("entered {n} day late", "entered {n} days late", entry.late_days)
        if entry.run:
            late += locale._(" (import run {run}, {name})").format(run=entry.run, name=entry.brought_by)
    return " · ".join(part for part in (event_title(locale, entry), entry.note, late) if part)


def contact_line(locale: Locale, contact: ContactLine, *, reveal: Reveal) -> QWidget:
    """Return a person: avatar, name and title, how to reach them (masked until it is asked for)."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 1, 0, 1)
    row.setSpacing(10)
    row.addWidget(Avatar(contact.name, 28))
    words = QVBoxLayout()
    words.setSpacing(0)
    first = QHBoxLayout()
    first.setSpacing(6)
    first.addWidget(label(contact.name, "strong"))
    first.addWidget(ElidedLabel(contact.title or contact.department or "", "caption"), 1)
    if contact.decides:
        first.addWidget(Tag(locale._("decides")))
    words.addLayout(first)
    reach = " · ".join(part for part in (contact.mobile or contact.phone, contact.email) if part)
    shown = ElidedLabel(reach or (contact.role or "—"), "caption")
    words.addWidget(shown)
    row.addLayout(words, 1)
    if reach:
        asked = button(locale._(SHOW), look="link", small=True, tip=locale._(SHOW_TIP))

        def show(values: Mapping[str, str]) -> None:
            known = values.get("mobile") or values.get("phone"), values.get("email")
            shown.setText(" · ".join(part for part in known if part))
            asked.hide()

        asked.clicked.connect(lambda: reveal("contact", contact.id, show))
        row.addWidget(asked)
    return box


def deal_line(locale: Locale, deal: DealLine) -> Line:
    """Return a deal: its stage, and its amount."""
    stage = deal.stage_zh if locale.is_chinese and deal.stage_zh else deal.stage
    look = "" if deal.status is DealStatus.OPEN else "secondary"
    return Line(f"{deal.name} · {stage}", right=locale.money_short(deal.amount), look=look)


def paper_line(locale: Locale, paper: PaperLine) -> Line:
    """Return a paper: day, number and state, amount."""
    words = " · ".join(part for part in (paper.number, paper.status) if part)
    return Line(words, left=locale.day(paper.on), right=locale.money_short(paper.amount))
