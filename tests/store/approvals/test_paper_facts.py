"""What levels go by is worked out again by the team database before a paper is frozen (APR-02, APR-09, PER-06)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import pytest

from desktop.operations.contracts import ContractDraft, contract_of_quote
from desktop.operations.papers import ask_contract_review, ask_discount, ask_quote_review
from desktop.operations.quotes import QuoteDraft, make_quote
from desktop.queries.quote_detail import LineDraft
from desktop.store.access.papers import CHANGED
from tests.security.lab import connect
from tests.store.approvals.by_hand import newest, task_of, told
from tests.store.approvals.conftest import Office, level
from tests.store.approvals.test_enforced import guarded

__all__ = ["guarded"]
pytestmark = pytest.mark.postgres
Prices = Sequence[tuple[int | None, int | None]]


def quoted(office: Office, *lines: LineDraft, discount: int = 0, prices: Prices = ((None, None),)) -> int:
    """Make a quote of the rep's, for a customer of their own, with list prices and costs line by line."""
    account = office.make.account(f"Hengtai {len(lines)} {discount}", office.ids["rep"])
    draft = QuoteDraft(account, lines, discount=discount)
    quote = office.as_("rep").write(partial(make_quote, draft=draft)).id
    with connect(office.place, "postgres") as root:
        for position, (listed, cost) in enumerate(prices, start=1):
            root.execute(
                "UPDATE quote_line SET list_price = %s, cost = %s WHERE quote_id = %s AND position = %s",
                [listed, cost, quote, position],
            )
    return quote


def test_the_server_finds_the_same_facts_as_the_program(guarded: Office) -> None:
    """Discounts, prices below and above the list, costs that are known or not, changes of contracts."""
    picking = random.Random(3)
    rep = guarded.as_("rep")
    for turn in range(8):
        lines = [
            LineDraft(f"Pump {n}", picking.randrange(1, 30_000), picking.randrange(1, 4_000_000_000))
            for n in range(1 + turn % 3)
        ]
        prices = [
            (
                picking.choice((None, 3_000_000_000, picking.randrange(1, 5_000_000_000))),
                picking.choice((None, picking.randrange(1, 2_000_000_000))),
            )
            for _ in lines
        ]
        quote = quoted(guarded, *lines, discount=picking.choice((0, 333, 2_001)), prices=prices)
        rep.write(partial(ask_quote_review, quote_id=quote))
        rep.write(partial(ask_discount, quote_id=quote, discount=picking.randrange(1, 9_999), reason="x"))
        contract = rep.write(partial(contract_of_quote, draft=ContractDraft(quote, f"Pumps {turn}")))
        changes = {
            "amount": picking.choice((None, 1, picking.randrange(10_000_000))),
            "delivery_on": picking.choice((None, date(2026, 11, 18) + timedelta(days=picking.randrange(30)))),
            "extra_clause": picking.choice((None, False, True)),
        }
        rep.write(partial(ask_contract_review, contract_id=contract, changes=changes))
    with connect(guarded.place, "postgres") as root:
        found = root.execute(
            "SELECT r.kind, r.facts::jsonb - 'content', plumbline.paper_facts(r) FROM approval_request AS r"
        ).fetchall()
    assert len(found) == 24
    assert [(kind, said) for kind, said, _ in found] == [(kind, made) for kind, _, made in found]


@pytest.mark.parametrize(
    ("kind", "lie"),
    [
        ("quote", "facts || '{\"amount\": 1}'"),
        ("quote", "facts || '{\"rows\": 0}'"),
        ("discount", "facts || '{\"concession\": 0}'"),
        ("discount", "facts || '{\"amount\": 1}'"),
        ("contract_change", "facts || '{\"amount\": 1}'"),
        ("contract_change", "facts || '{\"irregular\": false}'"),
    ],
)
def test_who_signs_with_psql_freezes_nothing_by_facts_that_lie(guarded: Office, kind: str, lie: str) -> None:
    """Overstepping by two: the rep states smaller facts, and the manager signs past the console and the director."""
    guarded.flow(level("role:city_manager"), kind=kind)
    rep = guarded.as_("rep")
    quote = quoted(guarded, LineDraft("Pump", 10_000, 9_000_000_000), prices=((9_500_000_000, None),))
    if kind == "quote":
        rep.write(partial(ask_quote_review, quote_id=quote))
    elif kind == "discount":
        rep.write(partial(ask_discount, quote_id=quote, discount=3_000, reason="x"))
    else:
        contract = rep.write(partial(contract_of_quote, draft=ContractDraft(quote, "Pumps")))
        rep.write(partial(ask_contract_review, contract_id=contract, changes={"amount": 10}))
    honest = newest(guarded)
    copied = "kind, title, subject_id, flow_id, levels, payload, state, requested_by_id"
    withdrawn = f"SELECT plumbline.withdraw({honest}, NULL)"
    assert told(guarded, "rep", withdrawn) == ""
    forged = (
        f"INSERT INTO approval_request ({copied}, facts, requested_at, recorded_at, changed_at) SELECT"
        f" {copied.replace('state,', chr(39) + 'waiting' + chr(39) + ',')}, {lie.replace('facts', 'facts::jsonb')},"
        f" now(), now(), now() FROM approval_request WHERE id = {honest}"
    )
    assert told(guarded, "rep", forged) == ""
    number = newest(guarded)
    assert told(guarded, "rep", f"SELECT plumbline.open_level({number})") == ""
    signs = f"SELECT plumbline.sign({task_of(guarded, number)}, 'approved', NULL, NULL, NULL)"
    assert told(guarded, "manager", f"{signs}; SELECT plumbline.settle_paper({number})") == CHANGED


def test_what_is_carried_out_is_what_the_lines_come_to(guarded: Office) -> None:
    """Overstepping by the payload: an amount that neither the lines nor the discount make."""
    guarded.flow(level("role:city_manager"), kind="discount")
    quote = quoted(guarded, LineDraft("Pump", 10_000, 9_000_000_000))
    guarded.as_("rep").write(partial(ask_discount, quote_id=quote, discount=100, reason="x"))
    honest = newest(guarded)
    assert told(guarded, "rep", f"SELECT plumbline.withdraw({honest}, NULL)") == ""
    forged = (
        "INSERT INTO approval_request (kind, title, subject_id, flow_id, levels, state, requested_by_id, facts, payload,"
        " requested_at, recorded_at, changed_at) SELECT kind, title, subject_id, flow_id, levels, 'waiting',"
        " requested_by_id, facts, payload::jsonb || '{\"amount\": 1}', now(), now(), now() FROM approval_request"
        f" WHERE id = {honest}"
    )
    assert told(guarded, "rep", forged) == ""
    number = newest(guarded)
    assert told(guarded, "rep", f"SELECT plumbline.open_level({number})") == ""
    signs = f"SELECT plumbline.sign({task_of(guarded, number)}, 'approved', NULL, NULL, NULL)"
    assert told(guarded, "manager", f"{signs}; SELECT plumbline.settle_paper({number})") == CHANGED
