"""A migration rehearsed on one export and replayed on another: only the differences are asked about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop.errors import InvalidInput
from desktop.importers.fixes import CellFix, RowSkip
from desktop.importers.options import ReadOptions, TableLayout, TablePlace
from desktop.importers.recipe import MergeDecision, Recipe
from desktop.importers.recipe_replay import name_pattern
from desktop.importers.ways import ValueChoice
from desktop.models.accounts import Account
from desktop.models.contracts import Contract
from desktop.operations.imports import migrate_plan
from desktop.operations.mapping_lines import with_entity, with_field
from desktop.operations.mapping_ways import with_choice
from desktop.operations.migration import Source, make_plan, read_and_map
from desktop.operations.recipes import (
    read_recipe,
    recipe_of,
    replay,
    replay_merges,
    save_recipe,
    write_recipe,
)
from desktop.queries.audit import export_log
from desktop.store.workspace import Work, Workspace
from tests.scenarios.shell import Shell

MARCH = """合同编号,客户名称,合同金额,签订日期,自定义A
HT-1,甲公司,100,2026-01-05,老客户
HT-2,乙公司,详见附件,2026-01-06,新客户
HT-3,丙公司,30,2026-01-07,老客户
HT-4,测试,1,2026-01-08,新客户
"""
APRIL = """客户名称,合同编号,合同金额,签订日期,自定义A,新列
丁公司,HT-9,90,2026-04-01,转介绍,x
测试,HT-4,1,2026-01-08,新客户,
乙公司,HT-2,详见附件,2026-01-06,新客户,y
甲公司,HT-1,100,2026-01-05,老客户,
丙公司,HT-3,33,2026-01-07,老客户,
"""


def export(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rehearsed(folder: Path) -> Source:
    source = read_and_map([export(folder, "合同_20260301.csv", MARCH)])
    source = with_field(source, 0, 4, "contract.type")
    source = with_choice(source, 0, "contract.type", "老客户", ValueChoice("map", "续签"))
    return source.fixed(
        CellFix("合同_20260301.csv", None, 0, 3, 2, "详见附件", "20"),
        CellFix("合同_20260301.csv", None, 0, 4, 2, "30", "31"),
        RowSkip("合同_20260301.csv", None, 0, 5),
    )


def test_rehearse_then_replay_on_the_fresh_export(workspace: Workspace, tmp_path: Path) -> None:
    write_recipe(tmp_path / "migration.json", recipe_of(rehearsed(tmp_path / "march"), "切换"))
    recipe = read_recipe(tmp_path / "migration.json")
    fresh = export(tmp_path / "april", "合同_20260418(终).csv", APRIL)
    found = replay(recipe, [fresh])
    assert sorted(((q.code, q.row, q.column, q.value) for q in found.questions), key=str) == [
        ("column_new", None, "新列", None),
        ("fix_changed", 6, "合同金额", "33"),
        ("value_new", None, "自定义A", "转介绍"),
    ]
    # the corrected cells were found again although rows and columns stand elsewhere now
    assert sorted((fix.row, getattr(fix, "after", None)) for fix in found.source.applied) == [
        (3, None),
        (4, "20"),
    ]
    result = migrate_plan(workspace, make_plan(found.source))
    assert result.totals == {"read": 5, "created": 4, "updated": 0, "unchanged": 0, "rejected": 1}

    def contracts(work: Work) -> dict[str | None, tuple[int | None, str | None]]:
        rows = work.rows(select(Contract.number, Contract.amount, Contract.type))
        return {row.number: (row.amount, row.type) for row in rows}

    assert workspace.read(contracts) == {
        "HT-9": (9_000, "转介绍"),
        "HT-2": (2_000, "新客户"),
        "HT-1": (10_000, "续签"),
        "HT-3": (3_300, "续签"),
    }


def test_a_correction_that_the_source_made_itself_is_no_question(tmp_path: Path) -> None:
    recipe = recipe_of(rehearsed(tmp_path / "march"), "")
    mended = MARCH.replace("详见附件", "20")
    found = replay(recipe, [export(tmp_path / "april", "合同_20260402.csv", mended)])
    assert found.questions == ()


def test_without_a_key_the_rest_of_the_row_tells_which_it_is(tmp_path: Path) -> None:
    text = "日期,金额,备注\n2026-01-01,1,甲\n2026-01-02,x,乙\n"
    source = read_and_map([export(tmp_path / "a", "payments 1.csv", text)])
    source = with_entity(source, 0, "payment").fixed(CellFix("payments 1.csv", None, 0, 3, 1, "x", "2"))
    recipe = recipe_of(source, "")
    moved = "日期,金额,备注\n2026-01-02,x,乙\n2026-01-01,1,甲\n2026-01-03,x,丙\n"
    found = replay(recipe, [export(tmp_path / "b", "payments 2.csv", moved)])
    assert [(fix.row, fix.place.file) for fix in found.source.applied] == [(2, "payments 2.csv")]
    gone = "日期,金额,备注\n2026-02-02,x,丁\n"
    lost = replay(recipe, [export(tmp_path / "c", "payments 3.csv", gone)])
    assert [one.code for one in lost.questions] == ["fix_lost"]


def test_tables_that_came_and_went_are_named(tmp_path: Path) -> None:
    recipe = recipe_of(rehearsed(tmp_path / "march"), "")
    export(tmp_path / "april", "客户.csv", "客户名称,统一社会信用代码\n甲公司,\n")
    found = replay(recipe, [tmp_path / "april"])
    assert [(one.code, one.file) for one in found.questions] == [
        ("table_new", "客户.csv"),
        ("table_missing", "合同_20260301.csv"),
    ]
    assert make_plan(found.source).tables == ()


def test_layouts_follow_the_new_names(tmp_path: Path) -> None:
    text = "导出\n\n合同编号,客户名称,合同金额\nHT-1,甲公司,1\n"
    path = export(tmp_path / "a", "list-2026-03.csv", text)
    options = ReadOptions(layouts={TablePlace("list-2026-03.csv"): TableLayout(header_rows=(3,))})
    recipe = recipe_of(read_and_map([path], options=options), "")
    again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    assert again == recipe
    found = replay(again, [export(tmp_path / "b", "list-2026-04.csv", text)])
    assert list(found.source.options.layouts) == [TablePlace("list-2026-04.csv")]
    assert found.questions == ()


def test_merges_are_carried_out_again(workspace: Workspace, tmp_path: Path) -> None:
    path = export(tmp_path, "客户.csv", "客户编号,客户名称\n1,甲公司\n2,甲有限公司\n3,乙公司\n")
    migrate_plan(workspace, make_plan(read_and_map([path])))

    def keys(work: Work) -> dict[str, dict[str, str]]:
        rows = work.rows(select(Account.name, Account.external_id, Account.source_system))
        return {
            str(row.external_id): {"external_id": str(row.external_id), "source_system": row.source_system}
            for row in rows
        }

    known = workspace.read(keys)
    merges = (
        MergeDecision("account", "merge", (known["1"], known["2"])),
        MergeDecision("account", "apart", (known["1"], known["3"])),
        MergeDecision("account", "merge", ({"name": "无此公司"}, {"name": "也无"})),
    )
    asked = workspace.write(lambda work: replay_merges(work, merges))
    assert [one.code for one in asked] == ["merge_lost"]
    assert set(workspace.read(keys)) == {"1", "3"}
    # What the database knows of them leaves it with the recipe, on record.
    save_recipe(workspace, tmp_path / "客户.json", read_and_map([path]))
    (left,) = workspace.read(export_log)
    assert left.subject == "merge_decisions"
    assert left.details is not None
    assert (left.details["rows"], left.details["file"]) == (
        len(read_recipe(tmp_path / "客户.json").merges),
        "客户.json",
    )
    # once more: what is one already stays so
    assert workspace.write(lambda work: replay_merges(work, merges[:2])) == []


def test_the_names_of_two_exports_are_alike() -> None:
    assert name_pattern("导出/合同_20260301.csv") == name_pattern("合同-2026年04月18日(1).CSV")
    assert name_pattern("客户.xlsx") != name_pattern("联系人.xlsx")


def test_no_recipe_is_refused(tmp_path: Path) -> None:
    for text in ("{}", "[]", "not json", '{"plumbline_recipe": 99, "tables": []}'):
        with pytest.raises(InvalidInput):
            read_recipe(export(tmp_path, "r.json", text))


def test_at_the_command_line(shell: Shell, tmp_path: Path) -> None:
    march = export(tmp_path / "march", "合同_20260301.csv", MARCH)
    april = export(tmp_path / "april", "合同_20260418.csv", APRIL)
    recipe = tmp_path / "migration.json"
    code, _document = shell.json("migrate", march, "--dry-run", "--save-recipe", recipe)
    assert code == 4
    code, refused = shell.json("migrate", april, "--recipe", recipe, "--strict")
    assert (code, refused["state"]) == (3, "refused")
    assert [one["code"] for one in refused["open_questions"]] == ["column_new"]
    assert shell.json("runs") == (0, [])
    code, done = shell.json("migrate", april, "--recipe", recipe)
    assert (code, done["state"], done["totals"]["created"]) == (4, "applied", 4)
    assert done["open_questions"][0]["column"] == "新列"
