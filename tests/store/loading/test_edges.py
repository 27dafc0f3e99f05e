"""Where imports meet what people did meanwhile, hostile values, rights, and being stopped."""

from __future__ import annotations

import polars as pl
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from desktop.control import Control
from desktop.errors import Cancelled, InvalidInput, NotAllowed
from desktop.models.accounts import Account
from desktop.models.opportunities import Pipeline, Stage
from desktop.models.people import Person
from desktop.operations.import_results import ImportResult
from desktop.operations.imports import apply_import, import_plan
from desktop.operations.migration import Plan
from desktop.operations.undo import undo_import
from desktop.store.integrity import problems
from desktop.store.loading import bulk
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker
from tests.store.loading.hand_made import digest_of, load, table, totals
from tests.store.loading.test_apply import a_small_firm, rows


def test_a_customer_made_from_its_name_is_found_after_being_renamed(workspace: Workspace) -> None:
    deals = table("opportunity", [{"external_id": "1", "name": "泵", "account_name": "甲公司"}])
    load(workspace, deals)

    def rename(work: Work) -> None:
        account = work.session.execute(select(Account)).scalar_one()
        account.name, account.name_key = "甲集团", "甲集团"

    workspace.write(rename)
    load(workspace, table("opportunity", [{"external_id": "2", "name": "阀", "account_name": "甲公司"}]))
    assert [account.name for account in rows(workspace, select(Account))] == ["甲集团"]


def test_stages_that_differ_in_case_alone_are_one(workspace: Workspace) -> None:
    load(
        workspace,
        table(
            "opportunity",
            [
                {"external_id": "1", "name": "a", "stage": "Discovery"},
                {"external_id": "2", "name": "b", "stage": "DISCOVERY"},
            ],
        ),
    )
    found = rows(workspace, select(Stage.name).join(Pipeline).where(Pipeline.preset.is_(None)))
    assert [stage.name for stage in found] == ["Discovery"]


def test_texts_that_no_database_likes_come_in_unharmed(workspace: Workspace) -> None:
    names = [
        "\\N",
        '"quoted"',
        "a\nb",
        "c\td",
        "e,f",
        "'; DROP TABLE account; --",
        "=1+1",
        "emoji 🚰",
        " ",
        "NULL",
    ]
    load(workspace, table("account", [{"external_id": str(i), "name": name} for i, name in enumerate(names)]))
    stored = {account.external_id: account.name for account in rows(workspace, select(Account))}
    assert [stored[str(i)] for i in range(len(names))] == names
    zero = table("account", [{"external_id": "z", "name": "zero\x00byte"}])
    assert totals(load(workspace, zero)) == (1, 0, 0, 0)


def test_a_broken_constraint_is_the_database_s_error(workspace: Workspace) -> None:
    def twice(work: Work) -> None:
        stage = Stage.metadata.tables["stage"]
        frame = bulk.fetch(work.connection, stage, [column.name for column in stage.c])
        bulk.insert(work.connection, stage, frame.with_columns(pl.col("id") + 1_000))

    with pytest.raises(IntegrityError):
        workspace.rehearse(lambda work: _raw(work, twice))


def _raw(work: Work, operation: object) -> None:
    assert callable(operation)
    operation(work)


def test_only_those_who_may_import_do(workspace: Workspace, place: Place, make: Maker) -> None:
    make.person("Olga", Role.SALES_OPS, login="olga")
    make.person("Rita", Role.REP, login="rita")
    result = load(place.open("olga", clock=workspace.clock), *a_small_firm())
    assert totals(result) == (12, 0, 0, 0)
    rita = place.open("rita", clock=workspace.clock)
    with pytest.raises(NotAllowed):
        load(rita, *a_small_firm())
    with pytest.raises(NotAllowed):
        rita.write(lambda work: undo_import(work, result.run or 0))


def test_an_import_that_is_stopped_leaves_nothing(workspace: Workspace) -> None:
    before = digest_of(workspace)
    control = Control(lambda _done, _total, what: control.cancel() if what == "activity" else None)
    with pytest.raises(Cancelled):
        workspace.write(lambda work: apply_import(work, a_small_firm()), control)
    assert digest_of(workspace) == before


def test_what_was_rehearsed_must_come_out_the_same(workspace: Workspace) -> None:
    plan = Plan({}, tuple(a_small_firm()), ())
    rehearsed: ImportResult = workspace.rehearse(lambda work: import_plan(work, plan, rehearsal=True))
    load(workspace, table("account", [{"external_id": "A1", "name": "江苏中圣（集团）"}]))
    before = digest_of(workspace)
    with pytest.raises(InvalidInput) as caught:
        workspace.write(lambda work: import_plan(work, plan, rehearsed=rehearsed))
    assert caught.value.code == "database_moved"
    assert digest_of(workspace) == before


