"""Columns become typed custom fields, and are updated, taken back and digested like any other (CUS-05, IMP-10)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from desktop.errors import InvalidInput
from desktop.importers.mapping import suggest_as
from desktop.importers.tables import ConvertedTable
from desktop.importers.values import convert
from desktop.importers.ways import NewField
from desktop.models.custom import CustomField, CustomValue
from desktop.models.imports import Lineage
from desktop.operations.import_results import ImportResult, UndoResult
from desktop.operations.undo import undo_import
from desktop.store.integrity import problems
from desktop.store.workspace import Work, Workspace
from tests.store.loading.hand_made import digest_of, load, totals
from tests.unit.importers.files import table

FIELDS = (
    NewField("account", "colour", "包装颜色", "choice"),
    NewField("account", "floors", "楼层数", "integer"),
    NewField("account", "area", "面积", "number"),
    NewField("account", "rent", "月租金", "money"),
    NewField("account", "opened", "开业日期", "date"),
    NewField("account", "seen", "最近巡店", "datetime"),
    NewField("account", "chain", "是否连锁", "boolean"),
    NewField("account", "brands", "在售品牌", "list"),
    NewField("account", "remark", "巡店备注", "text"),
)
HEADERS = ["客户名称", *(one.label for one in FIELDS)]
ROW = ["甲公司", "红", "3", "88.5", "1.2万", "2024/5/6", "2026-01-02 08:30", "是", "青啤、雪花", "门头已换"]
VALUES = {
    "colour": ("text", "红"),
    "floors": ("whole", 3),
    "area": ("number", 88.5),
    "rent": ("whole", 1_200_000),
    "opened": ("day", date(2024, 5, 6)),
    "seen": ("moment", datetime(2026, 1, 2, 0, 30, tzinfo=UTC)),
    "chain": ("truth", True),
    "brands": ("text", '["青啤", "雪花"]'),
    "remark": ("text", "门头已换"),
}


def shops(
    rows: Sequence[Sequence[Any]], *, fields: Sequence[NewField] = FIELDS, headers: Sequence[str] = HEADERS
) -> ConvertedTable:
    mapping = suggest_as(table(headers, rows), "account")
    by_label = {one.label: one.full_name for one in fields}
    columns = tuple(
        replace(column, field=by_label.get(column.header, column.field), confidence=1.0)
        for column in mapping.columns
    )
    return convert(replace(mapping, columns=columns, new_fields=tuple(fields)))


def stored(workspace: Workspace) -> dict[str, tuple[str, Any]]:
    """Return per code where the value stands and what it is; every value stands in one column alone."""

    def read(work: Any) -> dict[str, tuple[str, Any]]:
        found = {}
        for code, value in work.rows(
            select(CustomField.code, CustomValue).join(CustomValue, CustomValue.field_id == CustomField.id)
        ):
            ((column, held),) = [
                (name, getattr(value, name))
                for name in ("text", "whole", "number", "day", "moment", "truth")
                if getattr(value, name) is not None
            ]
            found[code] = (column, held)
        return found

    return workspace.read(read)


def undo(workspace: Workspace, run: ImportResult) -> UndoResult:
    number = run.run
    assert number is not None
    return workspace.write(lambda work: undo_import(work, number))


def count(workspace: Workspace, name: str) -> int:
    statement = text(f"SELECT COUNT(*) FROM {name}")
    return workspace.read(lambda work: int(work.session.execute(statement).scalar_one()))


def test_every_type_is_made_stored_and_whole(workspace: Workspace) -> None:
    assert totals(load(workspace, shops([ROW]))) == (1, 0, 0, 0)
    assert stored(workspace) == VALUES
    made = workspace.read(
        lambda work: list(work.session.scalars(select(CustomField).order_by(CustomField.id)))
    )
    assert [(one.code, one.type, one.label_zh, one.active) for one in made] == [
        (one.code, one.type, one.label, True) for one in FIELDS
    ]
    assert made[0].options == ["红"]
    assert workspace.read(problems) == []


def test_the_same_again_changes_nothing(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    before = digest_of(workspace)
    assert totals(load(workspace, shops([ROW]))) == (0, 0, 1, 0)
    assert digest_of(workspace) == before
    assert count(workspace, "custom_field") == len(FIELDS)


def test_a_changed_cell_is_a_difference_with_its_before_image(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    changed = ["甲公司", "蓝", None, *ROW[3:5], "2024-05-07", *ROW[6:]]
    result = load(workspace, shops([changed]))
    assert totals(result) == (0, 1, 0, 0)
    told = result.differences.select("field", "before", "after").sort("field").rows()
    assert told == [("x_colour", "红", "蓝"), ("x_opened", "2024-05-06", "2024-05-07")]
    images = workspace.read(
        lambda work: [row.before for row in work.rows(select(Lineage.before)) if row.before]
    )
    assert images == [{"x_colour": "红", "x_opened": "2024-05-06"}]
    assert stored(workspace)["floors"] == ("whole", 3)
    assert workspace.read(problems) == []


def test_undo_gives_back_what_stood_there(workspace: Workspace) -> None:
    empty = digest_of(workspace)
    first = load(workspace, shops([ROW]))
    before = digest_of(workspace)
    other = ["甲公司", "蓝", "4", "99", "2万", "2025-01-01", "2026-02-02", "否", "雪花", "x"]
    second = load(workspace, shops([other, ["乙公司", *other[1:]]]))
    for run in (second, first):
        undone = undo(workspace, run)
        assert undone.kept == undone.blocked == ()
        assert workspace.read(problems) == []
        if run is second:
            assert digest_of(workspace) == before
            assert stored(workspace) == VALUES
    assert digest_of(workspace) == empty
    assert count(workspace, "custom_value") == count(workspace, "custom_field") == 0


def test_a_value_filled_first_is_taken_away_again(workspace: Workspace) -> None:
    load(workspace, shops([["甲公司", *[None] * 9]]))
    before = digest_of(workspace)
    undo(workspace, load(workspace, shops([ROW])))
    assert stored(workspace) == {}
    assert digest_of(workspace) == before


def test_the_digest_sees_custom_values(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    before = digest_of(workspace)
    workspace.write(
        lambda work: work.session.execute(text("UPDATE custom_value SET whole = 9 WHERE whole = 3"))
    )
    assert digest_of(workspace) != before


def test_a_value_of_no_record_is_found(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    workspace.write(
        lambda work: work.session.execute(text("UPDATE custom_value SET record_id = 999 WHERE whole = 3"))
    )
    assert [problem.code for problem in workspace.read(problems)] == ["custom_values_wrong"]


def test_a_field_of_another_type_is_refused_before_anything_is_written(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    text_colour = NewField("account", "floors", "楼层数", "text")
    with pytest.raises(InvalidInput) as refused:
        load(workspace, shops([["乙公司", "三"]], fields=[text_colour], headers=["客户名称", "楼层数"]))
    assert refused.value.code == "custom_field_type"
    assert count(workspace, "account") == 1


def test_what_cannot_be_read_is_kept_beside_the_record(workspace: Workspace) -> None:
    table_ = shops([["甲公司", "红", "三层", *ROW[3:]]])
    assert [(one.column, one.code, str(one.severity)) for one in table_.issues] == [
        ("楼层数", "number_invalid", "cell")
    ]
    load(workspace, table_)
    kept = workspace.read(
        lambda work: work.session.execute(text("SELECT raw_values FROM account")).scalar_one()
    )
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert kept == {"x_floors": "三层"}
    load(workspace, shops([ROW]))
    kept = workspace.read(
        lambda work: work.session.execute(text("SELECT raw_values FROM account")).scalar_one()
    )
    assert kept is None


def test_rules_hold_for_custom_fields(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    again = shops([["甲公司", "蓝", *[None] * 8]])
    ruled = replace(again, mapping=replace(again.mapping, update_rules={"account.x_colour": "fill_blank"}))
    assert totals(load(workspace, ruled)) == (0, 0, 1, 0)
    assert stored(workspace)["colour"] == ("text", "红")


def test_an_edited_custom_cell_is_kept_and_the_others_are_restored(workspace: Workspace) -> None:
    load(workspace, shops([ROW]))
    run = load(workspace, shops([["甲公司", "蓝", "4", *[None] * 7]]))

    def edit(work: Work) -> None:
        work.session.execute(text("UPDATE custom_value SET text = '绿' WHERE text = '蓝'"))
        work.session.execute(text("UPDATE account SET version = version + 1"))

    workspace.write(edit)
    (kept,) = undo(workspace, run).kept
    assert kept.entity == "account"
    assert (stored(workspace)["colour"], stored(workspace)["floors"]) == (("text", "绿"), ("whole", 3))
