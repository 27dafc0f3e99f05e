"""Quotes and contracts: written, priced, held to their days, looked around for collisions (APR-03, 08 to 11, DUP-03)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from desktop.analytics.irregularity import Irregular
from desktop.analytics.names import name_key
from desktop.analytics.validity import Standing
from desktop.clock import FixedClock
from desktop.errors import InvalidInput, NotAllowed, StaleRecord, UserError
from desktop.models.orders import OrderLine, Product, SalesOrder
from desktop.operations.contracts import (
    ContractDraft,
    Severity,
    contract_of_quote,
    note_risk,
    settle_risk,
    sign_contract,
)
from desktop.operations.quoted import quoted_elsewhere
from desktop.operations.quotes import QuoteDraft, edit_quote, make_quote
from desktop.periods import Period
from desktop.queries.contracts import contract_detail, contract_rows
from desktop.queries.quote_detail import LineDraft, draft_like, quote_detail
from desktop.queries.quote_history import quote_radar
from desktop.queries.quotes import quote_count, quote_figures, quote_row, quote_rows
from desktop.queries.rows import RowRequest
from desktop.queries.scope import Scope
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker

ALL = Scope(Period.parse("2026-11"))
YUAN = 1_000_000
"""One yuan as a unit price."""


def product(make: Maker, name: str, price: int | None, cost: int | None) -> int:
    return make._make(
        Product(
            name=name,
            name_key=name_key(name),
            list_price=None if price is None else price * YUAN,
            cost=None if cost is None else cost * YUAN,
        )
    )


def pumps(pump: int, price: int = 900, quantity: int = 10) -> tuple[LineDraft, ...]:
    return (
        LineDraft("Pump", quantity * 1_000, price * YUAN, pump),
        LineDraft("Installation", 1_000, 500 * YUAN),
    )


def write(workspace: Workspace, account: int, lines: tuple[LineDraft, ...], discount: int = 0) -> int:
    return workspace.write(lambda work: make_quote(work, QuoteDraft(account, lines, discount=discount))).id


def test_a_quote_is_written_with_list_prices_costs_and_margin(workspace: Workspace, make: Maker) -> None:
    account, pump = make.account("Hengtai"), product(make, "Pump", 1_000, 600)
    number = write(workspace, account, pumps(pump), discount=500)
    detail = workspace.read(lambda work: quote_detail(work, number))
    assert detail.row.number == f"BJ20261118-{number:05d}"
    assert detail.row.amount == 902_500  # (9,000 + 500) less 5 %
    assert [line.amount for line in detail.lines] == [900_000, 50_000]
    assert [line.discount for line in detail.lines] == [1_000, None]
    assert (detail.margin.revenue, detail.margin.cost) == (855_000, 600_000)
    assert not detail.margin.complete
    assert detail.row.margin == 2_982
    assert (detail.row.standing, detail.row.last_day) == (Standing.VALID, date(2026, 11, 25))


def test_the_margin_does_not_move_with_the_price_list(workspace: Workspace, make: Maker) -> None:
    account, pump = make.account("Hengtai"), product(make, "Pump", 1_000, 600)
    number = write(workspace, account, pumps(pump))
    workspace.write(lambda work: work.session.execute(text("UPDATE product SET cost = 1, list_price = 2")))
    line = workspace.read(lambda work: quote_detail(work, number)).lines[0]
    assert (line.list_price, line.cost) == (1_000 * YUAN, 600 * YUAN)


def test_editing_replaces_the_lines_and_loses_to_whoever_was_faster(
    workspace: Workspace, make: Maker
) -> None:
    account, pump = make.account("Hengtai"), product(make, "Pump", 1_000, 600)
    number = write(workspace, account, pumps(pump))
    draft = QuoteDraft(account, pumps(pump, 950)[:1], valid_until=date(2026, 11, 20))
    done = workspace.write(lambda work: edit_quote(work, number, draft, version=2))
    assert done.amount == 950_000
    detail = workspace.read(lambda work: quote_detail(work, number))
    assert [line.name for line in detail.lines] == ["Pump"]
    assert (detail.row.last_day, detail.row.standing) == (date(2026, 11, 20), Standing.ENDING)
    with pytest.raises(StaleRecord):
        workspace.write(lambda work: edit_quote(work, number, draft, version=2))


@pytest.mark.parametrize(
    ("lines", "discount", "code"),
    [
        ((), 0, "quote_empty"),
        ((LineDraft(" ", 1_000, YUAN),), 0, "quote_line_incomplete"),
        ((LineDraft("Pump", 0, YUAN),), 0, "quote_line_incomplete"),
        ((LineDraft("Pump", 1_000, YUAN),), 10_001, "discount_impossible"),
        ((LineDraft("Pump", 1_000, YUAN, 999),), 0, "product_unknown"),
    ],
)
def test_what_cannot_be_offered_is_refused(
    sqlite_workspace: Workspace,
    sqlite_make: Maker,
    lines: tuple[LineDraft, ...],
    discount: int,
    code: str,
) -> None:
    account = sqlite_make.account("Hengtai")
    with pytest.raises(UserError) as refused:
        write(sqlite_workspace, account, lines, discount)
    assert refused.value.code == code


def test_an_expired_quote_cannot_be_used_to_sign(
    workspace: Workspace, make: Maker, clock: FixedClock
) -> None:
    account, pump = make.account("Hengtai"), product(make, "Pump", 1_000, 600)
    number = write(workspace, account, pumps(pump))
    contract = workspace.write(lambda work: contract_of_quote(work, ContractDraft(number)))
    workspace.clock = FixedClock(clock.instant + timedelta(days=7))
    row = workspace.read(lambda work: quote_row(work, number))
    assert row is not None
    assert (row.standing, row.days_left) == (Standing.ENDING, 0)
    workspace.clock = FixedClock(clock.instant + timedelta(days=8))
    row = workspace.read(lambda work: quote_row(work, number))
    assert row is not None
    assert row.standing is Standing.EXPIRED
    for operation in (
        lambda work: sign_contract(work, contract),
        lambda work: contract_of_quote(work, ContractDraft(number)),
    ):
        with pytest.raises(InvalidInput, match="held until 2026-11-25"):
            workspace.write(operation)
    signed = date(2026, 11, 25)
    workspace.write(lambda work: sign_contract(work, contract, signed_on=signed, customer_signatory="Li"))
    assert workspace.read(lambda work: contract_detail(work, contract)).row.signed_on == signed
    with pytest.raises(InvalidInput, match="was signed on"):
        workspace.write(lambda work: sign_contract(work, contract))


def test_the_table_and_the_figures_agree_on_where_quotes_stand(workspace: Workspace, make: Maker) -> None:
    today = make.today
    for number, days, until in (
        ("Q-1", 0, None),
        ("Q-2", 5, None),
        ("Q-3", 7, None),
        ("Q-4", 8, today + timedelta(days=30)),
        ("Q-5", 1, today),
        ("Q-6", 3, today - timedelta(days=1)),
    ):
        make.quote(number, None, 100, issued_on=today - timedelta(days=days), valid_until=until)
    make.quote("Q-7", None, 100)
    rows = workspace.read(lambda work: quote_rows(work, scope=ALL, request=RowRequest(limit=50)))
    for part in Standing:
        counted = workspace.read(partial(quote_count, scope=ALL, filters={}, part=part))
        assert counted == sum(row.standing is part for row in rows), part
    assert [row.number for row in rows if row.standing is Standing.EXPIRED] == ["Q-6", "Q-4"]
    figures = workspace.read(lambda work: quote_figures(work, ALL))
    assert (figures.open_quotes, figures.open_amount, figures.ending, figures.expired) == (4, 40_000, 3, 2)


def test_an_old_quote_is_the_draft_of_a_new_one(workspace: Workspace, make: Maker) -> None:
    account, pump = make.account("Hengtai"), product(make, "Pump", 1_000, 600)
    old = write(workspace, account, pumps(pump))
    lines = workspace.read(lambda work: draft_like(work, old))
    assert lines == pumps(pump)
    new = write(workspace, account, lines)
    again = workspace.read(lambda work: quote_detail(work, new))
    assert again.row.amount == 950_000


def test_irregular_contracts_are_flagged_and_not_signed_unapproved(workspace: Workspace, make: Maker) -> None:
    account, pump = make.account("Hengtai"), product(make, "Pump", 1_000, 600)
    number = write(workspace, account, pumps(pump))
    draft = ContractDraft(number, amount=900_000, delivery_on=date(2026, 11, 25), extra_clause=True)
    contract = workspace.write(lambda work: contract_of_quote(work, draft))
    (row,) = workspace.read(lambda work: contract_rows(work, scope=ALL, request=RowRequest(limit=9)))
    assert row.irregular.flags == (Irregular.CONCESSION, Irregular.DELIVERY, Irregular.CLAUSE)
    assert (row.irregular.concession, row.irregular.delivery_days) == (526, 7)
    with pytest.raises(NotAllowed, match="was not approved"):
        workspace.write(lambda work: sign_contract(work, contract))


def test_risks_are_noted_per_clause_and_settled(workspace: Workspace, make: Maker) -> None:
    contract = make.contract("HT-1", make.account("Hengtai"), 100)
    note = workspace.write(
        lambda work: note_risk(work, contract, "§ 7 Liability", "unlimited", Severity.HIGH)
    )
    workspace.write(lambda work: settle_risk(work, note, "limited to the amount of the contract"))
    (seen,) = workspace.read(lambda work: contract_detail(work, contract)).notes
    assert (seen.clause, seen.severity, seen.settled_by) == (
        "§ 7 Liability",
        "high",
        workspace.actor.name,
    )
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: settle_risk(work, note, "again"))


def test_the_radar_finds_other_owners_and_the_same_product_in_all_spellings(
    workspace: Workspace, make: Maker
) -> None:
    ann, bob = make.person("安"), make.person("柏")
    pump = product(make, "泵", 1_000, 600)
    mine = make.account("杭州恒泰科技有限公司", ann)
    other = make.account("恒泰科技（杭州）有限责任公司", bob)
    theirs = write(workspace, other, pumps(pump, 880))
    workspace.write(
        lambda work: (
            work.session.execute(text("UPDATE quote SET owner_id = :owner").bindparams(owner=bob))
            if work.is_sqlite
            else work.session.execute(
                text("SELECT plumbline.assign('quote', ARRAY[:id]::bigint[], :me, :owner, :day, '', NULL)"),
                {"id": theirs, "me": work.actor.person_id, "owner": bob, "day": work.today},
            )
        )
    )
    order = make._make(SalesOrder(number="S-1", account_id=mine, ordered_on=date(2026, 3, 1), owner_id=ann))
    make._make(OrderLine(order_id=order, product_id=pump, quantity=2_000, unit_price=930 * YUAN))

    radar = workspace.read(lambda work: quote_radar(work, account_id=mine, product_ids={pump}, owner_id=ann))
    assert radar.sure
    assert len(radar.customers) == 2
    assert [(one.owner, one.quotes, one.amount) for one in radar.rivals] == [("柏", 1, 930_000)]
    assert [(one.number, one.unit_price, one.own) for one in radar.prices] == [
        (f"BJ20261118-{theirs:05d}", 880 * YUAN, False),
        ("S-1", 930 * YUAN, True),
    ]
    assert [one.kind for one in radar.again] == ["quote"]
    alone = workspace.read(
        lambda work: quote_radar(work, account_id=other, product_ids={pump}, owner_id=bob, quote_id=theirs)
    )
    assert alone.rivals == ()
    assert alone.again == ()


@pytest.fixture
def rep(place: Place, workspace: Workspace, make: Maker) -> Workspace:
    """A rep beside a colleague of another city who quotes the same customer under another record."""
    harbin = make.unit("Harbin", "city")
    other = make.person("Other", unit=harbin)
    hidden = make.account("哈尔滨恒泰有限公司", other)
    make.quote("Q-hidden", hidden, 100, issued_on=make.days_ago(3), owner_id=other)
    make.quote("Q-old", hidden, 100, issued_on=make.days_ago(300), owner_id=other)
    mine = make.person("Rep", Role.REP, login="rep_who_quotes")
    make.account("哈尔滨恒泰有限公司", mine)
    return place.open("rep_who_quotes", workspace.clock)


def run_sql(work: Work, statement: str) -> None:
    work.session.execute(text(statement))


def own_account(workspace: Workspace) -> int:
    statement = text("SELECT id FROM account WHERE owner_id = :me")
    return int(
        workspace.read(
            lambda work: work.session.execute(statement, {"me": work.actor.person_id}).scalar_one()
        )
    )


def test_colleagues_who_quote_out_of_sight_are_told_with_a_mask(rep: Workspace) -> None:
    found = quoted_elsewhere(rep, own_account(rep))
    assert (found.quotes, found.sellers, found.units) == (1, 1, ("Harbin",))
    assert found.last_on == date(2026, 11, 15)


def test_a_rep_writes_and_signs_own_quotes_and_no_others(rep: Workspace, workspace: Workspace) -> None:
    mine = write(rep, own_account(rep), (LineDraft("Pump", 1_000, YUAN),))
    edited = QuoteDraft(own_account(rep), (LineDraft("Pump", 2_000, YUAN),))
    assert rep.write(lambda work: edit_quote(work, mine, edited)).amount == 200
    contract = rep.write(lambda work: contract_of_quote(work, ContractDraft(mine)))
    rep.write(lambda work: sign_contract(work, contract))
    hidden = workspace.read(
        lambda work: work.session.execute(text("SELECT id FROM quote WHERE number = 'Q-hidden'")).scalar_one()
    )
    if rep.is_sqlite:
        return
    assert rep.read(lambda work: quote_row(work, hidden)) is None
    with pytest.raises(UserError) as refused:
        rep.write(lambda work: edit_quote(work, hidden, edited))
    assert refused.value.code == "quote_unknown"


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_the_database_itself_refuses_to_sign_or_renew(rep: Workspace) -> None:
    mine = write(rep, own_account(rep), (LineDraft("Pump", 1_000, YUAN),))
    for statement, code in (
        ("UPDATE quote SET issued_on = '2026-12-01'", "paper_frozen"),
        ("UPDATE quote SET renewed_on = '2026-12-01'", "paper_frozen"),
        (
            "INSERT INTO contract (name, owner_id, quote_id, signed_on, recorded_at, changed_at)"
            f" VALUES ('x', plumbline.me(), {mine}, '2026-11-26', now(), now())",
            "quote_expired",
        ),
    ):
        with pytest.raises(NotAllowed) as refused:
            rep.write(partial(run_sql, statement=statement))
        assert refused.value.code == code
