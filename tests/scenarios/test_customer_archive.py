"""What a manufacturer keeps of a customer comes in from its ledger and stands in the customer's panel."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import select

from desktop.i18n import Locale
from desktop.models.accounts import Account
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import make_plan, read_and_map
from desktop.queries.account_detail import AccountView, account_view
from desktop.store.workspace import Workspace
from desktop.views.customers.panel import event_note

CUSTOMER = {
    "客户名称": "示例泵业有限公司",
    "客户行业": "泵阀",
    "采购周期": "季度",
    "年采购额预估(万元)": "120.5",
    "合作阶段": "试用",
    "客户来源": "转介绍",
    "预算范围": "100–150 万",
    "上线时间": "2026-09-01",
    "IT系统兼容性": "ERP 接口需二次开发",
}
CONTACT = {
    "姓名": "王示例",
    "客户名称": "示例泵业有限公司",
    "职务": "采购经理",
    "决策链角色": "推荐人",
    "是否关键决策人": "是",
}


def write(path: Path, row: dict[str, str]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def test_the_fields_of_a_manufacturer_stand_in_the_customers_panel(
    workspace: Workspace, tmp_path: Path
) -> None:
    write(tmp_path / "客户.csv", CUSTOMER)
    write(tmp_path / "联系人.csv", CONTACT)

    result = migrate_plan(workspace, make_plan(read_and_map([tmp_path])))

    assert result.totals["created"] == 2
    view = workspace.read(lambda work: account_view(work, work.rows(select(Account.id))[0].id))
    assert isinstance(view, AccountView)
    shown = {name: view.facts[name] for name in view.facts if view.facts[name] is not None}
    assert shown == shown | {
        "industry": "泵阀",
        "purchase_cycle": "季度",
        "annual_purchase": 120_500_000,
        "cooperation_stage": "试用",
        "source": "转介绍",
        "budget_range": "100–150 万",
        "go_live_on": date(2026, 9, 1),
        "it_compatibility": "ERP 接口需二次开发",
    }
    assert [(c.name, c.title, c.role, c.decides) for c in view.contacts] == [
        ("王示例", "采购经理", "推荐人", True)
    ]


def test_an_interaction_that_was_entered_late_is_marked(workspace: Workspace, tmp_path: Path) -> None:
    rows = [
        ["客户名称", "跟进方式", "跟进时间", "记录时间", "跟进内容"],
        ["示例泵业有限公司", "拜访", "2026-11-02 10:00", "2026-11-09 23:30", "七天后才补"],
        ["示例泵业有限公司", "电话", "2026-11-03 10:00", "2026-11-04 09:00", "第二天记的"],
        ["示例泵业有限公司", "电话", "2026-11-04 10:00", "", "不知何时记的"],
    ]
    with (tmp_path / "跟进记录.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)

    migrate_plan(workspace, make_plan(read_and_map([tmp_path])))

    view = workspace.read(lambda work: account_view(work, work.rows(select(Account.id))[0].id))
    assert [(entry.on.day, entry.late_days) for entry in view.timeline] == [(4, None), (3, None), (2, 7)]
    late = view.timeline[-1]
    assert (late.run, late.brought_by, late.note) == (1, workspace.actor.name, "")
    told = f"拜访 · 补录，晚 7 天（第 1 批导入，{workspace.actor.name}）"
    assert event_note(Locale("zh_CN"), late) == told
    assert event_note(Locale("zh_CN"), view.timeline[0]) == "电话"
