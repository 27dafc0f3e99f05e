"""The inspector of one deal: is it stuck, where has it been, what happened last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from desktop.i18n import Locale
from desktop.operations.deals import StuckAction
from desktop.queries.deal_detail import DealDetail, StayRow
from desktop.queries.deals import DealState
from desktop.terms import ActivityType, DealStatus
from desktop.views.inspector import Inspector, Line, TimelineItem
from desktop.views.pipeline.columns import STATUS
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


class LinkLine(Line):
    """A line that goes somewhere, by mouse or by keyboard."""

    def __init__(self, words: str, note: str, act: Callable[[], object]) -> None:
        super().__init__(words, right=note, look="link")
        self._act = act
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._act()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._act()
        else:
            super().keyPressEvent(event)


def deal_inspector(
    locale: Locale,
    deal: DealDetail,
    *,
    act: Callable[[StuckAction], object],
    open_account: Callable[[int], object],
    open_deal: Callable[[int], object],
    waiting: Sequence[QWidget],
    add_next: Callable[[Inspector], object],
    add_asks: Callable[[Inspector], object],
) -> Inspector:
    """Return the panel for a deal; `waiting` says what waits about it, the others add what is to be done and asked."""
    _ = locale._
    panel = Inspector(locale, deal.name, deal.account or "", grade=deal.grade or "")
    for widget in waiting:
        panel.add(widget)
    if advice := _advice(locale, deal, act):
        panel.add(advice)
    panel.add_values(_values(locale, deal))
    add_next(panel)
    add_asks(panel)
    _history(locale, panel, deal)
    _contacts(locale, panel, deal)
    if deal.others:
        column = panel.add_section(_("Other deals of this customer"))
        for other in deal.others:
            stage = (other.stage_zh if locale.is_chinese else None) or other.stage
            note = f"{stage} · {locale.money_short(other.amount)}"
            column.addWidget(LinkLine(other.name, note, partial(open_deal, other.id)))
    account_id = deal.account_id
    if account_id is not None:
        panel.set_actions(None, [(_("Open the customer"), lambda: open_account(account_id))])
    return panel


def _advice(locale: Locale, deal: DealDetail, act: Callable[[StuckAction], object]) -> Advice | None:
    _ = locale._
    if deal.status is not DealStatus.OPEN or deal.state not in (DealState.STUCK, DealState.WATCH):
        return None
    fact = _("{stage} for {days} days, the limit is {limit}").format(
        stage=deal.stage.label(locale), days=deal.days, limit=deal.limit_days
    )
    usual = ""
    if deal.usual_days is not None:
        usual = _("Deals that were won stayed here {days} days in the median.").format(
            days=locale.decimal(deal.usual_days, 0)
        )
    buttons = [(_(action.label), partial(act, action)) for action in StuckAction]
    return Advice(STATUS[deal.state], fact, usual, buttons if deal.state is DealState.STUCK else ())


def _values(locale: Locale, deal: DealDetail) -> list[tuple[str, str]]:
    _ = locale._
    weighted = ""
    if deal.weighted is not None and deal.status is DealStatus.OPEN:
        weighted = _("{probability} → weighted {amount}").format(
            probability=locale.percent((deal.probability or 0) / 10_000, 0),
            amount=locale.money_short(deal.weighted),
        )
    amount = deal.won_amount if deal.status is DealStatus.WON and deal.won_amount is not None else deal.amount
    pairs = [
        (_("Amount"), locale.money_short(amount)),
        (_("Probability"), weighted),
        (_("Opened"), locale.day(deal.opened_on) if deal.opened_on else ""),
        (_("Expected close"), locale.day(deal.expected_close_on) if deal.expected_close_on else ""),
        (_("Closed on"), locale.day(deal.closed_on) if deal.closed_on else ""),
        (_("Owner"), deal.owner or ""),
        (_("Next step"), deal.next_step or ""),
        (_("Competitor"), deal.competitor or ""),
        (_("Lost reason"), deal.lost_reason or ""),
    ]
    return [(key, value) for key, value in pairs if value]


def _history(locale: Locale, panel: Inspector, deal: DealDetail) -> None:
    _ = locale._
    if not deal.stays:
        return
    column = panel.add_section(_("Way through the stages"))
    for stay in reversed(deal.stays):
        current = stay is deal.stays[-1]
        icon = "flag" if current else "stages"
        when = stay.entered_on.isoformat() if stay.entered_on else _("day unknown")
        column.addWidget(TimelineItem(icon, _stage(locale, stay), _stay_note(locale, stay, deal), when))


def _stage(locale: Locale, stay: StayRow) -> str:
    return (stay.stage_zh if locale.is_chinese else None) or stay.stage


def _stay_note(locale: Locale, stay: StayRow, deal: DealDetail) -> str:
    _ = locale._
    parts = []
    closed = stay is deal.stays[-1] and deal.status is not DealStatus.OPEN
    if stay.days is not None and not closed:
        parts.append(locale.plural("{n} day", "{n} days", stay.days))
    if stay.person:
        parts.append(stay.person)
    if stay.inferred:
        parts.append(_("no history was imported; the day is inferred"))
    return " · ".join(parts)


def _contacts(locale: Locale, panel: Inspector, deal: DealDetail) -> None:
    _ = locale._
    column = panel.add_section(_("Last contacts"))
    if not deal.contacts:
        column.addWidget(Line(_("No contact with this customer is logged."), look="secondary"))
    known = {kind.value: kind for kind in ActivityType}
    for contact in deal.contacts:
        kind = known.get(contact.type or "")
        words = contact.subject or (_(kind.label) if kind else contact.type or "")
        when = contact.occurred_on.isoformat() if contact.occurred_on else ""
        icon = ICONS.get(kind, "note") if kind else "note"
        column.addWidget(TimelineItem(icon, words, contact.owner or "", when))
