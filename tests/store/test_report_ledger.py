"""A report is held to the ledger, and what the two do not have in common is listed (RPT-17)."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import update

from desktop.exporters.document import canonical_text, from_text
from desktop.models.opportunities import Opportunity
from desktop.queries.report_ledger import OTHER_CURRENCY
from desktop.queries.reports import rendered_report, report_view
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
