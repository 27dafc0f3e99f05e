"""What decisions and reports take, from the moments on record (APR-07, RPT-05, RPT-15)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from desktop.clock import FixedClock, business_date
from desktop.models.approvals import ApprovalRequest
from desktop.models.reports import Report
from desktop.operations.approvals import approve_report
from desktop.operations.reports import draft_report, submit_report
from desktop.periods import Period
from desktop.queries.metrics.engine import Question, one_figure
from desktop.queries.report_parts import Asked
from desktop.store.workspace import Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker
from tests.store.metric_firm import MONTH


def test_cycles_and_decisions_are_measured(
    place: Place, firm: Workspace, workspace: Workspace, make: Maker
) -> None:
    """First contact to first quote in days, and hours from asking to deciding (RPT-15, APR-07)."""
    customer = make.account("新客", make.person("人新"))
    make.activity(customer, on=date(2026, 10, 2))
    make.quote("Q-1", customer, "10", issued_on=date(2026, 10, 9))
    make.quote("Q-2", customer, "10", issued_on=date(2026, 10, 30))
    only = Question((), MONTH, (), None, (("customer", (str(customer),)),))
    assert firm.read(lambda work: one_figure(work, "first_quote_days", only)) == Decimal(7)
    make.person("周", Role.DIRECTOR, login="zhou")
    drafted = firm.write(lambda work: draft_report(work, "products", Asked(MONTH)))
    firm.write(lambda work: submit_report(work, drafted.id))
    later = place.open("zhou", FixedClock(firm.clock.now() + timedelta(hours=3)))
    later.write(lambda work: approve_report(work, drafted.id))
    asked = select(ApprovalRequest.requested_at, ApprovalRequest.decided_at)
    ((began, ended),) = later.read(
        lambda work: work.rows(asked)
    )  # a server's own clock says when it was decided
    after = place.open("zhou", FixedClock(ended + timedelta(days=1)))
    spent = after.read(
        lambda work: one_figure(
            work, "approval_hours", Question((), Period.month_of(business_date(ended, after.zone)))
        )
    )
    assert spent == Decimal(str(round((ended - began) / timedelta(hours=1), 1)))
    assert spent == 3 or not workspace.is_sqlite


def test_the_time_that_reports_take_is_measured(place: Place, firm: Workspace, make: Maker) -> None:
    """From the draft to its submission (RPT-05)."""
    make.person("周", Role.DIRECTOR, login="zhou")
    drafted = firm.write(lambda work: draft_report(work, "products", Asked(MONTH)))
    later = place.open(clock=FixedClock(firm.clock.now() + timedelta(hours=2)))
    month = Period.month_of(business_date(later.clock.now(), later.zone))
    assert later.read(lambda work: one_figure(work, "reports_prepared", Question((), month))) == 0
    later.write(lambda work: submit_report(work, drafted.id))
    ((began, ended),) = later.read(
        lambda work: work.rows(select(Report.made_at, Report.submitted_at).where(Report.id == drafted.id))
    )  # a server's own clock says when it was submitted
    after = place.open(clock=FixedClock(ended + timedelta(days=1)))
    month = Period.month_of(business_date(ended, after.zone))
    assert after.read(lambda work: one_figure(work, "reports_prepared", Question((), month))) == 1
    spent = after.read(lambda work: one_figure(work, "report_hours", Question((), month)))
    assert spent == Decimal(str(round((ended - began) / timedelta(hours=1), 1)))
    assert spent == 2 or not firm.is_sqlite
