"""Facts about customers and the people who look after them: leads, contacts, silence, data quality, service."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, literal, select

from desktop.clock import start_of_day
from desktop.i18n import N_
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity, CallRecord, Ticket
from desktop.models.approvals import ApprovalRequest
from desktop.models.contracts import Quote
from desktop.models.handovers import Handover, HandoverItem
from desktop.models.leads import Lead
from desktop.models.opportunities import Opportunity
from desktop.models.reports import Report
from desktop.queries.metrics.arithmetic import days_between, seconds_between
from desktop.queries.metrics.facts import Built, Span, fact, happened, within
from desktop.store.rules import threshold
from desktop.store.workspace import Work
from desktop.terms import ActivityType, DealStatus, HandoverState


def _one_if(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _days_since(work: Work, since: Any) -> Any:
    """Return the business days since an instant, blank where there is none; 0 from the start of today on."""
    now = literal(start_of_day(work.today, work.zone), Account.__table__.c.recorded_at.type)
    ahead = seconds_between(since, now)
    return case((ahead <= 0, 0), else_=(ahead + 86_399) // 86_400)


@fact("activity", N_("Contacts with customers"), "activity", money=())
def activity(work: Work, span: Span) -> Built:
    """Logged contacts by the day they took place; `is_effective` by ACT-07, `is_late` logged after a day."""
    late = int(threshold(work, "interaction.late_days")) * 86_400
    waited = seconds_between(Activity.occurred_at, Activity.logged_at)
    return Built(
        Activity.__table__,
        Activity.id,
        func.coalesce(Activity.subject, Activity.type),
        Activity.recorded_at,
        Activity.changed_at,
        (within(Activity.occurred_on, span),),
        {
            "activity_type": Activity.type,
            "is_effective": _one_if(Activity.effective.is_(True)),
            "is_call": _one_if(Activity.type == ActivityType.CALL.value),
            "is_late": _one_if(waited > late),
            "minutes": Activity.duration_minutes,
            "competitor": Activity.competitor,
            "status": Activity.status,
            "next_action": Activity.next_action,
        },
        owner=Activity.owner_id,
        account=Activity.account_id,
        deal=Activity.opportunity_id,
        day=Activity.occurred_on,
        at=Activity.occurred_at,
    )


@fact("call", N_("Calls at the carrier"), "call", money=())
def call(work: Work, span: Span) -> Built:
    """Calls as the carrier saw them, by the day they began."""
    return Built(
        CallRecord.__table__,
        CallRecord.id,
        CallRecord.direction,
        CallRecord.recorded_at,
        CallRecord.changed_at,
        happened(work, CallRecord.started_at, span),
        {"seconds": CallRecord.duration_seconds, "direction": CallRecord.direction},
        owner=CallRecord.owner_id,
        at=CallRecord.started_at,
    )


@fact("lead", N_("Leads"), "lead", money=())
def lead(work: Work, span: Span) -> Built:
    """Leads by the day they came; `response_seconds` to the first contact, `waiting_seconds` where there is none yet."""
    came = func.coalesce(Lead.created_at, Lead.assigned_at)
    answered = and_(Lead.first_contact_at.is_not(None), Lead.first_contact_at >= came)
    now = literal(work.now, Lead.__table__.c.created_at.type)
    return Built(
        Lead.__table__,
        Lead.id,
        Lead.name,
        Lead.recorded_at,
        Lead.changed_at,
        happened(work, came, span),
        {
            "source": Lead.source,
            "campaign": Lead.campaign,
            "industry": Lead.industry,
            "grade": Lead.grade,
            "region": Lead.region,
            "status": Lead.status,
            "response_seconds": case((answered, seconds_between(came, Lead.first_contact_at))),
            "waiting_seconds": case((Lead.first_contact_at.is_(None), seconds_between(came, now))),
        },
        owner=Lead.owner_id,
        at=came,
    )


@fact("customer", N_("Customers"), "account", money=("at_stake",))
def customer(work: Work, span: Span) -> Built:
    """Customers with an owner: days of silence, what is at stake, and how complete their data are.

    Silence is told of today's records alone. `filled` counts which of `fields` basic entries are filled in.
    """
    since = func.coalesce(Account.last_effective_at, Account.created_at, Account.recorded_at)
    days = _days_since(work, since)
    stake = (
        select(func.sum(Opportunity.amount))
        .where(Opportunity.account_id == Account.id, Opportunity.status == DealStatus.OPEN.value)
        .correlate(Account)
        .scalar_subquery()
    )
    basic = (
        Account.credit_code, Account.industry, Account.grade, Account.region, Account.city,
        Account.address, Account.source, Account.employees,
    )  # fmt: skip
    contact = select(Contact.id).where(Contact.account_id == Account.id).correlate(Account).exists()
    filled: Any = sum((_one_if(column.is_not(None)) for column in basic), _one_if(contact))
    stale = int(threshold(work, "dq.stale_days"))
    band = case(
        (days < 30, literal("0-29")), (days < 45, literal("30-44")), (days < 90, literal("45-89")),
        else_=literal("90+"),
    )  # fmt: skip
    return Built(
        Account.__table__,
        Account.id,
        Account.name,
        Account.recorded_at,
        Account.changed_at,
        (Account.owner_id.is_not(None),),
        {
            "silent_days": days,
            "age_band": band,
            "at_stake": stake,
            "has_open": _one_if(stake > 0),
            "filled": filled,
            "fields": literal(len(basic) + 1),
            "is_stale": _one_if(days >= stale),
            "no_contact": _one_if(~contact),
            "source": Account.source,
            "status": Account.status,
        },
        owner=Account.owner_id,
        account=Account.id,
    )


@fact("account", N_("Customers, also those of nobody"), "account", money=())
def account(work: Work, span: Span) -> Built:
    """All customers: `has_owner`, and `spoken_days` since the last effective interaction, blank if there was none."""
    return Built(
        Account.__table__,
        Account.id,
        Account.name,
        Account.recorded_at,
        Account.changed_at,
        (),
        {
            "has_owner": _one_if(Account.owner_id.is_not(None)),
            "spoken_days": _days_since(work, Account.last_effective_at),
            "grade": Account.grade,
            "source": Account.source,
            "status": Account.status,
        },
        owner=Account.owner_id,
        account=Account.id,
    )


@fact("first_quote", N_("Customers with a first quote"), "account", money=())
def first_quote(work: Work, span: Span) -> Built:
    """Customers whose first quote was issued in the period, with the `days` since the first contact (RPT-15)."""
    quoted = (
        select(Quote.account_id, func.min(Quote.issued_on).label("quoted_on"))
        .where(Quote.account_id.is_not(None), Quote.issued_on.is_not(None))
        .group_by(Quote.account_id)
        .having(within(func.min(Quote.issued_on), span))
        .subquery("quoted")
    )
    met = (
        select(Activity.account_id, func.min(Activity.occurred_on).label("met_on"))
        .where(Activity.account_id.in_(select(quoted.c.account_id)))
        .group_by(Activity.account_id)
        .subquery("met")
    )
    source = Account.__table__.join(quoted, quoted.c.account_id == Account.id).outerjoin(
        met, met.c.account_id == Account.id
    )
    days = case((met.c.met_on <= quoted.c.quoted_on, days_between(met.c.met_on, quoted.c.quoted_on)))
    return Built(
        source,
        Account.id,
        Account.name,
        Account.recorded_at,
        Account.changed_at,
        (),
        {"days": days, "source": Account.source},
        owner=Account.owner_id,
        account=Account.id,
        day=quoted.c.quoted_on,
    )


@fact("ticket", N_("Service cases"), "ticket", money=())
def ticket(work: Work, span: Span) -> Built:
    """Service cases by the day they were opened; seconds to the first response and to the end."""
    first = seconds_between(Ticket.opened_at, Ticket.first_response_at)
    whole = seconds_between(Ticket.opened_at, Ticket.closed_at)
    return Built(
        Ticket.__table__,
        Ticket.id,
        func.coalesce(Ticket.subject, Ticket.type),
        Ticket.recorded_at,
        Ticket.changed_at,
        happened(work, Ticket.opened_at, span),
        {
            "ticket_type": Ticket.type,
            "priority": Ticket.priority,
            "status": Ticket.status,
            "response_seconds": case((first >= 0, first)),
            "closing_seconds": case((whole >= 0, whole)),
        },
        owner=Ticket.owner_id,
        account=Ticket.account_id,
        at=Ticket.opened_at,
    )


@fact("approval", N_("Decisions"), "approval", money=())
def approval(work: Work, span: Span) -> Built:
    """Requests decided in the period, with the seconds from asking to deciding (APR-07)."""
    waited = seconds_between(ApprovalRequest.requested_at, ApprovalRequest.decided_at)
    return Built(
        ApprovalRequest.__table__,
        ApprovalRequest.id,
        ApprovalRequest.title,
        ApprovalRequest.recorded_at,
        ApprovalRequest.changed_at,
        happened(work, ApprovalRequest.decided_at, span),
        {"approval_kind": ApprovalRequest.kind, "status": ApprovalRequest.state, "seconds": waited},
        owner=ApprovalRequest.requested_by_id,
        at=ApprovalRequest.decided_at,
    )


@fact("preparation", N_("Reports prepared"), "report", money=())
def preparation(work: Work, span: Span) -> Built:
    """Reports submitted in the period, with the seconds from the draft to its submission (RPT-05)."""
    return Built(
        Report.__table__,
        Report.id,
        Report.template + literal(" · ") + Report.period,
        Report.recorded_at,
        Report.changed_at,
        happened(work, Report.submitted_at, span),
        {"status": Report.state, "seconds": seconds_between(Report.made_at, Report.submitted_at)},
        owner=Report.made_by_id,
        at=Report.submitted_at,
    )


@fact("handover", N_("Records handed over"), "handover", money=())
def handover(work: Work, span: Span) -> Built:
    """Records that changed hands in handovers that stand, by who gave them."""
    return Built(
        HandoverItem.__table__.join(Handover, Handover.id == HandoverItem.handover_id),
        Handover.id,
        HandoverItem.kind,
        Handover.at,
        Handover.at,
        (Handover.state != HandoverState.UNDONE.value, *happened(work, Handover.at, span)),
        {"record_kind": HandoverItem.kind},
        owner=Handover.from_person_id,
        at=Handover.at,
    )


@fact("pain", N_("Pains named by customers"), "activity", money=())
def pain(work: Work, span: Span) -> Built:
    """Each pain that a contact was logged with, by the day of the contact."""
    expand = func.json_each if work.connection.dialect.name == "sqlite" else func.json_array_elements_text
    named = expand(Activity.pains).table_valued("value", name="named")
    return Built(
        Activity.__table__.join(named, literal(True)),
        Activity.id,
        func.coalesce(Activity.subject, Activity.type),
        Activity.recorded_at,
        Activity.changed_at,
        (within(Activity.occurred_on, span), Activity.pains.is_not(None)),
        {"pain": named.c.value},
        owner=Activity.owner_id,
        account=Activity.account_id,
        day=Activity.occurred_on,
    )
