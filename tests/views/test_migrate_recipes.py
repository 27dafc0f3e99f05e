"""Recipes on the Migrate page: kept as a file, replayed on another export, only what differs is asked about."""

from __future__ import annotations

from pathlib import Path

from desktop.importers.ways import ValueChoice
from desktop.views.migrate.page import REVIEW
from desktop.views.migrate.recipes import QuestionsPanel
from tests.views.migrating import OpenPage, files, open_page

__all__ = ["files", "open_page"]


def test_a_recipe_is_replayed_and_asks_only_what_is_new(open_page: OpenPage, tmp_path: Path) -> None:
    first, second = tmp_path / "一月" / "客户.csv", tmp_path / "二月" / "客户.csv"
    head = "客户编号,客户名称,手机,客户级别,神秘列\n"
    for path in (first, second):
        path.parent.mkdir()
    first.write_text(head + "K1,甲公司,12,A,x\nK2,乙公司,13900139000,金牌,y\n", encoding="utf-8")
    second.write_text(
        head + "K2,乙公司,13900139000,金牌,y\nK1,甲公司,12,A,x\nK3,丙公司,,银牌,z\n", encoding="utf-8"
    )
    page = open_page()
    page.dropped([str(first)])
    page.deciding.set_field(4, "account.description")
    page.deciding.set_value("account.grade", "金牌", ValueChoice("map", "A"))
    page.show_step(REVIEW)
    model = page.bench.review.model
    model.setData(model.index(0, 2), "13800138000")
    recipe = tmp_path / "customers.json"
    page.recipes.save(recipe)
    assert recipe.is_file()
    page.start_over()
    page.session.paths = [str(second)]
    page.recipes.replay(recipe)
    assert page.session.source is not None
    mapping = page.session.source.mappings[0]
    assert mapping.columns[4].field == "account.description"
    assert mapping.value_maps["account.grade"]["金牌"] == ValueChoice("map", "A")
    assert mapping.table.frame["c2"].to_list() == ["13900139000", "13800138000", None], (
        "the correction follows its row"
    )
    panel = page.inspector
    assert isinstance(panel, QuestionsPanel)
    assert [(one.code, one.value) for one in page.recipes.questions] == [("value_new", "银牌")]
    panel.buttons[0].click()
    assert page.inspector is not None
    assert page.inspector.accessibleName().startswith("客户级别")
