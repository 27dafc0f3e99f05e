"""What is approved of quotes and contracts is frozen; private edits are refused by the database (APR-02 to 04, PER-06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from desktop.clock import FixedClock
from desktop.errors import NotAllowed, StaleRecord, UserError
from desktop.operations.approvals.asking import ask_approval
from desktop.operations.approvals.deciding import approve, reject
from desktop.operations.contracts import ContractDraft, sign_contract
from desktop.operations.papers import (
    ask_contract_review,
    ask_discount,
    ask_quote_review,
    quote_facts,
    start_contract,
)
from desktop.operations.quotes import QuoteDraft, edit_quote, make_quote
from desktop.operations.undo import undo_import
from desktop.queries.contracts import contract_detail
from desktop.queries.quote_detail import LineDraft, quote_detail
from desktop.queries.quotes import quote_row
from desktop.store.integrity import problems
from desktop.store.papers import QUOTE, content_of
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place, pinned
from tests.maker import Maker
from tests.store.loading.hand_made import load, table, totals

LINES = (LineDraft("Pump", 10_000, 1_000_000_000),)
"""Ten at a thousand yuan."""


@dataclass
class Desk:
    """A rep with a quote, and who approves."""

    admin: Workspace
    rep: Workspace
    director: Workspace
    finance: Workspace
    account: int
    quote: int

    def approve(self, request: int, *signers: Workspace) -> None:
        """Sign a request by one person after the other."""
        for signer in signers:
            signer.write(partial(approve, request_id=request))


@pytest.fixture
def desk(place: Place, workspace: Workspace, make: Maker) -> Desk:
    unit = make.unit("Harbin", "city")
    rep = make.person("Rep", login="rep_of_papers", unit=unit)
    make.person("Director", Role.DIRECTOR, login="director_of_papers")
    make.person("Finance", Role.FINANCE, login="finance_of_papers")
    account = make.account("Hengtai", rep)
    opened = [place.open(f"{who}_of_papers", workspace.clock) for who in ("rep", "director", "finance")]
    quote = opened[0].write(lambda work: make_quote(work, QuoteDraft(account, LINES))).id
    return Desk(workspace, opened[0], opened[1], opened[2], account, quote)


def run_sql(work: Work, statement: str) -> None:
    work.session.execute(text(statement))


def test_an_expired_quote_is_reviewed_again_and_frozen(desk: Desk, place: Place) -> None:
    later = FixedClock(desk.rep.clock.now() + timedelta(days=10))
    if not place.is_sqlite:  # where the server says what day it is
        pinned(place, later.now())
    for workspace in (desk.rep, desk.director, desk.finance):
        workspace.clock = later
    request = desk.rep.write(lambda work: ask_quote_review(work, desk.quote, "still wanted"))
    desk.approve(request, desk.director)
    detail = desk.rep.read(lambda work: quote_detail(work, desk.quote))
    assert (detail.row.renewed_on, detail.row.last_day) == (date(2026, 11, 28), date(2026, 12, 5))
    assert detail.row.approved
    (version,) = detail.versions
    assert version.whole
    assert (version.by, version.content["amount"]) == ("Director", 1_000_000)
    assert version.content["lines"][0]["unit_price"] == 1_000_000_000
    draft = QuoteDraft(desk.account, LINES, discount=100)
    with pytest.raises(NotAllowed, match="stays as it was approved"):
        desk.rep.write(lambda work: edit_quote(work, desk.quote, draft))
    assert desk.admin.read(problems) == []


def test_a_discount_is_approved_with_finance_where_it_is_large(desk: Desk) -> None:
    request = desk.rep.write(lambda work: ask_discount(work, desk.quote, 800, "volume"))
    desk.approve(request, desk.director)
    assert not desk.rep.read(lambda work: quote_detail(work, desk.quote)).row.approved
    desk.approve(request, desk.finance)
    row = desk.rep.read(lambda work: quote_row(work, desk.quote))
    assert row is not None
    assert (row.discount, row.amount, row.approved) == (800, 920_000, True)


def test_smaller_facts_than_what_is_asked_for_are_not_approved(desk: Desk) -> None:
    """Levels go by the facts: who states smaller ones would have finance left out (security 37)."""

    def ask(work: Work) -> int:
        content = content_of(work, QUOTE, desk.quote)
        asked = {"content": content, "discount": 800, "amount": 920_000, "reason": "volume"}
        facts = quote_facts({"content": content, "discount": 100})
        return ask_approval(
            work, kind="discount", subject_id=desk.quote, title="x", facts=facts, payload=asked
        )

    request = desk.rep.write(ask)
    with pytest.raises(StaleRecord):
        desk.approve(request, desk.director)
    assert not desk.rep.read(lambda work: quote_detail(work, desk.quote)).row.approved


def test_who_edits_meanwhile_is_not_approved(desk: Desk) -> None:
    request = desk.rep.write(lambda work: ask_quote_review(work, desk.quote))
    draft = QuoteDraft(desk.account, LINES, discount=5_000)
    desk.rep.write(lambda work: edit_quote(work, desk.quote, draft))
    with pytest.raises(StaleRecord):
        desk.director.write(lambda work: approve(work, request))
    assert not desk.rep.read(lambda work: quote_detail(work, desk.quote)).row.approved
    desk.director.write(lambda work: reject(work, request, "other prices now"))
    again = desk.rep.write(lambda work: ask_quote_review(work, desk.quote))
    desk.approve(again, desk.director)
    assert desk.admin.read(problems) == []


def test_a_contract_is_reviewed_at_once_changed_by_approval_alone_and_signed(desk: Desk) -> None:
    draft = ContractDraft(desk.quote, amount=900_000, delivery_on=date(2026, 11, 22), extra_clause=True)
    contract, request = desk.rep.write(lambda work: start_contract(work, draft))
    with pytest.raises(NotAllowed, match="was not approved"):
        desk.rep.write(lambda work: sign_contract(work, contract))
    desk.approve(request, desk.director, desk.finance, desk.director, desk.director)
    assert desk.rep.read(lambda work: contract_detail(work, contract)).row.approved
    changes = {"amount": 880_000, "delivery_on": date(2026, 12, 20)}
    change = desk.rep.write(lambda work: ask_contract_review(work, contract, changes, "cheaper freight"))
    desk.approve(change, desk.finance, desk.director, desk.director, desk.director)
    detail = desk.rep.read(lambda work: contract_detail(work, contract))
    assert (detail.row.amount, detail.row.delivery_on) == (880_000, date(2026, 12, 20))
    assert [version.content["amount"] for version in detail.versions] == [880_000, 900_000]
    desk.rep.write(lambda work: sign_contract(work, contract, customer_signatory="Li"))
    assert desk.admin.read(problems) == []


def test_a_forged_version_and_a_private_edit_are_found(desk: Desk, place: Place) -> None:
    request = desk.rep.write(lambda work: ask_quote_review(work, desk.quote))
    desk.approve(request, desk.director)
    if not place.is_sqlite:
        return
    desk.admin.write(partial(run_sql, statement="UPDATE quote SET amount = 1"))
    desk.admin.write(partial(run_sql, statement="UPDATE paper_version SET content = content || ' '"))
    codes = [problem.code for problem in desk.admin.read(problems)]
    assert codes == ["paper_version_altered", "paper_altered"]


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE quote SET amount = 1", "paper_frozen"),
        ("UPDATE quote SET discount = 9000", "paper_frozen"),
        ("UPDATE quote_line SET unit_price = 1", "paper_frozen"),
        ("DELETE FROM quote_line", "paper_frozen"),
        (
            "INSERT INTO quote_line (quote_id, position, name, quantity, unit_price, amount, recorded_at, changed_at)"
            " SELECT id, 9, 'x', 1, 1, 1, now(), now() FROM quote",
            "paper_frozen",
        ),
        (
            "SELECT plumbline.settle_paper((SELECT max(id) FROM approval_request))",
            "paper_frozen",
        ),
        (
            "INSERT INTO paper_version (quote_id, number, content, hash, request_id, frozen_at, frozen_by_id)"
            " SELECT quote_id, 2, '{}', '', request_id, now(), plumbline.me() FROM paper_version",
            "database_denied",
        ),
    ],
)
def test_the_database_refuses_private_edits(desk: Desk, statement: str, code: str) -> None:
    request = desk.rep.write(lambda work: ask_quote_review(work, desk.quote))
    desk.approve(request, desk.director)
    for workspace in (desk.rep, desk.admin):
        with pytest.raises(UserError) as refused:
            workspace.write(partial(run_sql, statement=statement))
        assert refused.value.code == code
    assert desk.admin.read(problems) == []


def test_an_import_leaves_out_the_row_that_would_change_what_was_approved(desk: Desk) -> None:
    """On both databases alike: the row is named with what it would change, the other rows are imported."""
    request = desk.rep.write(lambda work: ask_quote_review(work, desk.quote))
    desk.approve(request, desk.director)
    contract, asked = desk.rep.write(lambda work: start_contract(work, ContractDraft(desk.quote, "Pumps")))
    desk.approve(asked, desk.director, desk.finance, desk.director, desk.director)
    quote = desk.rep.read(lambda work: quote_detail(work, desk.quote)).row.number
    number = desk.rep.read(lambda work: contract_detail(work, contract)).row.number
    quotes: list[dict[str, Any]] = [
        {"number": quote, "account_name": "Hengtai", "amount": 1, "discount": 500},
        {"number": quote, "account_name": "Hengtai", "amount": 1_000_000, "status": "sent"},
        {"number": "Q-new", "account_name": "Hengtai", "amount": 5},
    ]
    contracts: list[dict[str, Any]] = [
        {"number": number, "account_name": "Hengtai", "amount": 1_000_000, "ends_on": date(2030, 1, 1)},
        {"number": "C-new", "account_name": "Hengtai", "amount": 5, "ends_on": None},
    ]
    result = load(desk.admin, table("quote", quotes), table("contract", contracts))
    told = [
        (issue.file, issue.row, issue.params["fields"])
        for issue in result.issues
        if issue.code == "paper_frozen"
    ]
    assert told == [("quote.csv", 2, "amount, discount"), ("contract.csv", 2, "ends_on")]
    assert totals(result) == (2, 1, 0, 2)
    row = desk.rep.read(lambda work: quote_detail(work, desk.quote)).row
    assert (row.amount, row.discount or 0, row.status) == (1_000_000, 0, "sent")
    assert desk.admin.read(problems) == []


def test_an_import_neither_changes_nor_adds_lines_of_an_approved_quote_and_undo_leaves_them(
    desk: Desk,
) -> None:
    """Lines that say what was approved may come again; milestones come when they come: they are no term of a contract."""
    first = desk.rep.read(lambda work: quote_detail(work, desk.quote)).row.number
    brought: dict[str, Any] = {"quote_number": first, "product": "Valve", "quantity": 1_000, "amount": 50_00}
    run = load(desk.admin, table("quote_line", [brought]))
    draft = load(
        desk.admin, table("quote", [{"number": first, "account_name": "Hengtai", "amount": 1_005_000}])
    )
    request = desk.rep.write(lambda work: ask_quote_review(work, desk.quote))
    desk.approve(request, desk.director)
    rows: list[dict[str, Any]] = [
        {**brought, "external_id": "L-9"},
        {**brought, "amount": 60_00},
        {**brought, "product": "Extra"},
        {"quote_number": first, "position": 1, "quantity": 10_000, "unit_price": 1_000_000_000},
    ]
    result = load(desk.admin, table("quote_line", rows, source="other"))
    frozen = [(one.row, one.params["fields"]) for one in result.issues if one.code == "paper_frozen"]
    assert frozen[0] == (3, "amount")
    assert [row for row, _fields in frozen] == [3, 4]
    assert totals(result) == (0, 0, 2, 2)
    undone = desk.admin.write(lambda work: undo_import(work, run.run or 0))
    assert [one.why for one in undone.blocked if one.entity == "quote_line"] == [
        "It was approved after the import, and stays as it was approved."
    ]
    kept = desk.admin.write(lambda work: undo_import(work, draft.run or 0))
    assert [one.why for one in kept.kept] == [
        "It was approved after the import, and stays as it was approved."
    ]
    detail = desk.rep.read(lambda work: quote_detail(work, desk.quote))
    assert [line["amount"] for line in detail.versions[0].content["lines"]] == [1_000_000, 5_000]
    assert desk.admin.read(problems) == []
