"""Imported rows become records, meet the records they mean, and change nothing when they come again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from desktop.models import Base
from desktop.models.accounts import Account, Contact
from desktop.models.activities import Activity
from desktop.models.opportunities import Opportunity, Pipeline, Stage, StageEvent
from desktop.models.people import Ownership, Person
from desktop.store.integrity import problems
from desktop.store.workspace import Workspace
from tests.store.loading.hand_made import digest_of, load, table, totals


def rows(workspace: Workspace, statement: Any) -> list[Any]:
    """Return rows, or whole records where the statement asks for those."""
    return workspace.read(
        lambda work: [row[0] if isinstance(row[0], Base) else row for row in work.rows(statement)]
    )


def a_small_firm() -> list[Any]:
    return [
        table(
            "account",
            [
                {"external_id": "A1", "name": "江苏中圣（集团）", "owner": "周婷", "phone": "+8625000001"},
                {
                    "external_id": "A2",
                    "name": "Harbour Works",
                    "owner": "005f4000001abcdAAA",
                    "tags": ["老客户", "重点"],
                },
                {"external_id": "A3", "name": "Harbour Works", "parent_name": "A2"},
            ],
        ),
        table(
            "contact",
            [
                {"external_id": "C1", "last_name": "陈", "first_name": "浩", "account_external_id": "A1"},
                {
                    "external_id": "C2",
                    "last_name": "Brown",
                    "first_name": "Emma",
                    "account_name": "江苏中圣(集团) ",
                },
                {"external_id": "C3", "last_name": "Doe", "account_name": "Harbour Works"},
            ],
        ),
        table(
            "opportunity",
            [
                {
                    "external_id": "O1",
                    "name": "Pumps",
                    "account_external_id": "A1",
                    "stage": "Prospecting",
                    "probability": 1000,
                    "amount": 1234500,
                    "opened_on": date(2026, 3, 1),
                    "owner": "周婷",
                },
                {
                    "external_id": "O2",
                    "name": "Valves",
                    "account_external_id": "A2",
                    "stage": "Closed Won",
                    "probability": 10000,
                    "amount": 500,
                    "expected_close_on": date(2026, 4, 1),
                },
                {
                    "external_id": "O3",
                    "name": "Pipes",
                    "account_external_id": "A9",
                    "stage": "Negotiation",
                    "probability": 9000,
                },
            ],
        ),
        table(
            "activity",
            [
                {
                    "type": "visit",
                    "subject": "First visit",
                    "account_name": "江苏中圣（集团）",
                    "occurred_at": datetime(2026, 5, 1, 17, tzinfo=UTC),
                    "owner": "周婷",
                },
                {"type": "note", "subject": "Same", "account_name": "New customer"},
                {"type": "note", "subject": "Same", "account_name": "New customer"},
            ],
        ),
    ]


def test_linked_tables_come_in_as_one(workspace: Workspace) -> None:
    result = load(workspace, *a_small_firm())
    assert totals(result) == (12, 0, 0, 0)
    assert result.entities["account"]["created"] == 4  # "New customer" is known by its name alone
    assert result.entities["user"]["created"] == 2
    codes = sorted(issue.code for issue in result.issues)
    assert codes == [
        "account_created",
        "reference_ambiguous",
        "reference_unknown",
        "user_created",
        "user_created",
    ]
    names = {row.external_id: row.name for row in rows(workspace, select(Contact.external_id, Contact.name))}
    assert names == {"C1": "陈浩", "C2": "Emma Brown", "C3": "Doe"}
    joined = rows(workspace, select(Contact.external_id, Account.external_id).join(Account))
    assert sorted(map(tuple, joined)) == [("C1", "A1"), ("C2", "A1")]
    doe = rows(workspace, select(Contact.raw_values).where(Contact.external_id == "C3"))
    assert doe[0].raw_values == {"account_name": "Harbour Works"}
    assert workspace.read(problems) == []


def test_unknown_owners_become_people_who_cannot_sign_in(workspace: Workspace) -> None:
    load(workspace, *a_small_firm())
    people = rows(workspace, select(Person).where(Person.login.is_(None)).order_by(Person.name))
    assert [(p.name, p.external_id, p.role, p.can_sign_in) for p in people] == [
        ("005f4000001abcdAAA", "005f4000001abcdAAA", "rep", False),
        ("周婷", None, "rep", False),
    ]
    load(
        workspace,
        table(
            "user",
            [{"external_id": "005f4000001abcdAAA", "name": "Li Wei"}, {"external_id": "U2", "name": "周婷"}],
        ),
    )
    people = rows(workspace, select(Person).where(Person.login.is_(None)).order_by(Person.name))
    assert [(p.name, p.external_id) for p in people] == [("Li Wei", "005f4000001abcdAAA"), ("周婷", "U2")]


def test_unknown_stages_make_a_pipeline_that_keeps_their_names(workspace: Workspace) -> None:
    load(workspace, *a_small_firm())
    stages = rows(
        workspace,
        select(Stage.name, Stage.kind)
        .join(Pipeline)
        .where(Pipeline.name == "Imported: old")
        .order_by(Stage.position),
    )
    assert [tuple(s) for s in stages] == [
        ("Prospecting", "open"),
        ("Negotiation", "open"),
        ("Closed Won", "won"),
    ]
    deals = {d.external_id: d for d in rows(workspace, select(Opportunity))}
    assert (deals["O2"].status, deals["O2"].closed_on) == ("won", date(2026, 4, 1))
    assert deals["O1"].closed_on is None
    events = rows(workspace, select(StageEvent.entered_on, StageEvent.inferred).order_by(StageEvent.id))
    assert [tuple(e) for e in events] == [(date(2026, 3, 1), True), (date(2026, 4, 1), True), (None, True)]


def test_stages_of_a_preset_use_it_in_either_language(workspace: Workspace) -> None:
    load(
        workspace,
        table(
            "opportunity",
            [
                {"external_id": "1", "name": "泵", "stage": "需求确认"},
                {"external_id": "2", "name": "阀", "stage": "赢单"},
            ],
        ),
    )
    found = rows(
        workspace, select(Opportunity.status, Pipeline.preset).join(Pipeline).order_by(Opportunity.id)
    )
    assert [tuple(f) for f in found] == [("open", "manufacturing"), ("won", "manufacturing")]


def test_the_same_again_changes_nothing(workspace: Workspace) -> None:
    load(workspace, *a_small_firm())
    before = digest_of(workspace)
    again = load(workspace, *a_small_firm())
    assert totals(again) == (0, 0, 12, 0)
    assert digest_of(workspace) == before


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(workspace: Workspace) -> None:
    from desktop.operations.imports import apply_import

    before = digest_of(workspace)
    rehearsed = workspace.rehearse(lambda work: apply_import(work, a_small_firm(), rehearsal=True))
    assert (rehearsed.run, rehearsed.state) == (None, "dry_run")
    assert digest_of(workspace) == before
    real = load(workspace, *a_small_firm())
    assert rehearsed.totals == real.totals
    assert rehearsed.entities == real.entities


def test_a_later_export_changes_cells_and_adds_stage_events(workspace: Workspace) -> None:
    load(workspace, *a_small_firm())
    later = load(
        workspace,
        table("account", [{"external_id": "A1", "owner": "王强", "phone": None}]),
        table("opportunity", [{"external_id": "O1", "name": "Pumps", "stage": "Negotiation", "amount": 999}]),
    )
    assert totals(later) == (0, 2, 0, 0)
    account = rows(workspace, select(Account.phone, Account.version).where(Account.external_id == "A1"))[0]
    assert tuple(account) == ("+8625000001", 2)  # an empty cell takes nothing away
    owners = rows(
        workspace, select(Ownership.since).where(Ownership.kind == "account").order_by(Ownership.id)
    )
    assert len(owners) == 3
    moved = rows(
        workspace,
        select(StageEvent.inferred, StageEvent.entered_on).where(StageEvent.from_stage_id.is_not(None)),
    )
    assert [tuple(m) for m in moved] == [(True, date(2026, 11, 18))]
    assert workspace.read(problems) == []


def test_a_done_visit_is_the_last_effective_interaction(workspace: Workspace) -> None:
    load(workspace, *a_small_firm())
    found = rows(workspace, select(Account.last_effective_at).where(Account.external_id == "A1"))
    assert found[0].last_effective_at == datetime(2026, 5, 1, 17, tzinfo=UTC)
    visit = rows(workspace, select(Activity.occurred_on, Activity.effective).where(Activity.type == "visit"))
    assert tuple(visit[0]) == (date(2026, 5, 2), True)


def test_two_equal_rows_of_one_file_are_one_record(workspace: Workspace) -> None:
    twice = table(
        "account",
        [
            {"name": "甲 公司", "city": "苏州"},
            {"name": "甲公司", "city": "苏州"},
            {"name": "甲公司", "city": "无锡"},
        ],
    )
    result = load(workspace, twice)
    assert totals(result) == (1, 1, 1, 0)
    assert [a.city for a in rows(workspace, select(Account))] == ["无锡"]
    assert totals(load(workspace, twice)) == (0, 0, 3, 0)


def test_equal_rows_stay_apart_where_duplicates_are_kept(workspace: Workspace) -> None:
    twice = table("account", [{"name": "甲公司"}, {"name": "甲公司"}])
    assert totals(load(workspace, twice, keep_duplicates=True)) == (2, 0, 0, 0)
    assert totals(load(workspace, twice, keep_duplicates=True)) == (0, 0, 2, 0)


def test_different_record_ids_never_merge_and_a_name_adopts_one(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "苏州"}], source="excel"))
    load(
        workspace,
        table("account", [{"external_id": "1", "name": "甲公司"}, {"external_id": "2", "name": "甲公司"}]),
    )
    assert len(rows(workspace, select(Account))) == 3
    load(workspace, table("account", [{"name": "乙公司", "city": "苏州"}], source="excel"))
    result = load(workspace, table("account", [{"external_id": "3", "name": "乙公司"}]))
    assert totals(result) == (0, 1, 0, 0)
    found = rows(
        workspace, select(Account.external_id, Account.source_system).where(Account.name == "乙公司")
    )
    assert [tuple(f) for f in found] == [("3", "old")]


def test_credit_codes_decide_before_names(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "credit_code": "91320000000000000X"}]))
    result = load(
        workspace,
        table(
            "account",
            [
                {"name": "甲集团", "credit_code": "91320000000000000X"},
                {"name": "甲公司", "credit_code": "91320000000000001Y"},
            ],
        ),
    )
    assert totals(result) == (1, 1, 0, 0)


def test_values_that_do_not_fit_are_left_out_and_kept_as_text(workspace: Workspace) -> None:
    result = load(workspace, table("account", [{"name": "甲", "phone": "1" * 101, "employees": 2**40}]))
    assert sorted(issue.code for issue in result.issues) == ["out_of_range", "too_long"]
    stored = rows(workspace, select(Account.phone, Account.employees, Account.raw_values))[0]
    assert (stored.phone, stored.employees) == (None, None)
    assert set(stored.raw_values) == {"phone", "employees"}


def test_targets_belong_to_a_person_or_a_unit(workspace: Workspace) -> None:
    from desktop.models.targets import Target

    result = load(
        workspace,
        table("org_unit", [{"name": "华东"}, {"name": "苏州", "parent": "华东"}]),
        table(
            "target",
            [
                {"owner": "周婷", "period": "2026-03", "value": 10000},
                {"owner": "华东", "period": "2026-Q1", "value": 30000},
                {"owner": "周婷", "period": "bad", "value": 1},
            ],
        ),
    )
    assert totals(result) == (4, 0, 0, 1)
    found = rows(workspace, select(Target).order_by(Target.period))
    assert [(t.period, t.person_id is None, t.unit_id is None, t.ends_on) for t in found] == [
        ("2026-03", False, True, date(2026, 3, 31)),
        ("2026-Q1", True, False, date(2026, 3, 31)),
    ]
    assert workspace.read(problems) == []


def test_papers_and_lines_find_their_contract_order_and_product(workspace: Workspace) -> None:
    from desktop.models.contracts import Payment
    from desktop.models.orders import OrderLine

    tables = [
        table("contract", [{"number": "HT-1", "name": "泵", "account_name": "甲公司", "amount": 5000}]),
        table(
            "payment",
            [
                {"contract_number": "HT-1", "amount": 100},
                {"contract_number": "HT-1", "amount": 100},
                {"contract_number": "HT-9", "amount": 7},
            ],
        ),
        table("order", [{"number": "SO1", "account_name": "甲公司"}, {"number": "SO1", "status": "shipped"}]),
        table(
            "order_line",
            [{"order_number": "SO1", "product": "泵 A", "quantity": 2000, "unit_price": 1500000}],
        ),
    ]
    assert totals(load(workspace, *tables)) == (6, 1, 0, 0)
    payments = rows(
        workspace, select(Payment.account_id, Payment.contract_id).order_by(Payment.amount.desc())
    )
    assert payments[0] == payments[1]
    assert None not in payments[0]
    assert tuple(payments[2]) == (None, None)
    line = rows(workspace, select(OrderLine))[0]
    assert line.order_id
    assert line.product_id
    assert line.unit_price == 1500000
    assert totals(load(workspace, *tables)) == (0, 0, 7, 0)
