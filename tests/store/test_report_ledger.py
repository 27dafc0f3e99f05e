"""A report is held to the ledger, and what the two do not have in common is listed (RPT-17)."""

from __future__ import annotations

from datetime import date
from functools import partial
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import Update, update

from desktop.exporters.document import canonical_text, from_text
from desktop.models.opportunities import Opportunity
from desktop.queries.report_ledger import NO_TARGET, OTHER_CURRENCY
from desktop.queries.reports import rendered_report, report_view
from desktop.store.workspace import Work
from tests.maker import Maker
from tests.store.test_reports import CHINESE, Desk, desk  # noqa: F401


@pytest.mark.parametrize("foreign", [False, True])
def test_the_funnel_agrees_with_the_ledger_or_names_why_not(
    desk: Desk,  # noqa: F811
    make: Maker,
    foreign: bool,
) -> None:
    if foreign:
        deal = make.deal("dollars", make.account("A", desk.rep_id), owner=desk.rep_id, amount="50.05")
        paid = update(Opportunity).where(Opportunity.id == deal).values(currency="USD")
        desk.admin.write(lambda work: work.session.execute(paid))
    row = desk.draft()
    document = desk.admin.read(lambda work: report_view(work, row.id)).document
    (check,) = document.checks
    assert check.explained
    assert check.report_count == check.ledger_count == (2 if foreign else 1)
    assert check.ledger_amount - check.report_amount == (5_005 if foreign else 0)
    assert [(item.name, item.reason, item.amount) for item in check.left] == (
        [("dollars", OTHER_CURRENCY, 5_005)] if foreign else []
    )
    assert from_text(canonical_text(document)) == document
    content = desk.admin.read(lambda work: rendered_report(work, row.id, CHINESE)).content
    book = openpyxl.load_workbook(BytesIO(content), data_only=True)
    line = next(row for row in book["台账核对"].iter_rows(values_only=True) if row[1] == "台账")
    assert line[2:8] == (
        *(check.report_count, check.ledger_count, 0),
        *(check.report_amount / 100, check.ledger_amount / 100, 50.05 if foreign else 0),
    )
    assert line[8] == ("差异已逐条列明" if foreign else "一致")
    assert ("差异" in book.sheetnames) is foreign


def test_a_checklist_agrees_with_the_ledger(desk: Desk, make: Maker) -> None:  # noqa: F811
    """The leaver's own deals, and nobody's deals of the leaver's customers; a colleague's are not theirs."""
    mine, other = make.account("M", desk.rep_id), make.person("同事")
    make.deal("nobody's", mine, owner=None, amount="7.00")
    make.deal("a colleague's", mine, owner=other, amount="9.00")
    dollars = make.deal("dollars", mine, owner=desk.rep_id, amount="50.05")
    paid = update(Opportunity).where(Opportunity.id == dollars).values(currency="USD")
    desk.admin.write(lambda work: work.session.execute(paid))
    row = desk.draft("handover")
    (check,) = desk.admin.read(lambda work: report_view(work, row.id)).document.checks
    assert check.explained
    assert check.report_count == check.ledger_count == 3
    assert [(item.name, item.amount) for item in check.left] == [("dollars", 5_005)]


def test_what_people_with_targets_sold_is_held_to_everything_sold(desk: Desk, make: Maker) -> None:  # noqa: F811
    account, other = make.account("S", desk.rep_id), make.person("没有目标")
    for name, owner, amount in (("mine", desk.rep_id, 10_000), ("theirs", other, 2_500)):
        deal = make.deal(name, account, owner=owner, amount="1.00")
        won = update(Opportunity).where(Opportunity.id == deal)
        sold = won.values(status="won", won_amount=amount, closed_on=date(2026, 11, 3))
        desk.admin.write(partial(_carry_out, statement=sold))
    row = desk.draft("target_actual")
    (check,) = desk.admin.read(lambda work: report_view(work, row.id)).document.checks
    assert check.explained
    assert check.report_amount >= 10_000
    assert (check.ledger_count - check.report_count, check.ledger_amount - check.report_amount) == (1, 2_500)
    assert [(item.name, item.reason) for item in check.left] == [("theirs", NO_TARGET)]


def _carry_out(work: Work, statement: Update) -> None:
    work.session.execute(statement)
