"""A Salesforce export comes in with nothing mapped by hand, comes again, and is taken back."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from desktop.models import Base
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity, Ticket
from desktop.models.opportunities import Opportunity, Pipeline, Stage, StageEvent
from desktop.operations.import_results import ImportResult
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import Plan, make_plan, read_and_map
from desktop.operations.undo import undo_import
from desktop.store.digest import digest
from desktop.store.integrity import problems
from desktop.store.workspace import Workspace

Planner = Callable[[Path], Plan]


@pytest.fixture(scope="module")
def plan_of() -> Planner:
    """Reads an export once for all tests of this module."""
    plans: dict[Path, Plan] = {}

    def make(folder: Path) -> Plan:
        if folder not in plans:
            plans[folder] = make_plan(read_and_map([folder]))
        return plans[folder]

    return make


@pytest.fixture
def export(shared_data: Path, plan_of: Planner) -> Plan:
    return plan_of(shared_data / "crm" / "salesforce-devorg-export")


@pytest.fixture
def workshop(shared_data: Path, plan_of: Planner) -> Plan:
    return plan_of(shared_data / "crm" / "salesforce-fsc-workshop")


@pytest.fixture
def truth(shared_data: Path) -> dict[str, Any]:
    document = json.loads((shared_data / "_truth" / "crm_totals.json").read_text(encoding="utf-8"))
    return document["salesforce-devorg-export"]  # type: ignore[no-any-return]


def ask(workspace: Workspace, statement: Any) -> list[Any]:
    return workspace.read(lambda work: work.rows(statement))


def count(workspace: Workspace, model: type[Base]) -> int:
    return int(ask(workspace, select(func.count()).select_from(model))[0][0])


def digest_of(workspace: Workspace) -> str:
    return workspace.read(digest).all


def outcome(result: ImportResult) -> tuple[int, int, int, int, int]:
    t = result.totals
    return t["read"], t["created"], t["updated"], t["unchanged"], t["rejected"]


def source_rows(shared_data: Path, name: str) -> list[dict[str, str]]:
    path = shared_data / "crm" / "salesforce-fsc-workshop" / f"{name}.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_figure_of_the_export_is_there(
    workspace: Workspace, export: Plan, truth: dict[str, Any]
) -> None:
    result = migrate_plan(workspace, export)
    records = truth["accounts"] + truth["contacts"] + truth["opportunities"]
    assert outcome(result) == (records, records, 0, 0, 0)
    assert result.complete
    assert count(workspace, Account) == truth["accounts"]
    assert count(workspace, Contact) == truth["contacts"]
    assert count(workspace, Opportunity) == truth["opportunities"]

    stages = ask(
        workspace,
        select(Stage.name, func.count(), func.sum(Opportunity.amount), Stage.kind)
        .join(Opportunity, Opportunity.stage_id == Stage.id)
        .group_by(Stage.id),
    )
    assert {name: number for name, number, _, _ in stages} == truth["stages"]
    assert sum(amount for _, _, amount, _ in stages) == truth["amount_sum"] * 100
    won = sum(amount for _, _, amount, kind in stages if kind == "won")
    assert won == truth["closed_won_amount"] * 100

    orphans = select(func.count()).where(Opportunity.account_id.is_(None) | Opportunity.owner_id.is_(None))
    assert ask(workspace, orphans)[0][0] == truth["orphans"]
    strays = select(func.count()).where(Contact.account_id.is_(None))
    assert ask(workspace, strays)[0][0] == truth["orphans"]
    names = [row.name for row in ask(workspace, select(Account.name))]
    assert sum(number - 1 for number in Counter(names).values()) == truth["repeated_account_names"]
    assert count(workspace, StageEvent) == truth["opportunities"]
    assert workspace.read(problems) == []


def test_the_source_keeps_its_stages_in_the_order_of_their_probability(
    workspace: Workspace, export: Plan
) -> None:
    migrate_plan(workspace, export)
    pipelines = ask(workspace, select(Pipeline.name).where(Pipeline.preset.is_(None)))
    assert [p.name for p in pipelines] == [f"Imported: {export.tables[0].mapping.source_system}"]
    stages = ask(
        workspace,
        select(Stage.name, Stage.kind)
        .join(Pipeline)
        .where(Pipeline.preset.is_(None))
        .order_by(Stage.position),
    )
    names = [s.name for s in stages]
    assert names.index("Prospecting") < names.index("Value Proposition") < names.index("Negotiation/Review")
    assert [tuple(s) for s in stages[-2:]] == [("Closed Won", "won"), ("Closed Lost", "lost")]


def test_the_same_export_again_changes_nothing_and_undo_leads_back(
    workspace: Workspace, export: Plan
) -> None:
    empty = digest_of(workspace)
    rehearsed = migrate_plan(workspace, export, dry_run=True)
    assert digest_of(workspace) == empty
    first = migrate_plan(workspace, export)
    assert (rehearsed.totals, rehearsed.entities) == (first.totals, first.entities)
    full = digest_of(workspace)
    again = migrate_plan(workspace, export)
    assert outcome(again) == (990, 0, 0, 990, 0)
    assert digest_of(workspace) == full
    runs = (again.run, first.run)
    undone = [workspace.write(lambda work, run=run: undo_import(work, run)) for run in runs if run]
    assert [(u.reversed > 0, u.kept, u.blocked) for u in undone] == [(False, (), ()), (True, (), ())]
    assert digest_of(workspace) == empty


def test_record_ids_join_across_the_files_of_the_workshop(
    workspace: Workspace, workshop: Plan, shared_data: Path
) -> None:
    result = migrate_plan(workspace, workshop)
    assert {item.file for item in result.refused} == {
        "AccountContactRelation.csv",
        "Branch__c.csv",
        "CampaignMember.csv",
    }
    assert result.totals["rejected"] == 0
    deals = ask(
        workspace,
        select(Opportunity.external_id, Account.external_id, Opportunity.amount).join(Account),
    )
    expected = {
        (row["Id"], row["AccountId"], round(float(row["Amount"]) * 100))
        for row in source_rows(shared_data, "Opportunity")
        if row["AccountId"]
    }
    assert {tuple(deal) for deal in deals} == expected
    contacts = ask(workspace, select(Contact.external_id, Account.external_id).join(Account))
    ids = {row["Id"] for row in source_rows(shared_data, "Account")}
    assert {tuple(c) for c in contacts} == {
        (row["Id"], row["AccountId"])
        for row in source_rows(shared_data, "Contact")
        if row["AccountId"] in ids
    }
    tickets = ask(workspace, select(Ticket.external_id, Contact.external_id).join(Contact))
    assert {tuple(t) for t in tickets} == {
        (row["Id"], row["ContactId"]) for row in source_rows(shared_data, "Case") if row["ContactId"]
    }
    tasks = ask(workspace, select(Activity.external_id, Contact.external_id).join(Contact))
    people = {row["Id"] for row in source_rows(shared_data, "Contact")}
    assert {tuple(t) for t in tasks} == {
        (row["Id"], row["WhoId"]) for row in source_rows(shared_data, "Task") if row["WhoId"] in people
    }
    assert workspace.read(problems) == []
    full = digest_of(workspace)
    assert migrate_plan(workspace, workshop).totals["unchanged"] == result.totals["read"]
    assert digest_of(workspace) == full
