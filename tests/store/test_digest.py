"""The digest sees every change of the business and none of the bookkeeping."""

from __future__ import annotations

from sqlalchemy import text

from desktop.models.accounts import Account, Contact
from desktop.store.digest import Digest, digest
from desktop.store.integrity import problems
from desktop.store.workspace import Work, Workspace


def add(work: Work, name: str, contact: str) -> None:
    stamp = {"recorded_at": work.now, "changed_at": work.now}
    account = Account(name=name, name_key=name, **stamp)
    work.session.add(account)
    work.session.flush()
    work.session.add(Contact(name=contact, name_key=contact, account_id=account.id, **stamp))


def take(workspace: Workspace, *, physical: bool = False) -> Digest:
    return workspace.read(lambda work: digest(work, physical=physical))


def test_a_changed_cell_changes_its_table_and_the_whole_only(workspace: Workspace) -> None:
    workspace.write(lambda work: add(work, "甲公司", "张"))
    before = take(workspace)
    workspace.write(lambda work: work.session.execute(text("UPDATE contact SET title = '经理'")))
    after = take(workspace)
    changed = {name for name in before.tables if before.tables[name] != after.tables[name]}
    assert changed == {"contact"}
    assert before.all != after.all


def test_a_reference_counts_by_what_it_points_at(workspace: Workspace) -> None:
    workspace.write(lambda work: (add(work, "甲公司", "张"), add(work, "乙公司", "李")))
    before = take(workspace)
    workspace.write(
        lambda work: work.session.execute(
            text("UPDATE contact SET account_id = (SELECT id FROM account WHERE name = '乙公司')")
        )
    )
    assert take(workspace).tables["contact"] != before.tables["contact"]


def test_ids_versions_and_stamps_do_not_count(workspace: Workspace) -> None:
    workspace.write(lambda work: (add(work, "甲公司", "张"), add(work, "乙公司", "李")))
    before, physical = take(workspace), take(workspace, physical=True)
    workspace.write(lambda work: work.session.execute(text("DELETE FROM contact")))
    workspace.write(lambda work: work.session.execute(text("DELETE FROM account")))
    workspace.write(lambda work: (add(work, "乙公司", "李"), add(work, "甲公司", "张")))
    assert take(workspace) == before
    assert take(workspace, physical=True).all != physical.all


def test_a_fresh_database_is_whole_and_a_broken_tree_is_found(workspace: Workspace) -> None:
    assert workspace.read(problems) == []
    workspace.write(
        lambda work: work.session.execute(
            text(
                "INSERT INTO org_unit (name, name_key, source_system, version, recorded_at, changed_at) "
                "VALUES ('总部', '总部', '', 1, '2026-01-01', '2026-01-01')"
            )
        )
    )
    assert [problem.code for problem in workspace.read(problems)] == ["tree_closure"]
