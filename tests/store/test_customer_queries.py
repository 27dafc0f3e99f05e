"""The customer table and customer 360, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from desktop.errors import NotFound
from desktop.periods import Period
from desktop.queries.account_detail import account_view
from desktop.queries.customers import account_count, account_rows, customer_figures
from desktop.queries.receivables import Owed, owed_by
from desktop.queries.rows import Condition, RowRequest, Sort
from desktop.queries.scope import Scope
from desktop.queries.search import scope_choices, search_hits
from desktop.store.workspace import Workspace
from tests.maker import Maker

SCOPE = Scope(Period.parse("2026-11"))


@pytest.fixture
def firm(make: Maker) -> dict[str, int]:
    """Three customers of two people in two units."""
    east, west = make.unit("East"), make.unit("West")
    li, wang = make.person("Li", unit=east), make.person("Wang", unit=west)
    ids = {
        "Acme": make.account("Acme", li, grade="A", city="Ningbo"),
        "Bolt": make.account("Bolt", wang, grade="C"),
        "Cone": make.account("Cone"),
    }
    make.contact("Zhao", ids["Acme"], is_decision_maker=True)
    make.contact("Qian", ids["Acme"])
    make.deal("Open", ids["Acme"], owner=li, amount="100")
    make.deal("Clash", ids["Acme"], owner=wang, amount="40")
    make.deal("Won", ids["Bolt"], owner=wang, amount="70", path=[("Signed", date(2026, 10, 1))])
    make.activity(ids["Acme"], on=make.days_ago(3), owner=li)
    make.activity(ids["Bolt"], on=make.days_ago(33), owner=wang)
    return {**ids, "east": east, "li": li, "wang": wang}


def names(workspace: Workspace, scope: Scope = SCOPE, **request: object) -> list[str]:
    """Return the names of the rows of a request."""
    asked = RowRequest(**request)  # type: ignore[arg-type]
    rows = workspace.read(lambda work: account_rows(work, scope=scope, request=asked))
    count = workspace.read(lambda work: account_count(work, scope=scope, filters=asked.filters))
    assert asked.limit < count or asked.offset or count == len(rows)
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, ["Acme", "Bolt", "Cone"]),
        (Sort("name", True), ["Cone", "Bolt", "Acme"]),
        (Sort("open_amount", True), ["Acme", "Bolt", "Cone"]),
        (Sort("won_amount", True), ["Bolt", "Acme", "Cone"]),
        (Sort("silent_days", True), ["Bolt", "Acme", "Cone"]),
        (Sort("silent_days"), ["Acme", "Bolt", "Cone"]),
        (Sort("owner", True), ["Bolt", "Acme", "Cone"]),
        (Sort("contacts"), ["Bolt", "Cone", "Acme"]),
    ],
)
def test_the_database_sorts(
    workspace: Workspace, firm: dict[str, int], sort: Sort | None, expected: list[str]
) -> None:
    """Every column sorts; what is unknown comes last either way."""
    assert names(workspace, sort=sort) == expected


@pytest.mark.parametrize(
    ("key", "condition", "expected"),
    [
        ("name", Condition("contains", "OL"), ["Bolt"]),
        ("name", Condition("contains", "%"), []),
        ("owner", Condition("blank"), ["Cone"]),
        ("city", Condition("filled"), ["Acme"]),
        ("grade", Condition("in", values=("A", "B")), ["Acme"]),
        ("open_amount", Condition(">", 10_000), ["Acme"]),
        ("contacts", Condition("=", 0), ["Bolt", "Cone"]),
        ("silent_days", Condition(">=", 33), ["Bolt"]),
        ("silent_days", Condition("<", 33), ["Acme"]),
        ("silent_days", Condition("=", 3), ["Acme"]),
        ("silent_days", Condition("between", 30, 40), ["Bolt"]),
        ("silent_days", Condition("blank"), ["Cone"]),
        ("last_effective_at", Condition("between", date(2026, 11, 1), date(2026, 11, 30)), ["Acme"]),
        ("last_effective_at", Condition("<", date(2026, 11, 1)), ["Bolt"]),
    ],
)
def test_the_database_filters(
    workspace: Workspace, firm: dict[str, int], key: str, condition: Condition, expected: list[str]
) -> None:
    """The filter row is SQL: text, numbers, days of silence, business days."""
    assert names(workspace, filters={key: condition}) == expected


def test_slices_and_whole_tables_agree(workspace: Workspace, firm: dict[str, int]) -> None:
    """Sums are the same whether they are joined (for Excel) or asked for afterwards (on the screen)."""
    screen = workspace.read(lambda work: account_rows(work, scope=SCOPE, request=RowRequest()))
    excel = workspace.read(lambda work: account_rows(work, scope=SCOPE, request=RowRequest(limit=5_000)))
    assert screen == excel
    assert (screen[0].contacts, screen[0].open_deals, screen[0].open_amount) == (2, 2, 14_000)
    assert names(workspace, offset=1, limit=1) == ["Bolt"]


def test_the_scope_narrows(workspace: Workspace, firm: dict[str, int]) -> None:
    """A unit sees the customers of its people."""
    assert names(workspace, Scope(SCOPE.period, firm["east"])) == ["Acme"]


def test_figures(workspace: Workspace, firm: dict[str, int]) -> None:
    """What stands above the table is the metric dictionary's, the customer of nobody among it."""
    told = workspace.read(lambda work: customer_figures(work, scope=SCOPE))
    found = {key: told.value(key) for key in told.question.metrics}
    assert found == {
        "accounts": 3,
        "grade_a_customers": 1,
        "active_customers": 1,
        "active_share": Decimal("0.333333"),
        "unowned_customers": 1,
        "funnel_open_count": 2,
        "funnel_open_amount": 14_000,
        "open_receivable": 0,
        "overdue_receivable": 0,
    }


