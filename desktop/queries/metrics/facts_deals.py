"""Facts about deals: opened, won, lost, standing open, entering stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Date,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
)

from desktop.analytics.calibration import history_months
from desktop.i18n import N_
from desktop.models.contracts import Contract
from desktop.models.opportunities import Opportunity, Stage
from desktop.models.orders import OrderLine, SalesOrder
from desktop.queries.metrics.arithmetic import days_between
from desktop.queries.metrics.facts import Built, Span, fact, within
from desktop.queries.metrics.stage_steps import LOST, begun, is_open, moved, standing, standing_since
from desktop.queries.sales_history import History, chosen_history
from desktop.store.workspace import Work
from desktop.terms import DealStatus

VALUE = func.coalesce(Opportunity.won_amount, Opportunity.amount)
_DEAL = Opportunity.__table__


def _deals(day: Any, amount: Any, *where: Any, **columns: Any) -> Built:
    return Built(
        _DEAL,
        Opportunity.id,
        Opportunity.name,
        Opportunity.recorded_at,
        Opportunity.changed_at,
        where,
        {
            "amount": amount,
            "product": Opportunity.product,
            "source": Opportunity.source,
            "campaign": Opportunity.campaign,
            "competitor": Opportunity.competitor,
            "loss_reason": Opportunity.lost_reason,
            "pipeline": Opportunity.pipeline_id,
            "deal_type": Opportunity.type,
            "status": Opportunity.status,
            **columns,
        },
        owner=Opportunity.owner_id,
        account=Opportunity.account_id,
        stage=Opportunity.stage_id,
        day=day,
        currency=Opportunity.currency,
    )


@fact("won", N_("Deals won"), "opportunity")
def won(work: Work, span: Span) -> Built:
    """Deals won, by closing day; `amount` is the actual revenue, else the amount."""
    cycle = case(
        (
            Opportunity.opened_on <= Opportunity.closed_on,
            days_between(Opportunity.opened_on, Opportunity.closed_on),
        )
    )
    return _deals(
        Opportunity.closed_on,
        VALUE,
        Opportunity.status == DealStatus.WON.value,
        within(Opportunity.closed_on, span),
        cycle_days=cycle,
        after_25th=case((func.extract("day", Opportunity.closed_on) > 25, 1), else_=0),
    )


@fact("lost", N_("Deals lost"), "opportunity")
def lost(work: Work, span: Span) -> Built:
    """Deals lost, by closing day."""
    return _deals(
        Opportunity.closed_on,
        Opportunity.amount,
        Opportunity.status == DealStatus.LOST.value,
        within(Opportunity.closed_on, span),
    )


@fact("closed", N_("Deals closed"), "opportunity")
def closed(work: Work, span: Span) -> Built:
    """Deals won or lost, by closing day; `is_won` is 1 for those won."""
    is_won = case((Opportunity.status == DealStatus.WON.value, 1), else_=0)
    return _deals(
        Opportunity.closed_on,
        case((is_won == 1, VALUE), else_=Opportunity.amount),
        Opportunity.status.in_((DealStatus.WON.value, DealStatus.LOST.value)),
        within(Opportunity.closed_on, span),
        is_won=is_won,
    )


@fact("opened", N_("Deals opened"), "opportunity")
def opened(work: Work, span: Span) -> Built:
    """Deals by the day they were opened."""
    return _deals(Opportunity.opened_on, Opportunity.amount, within(Opportunity.opened_on, span))


@fact("sold", N_("What was sold"), "opportunity")
def sold(work: Work, span: Span) -> Built:
    """Won deals, else contracts, else orders: what counts as sold in this database (actual_won)."""
    months = history_months(span.period, work.today)
    kind = chosen_history(work, months[0].starts, span.period.ends)
    if kind is History.OPPORTUNITIES:
        return won(work, span)
    if kind is History.ORDERS:
        return order(work, span)
    return _paper(span, Contract, func.coalesce(Contract.signed_on, Contract.ordered_on), Contract.amount)


@fact("order", N_("Orders"), "order")
def order(work: Work, span: Span) -> Built:
    """Orders by their day; `amount` is the order's own, else that of its lines."""
    lines = select(func.sum(OrderLine.amount)).where(OrderLine.order_id == SalesOrder.id).scalar_subquery()
    return _paper(span, SalesOrder, SalesOrder.ordered_on, func.coalesce(SalesOrder.amount, lines))


