"""The handover checklist of a person who leaves: what they hold, what is missing, what only they know.

HND-04 (checklist), HND-05 (customer brief), HND-07 (what only the leaver knows). Nothing is changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from desktop.i18n import N_
from desktop.queries import handover_records as records
from desktop.queries.handover_people import PersonBrief, person_brief
from desktop.queries.handover_records import Held
from desktop.store.rules import metric_versions
from desktop.store.workspace import Work

SILENT_DAYS = 90
NO_ACTIVITY, SINGLE_CONTACT = "no_activity_90_days", "single_contact"
EXPIRED_QUOTE, UNPAID_INVOICE = "expired_quote", "unpaid_invoice"
OVERDUE, NO_NEXT_STEP = "overdue", "no_next_step"
DARK = {
    NO_ACTIVITY: N_("No interaction for 90 days"),
    SINGLE_CONTACT: N_("At most one contact"),
    EXPIRED_QUOTE: N_("Quote expired"),
    UNPAID_INVOICE: N_("Invoice not paid"),
    OVERDUE: N_("Overdue"),
    NO_NEXT_STEP: N_("No next step"),
}
"""What keeps a successor in the dark, with its label."""
KINDS = {
    "account": N_("Accounts"),
    "opportunity": N_("Open opportunities"),
    "quote": N_("Quotes"),
    "contract": N_("Contracts"),
    "receivable": N_("Receivables"),
    "task": N_("To-dos"),
    "approval": N_("Waiting approvals"),
    "activity": N_("Last interactions"),
}
METRICS = ("handover_completeness", "open_receivable")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that changes hands. `amount` is in minor units of `currency`, None where it has none.

    `on` is the day that matters: expected close, expiry, end, first overdue instalment, due day, last
    contact. `dark` are keys of `DARK`.
    """

    kind: str
    id: int
    title: str
    account_id: int | None
    account: str | None
    amount: int | None = None
    currency: str = ""
    on: date | None = None
    detail: str = ""
    detail_zh: str | None = None
    overdue: int = 0
    dark: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One customer of the leaver with the sums of what hangs on it; money in minor units.

    `known_by` counts the other people who ever logged an interaction: 0 means only the leaver knows
    this customer (HND-07). `completeness` is the share of its items without a dark flag.
    """

    id: int
    name: str
    grade: str | None
    phone: str | None
    city: str | None
    open_count: int
    open_amount: int
    receivable: int
    overdue: int
    records: int
    todos: int
    contacts: int
    known_by: int
    last_on: date | None
    silent_days: int | None
    dark: tuple[str, ...]
    items: int
    dark_items: int

    @property
    def completeness(self) -> Decimal:
        """Items without a dark flag ÷ all items."""
        return ratio(self.items - self.dark_items, self.items)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of the checklist: how many items, how many of them are complete."""

    kind: str
    total: int
    complete: int


@dataclass(frozen=True, slots=True)
class HandoverView:
    """The whole checklist."""

    leaver: PersonBrief
    successor: PersonBrief | None
    as_of: date
    currency: str
    accounts: tuple[AccountLine, ...]
    items: tuple[Item, ...]
    parts: tuple[Part, ...]
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def completeness(self) -> Decimal:
        """Items without a dark flag ÷ all items (metric handover_completeness); 1 for nothing."""
        return ratio(sum(part.complete for part in self.parts), sum(part.total for part in self.parts))

    def of(self, kind: str) -> tuple[Item, ...]:
        """Return the items of one kind."""
        return tuple(item for item in self.items if item.kind == kind)

    @property
    def open_count(self) -> int:
        """Open opportunities."""
        return len(self.of("opportunity"))

    @property
    def open_amount(self) -> int:
        """Their amount, of those in `currency`."""
        return self.amounts.get(self.currency, 0)

    @property
    def amounts(self) -> dict[str, int]:
        """The amount of the open opportunities per currency."""
        found: Counter[str] = Counter()
        for item in self.of("opportunity"):
            found[item.currency] += item.amount or 0
        return dict(found)

    @property
    def receivable(self) -> int:
        """What customers still owe."""
        return sum(item.amount or 0 for item in self.of("receivable"))

    @property
    def overdue(self) -> int:
        """What of it is overdue."""
        return sum(item.overdue for item in self.of("receivable"))


def ratio(part: int, whole: int) -> Decimal:
    """Return part ÷ whole with four decimals; 1 of nothing is complete."""
    return Decimal(1) if whole == 0 else (Decimal(part) / whole).quantize(Decimal("0.0001"))


def handover(work: Work, leaver_id: int, successor_id: int | None = None) -> HandoverView:
    """Return everything that a person holds today, with what is missing in it."""
    today = work.today
    held = records.held_by(work, leaver_id)
    silent = {
        account.id: account.last_on is None or account.last_on < today - timedelta(days=SILENT_DAYS)
        for account in held.accounts
    }
    items = (
        *_account_items(held, silent),
        *_deal_items(held, today, work.now),
        *_quote_items(held, today),
        *_contract_items(held),
        *_receivable_items(held),
        *_todo_items(held, today),
        *(Item("approval", row.id, row.title, None, None, on=row.asked_on) for row in held.approvals),
        *_activity_items(held, today),
    )
    currencies = Counter(deal.currency for deal in held.deals)
    currency = max(currencies, key=lambda key: (currencies[key], key), default="CNY")
    return HandoverView(
        leaver=replace(person_brief(work, leaver_id), accounts=len(held.accounts)),
        successor=person_brief(work, successor_id) if successor_id else None,
        as_of=today,
        currency=currency,
        accounts=_lines(held, items, currency, today),
        items=items,
        parts=tuple(_parts(items)),
        versions=metric_versions(work, *METRICS),
    )