def test_undo_of_a_stage_history_alone(workspace: Workspace) -> None:
    from datetime import UTC, datetime

    load(workspace, *a_small_firm())
    before = digest_of(workspace)
    history = table(
        "stage_change",
        [
            {
                "opportunity_external_id": "O1",
                "stage": "Negotiation",
                "changed_at": datetime(2026, 2, 1, tzinfo=UTC),
            }
        ],
    )
    result = load(workspace, history)
    assert digest_of(workspace) != before
    undone = workspace.write(lambda work: undo_import(work, result.run or 0))
    assert undone.reversed == 1
    assert digest_of(workspace) == before
    assert workspace.read(problems) == []


def test_a_login_belongs_to_one_person(workspace: Workspace) -> None:
    result = load(
        workspace,
        table(
            "user",
            [
                {"external_id": "1", "name": "甲", "login": "wang"},
                {"external_id": "2", "name": "乙", "login": "wang"},
            ],
        ),
    )
    assert [issue.code for issue in result.issues] == ["login_taken"]
    logins = rows(
        workspace, select(Person.login).where(Person.external_id.is_not(None)).order_by(Person.external_id)
    )
    assert [row.login for row in logins] == ["wang", None]


def test_an_edit_that_nobody_recorded_is_kept_too(workspace: Workspace) -> None:
    result = load(workspace, table("account", [{"external_id": "1", "name": "甲"}]))
    workspace.write(lambda work: work.session.execute(update(Account).values(version=2, city="苏州")))
    undone = workspace.write(lambda work: undo_import(work, result.run or 0))
    assert [line.to_json()["why"] for line in undone.kept] == [
        "It was changed after the import; what stands there now is kept."
    ]


def test_an_import_that_would_do_something_else_than_was_rehearsed_is_refused(workspace: Workspace) -> None:
    load(workspace, table("account", [{"external_id": "A1", "name": "江苏中圣", "employees": 5}]))
    news = (table("account", [{"external_id": "A1", "name": "江苏中圣", "employees": 7}]),)
    rehearsed: ImportResult = workspace.rehearse(
        lambda work: import_plan(work, Plan({}, news, ()), rehearsal=True)
    )
    # The totals stay what they were: one record updated. But what it would overwrite is another value now.
    load(workspace, table("account", [{"external_id": "A1", "name": "江苏中圣", "employees": 6}]))
    with pytest.raises(InvalidInput, match="changed since the dry run"):
        workspace.write(lambda work: import_plan(work, Plan({}, news, ()), rehearsed=rehearsed))
    again = workspace.rehearse(lambda work: import_plan(work, Plan({}, news, ()), rehearsal=True))
    assert again.totals == rehearsed.totals
    done = workspace.write(lambda work: import_plan(work, Plan({}, news, ()), rehearsed=again))
    assert done.fingerprint == again.fingerprint


def test_a_whole_firm_is_written_as_it_was_rehearsed(workspace: Workspace) -> None:
    plan = Plan({}, tuple(a_small_firm()), ())
    rehearsed: ImportResult = workspace.rehearse(lambda work: import_plan(work, plan, rehearsal=True))
    done = workspace.write(lambda work: import_plan(work, plan, rehearsed=rehearsed))
    assert done.fingerprint == rehearsed.fingerprint
    assert done.differences.drop("record_id").equals(rehearsed.differences.drop("record_id"))


def test_the_cells_that_an_import_changes(workspace: Workspace) -> None:
    load(
        workspace,
        table(
            "account", [{"external_id": "A1", "name": "江苏中圣", "annual_revenue": 1_050, "owner": "张伟"}]
        ),
    )
    news = table(
        "account",
        [
            {"external_id": "A1", "name": "江苏中圣", "annual_revenue": -205, "owner": "李娜"},
            {"external_id": "A2", "name": "上海新客", "annual_revenue": None, "owner": None},
        ],
    )
    result: ImportResult = workspace.rehearse(lambda work: apply_import(work, [news], rehearsal=True))
    cells = result.differences.select("row", "entity", "action", "field", "before", "after").rows()
    assert (2, "account", "updated", "annual_revenue", "10.50", "-2.05") in cells
    assert (2, "account", "updated", "owner", "张伟", "李娜") in cells
    assert (3, "account", "created", "name", None, "上海新客") in cells
    assert result.changed_cells == 2
    listed = result.to_json()["differences"]
    assert {(line["file"], line["row"], line["field"]) for line in listed} >= {("account.csv", 2, "owner")}


def test_a_line_of_lineage_without_its_run_is_found(workspace: Workspace) -> None:
    from sqlalchemy import delete

    from desktop.models.imports import ImportEvidence, ImportRun

    load(workspace, *a_small_firm())
    assert workspace.read(problems) == []
    workspace.write(lambda work: work.session.execute(delete(ImportEvidence)))
    workspace.write(lambda work: work.session.execute(delete(ImportRun)))
    (lone,) = workspace.read(problems)
    assert (lone.code, lone.params["target"]) == ("reference_broken", "import_run")