def _paper(span: Span, record: Any, day: Any, amount: Any) -> Built:
    late = case((func.extract("day", day) > 25, 1), else_=0)
    return Built(
        record.__table__,
        record.id,
        record.number,
        record.recorded_at,
        record.changed_at,
        (within(day, span),),
        {"amount": amount, "after_25th": late},
        owner=record.owner_id,
        account=record.account_id,
        day=day,
    )


def _of_deal(rows: Any, day: Any, where: tuple[Any, ...], **columns: Any) -> Built:
    made = _deals(day, Opportunity.amount, *where, **columns)
    return replace(made, source=rows.join(_DEAL, Opportunity.id == rows.c.deal_id), stage=rows.c.stage_id)


@fact("stage_entry", N_("Entries into stages"), "opportunity")
def stage_entry(work: Work, span: Span) -> Built:
    """A deal's first entry into an open stage within the period.

    `converted` is 1 if it later went further or was won, `dropped` if it was lost instead, `recorded` if the entry
    is more than the one inferred for a deal without history.
    """
    begin = begun(span, moved(span))
    # Of several entries the first reached furthest, for the others came later; a deal's single step is its only entry.
    only = and_(begin.c.inferred == 1, begin.c.before.is_(None), begin.c.reached.is_(None))
    first = (
        select(
            begin.c.deal_id,
            begin.c.stage_id,
            func.min(begin.c.entered_on).label("entered_on"),
            func.max(begin.c.reach).label("reach"),
            func.max(begin.c.reached).label("reached"),
            func.max(begin.c.ended).label("ended"),
            func.max(case((only, 0), else_=1)).label("recorded"),
        )
        .where(begin.c.entered_on.between(span.period.starts, span.last), is_open(begin))
        .group_by(begin.c.deal_id, begin.c.stage_id)
        .subquery("entry")
    )
    converted = case((first.c.reached > first.c.reach, 1), else_=0)
    return _of_deal(
        first,
        first.c.entered_on,
        (),
        converted=converted,
        dropped=case((and_(converted == 0, first.c.ended == LOST), 1), else_=0),
        recorded=first.c.recorded,
    )


@fact("stage_stay", N_("Stays in stages that ended"), "opportunity")
def stage_stay(work: Work, span: Span) -> Built:
    """A stay in an open stage that ended in the period, with its `days`; by the day it ended."""
    begin = begun(span, moved(span))
    deal: dict[str, Any] = {"partition_by": begin.c.deal_id, "order_by": (begin.c.entered_on, begin.c.step)}
    following = type_coerce(func.lead(begin.c.entered_on).over(**deal), Date())
    stay = select(begin, following.label("left_day")).subquery("stay")
    return _of_deal(
        stay,
        stay.c.left_day,
        (stay.c.inferred == 0, is_open(stay), within(stay.c.left_day, span)),
        days=days_between(stay.c.entered_on, stay.c.left_day),
    )


@fact("open", N_("Open deals"), "opportunity", money=("amount", "weighted"))
def open_deals(work: Work, span: Span) -> Built:
    """Deals that stand in an open stage on the as-of day, with the `days` since they entered it.

    `weighted` is amount × probability in 1/10000. What the deals say today decides from today on, before that the recorded
    entries do, as in the funnel.
    """
    current = span.as_of >= work.today
    alive = Opportunity.status == DealStatus.OPEN.value
    if current:
        stage: Any = Opportunity.stage_id
        source: Any = _DEAL
        where: tuple[Any, ...] = (alive,)
        since: Any = standing_since(span)
    else:
        # Whatever was closed by then does not stand open, whichever way it went there.
        later = or_(alive, Opportunity.closed_on > span.as_of, Opportunity.closed_on.is_(None))
        last = standing(span, select(Opportunity.id).where(later))
        stage, since = last.c.stage_id, last.c.since
        source = last.join(_DEAL, last.c.deal_id == Opportunity.id)
        where = (is_open(last),)
    days = days_between(since, literal(span.as_of, Date()))
    own = Stage.__table__.alias("standing_stage")
    chance = func.coalesce(Opportunity.probability, own.c.probability)
    band = case(
        (days <= 7, literal("0-7")),
        (days <= 14, literal("8-14")),
        (days <= 30, literal("15-30")),
        (days > 30, literal("31+")),
        else_=null(),
    )
    made = _deals(
        None,
        Opportunity.amount,
        *where,
        days=days,
        age_band=band,
        weighted=Opportunity.amount * chance,
        next_step=Opportunity.next_step,
    )
    return replace(made, source=source.outerjoin(own, own.c.id == stage), stage=stage)
