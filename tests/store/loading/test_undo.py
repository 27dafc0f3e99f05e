"""An import is taken back at any later time: created, changed, kept and blocked records."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from desktop.errors import InvalidInput
from desktop.i18n import Locale
from desktop.models.accounts import Account
from desktop.models.audit import AuditEntry
from desktop.models.opportunities import Pipeline
from desktop.operations.import_results import UndoResult
from desktop.operations.undo import undo_import
from desktop.store.integrity import problems
from desktop.store.loading.undo import Place
from desktop.store.workspace import Work, Workspace
from tests.maker import Maker
from tests.store.loading.hand_made import digest_of, load, table
from tests.store.loading.test_apply import a_small_firm, rows


def undo(workspace: Workspace, run: int | None, **options: Any) -> UndoResult:
    assert run is not None
    return workspace.write(lambda work: undo_import(work, run, **options))


def test_undo_restores_the_digest(workspace: Workspace) -> None:
    before = digest_of(workspace)
    result = load(workspace, *a_small_firm())
    undone = undo(workspace, result.run)
    assert (undone.kept, undone.blocked) == ((), ())
    # 12 rows, "New customer", 2 people, a pipeline and its 3 stages
    assert undone.reversed == 19
    assert digest_of(workspace) == before
    assert workspace.read(problems) == []
    assert [row.name for row in rows(workspace, select(Pipeline.name).where(Pipeline.preset.is_(None)))] == []
    with pytest.raises(InvalidInput):
        undo(workspace, result.run)


def test_undo_of_changes_restores_every_cell(workspace: Workspace) -> None:
    load(workspace, *a_small_firm())
    before = digest_of(workspace)
    changes = [
        table(
            "account",
            [{"external_id": "A1", "name": "新名", "owner": "王强", "tags": ["大"], "city": "苏州"}],
        ),
        table(
            "opportunity",
            [
                {"external_id": "O1", "stage": "Closed Won", "amount": 1},
                {"external_id": "O3", "stage": "Signing"},
            ],
        ),
        table("activity", [{"type": "call", "account_external_id": "A2", "occurred_at": None}]),
    ]
    second = load(workspace, *changes)
    assert digest_of(workspace) != before
    undone = undo(workspace, second.run)
    assert (undone.kept, undone.blocked) == ((), ())
    assert digest_of(workspace) == before
    assert workspace.read(problems) == []


def test_undoing_two_runs_from_the_newest_leads_back_to_the_start(workspace: Workspace) -> None:
    start = digest_of(workspace)
    first = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "苏州"}]))
    second = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "无锡"}]))
    third = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "常州"}]))
    too_early = undo(workspace, second.run)
    assert [line.entity for line in too_early.kept] == ["account"]
    undo(workspace, third.run)
    undo(workspace, second.run)
    assert [account.city for account in rows(workspace, select(Account))] == ["苏州"]
    undo(workspace, first.run)
    assert digest_of(workspace) == start


def edited_at(workspace: Workspace) -> datetime:
    """When the edit was put on record: on PostgreSQL the server's time, whatever the console's clock says."""
    (edit,) = rows(workspace, select(AuditEntry).where(AuditEntry.action == "account.edit"))
    return edit.at


def test_what_was_edited_since_is_kept_and_says_by_whom(workspace: Workspace) -> None:
    result = load(
        workspace, table("account", [{"external_id": "1", "name": "甲"}, {"external_id": "2", "name": "乙"}])
    )

    def rename(work: Work) -> None:
        account = work.session.execute(select(Account).where(Account.external_id == "1")).scalar_one()
        account.city = "苏州"
        work.audit("account.edit", "account", account.id)

    workspace.write(rename)
    undone = undo(workspace, result.run)
    assert undone.reversed == 1
    assert [(line.entity, line.params["name"]) for line in undone.kept] == [("account", "admin")]
    moment = Locale("zh_CN").instant(edited_at(workspace))
    assert undone.to_json(Locale("zh_CN"))["kept"][0]["why"] == (
        f"admin 在导入后于 {moment} 修改过，保留现状。"
    )
    assert [account.name for account in rows(workspace, select(Account))] == ["甲"]


def test_of_a_record_edited_since_the_other_cells_are_taken_back(workspace: Workspace) -> None:
    load(
        workspace, table("account", [{"external_id": "1", "name": "甲", "city": "苏州", "industry": "机械"}])
    )
    change = table("account", [{"external_id": "1", "name": "甲", "city": "无锡", "industry": "汽车"}])
    second = load(workspace, change)

    def edit(work: Work) -> None:
        account = work.session.execute(select(Account)).scalar_one()
        account.industry = "航空"
        work.audit("account.edit", "account", account.id)

    workspace.write(edit)
    undone = undo(workspace, second.run)
    assert (undone.reversed, undone.restored) == (0, 1)
    (kept,) = undone.to_json(Locale("zh_CN"))["kept"]
    moment = Locale("zh_CN").instant(edited_at(workspace))
    assert kept["why"] == f"admin 在导入后于 {moment} 修改过“客户行业”，该项保留，其余内容已恢复。"
    assert [(a.city, a.industry) for a in rows(workspace, select(Account))] == [("苏州", "航空")]
    # nothing is lost by asking again, and what is kept stays kept
    again = undo(workspace, second.run)
    assert (again.reversed, again.restored, len(again.kept)) == (0, 0, 1)
    assert [(a.city, a.industry) for a in rows(workspace, select(Account))] == [("苏州", "航空")]


def test_a_cell_given_its_imported_value_again_counts_as_untouched(workspace: Workspace) -> None:
    load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "苏州"}]))
    before = digest_of(workspace)
    second = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "无锡"}]))
    for city in ("常州", "无锡"):
        workspace.write(
            lambda work, city=city: work.session.execute(
                update(Account).values(city=city, version=Account.version + 1)
            )
        )
    undone = undo(workspace, second.run)
    assert (undone.reversed, undone.kept) == (1, ())
    assert digest_of(workspace) == before


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_runs_that_changed_other_cells_are_undone_in_any_order(
    workspace: Workspace, order: tuple[int, ...]
) -> None:
    start = digest_of(workspace)
    first = load(workspace, table("account", [{"external_id": "1", "name": "甲"}]))
    created = digest_of(workspace)
    changes = [{"city": "苏州"}, {"industry": "汽车"}, {"website": "a.cn"}]
    runs = [
        load(workspace, table("account", [{"external_id": "1", "name": "甲", **change}])).run
        for change in changes
    ]
    for number in order:
        assert (undo(workspace, runs[number]).reversed, digest_of(workspace) == created) == (
            1,
            number == order[-1],
        )
    assert undo(workspace, first.run).kept == ()
    assert digest_of(workspace) == start


def test_a_later_import_of_the_same_cell_is_named(workspace: Workspace) -> None:
    load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "苏州"}]))
    second = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "无锡"}]))
    third = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "常州"}]))
    (kept,) = undo(workspace, second.run).kept
    assert (kept.params["run"], kept.params["name"]) == (third.run, "admin")


def test_a_record_deleted_since_is_told(workspace: Workspace) -> None:
    load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "苏州"}]))
    second = load(workspace, table("account", [{"external_id": "1", "name": "甲", "city": "无锡"}]))
    workspace.write(lambda work: work.session.execute(delete(Account)))
    undone = undo(workspace, second.run)
    assert [line.to_json()["why"] for line in undone.kept] == ["It was deleted after the import."]


def test_files_are_taken_back_one_by_one(workspace: Workspace) -> None:
    start = digest_of(workspace)
    result = load(workspace, *a_small_firm())
    files = [(line.file, line.sheet) for line in result.tables]
    for file, sheet in reversed(files):
        undone = undo(workspace, result.run, places=[Place(file, sheet)])
        assert (undone.kept, undone.blocked) == ((), ())
    assert digest_of(workspace) == start
    with pytest.raises(InvalidInput):
        undo(workspace, result.run)


def test_a_customer_known_from_its_contract_alone_goes_with_it(workspace: Workspace) -> None:
    result = load(
        workspace,
        table(
            "contract", [{"number": "HT-1", "account_name": "甲"}, {"number": "HT-2", "account_name": "乙"}]
        ),
    )
    undo(workspace, result.run, places=[Place("contract.csv", None, 2)])
    assert [account.name for account in rows(workspace, select(Account))] == ["乙"]
    with pytest.raises(InvalidInput):
        undo(workspace, result.run, places=[Place("contract.csv", None, 2)])


def test_a_row_that_only_repeats_another_says_which(workspace: Workspace) -> None:
    result = load(
        workspace, table("account", [{"external_id": "1", "name": "甲"}, {"external_id": "1", "name": "甲"}])
    )
    undone = undo(workspace, result.run, places=[Place("account.csv", None, 3)])
    assert undone.reversed == 0
    assert [line.params for line in undone.blocked] == [{"file": "account.csv", "row": 2}]


def test_what_others_refer_to_is_blocked(workspace: Workspace, make: Maker) -> None:
    result = load(
        workspace,
        table(
            "account",
            [{"external_id": "1", "name": "甲"}, {"external_id": "2", "name": "乙", "parent_name": "甲"}],
        ),
    )
    child = rows(workspace, select(Account.id).where(Account.name == "乙"))[0].id
    contact = make.contact("陈", account=child)
    undone = undo(workspace, result.run)
    assert undone.reversed == 0
    assert {line.params["entity"] for line in undone.blocked} == {"Contact", "Account"}
    assert len(rows(workspace, select(Account))) == 2

    def let_go(work: Work) -> None:
        from desktop.models.accounts import Contact

        work.session.execute(update(Contact).where(Contact.id == contact).values(account_id=None))

    workspace.write(let_go)
    assert undo(workspace, result.run).reversed == 2


def test_single_rows_can_be_taken_back(workspace: Workspace) -> None:
    result = load(
        workspace, table("account", [{"external_id": "1", "name": "甲"}, {"external_id": "2", "name": "乙"}])
    )
    undone = undo(workspace, result.run, places=[Place("account.csv", None, 3)])
    assert undone.reversed == 1
    assert [account.name for account in rows(workspace, select(Account))] == ["甲"]
    assert undo(workspace, result.run).reversed == 1
