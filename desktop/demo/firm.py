"""The demo firm as plain data: what is generated, and the truth planted in it. Money is int fen (minor units)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(slots=True)
class Unit:
    """A node of the organisation tree."""

    name: str
    parent: str | None
    level: str


@dataclass(slots=True)
class Employee:
    """A person of the firm; `region` is the sales region, `weight` the size of a rep's book."""

    name: str
    mobile: str
    email: str
    unit: str
    title: str
    manager: str | None
    region: str
    status: str
    hired_on: date
    weight: float = 0.0
    province: str = ""
    city: str = ""

    @property
    def sells(self) -> bool:
        """Whether this person is a sales rep with customers of their own."""
        return self.weight > 0


@dataclass(slots=True)
class Customer:
    """A customer as the old CRM knows it; `colleague` calls there too, `twin_of` is who it really is."""

    name: str
    short: str
    industry: str
    grade: str
    source: str
    province: str
    city: str
    zone: str
    address: str
    phone: str
    mobile: str
    email: str
    website: str
    owner: str
    created_at: datetime
    silent_since: date | None = None
    twin_of: str | None = None
    colleague: str | None = None
    last_contact: datetime | None = None
    won: int = 0
    deals: list[Deal] = field(default_factory=list)
    people: list[ContactPerson] = field(default_factory=list)


@dataclass(slots=True)
class ContactPerson:
    """Somebody at a customer."""

    name: str
    customer: str
    title: str
    mobile: str
    email: str
    gender: str
    decides: bool


@dataclass(slots=True)
class Deal:
    """An opportunity with the day on which it entered each stage."""

    number: str
    name: str
    customer: str
    owner: str
    product: str
    amount: int
    stage: str
    status: str
    opened_on: date
    stage_days: list[tuple[str, date]]
    expected_on: date
    closed_on: date | None
    source: str
    rival: str | None
    next_move: str | None
    lost_reason: str | None


@dataclass(slots=True)
class Quote:
    """A price offered for a deal."""

    number: str
    customer: str
    deal: str
    issued_on: date
    valid_until: date
    amount: int
    discount: int
    status: str
    owner: str


@dataclass(slots=True)
class Agreement:
    """A contract for a won deal."""

    number: str
    name: str
    customer: str
    deal: str
    amount: int
    signed_on: date
    starts_on: date
    ends_on: date
    delivery_on: date
    signatory: str
    owner: str
    status: str
    kind: str


@dataclass(slots=True)
class Instalment:
    """A part of a contract's money that falls due."""

    customer: str
    contract: str
    number: int
    due_on: date
    amount: int
    paid: bool


@dataclass(slots=True)
class Receipt:
    """Money that came in."""

    number: str
    customer: str
    contract: str
    instalment: int
    received_on: date
    amount: int
    method: str
    owner: str


@dataclass(slots=True)
class Bill:
    """An invoice issued."""

    number: str
    customer: str
    contract: str
    amount: int
    issued_on: date
    kind: str


@dataclass(slots=True)
class Note:
    """An activity as a rep typed it."""

    kind: str
    subject: str
    content: str
    customer: str
    contact: str | None
    deal: str | None
    owner: str
    at: datetime
    minutes: int


@dataclass(slots=True)
class Case:
    """A service ticket."""

    number: str
    customer: str
    contact: str
    subject: str
    kind: str
    priority: str
    status: str
    opened_at: datetime
    answered_at: datetime
    closed_at: datetime | None
    handler: str
    satisfaction: int | None


@dataclass(slots=True)
class Event:
    """An entry of the firm's own calendar."""

    name: str
    kind: str
    starts_on: date
    ends_on: date
    region: str | None
    industry: str | None
    factor: float | None


@dataclass(slots=True)
class Prospect:
    """A lead."""

    name: str
    company: str
    contact: str
    mobile: str
    source: str
    industry: str
    grade: str
    owner: str
    status: str
    created_at: datetime


@dataclass(slots=True)
class DemoTruth:
    """What was planted, so that tests and the demo itself can check what came through; money in fen."""

    people: int = 0
    units: int = 0
    accounts: int = 0
    account_rows: int = 0
    contacts: int = 0
    opportunities: int = 0
    stage_changes: int = 0
    won: int = 0
    won_amount: int = 0
    lost: int = 0
    open: int = 0
    open_by_stage: dict[str, int] = field(default_factory=dict)
    open_amount_by_stage: dict[str, int] = field(default_factory=dict)
    activities: int = 0
    contracts: int = 0
    contract_amount: int = 0
    quotes: int = 0
    expired_quotes: int = 0
    payments: int = 0
    payment_amount: int = 0
    instalments: int = 0
    invoices: int = 0
    products: int = 0
    leads: int = 0
    tickets: int = 0
    events: int = 0
    targets: int = 0
    rejected_rows: int = 0
    cell_issues: int = 0
    duplicate_pairs: list[tuple[str, str]] = field(default_factory=list)
    exact_duplicates: list[str] = field(default_factory=list)
    collisions: list[str] = field(default_factory=list)
    silent_top: list[str] = field(default_factory=list)
    stuck_deals: list[str] = field(default_factory=list)
    behind_plan: list[str] = field(default_factory=list)
    rhythm_planted: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rhythm_realised: dict[str, tuple[float, ...]] = field(default_factory=dict)
    won_by_person: dict[str, int] = field(default_factory=dict)
    leaver: str = ""
    successor: str = ""
    leaver_accounts: int = 0
    leaver_open_deals: int = 0
    leaver_open_amount: int = 0
    leaver_contracts: int = 0
    leaver_quotes: int = 0
    leaver_receivable: int = 0
    leaver_overdue: int = 0

    def document(self) -> dict[str, Any]:
        """Return the truth as plain JSON values."""
        return asdict(self)


@dataclass(slots=True)
class Firm:
    """Everything that the demo firm knows, and what was planted in it."""

    now: datetime
    units: list[Unit] = field(default_factory=list)
    people: list[Employee] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    contracts: list[Agreement] = field(default_factory=list)
    plan: list[Instalment] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    leads: list[Prospect] = field(default_factory=list)
    targets: dict[tuple[str, str], int] = field(default_factory=dict)
    truth: DemoTruth = field(default_factory=DemoTruth)

    @property
    def today(self) -> date:
        """The business day of the pinned instant."""
        return self.now.date()

    def reps(self) -> list[Employee]:
        """Return the sales reps."""
        return [person for person in self.people if person.sells]
