"""Facts about deals: opened, won, lost, standing open, entering stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from desktop.analytics.calibration import history_months
from desktop.i18n import N_
from desktop.models.contracts import Contract
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.models.orders import OrderLine, SalesOrder
from desktop.queries.metrics.arithmetic import days_between
from desktop.queries.metrics.facts import Built, Span, fact, within
from desktop.queries.sales_history import History, chosen_history
from desktop.store.workspace import Work
from desktop.terms import DealStatus, StageKind

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


def _moved(span: Span) -> Any:
    """Return the deals that entered a stage or were closed in the period: no other has an entry or a stay to tell of."""
    entered = select(StageEvent.opportunity_id).where(
        StageEvent.entered_on.between(span.period.starts, span.last)
    )
    return entered.union(select(Opportunity.id).where(within(Opportunity.closed_on, span)))


def _steps(span: Span, deals: Any) -> Any:
    """Return every step of some deals up to the as-of day, closed by its closing day where no entry says so.

    `deals` selects their ids: entries are then looked up deal by deal, rather than all of them read.
    """
    known = and_(StageEvent.entered_on <= span.as_of, StageEvent.opportunity_id.in_(deals))
    recorded = (
        select(
            StageEvent.opportunity_id.label("deal_id"),
            StageEvent.stage_id.label("stage_id"),
            StageEvent.entered_on.label("entered_on"),
            StageEvent.id.label("step"),
            case((StageEvent.inferred.is_(True), 1), else_=0).label("inferred"),
        )
        .join(Opportunity, Opportunity.id == StageEvent.opportunity_id)
        .join(Stage, and_(Stage.id == StageEvent.stage_id, Stage.pipeline_id == Opportunity.pipeline_id))
        .where(known)
    )
    closing = _closing(span, deals)
    both = union_all(recorded, closing).subquery("steps")
    order = (both.c.entered_on, both.c.step)
    deal: dict[str, Any] = {"partition_by": both.c.deal_id, "order_by": order}
    kind = Stage.kind
    reach = case(
        (kind == StageKind.WON.value, 1_000_000_000), (kind == StageKind.OPEN.value, Stage.position), else_=-1
    )
    return (
        select(
            both.c.deal_id,
            both.c.stage_id,
            both.c.entered_on,
            both.c.step,
            both.c.inferred,
            Stage.kind.label("kind"),
            Stage.position.label("position"),
            func.lag(both.c.stage_id).over(**deal).label("before"),
            func.max(reach).over(**deal, rows=(1, None)).label("reached"),
            # One order for all of them: each other one would be another sort of all steps.
            func.last_value(kind).over(**deal, rows=(None, None)).label("last_kind"),
            func.count().over(**deal, rows=(None, None)).label("steps"),
        )
        .join(Stage, Stage.id == both.c.stage_id)
        .subquery("path")
    )


def _closing(span: Span, deals: Any) -> Any:
    """Return the closing day as a step of each closed deal whose entries end in an open stage."""
    now = Stage.__table__.alias("own_stage")
    return (
        select(
            Opportunity.id.label("deal_id"),
            Opportunity.stage_id.label("stage_id"),
            Opportunity.closed_on.label("entered_on"),
            cast(literal(2**62), BigInteger).label("step"),
            literal(0).label("inferred"),
        )
        .join(now, and_(now.c.id == Opportunity.stage_id, now.c.kind != StageKind.OPEN.value))
        .where(
            Opportunity.status != DealStatus.OPEN.value,
            Opportunity.closed_on <= span.as_of,
            Opportunity.id.in_(deals),
            func.coalesce(_last_kind(span), StageKind.OPEN.value) == StageKind.OPEN.value,
        )
    )


def _last_kind(span: Span) -> Any:
    """Return the kind of the stage that a deal last entered, looked up deal by deal."""
    entry: Any = StageEvent.__table__.alias("last_entry")
    stage: Any = Stage.__table__.alias("last_stage")
    return (
        select(stage.c.kind)
        .join(entry, entry.c.stage_id == stage.c.id)
        .where(
            entry.c.opportunity_id == Opportunity.id,
            entry.c.entered_on <= span.as_of,
            stage.c.pipeline_id == Opportunity.pipeline_id,
        )
        .order_by(entry.c.entered_on.desc(), entry.c.id.desc())
        .limit(1)
        .correlate_except(entry, stage)
        .scalar_subquery()
    )


def _begun(span: Span, deals: Any) -> Any:
    """Return the steps that begin a stay in a stage, with the day the next stay begins."""
    path = _steps(span, deals)
    begin = (
        select(path).where(or_(path.c.before.is_(None), path.c.before != path.c.stage_id)).subquery("begin")
    )
    deal: dict[str, Any] = {"partition_by": begin.c.deal_id, "order_by": (begin.c.entered_on, begin.c.step)}
    following = func.lead(begin.c.entered_on).over(**deal).label("left_on")
    return select(begin, type_coerce(following, Date()).label("left_day")).subquery("stay")


def _of_deal(rows: Any, day: Any, where: tuple[Any, ...], **columns: Any) -> Built:
    made = _deals(day, Opportunity.amount, *where, **columns)
    return replace(made, source=rows.join(_DEAL, Opportunity.id == rows.c.deal_id), stage=rows.c.stage_id)


@fact("stage_entry", N_("Entries into stages"), "opportunity")
def stage_entry(work: Work, span: Span) -> Built:
    """A deal's first entry into an open stage within the period.

    `converted` is 1 if it later went further or was won, `dropped` if it was lost instead, `recorded` if the entry
    is more than the one inferred for a deal without history.
    """
    stay = _begun(span, _moved(span))
    inside = and_(
        stay.c.entered_on.between(span.period.starts, span.last), stay.c.kind == StageKind.OPEN.value
    )
    number = func.row_number().over(
        partition_by=(stay.c.deal_id, stay.c.stage_id), order_by=(stay.c.entered_on, stay.c.step)
    )
    first = select(stay, number.label("nth")).where(inside).subquery("entry")
    converted = case((first.c.reached > first.c.position, 1), else_=0)
    lost_later = and_(converted == 0, first.c.last_kind == StageKind.LOST.value)
    return _of_deal(
        first,
        first.c.entered_on,
        (first.c.nth == 1,),
        converted=converted,
        dropped=case((lost_later, 1), else_=0),
        recorded=case((and_(first.c.inferred == 1, first.c.steps == 1), 0), else_=1),
    )


@fact("stage_stay", N_("Stays in stages that ended"), "opportunity")
def stage_stay(work: Work, span: Span) -> Built:
    """A stay in an open stage that ended in the period, with its `days`; by the day it ended."""
    stay = _begun(span, _moved(span))
    return _of_deal(
        stay,
        stay.c.left_day,
        (stay.c.inferred == 0, stay.c.kind == StageKind.OPEN.value, within(stay.c.left_day, span)),
        days=days_between(stay.c.entered_on, stay.c.left_day),
    )


def _since(span: Span) -> Any:
    """Return when an open deal's stay in its own stage began: its first entry there after the last one elsewhere.

    It is looked up deal by deal; a join with all stays is walked for every deal by SQLite.
    """
    here: Any = StageEvent.__table__.alias("here")
    other: Any = StageEvent.__table__.alias("elsewhere")
    place: Any = Stage.__table__.alias("place")
    left = (
        select(other.c.id)
        .select_from(other)
        .join(place, and_(place.c.id == other.c.stage_id, place.c.pipeline_id == Opportunity.pipeline_id))
        .where(
            other.c.opportunity_id == here.c.opportunity_id,
            other.c.stage_id + 0 != here.c.stage_id,
            other.c.entered_on <= span.as_of,
            or_(
                other.c.entered_on > here.c.entered_on,
                and_(other.c.entered_on == here.c.entered_on, other.c.id > here.c.id),
            ),
        )
        .correlate_except(other, place)
        .exists()
    )
    return type_coerce(
        select(func.min(here.c.entered_on))
        .where(
            here.c.opportunity_id == Opportunity.id,
            here.c.stage_id + 0 == Opportunity.stage_id,
            here.c.entered_on <= span.as_of,
            ~left,
        )
        .correlate_except(here)
        .scalar_subquery(),
        Date(),
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
        since: Any = _since(span)
    else:
        # Whatever was closed by then does not stand open, whichever way it went there.
        later = or_(alive, Opportunity.closed_on > span.as_of, Opportunity.closed_on.is_(None))
        stay = _begun(span, select(Opportunity.id).where(later))
        back = func.row_number().over(
            partition_by=stay.c.deal_id, order_by=(stay.c.entered_on.desc(), stay.c.step.desc())
        )
        last = select(stay, back.label("back")).subquery("standing")
        stage, since = last.c.stage_id, last.c.entered_on
        source = last.join(_DEAL, last.c.deal_id == Opportunity.id)
        where = (last.c.back == 1, last.c.kind == StageKind.OPEN.value)
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
