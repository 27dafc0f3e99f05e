"""A deal in another stage than its evidence says, forced with a reason once a manager agrees (PER-05)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.accounts import Account
from desktop.models.approvals import ApprovalRequest
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.operations.approval_subjects import Subject
from desktop.operations.approvals.asking import PlannedLevel, ask_approval, plan_of
from desktop.queries.approval_context import (
    ContextFact,
    ContextSection,
    ContextTable,
    ContextView,
    both_names,
)
from desktop.store.approval_flows import Fact
from desktop.store.stale import locked
from desktop.store.workspace import Work
from desktop.terms import DealStatus, StageKind

KIND = "stage_override"


def ask_stage_override(work: Work, deal_id: int, stage_id: int, reason: str) -> int:
    """Ask that a deal be put into a stage of its pipeline, and return the number of the request.

    Raises NotFound, or InvalidInput for the stage it stands in, one of another pipeline, or without a reason.
    """
    deal, stage = _deal(work, deal_id), work.session.get(Stage, stage_id)
    if (
        stage is None
        or stage.pipeline_id != deal.pipeline_id
        or stage.id == deal.stage_id
        or not reason.strip()
    ):
        raise InvalidInput(
            "stage_override",
            N_("A stage override needs another stage of the deal's pipeline, and a reason."),
            remedy=N_("Choose the stage and say why the deal stands there."),
        )
    return ask_approval(
        work,
        kind=KIND,
        subject_id=deal_id,
        title=deal.name,
        facts=_facts_of(deal),
        payload={"stage_id": stage_id, "stage": stage.name, "reason": reason.strip()},
    )


def plan_stage_override(work: Work, deal_id: int) -> tuple[PlannedLevel, ...]:
    """Return who would sign a deal's being put into another stage, and by when."""
    return plan_of(work, KIND, _facts_of(_deal(work, deal_id)))


def ask_named_stage(work: Work, deal_id: int, stage: str, reason: str) -> int:
    """Ask for the stage of that name, in either language; see `ask_stage_override`."""
    deal = _deal(work, deal_id)
    found = work.session.scalars(
        select(Stage.id).where(
            Stage.pipeline_id == deal.pipeline_id, (Stage.name == stage) | (Stage.name_zh == stage)
        )
    ).first()
    return ask_stage_override(work, deal_id, found or 0, reason)


def _deal(work: Work, deal_id: int | None) -> Opportunity:
    deal = work.session.get(Opportunity, deal_id, populate_existing=True) if deal_id else None
    if deal is None:
        raise NotFound("deal_unknown", N_("This deal does not exist any more."))
    return deal


def _facts(work: Work, request: ApprovalRequest) -> Mapping[str, Fact]:
    return _facts_of(_deal(work, request.subject_id))


def _facts_of(deal: Opportunity) -> dict[str, Fact]:
    return {"stage": deal.stage_id or 0, "amount": deal.amount or 0}


def _context(work: Work, request: ApprovalRequest) -> ContextView:
    deal, payload = _deal(work, request.subject_id), request.payload or {}
    names = {
        row.id: both_names(row.name, row.name_zh)
        for row in work.rows(
            select(Stage.id, Stage.name, Stage.name_zh).where(Stage.pipeline_id == deal.pipeline_id)
        )
    }
    customer = select(Account.name).where(Account.id == deal.account_id)
    change = ContextSection(
        N_("What changes"),
        (
            ContextFact(N_("Deal"), deal.name),
            ContextFact(N_("Customer"), work.session.execute(customer).scalar_one_or_none()),
            ContextFact(N_("Amount"), deal.amount, "money"),
            ContextFact(
                N_("Stage"),
                names.get(payload["stage_id"], payload["stage"]),
                "names",
                before=names.get((request.facts or {})["stage"], "—"),
                tone="amber",
            ),
            ContextFact(N_("Why"), payload["reason"]),
        ),
    )
    events = work.rows(
        select(StageEvent.entered_on, StageEvent.stage_id)
        .where(StageEvent.opportunity_id == deal.id)
        .order_by(StageEvent.entered_on.desc(), StageEvent.id.desc())
        .limit(8)
    )
    history = ContextSection(
        N_("Stages so far"),
        table=ContextTable(
            ((N_("Since"), "date"), (N_("Stage"), "names")),
            tuple((row.entered_on, names.get(row.stage_id, "")) for row in events),
        ),
    )
    return ContextView((change, history), page="pipeline", record_id=deal.id)


def _approved(work: Work, request: ApprovalRequest) -> None:
    payload = request.payload or {}
    if work.is_sqlite:  # In the team database the signature has carried it out (`store.access.carrying`).
        _put_stage(work, request.subject_id or 0, payload["stage_id"])
    before, after = (request.facts or {})["stage"] or None, payload["stage_id"]
    reason = payload["reason"]
    work.audit("override_stage", "opportunity", request.subject_id, before=before, after=after, reason=reason)


def _put_stage(work: Work, deal_id: int, stage_id: int) -> None:
    deal, stage = (
        locked(work, Opportunity, deal_id),
        work.session.get(Stage, stage_id),
    )
    if deal is None or stage is None:
        raise NotFound("deal_unknown", N_("This deal does not exist any more."))
    before = deal.stage_id
    deal.stage_id, deal.stage_changed_at = stage.id, work.now
    deal.status = {
        StageKind.WON: DealStatus.WON,
        StageKind.LOST: DealStatus.LOST,
    }.get(StageKind(stage.kind), DealStatus.OPEN).value
    deal.closed_on = None if deal.status == DealStatus.OPEN else work.today
    deal.changed_at = work.now
    work.session.add(
        StageEvent(
            opportunity_id=deal.id,
            stage_id=stage.id,
            from_stage_id=before,
            entered_on=work.today,
            entered_at=work.now,
            person_id=work.actor.person_id,
        )
    )
    work.session.flush()


SUBJECT = Subject(kind=KIND, label=N_("Stage override"), context=_context, approved=_approved, facts=_facts)
