"""The inspectors of the Quotes page: a quote in full, and a contract in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop.i18n import Locale
from desktop.queries.approvals import ApprovalItem
from desktop.queries.contracts import ContractDetail
from desktop.queries.quote_detail import QuoteDetail, VersionView
from desktop.queries.quote_history import SOLD, Radar
from desktop.queries.quote_words import (
    IRREGULAR,
    STANDINGS,
    Standing,
    percent_text,
    price_shown,
    quantity_text,
)
from desktop.views.asking import add_asks, waiting_advice
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import label
from desktop.views.quotes.columns import COLOURS
from desktop.views.strips import Action, Advice

if TYPE_CHECKING:
    from desktop.views.quotes.page import QuotesPage

MOST_PRICES = 12


class QuotePanel(Inspector):
    """Everything about one quote: what is offered, how long, at what margin, and who else offers."""

    def __init__(
        self, page: QuotesPage, detail: QuoteDetail, radar: Radar | None, waiting: Sequence[ApprovalItem] = ()
    ) -> None:
        row, locale = detail.row, page.locale_
        super().__init__(locale, row.number, row.customer or "")
        self.detail = detail
        _ = locale._
        if row.standing is Standing.EXPIRED and not row.contract:
            self.add(
                Advice(
                    "red",
                    _("Held until {day}; nothing is signed by it.").format(day=locale.day(row.last_day)),
                    _("Have it reviewed again, or write a new one after it."),
                    [(_("Ask for review"), page.ask_review)],
                )
            )
        for item in waiting:
            self.add(waiting_advice(page, item))
        if radar:
            add_radar(self, locale, radar)
        self.add_values(_values(locale, detail))
        frozen = row.approved or row.contract or row.standing is Standing.EXPIRED
        if not waiting and not frozen:
            add_asks(page, self, [(_("Review"), page.ask_review), (_("Discount…"), page.ask_discount)])
        lines = self.add_section(_("Quote lines"), locale.integer(len(detail.lines)))
        for one in detail.lines:
            words = f"{one.name} · {quantity_text(one.quantity)} × {price_shown(one.unit_price)}"
            lines.addWidget(Line(words, right=locale.money(one.amount)))
            lines.addWidget(
                label(
                    _("discount {discount} · margin {margin}").format(
                        discount=percent_text(locale, one.discount), margin=percent_text(locale, one.margin)
                    ),
                    "explain",
                )
            )
        if not detail.lines:
            lines.addWidget(label(_("It came without lines."), "caption"))
        if radar and radar.prices:
            add_prices(self, locale, radar)
        add_versions(self, locale, detail.versions)
        self.set_actions(*_actions(page, detail))


def _values(locale: Locale, detail: QuoteDetail) -> list[tuple[str, str] | tuple[str, str, str]]:
    _, row = locale._, detail.row
    margin = percent_text(locale, row.margin)
    if row.margin is not None and not detail.margin.complete:
        margin += " " + _("(of {n} lines with a known cost)").format(n=detail.margin.costed)
    standing = f"{_(STANDINGS[row.standing])} · {locale.day(row.last_day)}"
    return [
        (_("Amount"), locale.money(row.amount)),
        (_("Standing"), standing, COLOURS[row.standing]),
        (_("Discount on the whole"), percent_text(locale, row.discount) if row.discount else ""),
        (_("By the list"), locale.money(detail.at_list) if detail.at_list is not None else ""),
        (_("Margin"), margin if row.margin is not None else _("not known")),
        (_("Owner"), row.owner or ""),
        (_("Deal"), row.deal or ""),
        (_("Issued on"), locale.day(row.issued_on)),
        (_("Reviewed on"), locale.day(row.renewed_on) if row.renewed_on else ""),
        (_("Contract"), row.contract or ""),
    ]


def _actions(page: QuotesPage, detail: QuoteDetail) -> tuple[Action | None, list[Action]]:
    _ = page.locale_._
    row = detail.row
    again = (_("Quote again"), page.quote_again)
    if row.standing is Standing.EXPIRED or row.contract:
        return again, []
    contract = (_("Make contract"), page.make_contract)
    if row.approved:
        return contract, [again]
    return (_("Edit"), page.edit_quote), [contract]


def add_radar(panel: Inspector, locale: Locale, radar: Radar) -> None:
    """Say who else is at the customer, and what was quoted there before."""
    _ = locale._
    if radar.rivals:
        told = "; ".join(
            _("{owner}: {quotes} quotes, {deals} open deals, {amount}").format(
                owner=one.owner, quotes=one.quotes, deals=one.deals, amount=locale.money_short(one.amount)
            )
            for one in radar.rivals[:4]
        )
        spelled = (
            ""
            if len(radar.customers) < 2
            else _("Spellings: {names}").format(names=" / ".join(radar.customers[:4]))
        )
        panel.add(Advice("red", _("Others are at this customer, too"), f"{told}\n{spelled}".strip()))
    if radar.again:
        panel.add(
            Advice(
                "amber",
                _("Quoted there within {days} days").format(days=radar.window),
                "; ".join(
                    f"{one.product} {price_shown(one.unit_price)} ({one.number}, {one.owner or '—'})"
                    for one in radar.again[:2]
                ),
            )
        )


def add_prices(panel: Inspector, locale: Locale, radar: Radar) -> None:
    """List what these products were offered and sold for there."""
    _ = locale._
    column = panel.add_section(_("Price history"), locale.integer(len(radar.prices)))
    for one in radar.prices[:MOST_PRICES]:
        kind = _("sold") if one.kind == SOLD else _("quoted")
        column.addWidget(
            Line(
                f"{one.product} · {kind} · {one.owner or '—'}",
                left=locale.day(one.on),
                right=price_shown(one.unit_price) or "",
            )
        )


def add_versions(panel: Inspector, locale: Locale, versions: tuple[VersionView, ...]) -> None:
    """List what was approved, with its hash."""
    _ = locale._
    if not versions:
        return
    column = panel.add_section(_("Approved versions"))
    for one in versions:
        words = _("Version {n} by {name}").format(n=one.number, name=one.by)
        column.addWidget(Line(words, right=locale.instant(one.frozen_at)))
        look = "explain" if one.whole else "red_small"
        column.addWidget(label(f"SHA-256 {one.hash[:24]}…", look))


class ContractPanel(Inspector):
    """Everything about one contract: what is irregular, what is feared of its clauses, what was approved."""

    def __init__(
        self, page: QuotesPage, detail: ContractDetail, waiting: Sequence[ApprovalItem] = ()
    ) -> None:
        row, locale = detail.row, page.locale_
        super().__init__(locale, row.number or row.name or f"#{row.id}", row.customer or "")
        self.detail = detail
        _ = locale._
        if row.irregular.flags:
            self.add(
                Advice(
                    "red",
                    _("Irregular: {flags}").format(
                        flags=", ".join(_(IRREGULAR[flag]) for flag in row.irregular.flags)
                    ),
                    "" if row.approved else _("It is signed only after its review."),
                )
            )
        for item in waiting:
            self.add(waiting_advice(page, item))
        days = row.irregular.delivery_days
        self.add_values(
            [
                (_("Name"), row.name or ""),
                (_("Amount"), locale.money(row.amount)),
                (_("Offered"), locale.money(row.offered) if row.offered is not None else ""),
                (_("Concession"), percent_text(locale, row.irregular.concession)),
                (_("Delivery date"), locale.day(row.delivery_on)),
                (_("Days to delivery"), "" if days is None else locale.integer(days)),
                (_("Signed on"), locale.day(row.signed_on)),
                (_("Quote"), row.quote or ""),
                (_("Owner"), row.owner or ""),
            ]
        )
        review = [] if row.approved or row.signed_on else [(_("Ask for review"), page.ask_contract)]
        if not waiting:
            add_asks(page, self, [*review, (_("Change…"), page.ask_change)])
        notes = self.add_section(_("Risk notes"), locale.integer(row.open_notes), (_("Add"), page.add_note))
        for one in detail.notes:
            look = "" if one.settled_at else "red"
            notes.addWidget(Line(f"{one.clause}: {one.note}", right=one.by, look=look))
            if one.answer:
                notes.addWidget(label(one.answer, "explain", wrap=True))
        add_versions(self, locale, detail.versions)
        sign = None if row.signed_on else (_("Sign"), page.sign)
        self.set_actions(sign)