def test_customer_360(workspace: Workspace, make: Maker, firm: dict[str, int]) -> None:
    """People with the decider first, the newest event first, and the colleague who is here too."""
    make.quote("Q-1", firm["Acme"], "80", issued_on=make.days_ago(1))
    view = workspace.read(lambda work: account_view(work, firm["Acme"]))
    assert [contact.name for contact in view.contacts] == ["Zhao", "Qian"]
    assert [(entry.kind, entry.amount) for entry in view.timeline] == [("quote", 8_000), ("visit", None)]
    assert [(clash.person, clash.deals, clash.amount) for clash in view.collisions] == [("Wang", 1, 4_000)]
    assert (view.silent_days, view.open_amount, view.activities) == (3, 14_000, 1)


def test_an_unknown_customer_is_told(workspace: Workspace) -> None:
    """A record that is gone is an expected problem."""
    with pytest.raises(NotFound, match="does not exist"):
        workspace.read(lambda work: account_view(work, 404))


def test_what_is_owed_never_goes_below_zero(workspace: Workspace, make: Maker) -> None:
    """Per contract: the plan, else the amount, less payments; one contract's surplus pays no other."""
    from desktop.models.accounts import Account
    from desktop.models.contracts import Payment

    acme = make.account("Acme", make.person("Li"))
    planned = make.contract("C-1", acme, "100")
    make.payment_plan(planned, "60", make.days_ago(5))
    make.payment_plan(planned, "40", make.today + timedelta(days=30))
    make.contract("C-2", acme, "30")
    paid = make.contract("C-3", acme, "10")
    for contract, amount in ((planned, 2_000), (paid, 5_000)):
        make._make(
            Payment(account_id=acme, contract_id=contract, amount=amount, received_on=make.days_ago(1))
        )
    owed = workspace.read(lambda work: owed_by(work, Account.id == acme))
    assert owed == Owed(outstanding=8_000 + 3_000, overdue=4_000)


def test_search_finds_customers_people_and_deals(workspace: Workspace, firm: dict[str, int]) -> None:
    """What begins with the text comes first; nothing typed finds nothing."""
    assert [(hit.kind, hit.name) for hit in workspace.read(lambda work: search_hits(work, "l"))][:1] == [
        ("account", "Bolt")
    ]
    assert ("person", "Wang") in [
        (hit.kind, hit.name) for hit in workspace.read(lambda work: search_hits(work, "wan"))
    ]
    assert ("opportunity", "Clash") in [
        (hit.kind, hit.name) for hit in workspace.read(lambda work: search_hits(work, "clas"))
    ]
    assert workspace.read(lambda work: search_hits(work, "  ")) == []


def test_the_scope_offers_the_tree(workspace: Workspace, make: Maker) -> None:
    """Units stand under their parents; the shipped pipelines are offered in both languages."""
    firm = make.unit("Firm", "hq")
    make.unit("East", "region", firm)
    choices = workspace.read(scope_choices)
    assert [(unit.name, unit.depth) for unit in choices.units] == [("Firm", 0), ("East", 1)]
    assert all(pipeline.label(True) for pipeline in choices.pipelines)
