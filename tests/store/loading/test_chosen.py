"""Rules for updating and keys of a person's own: what an import may change, and which record a row is (IMP-10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from desktop.importers.tables import ConvertedTable
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.store.workspace import Work, Workspace
from tests.store.loading.hand_made import digest_of, load, table, totals


def chosen(
    converted: ConvertedTable, *, keys: Sequence[str] = (), rules: dict[str, Any] | None = None
) -> ConvertedTable:
    mapping = replace(converted.mapping, keys=tuple(keys), update_rules=rules or {})
    return replace(converted, mapping=mapping)


def accounts(workspace: Workspace, *names: str) -> list[tuple[Any, ...]]:
    columns = [getattr(Account, name) for name in names]
    return workspace.read(
        lambda work: [tuple(row) for row in work.rows(select(*columns).order_by(Account.id))]
    )


def at(day: int) -> datetime:
    return datetime(2026, 1, day, 8, tzinfo=UTC)


def test_fill_blank_leaves_what_is_there_and_fills_the_rest(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "上海"}, {"name": "乙公司"}]))
    again = table(
        "account",
        [{"name": "甲公司", "city": "北京", "phone": "1"}, {"name": "乙公司", "city": "广州", "phone": "2"}],
    )
    result = load(workspace, chosen(again, rules={"account.city": "fill_blank"}))
    assert totals(result) == (0, 2, 0, 0)
    assert accounts(workspace, "city", "phone") == [("上海", "1"), ("广州", "2")]


def test_fill_blank_holds_within_one_table_too(workspace: Workspace) -> None:
    twice = table("account", [{"name": "甲公司", "city": "上海"}, {"name": "甲公司", "city": "北京"}])
    load(workspace, chosen(twice, rules={"account.city": "fill_blank"}))
    assert accounts(workspace, "city") == [("上海",)]


def test_fill_blank_holds_references_back(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "owner": "王芳"}]))
    before = digest_of(workspace)
    again = table("account", [{"name": "甲公司", "owner": "王芳"}, {"name": "甲公司", "owner": "王芳"}])
    load(workspace, chosen(again, rules={"account.owner": "fill_blank"}))
    assert digest_of(workspace) == before


def test_the_newest_wins_by_the_source_s_own_time(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "上海", "updated_at": at(5)}]))
    rules = {"account.city": "newest"}
    older = table("account", [{"name": "甲公司", "city": "北京", "updated_at": at(4)}])
    assert totals(load(workspace, chosen(older, rules=rules))) == (0, 0, 1, 0)
    newer = table("account", [{"name": "甲公司", "city": "广州", "updated_at": at(7)}])
    load(workspace, chosen(newer, rules=rules))
    assert accounts(workspace, "city", "updated_at") == [("广州", at(7))]


def test_what_a_person_changed_later_is_newer_than_the_source(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "上海", "updated_at": at(5)}]))

    def edit(work: Work) -> None:
        account = work.session.scalars(select(Account)).one()
        account.city, account.changed_at = "杭州", datetime(2026, 1, 9, tzinfo=UTC)

    workspace.write(edit)
    rules = {"account.city": "newest"}
    load(
        workspace,
        chosen(table("account", [{"name": "甲公司", "city": "北京", "updated_at": at(8)}]), rules=rules),
    )
    assert accounts(workspace, "city") == [("杭州",)]
    load(
        workspace,
        chosen(table("account", [{"name": "甲公司", "city": "北京", "updated_at": at(10)}]), rules=rules),
    )
    assert accounts(workspace, "city") == [("北京",)]


def test_of_several_rows_the_newest_wins_whatever_their_order(workspace: Workspace) -> None:
    rows = [
        {"name": "甲公司", "city": "广州", "phone": "1", "updated_at": at(7)},
        {"name": "甲公司", "city": "北京", "phone": "2", "updated_at": at(3)},
    ]
    load(workspace, chosen(table("account", rows), rules={"account.city": "newest"}))
    assert accounts(workspace, "city", "phone", "updated_at") == [("广州", "2", at(7))]


def test_without_a_time_the_newest_rule_only_fills_blanks(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "上海"}]))
    undated = table("account", [{"name": "甲公司", "city": "北京", "phone": "1"}])
    load(workspace, chosen(undated, rules={"account.city": "newest", "account.phone": "newest"}))
    assert accounts(workspace, "city", "phone") == [("上海", "1")]


def test_a_name_with_a_city_is_a_key(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "全聚德", "city": "北京"}]))
    rows = [
        {"name": "全聚德", "city": "北京", "phone": "1"},
        {"name": "全聚德", "city": "上海", "phone": "2"},
        {"name": "全聚德", "city": "上海", "email": "a@b.cn"},
    ]
    keys = ("account.name", "account.city")
    result = load(workspace, chosen(table("account", rows), keys=keys))
    assert totals(result) == (1, 2, 0, 0)
    assert accounts(workspace, "city", "phone", "email") == [("北京", "1", None), ("上海", "2", "a@b.cn")]
    before = digest_of(workspace)
    assert totals(load(workspace, chosen(table("account", rows), keys=keys))) == (0, 0, 3, 0)
    assert digest_of(workspace) == before


def test_a_key_decides_before_numbers(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "上海", "credit_code": "A"}]))
    row = {"name": "甲公司", "city": "上海", "credit_code": "B"}
    load(workspace, chosen(table("account", [row]), keys=("account.name", "account.city")))
    assert accounts(workspace, "credit_code") == [("B",)]


def test_rows_with_an_incomplete_key_follow_the_standard_order(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "上海"}]))
    rows = [{"name": "甲公司", "city": None, "phone": "1"}]
    load(workspace, chosen(table("account", rows), keys=("account.name", "account.city")))
    assert accounts(workspace, "city", "phone") == [("上海", "1")]


@pytest.mark.parametrize("keyed", [True, False])
def test_activities_meet_by_owner_time_and_account(workspace: Workspace, keyed: bool) -> None:
    keys = ("activity.owner", "activity.occurred_at", "activity.account_name") if keyed else ()
    row = {
        "type": "visit",
        "owner": "王芳",
        "account_name": "甲公司",
        "occurred_at": at(5),
        "content": "初访",
    }
    load(workspace, chosen(table("activity", [row]), keys=keys))
    load(workspace, chosen(table("activity", [{**row, "content": "初访，已报价"}]), keys=keys))
    found = workspace.read(
        lambda work: list(work.session.scalars(select(Activity.content).order_by(Activity.id)))
    )
    assert found == (["初访，已报价"] if keyed else ["初访", "初访，已报价"])


def test_a_key_over_references_meets_records_that_came_otherwise(workspace: Workspace) -> None:
    row = {
        "type": "visit",
        "owner": "王芳",
        "account_name": "甲公司",
        "occurred_at": at(5),
        "content": "初访",
    }
    load(workspace, table("activity", [row]))
    keys = ("activity.owner", "activity.occurred_at", "activity.account_name")
    result = load(
        workspace, chosen(table("activity", [{**row, "content": "复访"}], source="another"), keys=keys)
    )
    assert totals(result) == (0, 1, 0, 0)


def test_what_is_derived_only_fills_blanks(workspace: Workspace) -> None:
    load(workspace, table("account", [{"name": "甲公司", "city": "昆山"}, {"name": "乙公司"}]))
    again = table("account", [{"name": "甲公司", "city": "苏州市"}, {"name": "乙公司", "city": "杭州市"}])
    load(workspace, replace(again, derived=frozenset({"account.city"})))
    assert accounts(workspace, "city") == [("昆山",), ("杭州市",)]


def test_what_one_table_derives_and_another_holds(workspace: Workspace) -> None:
    load(
        workspace, table("account", [{"name": "甲公司", "city": "昆山"}, {"name": "乙公司", "city": "宁波"}])
    )
    derived = replace(
        table("account", [{"name": "甲公司", "city": "苏州市"}]), derived=frozenset({"account.city"})
    )
    held = table("account", [{"name": "乙公司", "city": "杭州市"}], file="other.csv")
    load(workspace, derived, held)
    assert accounts(workspace, "city") == [("昆山",), ("杭州市",)]
