"""Reports made of figures are held to the records, and what the two do not have in common is listed (RPT-17)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from desktop.exporters.document import Document, canonical_text, from_text
from desktop.models.opportunities import Opportunity
from desktop.models.people import OrgUnit
from desktop.operations.reports import draft_report, submit_report
from desktop.queries.report_ledger import OTHER_CURRENCY
from desktop.queries.report_parts import Asked
from desktop.queries.report_records import NO_OWNER
from desktop.queries.reports import TEMPLATES, report_view
from desktop.store.workspace import Work, Workspace
from tests.maker import Maker
from tests.store.metric_firm import MONTH

HELD = ("source_quality", "competitors", "contacts", "collections_flow", "quotes", "products", "ranking")


def test_totals_of_figures_agree_with_the_records(standing_firm: Workspace) -> None:
    def each(work: Work) -> list[Document]:
        return [TEMPLATES[name].fill(work, Asked(MONTH)) for name in HELD]

    for document in standing_firm.read(each):
        assert document.checks, document.template
        for check in document.checks:
            assert check.explained, (document.template, check)
            assert (check.report_count, check.report_amount) == (check.ledger_count, check.ledger_amount)
            assert check.left == ()
        totals = {control.key: control.value for control in document.controls}
        of = {check.key: check for check in document.checks}
        for key, name in (("won_amount", "won"), ("payments_received", "payment"), ("lost_amount", "lost")):
            if key in totals:
                assert totals[key] == of[name].ledger_amount


def test_what_the_records_have_and_the_report_has_not_is_listed(firm: Workspace, make: Maker) -> None:
    """A unit's report lacks what nobody owns, and adds no dollars: both are named, also in the frozen snapshot."""
    day = date(2026, 10, 20)
    unowned = make.deal("无主", amount="12.34", path=[("Signed", day)])
    foreign = make.deal("dollars", amount="50.05", path=[("Signed", day)])

    def change(work: Work) -> int:
        inside = work.session.execute(
            select(Opportunity.owner_id).where(Opportunity.owner_id.is_not(None)).limit(1)
        ).scalar_one()
        deal = update(Opportunity)
        work.session.execute(deal.where(Opportunity.id == unowned).values(owner_id=None))
        work.session.execute(deal.where(Opportunity.id == foreign).values(owner_id=inside, currency="USD"))
        return work.session.execute(select(OrgUnit.id).where(OrgUnit.name == "华东")).scalar_one()

    unit = firm.write(change)
    made = firm.write(lambda work: draft_report(work, "products", Asked(MONTH, unit)))
    firm.write(lambda work: submit_report(work, made.id))
    document = firm.read(lambda work: report_view(work, made.id)).document
    (won,) = [check for check in document.checks if check.key == "won"]
    assert won.explained
    assert (won.ledger_count - won.report_count, won.ledger_amount - won.report_amount) == (1, 1_234 + 5_005)
    assert {(item.name, item.reason, item.amount) for item in won.left} == {
        ("无主", NO_OWNER, 1_234),
        ("dollars", OTHER_CURRENCY, 5_005),
    }
    assert from_text(canonical_text(document)) == document
