"""What each importable entity is in the database: its table, its keys, and what its fields refer to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table

from desktop.models import Base
from desktop.terms import OwnedKind


@dataclass(frozen=True, slots=True)
class Link:
    """A reference: source fields in order of preference, and the column that holds the found id.

    `create` makes a record of that name where there is none; `within` prefers a record of the same
    account; `otherwise` are (entity, column) tried for a record id that is not one of `target`. A row
    whose `needed` reference finds nothing is left out: it is part of something.
    """

    fields: tuple[str, ...]
    column: str
    target: str
    create: bool = False
    within: bool = False
    otherwise: tuple[tuple[str, str], ...] = ()
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Spec:
    """How rows of one entity are stored and recognised.

    `number` is the document number, credit code or login: two records with different ones never
    meet by a weaker key. `match` are the weaker keys, strongest first. `basis` are the fields whose
    hash identifies a row without any record id; none means every field. `ordinal` tells equal ones
    of one table apart instead of merging them.
    """

    entity: str
    table_name: str
    number: str | None = None
    match: tuple[tuple[str, ...], ...] = ()
    basis: tuple[str, ...] = ()
    ordinal: bool = False
    links: tuple[Link, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    named: bool = False
    owned: OwnedKind | None = None

    @property
    def table(self) -> Table:
        """The database table."""
        return Base.metadata.tables[self.table_name]


OWNER = Link(("owner",), "owner_id", "user", create=True)
ACCOUNT = Link(("account_external_id", "account_name"), "account_id", "account", create=True)
CONTACT = Link(
    ("contact_external_id", "contact_name"),
    "contact_id",
    "contact",
    within=True,
    otherwise=(("lead", "lead_id"),),
)
OPPORTUNITY = Link(
    ("opportunity_external_id", "opportunity_name"),
    "opportunity_id",
    "opportunity",
    within=True,
    otherwise=(("account", "account_id"), ("contract", "contract_id")),
)
LEAD = Link(("lead_external_id", "lead_name"), "lead_id", "lead")
CONTRACT = Link(("contract_external_id", "contract_number"), "contract_id", "contract")
PRODUCT = Link(("product_code", "product"), "product_id", "product", create=True)
PLAIN_CONTACT = Link(("contact_external_id", "contact_name"), "contact_id", "contact", within=True)

SPECS: dict[str, Spec] = {
    spec.entity: spec
    for spec in (
        Spec(
            "org_unit",
            "org_unit",
            match=(("name_key",),),
            basis=("name_key",),
            links=(Link(("parent",), "parent_id", "org_unit", create=True),),
            named=True,
        ),
        Spec(
            "user",
            "person",
            number="login",
            match=(("email",), ("name_key",)),
            basis=("name_key",),
            links=(
                Link(("org_unit",), "unit_id", "org_unit", create=True),
                Link(("manager",), "manager_id", "user", create=True),
            ),
            named=True,
        ),
        Spec("campaign", "campaign", match=(("name_key",),), basis=("name_key",), links=(OWNER,), named=True),
        Spec("product", "product", number="code", match=(("name_key",),), basis=("name_key",), named=True),
        Spec(
            "account",
            "account",
            number="credit_code",
            match=(("name_key",),),
            basis=("name_key",),
            links=(
                OWNER,
                Link(("created_by",), "created_by_id", "user", create=True),
                Link(("parent_name",), "parent_id", "account", create=True),
            ),
            named=True,
            owned=OwnedKind.ACCOUNT,
        ),
        Spec(
            "contact",
            "contact",
            match=(("name_key", "account_id"), ("name_key", "mobile"), ("name_key", "email")),
            basis=("name_key", "account_external_id", "account_name", "mobile", "email"),
            links=(ACCOUNT, OWNER),
            named=True,
            owned=OwnedKind.CONTACT,
        ),
        Spec(
            "lead",
            "lead",
            match=(("name_key", "mobile"), ("name_key", "email"), ("name_key", "company")),
            basis=("name_key", "company", "mobile", "email"),
            links=(OWNER,),
            named=True,
            owned=OwnedKind.LEAD,
        ),
        Spec(
            "opportunity",
            "opportunity",
            match=(("name_key", "account_id"),),
            basis=("name_key", "account_external_id", "account_name"),
            ordinal=True,
            links=(ACCOUNT, PLAIN_CONTACT, OWNER),
            named=True,
            owned=OwnedKind.OPPORTUNITY,
        ),
        Spec(
            "quote",
            "quote",
            number="number",
            basis=("number",),
            links=(ACCOUNT, OPPORTUNITY, OWNER),
            owned=OwnedKind.QUOTE,
        ),
        Spec(
            "quote_line",
            "quote_line",
            match=(("quote_id", "position"), ("quote_id", "product_id")),
            basis=("quote_number", "product_code", "product"),
            ordinal=True,
            links=(Link(("quote_number",), "quote_id", "quote", needed=True), PRODUCT),
        ),
        Spec(
            "contract",
            "contract",
            number="number",
            match=(("name_key", "account_id"),),
            basis=("name_key", "account_external_id", "account_name"),
            ordinal=True,
            links=(ACCOUNT, OPPORTUNITY, OWNER),
            named=True,
            owned=OwnedKind.CONTRACT,
        ),
        Spec(
            "milestone",
            "milestone",
            match=(("contract_id", "name"),),
            basis=("contract_number", "contract_name", "name"),
            ordinal=True,
            links=(Link(("contract_number", "contract_name"), "contract_id", "contract", needed=True),),
        ),
        Spec("invoice", "invoice", number="number", basis=("number",), links=(ACCOUNT, CONTRACT)),
        Spec("payment", "payment", number="number", ordinal=True, links=(ACCOUNT, CONTRACT, OWNER)),
        Spec(
            "payment_plan",
            "payment_plan",
            match=(("contract_id", "instalment"),),
            ordinal=True,
            links=(ACCOUNT, CONTRACT),
        ),
        Spec("order", "sales_order", number="number", basis=("number",), links=(ACCOUNT, OWNER)),
        Spec(
            "order_line",
            "order_line",
            basis=("order_number", "product_code", "product"),
            ordinal=True,
            links=(Link(("order_number",), "order_id", "order"), PRODUCT),
        ),
        Spec(
            "activity",
            "activity",
            ordinal=True,
            links=(ACCOUNT, CONTACT, OPPORTUNITY, LEAD, OWNER),
            renamed=(("recorded_at", "logged_at"),),
        ),
        Spec("ticket", "ticket", ordinal=True, links=(ACCOUNT, PLAIN_CONTACT, OWNER)),
        Spec("touchpoint", "touchpoint", ordinal=True, links=(ACCOUNT, LEAD)),
        Spec("call_record", "call_record", ordinal=True, links=(OWNER,)),
        Spec("checkin", "checkin", ordinal=True, links=(OWNER, ACCOUNT)),
        Spec(
            "target",
            "target",
            match=(("person_id", "period", "metric"), ("unit_id", "period", "metric")),
            basis=("owner", "period", "metric"),
        ),
        Spec(
            "calendar_event",
            "calendar_event",
            match=(("name", "starts_on", "region"),),
            basis=("name", "starts_on", "region"),
        ),
    )
}
"""Every importable entity, in the order in which they are loaded: whatever is referred to comes first."""

ENTITY_OF_TABLE = {spec.table_name: spec.entity for spec in SPECS.values()}
"""The entity that a table stores, as command-line documents name it."""
