"""Makes what a test is about, in one line each: `make.deal("Boiler", stage="Quotation", amount="12000")`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from desktop.analytics.names import name_key
from desktop.clock import DEFAULT_ZONE
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity
from desktop.models.base import Editable
from desktop.models.contracts import Contract, PaymentPlan, Quote
from desktop.models.opportunities import Opportunity, Pipeline, Stage, StageEvent
from desktop.models.people import OrgClosure, OrgUnit, Person
from desktop.models.targets import Target
from desktop.money import to_minor
from desktop.periods import Period
from desktop.store.workspace import Work, Workspace
from desktop.terms import EFFECTIVE_TYPES, PersonStatus, Role
from tests.databases import ensure_login

R = TypeVar("R", bound=Editable)

PIPELINE = "General"


def cents(amount: str | int | None) -> int | None:
    """Return an amount of money in minor units: "12.50" is 1250."""
    return None if amount is None else to_minor(Decimal(str(amount)))


def instant(moment: date | datetime | None) -> datetime | None:
    """Return the instant of a business day (10 o'clock) or a local time in the business zone."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(10))
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(DEFAULT_ZONE))


class Maker:
    """Makes records in a workspace and returns their ids; what is not said gets a plain default."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @property
    def today(self) -> date:
        """The business day of the workspace's clock."""
        return self.workspace.read(lambda work: work.today)

    def unit(self, name: str, level: str = "team", parent: int | None = None, **more: Any) -> int:
        """Make a unit of the organisation, with its place in the tree."""

        def grow(work: Work) -> int:
            unit = _add(
                work, OrgUnit(name=name, name_key=name_key(name), level=level, parent_id=parent, **more)
            )
            work.session.execute(insert(OrgClosure).values(ancestor_id=unit, descendant_id=unit, depth=0))
            above = work.rows(
                select(OrgClosure.ancestor_id, OrgClosure.depth).where(OrgClosure.descendant_id == parent)
            )
            for row in above:
                work.session.execute(
                    insert(OrgClosure).values(
                        ancestor_id=row.ancestor_id, descendant_id=unit, depth=row.depth + 1
                    )
                )
            return unit

        return self.workspace.write(grow)

    def person(
        self,
        name: str,
        role: Role = Role.REP,
        *,
        login: str | None = None,
        unit: int | None = None,
        manager: int | None = None,
        status: PersonStatus = PersonStatus.ACTIVE,
        **more: Any,
    ) -> int:
        """Make a person; one with a login can sign in, on PostgreSQL with a login role of their own."""

        if login:
            ensure_login(self.workspace, login, role)

        def hire(work: Work) -> int:
            return _add(
                work,
                Person(
                    name=name,
                    name_key=name_key(name),
                    role=role.value,
                    login=login,
                    can_sign_in=login is not None,
                    status=status.value,
                    unit_id=unit,
                    manager_id=manager,
                    **more,
                ),
            )

        return self.workspace.write(hire)

    def account(self, name: str, owner: int | None = None, **more: Any) -> int:
        """Make a customer."""
        return self._make(Account(name=name, name_key=name_key(name), owner_id=owner, **more))

    def contact(self, name: str, account: int | None = None, **more: Any) -> int:
        """Make a contact at a customer."""
        return self._make(Contact(name=name, name_key=name_key(name), account_id=account, **more))

    def deal(
        self,
        name: str,
        account: int | None = None,
        *,
        owner: int | None = None,
        amount: str | int | None = None,
        stage: str | None = None,
        path: Sequence[tuple[str, date]] = (),
        pipeline: str = PIPELINE,
        opened: date | None = None,
        expected: date | None = None,
        **more: Any,
    ) -> int:
        """Make an opportunity with its stage history.

        `path` lists (stage, day entered); without it the deal enters `stage` (default: the first of
        the pipeline) on the day it was opened (default: today). It is closed on the day it enters a
        won or lost stage.
        """

        def begin(work: Work) -> int:
            stages = _stages(work, pipeline)
            began = opened or (path[0][1] if path else work.today)
            steps = list(path) or [(stage or next(iter(stages)), began)]
            last, entered = stages[steps[-1][0]], steps[-1][1]
            closed = None if last.kind == "open" else entered
            value = cents(amount)
            deal = Opportunity(
                name=name,
                name_key=name_key(name),
                account_id=account,
                owner_id=owner,
                pipeline_id=last.pipeline_id,
                stage_id=last.id,
                status=last.kind,
                amount=value,
                won_amount=value if last.kind == "won" else None,
                currency="CNY",
                opened_on=began,
                closed_on=closed,
                expected_close_on=expected,
                stage_changed_at=instant(entered),
                **more,
            )
            made = _add(work, deal)
            before = None
            for step, day in steps:
                work.session.add(
                    StageEvent(
                        opportunity_id=made,
                        stage_id=stages[step].id,
                        from_stage_id=before,
                        entered_on=day,
                        entered_at=instant(day),
                        person_id=owner,
                        inferred=not path,
                    )
                )
                before = stages[step].id
            return made

        return self.workspace.write(begin)

    def activity(
        self,
        account: int | None = None,
        *,
        type: str = "visit",
        on: date | datetime | None = None,
        owner: int | None = None,
        deal: int | None = None,
        status: str = "done",
        direction: str = "out",
        **more: Any,
    ) -> int:
        """Log a contact with a customer; a done call, visit, meeting or demo is an effective one."""

        def log(work: Work) -> int:
            at = instant(on or work.today)
            assert at is not None
            effective = type in EFFECTIVE_TYPES or (type in {"email", "wechat"} and direction == "in")
            made = _add(
                work,
                Activity(
                    type=type,
                    account_id=account,
                    opportunity_id=deal,
                    owner_id=owner,
                    occurred_at=at,
                    occurred_on=at.astimezone(ZoneInfo(work.zone)).date(),
                    status=status,
                    direction=direction,
                    effective=effective and status == "done",
                    **more,
                ),
            )
            customer = work.session.get(Account, account) if account else None
            if customer and effective and status == "done":
                latest = customer.last_effective_at
                customer.last_effective_at = max(latest, at) if latest else at
            return made

        return self.workspace.write(log)

    def quote(
        self, number: str, account: int | None = None, amount: str | int | None = None, **more: Any
    ) -> int:
        """Make a quote."""
        return self._make(Quote(number=number, account_id=account, amount=cents(amount), **more))

    def contract(
        self, number: str, account: int | None = None, amount: str | int | None = None, **more: Any
    ) -> int:
        """Make a contract."""
        return self._make(Contract(number=number, account_id=account, amount=cents(amount), **more))

    def payment_plan(self, contract: int, amount: str | int, due: date, **more: Any) -> int:
        """Make a payment that is due under a contract."""
        return self._make(PaymentPlan(contract_id=contract, amount=cents(amount), due_on=due, **more))

    def target(
        self,
        period: str,
        value: str | int,
        *,
        person: int | None = None,
        unit: int | None = None,
        metric: str = "won_amount",
    ) -> int:
        """Set a target for a person or a unit."""
        span = Period.parse(period)
        return self._make(
            Target(
                person_id=person,
                unit_id=unit,
                period=period,
                starts_on=span.starts,
                ends_on=span.ends,
                metric=metric,
                value=cents(value),
            )
        )

    def days_ago(self, days: int) -> date:
        """Return the business day `days` before today."""
        return self.today - timedelta(days=days)

    def _make(self, record: Editable) -> int:
        return self.workspace.write(lambda work: _add(work, record))


def _add(work: Work, record: Editable) -> int:
    record.recorded_at = record.changed_at = work.now
    work.session.add(record)
    work.session.flush()
    return record.id


def _stages(work: Work, pipeline: str) -> dict[str, Any]:
    """Return the stages of a pipeline by name, in their order."""
    rows = work.rows(
        select(Stage.id, Stage.name, Stage.kind, Stage.pipeline_id)
        .join(Pipeline, Pipeline.id == Stage.pipeline_id)
        .where(Pipeline.name == pipeline)
        .order_by(Stage.position)
    )
    return {row.name: row for row in rows}
