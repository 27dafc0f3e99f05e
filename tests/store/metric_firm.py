"""A small firm at random for the metric layer: people, customers, deals with histories, contacts, leads, money."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from desktop.models.contracts import Payment
from desktop.models.leads import Lead
from desktop.periods import Period
from desktop.queries.metrics.engine import Figures, Question, compute
from desktop.queries.pipelines import pipeline_list
from desktop.store.workspace import Work, Workspace
from tests.maker import Maker

MONTH, YEAR = Period.parse("2026-10"), Period.parse("2026")
INDUSTRIES = ("化工", "电力", None, "Food ", "水务")


def build_firm(workspace: Workspace, make: Maker) -> Workspace:
    """Two units, four people, customers, deals with histories, contacts, leads, contracts and money, at random."""
    chance = random.Random(7)
    region = make.unit("华东", "region")
    units = [make.unit("上海", parent=region), make.unit("苏州", parent=region)]
    people = [make.person(f"人{n}", unit=units[n % 2], region="华东") for n in range(4)]
    customers = [
        make.account(
            f"客户{n}",
            chance.choice(people),
            industry=chance.choice(INDUSTRIES),
            grade=chance.choice("ABC"),
            source="展会" if n % 3 else None,
            created_at=datetime(2026, 1, 5, 3, tzinfo=UTC),
        )
        for n in range(9)
    ]
    names = make.workspace.read(_stage_names)
    for n in range(45):
        day = date(2026, 9, 10) + timedelta(days=chance.randrange(45))
        path = []
        for stage in (
            names[: chance.randrange(1, len(names) + 1)]
            if chance.random() < 0.35
            else [
                *names[: chance.randrange(1, 3)],
                chance.choice(("Signed", "Lost")),
            ]
        ):
            path.append((stage, day))
            day = min(day + timedelta(days=chance.randrange(12)), date(2026, 11, 18))
        make.deal(
            f"商机{n}",
            chance.choice(customers),
            owner=chance.choice(people),
            amount=None if n % 11 == 0 else str(Decimal(chance.randrange(1, 10**9)) / 100),
            path=path,
            source=chance.choice(("展会", "老客户", None)),
            product=chance.choice(("泵", "阀")),
            competitor=chance.choice((None, "甲厂", "乙厂")),
        )
    for _n in range(60):
        at = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(48 * 24 * 60))
        make.activity(
            chance.choice(customers),
            type=chance.choice(("call", "visit", "email")),
            on=at,
            owner=chance.choice(people),
        )
    for person in people:
        for month in ("2026-09", "2026-10", "2026-11"):
            make.target(month, chance.randrange(10**5), person=person, metric="sales")
    workspace.write(lambda work: _leads_and_money(work, chance, people, customers))
    return workspace


def _stage_names(work: Work) -> list[str]:
    from desktop.queries.pipelines import stage_list

    general = next(row.id for row in pipeline_list(work) if row.name == "General")
    return [stage.name for stage in stage_list(work, general) if stage.kind == "open"]


def _leads_and_money(work: Work, chance: random.Random, people: list[int], customers: list[int]) -> None:
    from desktop.models.contracts import Contract, PaymentPlan

    stamp = {"recorded_at": work.now, "changed_at": work.now}
    for n in range(20):
        came = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(30 * 86_400))
        touched = came + timedelta(seconds=chance.randrange(6 * 86_400), microseconds=chance.randrange(10**6))
        work.session.add(
            Lead(
                name=f"线索{n}", name_key=f"线索{n}", owner_id=chance.choice(people), created_at=came,
                first_contact_at=touched if n % 4 else None, source=chance.choice(("网络", "")), **stamp,
            )
        )  # fmt: skip
    for n in range(8):
        contract = Contract(
            number=f"HT-{n}", account_id=chance.choice(customers), owner_id=chance.choice(people),
            amount=chance.randrange(10**7), signed_on=date(2026, 7, 1) + timedelta(days=n * 9), **stamp,
        )  # fmt: skip
        work.session.add(contract)
        work.session.flush()
        for part in range(n % 3):
            work.session.add(
                PaymentPlan(
                    contract_id=contract.id, instalment=part, amount=chance.randrange(10**6),
                    due_on=date(2026, 9, 1) + timedelta(days=40 * part), **stamp,
                )
            )  # fmt: skip
        if n % 2:
            work.session.add(
                Payment(
                    contract_id=contract.id, amount=chance.randrange(10**6),
                    received_on=date(2026, 10, 1) + timedelta(days=n), **stamp,
                )
            )  # fmt: skip
    for part in range(2):
        work.session.add(
            PaymentPlan(account_id=customers[0], amount=12345, due_on=date(2026, 10, 1 + part), **stamp)
        )
    work.session.add(Payment(account_id=customers[0], amount=20000, received_on=date(2026, 10, 2), **stamp))


def asked(workspace: Workspace, *keys: str, **more: Any) -> Figures:
    return workspace.read(lambda work: compute(work, Question(keys, **{"period": MONTH, **more})))


Rows = list[Any]


def records(workspace: Workspace, record: type) -> Rows:
    def read(work: Work) -> Rows:
        found: Rows = list(work.session.scalars(select(record)))
        work.session.expunge_all()
        return found

    return workspace.read(read)