def _parts(items: Sequence[Item]) -> Iterable[Part]:
    for kind in KINDS:
        of_kind = [item for item in items if item.kind == kind]
        yield Part(kind, len(of_kind), sum(not item.dark for item in of_kind))


def _account_items(held: Held, silent: dict[int, bool]) -> Iterable[Item]:
    for row in held.accounts:
        dark = _flags({NO_ACTIVITY: silent[row.id], SINGLE_CONTACT: row.contacts <= 1})
        yield Item("account", row.id, row.name, row.id, row.name, on=row.last_on, dark=dark)


def _deal_items(held: Held, today: date, now: datetime) -> Iterable[Item]:
    for deal in held.deals:
        last = max(filter(None, (deal.last_on, held.last_on.get(deal.account_id or 0))), default=None)
        planned = deal.next_contact_at is not None and deal.next_contact_at >= now
        dark = _flags(
            {
                NO_NEXT_STEP: not (deal.next_step or "").strip() and not planned,
                NO_ACTIVITY: last is None or last < today - timedelta(days=SILENT_DAYS),
                OVERDUE: deal.expected_on is not None and deal.expected_on < today,
            }
        )
        yield Item(
            "opportunity",
            deal.id,
            deal.name,
            deal.account_id,
            deal.account,
            deal.amount,
            deal.currency,
            deal.expected_on,
            deal.stage,
            deal.stage_zh,
            dark=dark,
        )


def _quote_items(held: Held, today: date) -> Iterable[Item]:
    for quote in held.quotes:
        expired = quote.open and quote.expires_on is not None and quote.expires_on < today
        yield Item(
            "quote",
            quote.id,
            quote.number,
            quote.account_id,
            quote.account,
            quote.amount,
            on=quote.expires_on,
            detail=quote.status or "",
            dark=_flags({EXPIRED_QUOTE: expired}),
        )


def _contract_items(held: Held) -> Iterable[Item]:
    for contract in held.contracts:
        title = " ".join(filter(None, (contract.number, contract.name))) or f"#{contract.id}"
        yield Item(
            "contract",
            contract.id,
            title,
            contract.account_id,
            contract.account,
            contract.amount,
            on=contract.ends_on,
            detail=contract.status or "",
        )


def _receivable_items(held: Held) -> Iterable[Item]:
    for row in held.receivables:
        yield Item(
            "receivable",
            row.contract_id or row.account_id or 0,
            row.title,
            row.account_id,
            row.account,
            row.outstanding,
            on=row.first_overdue_on or row.next_due_on,
            overdue=row.overdue,
            dark=_flags({OVERDUE: row.overdue > 0, UNPAID_INVOICE: row.uninvoiced_gap > 0}),
        )


def _todo_items(held: Held, today: date) -> Iterable[Item]:
    for todo in held.todos:
        late = todo.due_on is not None and todo.due_on < today
        yield Item(
            "task",
            todo.id,
            todo.title,
            todo.account_id,
            todo.account,
            on=todo.due_on,
            detail=todo.kind or "",
            dark=_flags({OVERDUE: late}),
        )


def _activity_items(held: Held, today: date) -> Iterable[Item]:
    for row in held.interactions:
        if row.rank != 1:
            continue
        old = row.on is None or row.on < today - timedelta(days=SILENT_DAYS)
        yield Item(
            "activity",
            row.id,
            row.text or row.type or f"#{row.id}",
            row.account_id,
            row.account,
            on=row.on,
            detail=row.type or "",
            dark=_flags({NO_ACTIVITY: old}),
        )


def _flags(conditions: dict[str, bool]) -> tuple[str, ...]:
    return tuple(flag for flag, holds in conditions.items() if holds)


def _lines(held: Held, items: Sequence[Item], currency: str, today: date) -> tuple[AccountLine, ...]:
    of_account: defaultdict[int, list[Item]] = defaultdict(list)
    for item in items:
        if item.account_id is not None:
            of_account[item.account_id].append(item)
    lines = []
    for row in held.accounts:
        mine = of_account[row.id]
        deals = [item for item in mine if item.kind == "opportunity"]
        owed = [item for item in mine if item.kind == "receivable"]
        lines.append(
            AccountLine(
                id=row.id,
                name=row.name,
                grade=row.grade,
                phone=row.phone,
                city=row.city,
                open_count=len(deals),
                open_amount=sum(item.amount or 0 for item in deals if item.currency == currency),
                receivable=sum(item.amount or 0 for item in owed),
                overdue=sum(item.overdue for item in owed),
                records=row.records,
                todos=sum(item.kind == "task" for item in mine),
                contacts=row.contacts,
                known_by=row.known_by,
                last_on=row.last_on,
                silent_days=(today - row.last_on).days if row.last_on else None,
                dark=tuple(flag for flag in DARK if any(flag in item.dark for item in mine)),
                items=len(mine),
                dark_items=sum(bool(item.dark) for item in mine),
            )
        )
    # What the successor must see first: money owed, then deals, then how dark it is.
    return tuple(
        sorted(
            lines, key=lambda line: (-line.receivable, -line.open_amount, -len(line.dark), line.name, line.id)
        )
    )
