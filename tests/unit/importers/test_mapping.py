"""Columns of old systems and ledgers find their fields by themselves (IMP-01, IMP-10)."""

from __future__ import annotations

import pytest

from desktop.importers.evidence import ANCHORS
from desktop.importers.fields import ENTITIES, FIELDS, entity_label, field, fields_of
from desktop.importers.mapping import suggest, suggest_all
from desktop.importers.months import period_of
from desktop.importers.tables import ACCEPT, Profile
from desktop.importers.values import convert
from desktop.importers.vocabulary import normal, words_by_field
from desktop.resources import resource
from tests.unit.importers.files import fields, table


def mapped(headers: str, *rows: str, **about: object) -> tuple[str | None, dict[str, str]]:
    """Map a table given as comma-separated lines."""
    names = headers.split(",")
    cells = [[cell or None for cell in row.split(",")] for row in rows]
    mapping = suggest(table(names, cells, **about))  # type: ignore[arg-type]
    return mapping.entity, {
        header: name.split(".", 1)[1] if name.startswith(f"{mapping.entity}.") else name
        for header, name in fields(mapping).items()
    }


@pytest.mark.parametrize(
    ("headers", "entity"),
    [
        ("客户名称,客户来源,手机,电话,网址,客户行业,客户级别,下次联系时间,备注,邮箱", "account"),
        ("线索名称,邮箱,线索来源,手机,电话,地址,客户行业,客户级别,下次联系时间,备注", "lead"),
        ("姓名,客户名称,手机,电话,邮箱,职务,是否关键决策人,地址,性别,下次联系时间,备注", "contact"),
        ("商机名称,客户名称,商机金额,预计成交日期,备注", "opportunity"),
        (
            "合同编号,合同名称,客户名称,商机名称,合同金额,下单时间,合同开始时间,合同结束时间,客户签约人,公司签约人,合同类型",
            "contract",
        ),
        ("回款编号,客户名称,合同编号,期数,回款日期,回款金额,回款方式", "payment"),
        ("客户名称,合同编号,计划回款金额,计划回款日期,期数", "payment_plan"),
        ("发票申请编号,合同编号,开票金额,开票日期,开票类型", "invoice"),
    ],
)
def test_every_header_of_the_old_crm_is_mapped_to_its_own_entity(headers: str, entity: str) -> None:
    found, names = mapped(headers)
    assert found == entity
    assert list(names) == headers.split(",")
    assert all("." not in name for name in names.values())


def test_every_entity_is_recognised_by_its_own_labels_in_both_languages() -> None:
    for entity in ENTITIES:
        for chinese in (True, False):
            labels = list(dict.fromkeys(item.label(chinese) for item in fields_of(entity)))
            if entity == "order_line" or len(labels) < 3:
                continue
            mapping = suggest(table(labels, [], file=f"{entity_label(entity)}.xlsx"))
            assert mapping.entity == entity, (entity, chinese)
            chosen = [column.field for column in mapping.columns]
            assert chosen[0] is not None
            assert sum(name is not None for name in chosen) >= len(labels) * 0.8


def test_salesforce_names_are_known() -> None:
    entity, names = mapped(
        "Id,AccountId,Name,StageName,Amount,Probability,CloseDate,Type,NextStep,LeadSource,OwnerId,CreatedDate,IsDeleted,SystemModstamp,FiscalYear",
        "006f4000002NAbGAAW,001f4000003NkdYAAS,Deal,Prospecting,24710,10,2024-06-14,New,Call,Web,005f4000000abcd,2017-08-04T09:09:33.000+0000,,2017,2024",
    )
    assert entity == "opportunity"
    assert names["AccountId"] == "account_external_id"
    assert names["CloseDate"] == "expected_close_on"
    assert names["StageName"] == "stage"
    assert not {"IsDeleted", "SystemModstamp", "FiscalYear"} & set(names)


@pytest.mark.parametrize(
    ("file", "headers"),
    [
        ("CampaignMember.csv", "Id,CampaignId,LeadId,ContactId,Status,FirstName,LastName,Email,Phone"),
        ("AccountContactRelation.csv", "Id,AccountId,ContactId,Roles,IsActive,StartDate,EndDate"),
        (
            "Branch__c.csv",
            "Id,OwnerId,IsDeleted,Name,CreatedDate,CreatedById,LastModifiedDate,SystemModstamp",
        ),
        ("x.csv", "id,name"),
        ("x.csv", "日期,摘要,借方,贷方,余额"),
        ("mtcars.csv", "mpg,cyl,disp,hp,wt"),
    ],
)
def test_no_entity_beats_a_wrong_one(file: str, headers: str) -> None:
    names = headers.split(",")
    mapping = suggest(table(names, [], file=file))
    assert mapping.entity is None
    assert mapping.confidence < ACCEPT
    assert fields(mapping) == {}


def test_a_customer_ledger_maps_contact_columns_to_the_contact() -> None:
    entity, names = mapped(
        "序号,客户名称,所属行业,客户等级,联系人,职务,联系电话,微信号,详细地址,业务员",
        "1,甲公司,制造,A,张三,经理,13800138000,wx1,上海,李四",
    )
    assert entity == "account"
    assert names == {
        "客户名称": "name",
        "所属行业": "industry",
        "客户等级": "grade",
        "联系人": "contact.name",
        "职务": "contact.title",
        "联系电话": "contact.phone",
        "微信号": "contact.wechat",
        "详细地址": "address",
        "业务员": "owner",
    }


def test_group_heads_name_the_entity() -> None:
    entity, names = mapped(
        "客户信息/名称,客户信息/行业,联系人/姓名,联系人/手机", file="客户台账.xlsx", header_rows=(1, 2)
    )
    assert entity == "account"
    assert names == {
        "客户信息/名称": "name",
        "客户信息/行业": "industry",
        "联系人/姓名": "contact.name",
        "联系人/手机": "contact.mobile",
    }


def test_both_parts_of_a_grouped_head_are_matched() -> None:
    _, names = mapped("合同/编号,合同/金额,合同/签订日期,客户名称", file="合同台账.xls", header_rows=(1, 2))
    assert names == {
        "合同/编号": "number",
        "合同/金额": "amount",
        "合同/签订日期": "signed_on",
        "客户名称": "account_name",
    }


def test_two_columns_never_share_a_field() -> None:
    entity, names = mapped(
        "客户名称,手机,手机号码,手机 (2)", "甲,13800138000,13900139000,13700137000", file="客户.xlsx"
    )
    assert entity == "account"
    assert list(names.values()).count("mobile") == 1


def test_required_marks_units_width_and_case_do_not_matter() -> None:
    assert normal("＊客户名称（必填）") == normal("客户名称(*)") == normal("客 户 名 称") == "客户名称"
    assert normal("合同金额（万元）") == "合同金额"
    assert normal("MainCompetitors__c") == normal("main_competitors") == "maincompetitors"
    assert normal("客戶名稱") == "客户名称"


def test_a_slip_of_the_pen_is_forgiven_in_long_words_only() -> None:
    entity, names = mapped("商机名称,客户名称,预计成交曰期,商机金额", ",,2026-03-05,1")
    assert entity == "opportunity"
    assert names["预计成交曰期"] == "expected_close_on"
    _, names = mapped("Opportunity Name,Account Name,Stage,Tipe")
    assert "Tipe" not in names


def test_values_speak_against_a_name() -> None:
    _, names = mapped(
        "客户名称,邮箱,电话", "甲,13800138000,a@b.cn", "乙,13900139000,c@d.cn", file="客户.xlsx"
    )
    assert "邮箱" not in names
    assert "电话" not in names


def test_a_wide_target_sheet_gives_a_period_per_month() -> None:
    mapping = suggest(
        table(
            ["姓名", "部门", "1月", "2月", "12月", "合计"],
            [["张三", "华东", "1", "2", "3", "6"]],
            title="2026年度销售目标分解表",
        )
    )
    assert mapping.entity == "target"
    assert [column.period for column in mapping.columns] == [
        None,
        None,
        "2026-01",
        "2026-02",
        "2026-12",
        None,
    ]
    assert [column.field for column in mapping.columns] == [
        "target.owner",
        None,
        "target.value",
        "target.value",
        "target.value",
        None,
    ]


def test_months_of_sales_are_not_targets() -> None:
    assert (
        suggest(
            table(["姓名", "2026-01", "2026-02", "2026-03"], [["张三", "1", "2", "3"]], title="销售业绩")
        ).entity
        is None
    )


@pytest.mark.parametrize(
    ("header", "period"),
    [
        ("1月", "2026-01"), ("１２月", "2026-12"), ("一月", "2026-01"), ("十二月份", "2026-12"), ("2025-03", "2025-03"), ("2025年3月", "2025-03"),
        ("202503", "2025-03"), ("2025-03-01", "2025-03"), ("Mar", "2026-03"), ("March 2025", "2025-03"), ("Mar-25", "2025-03"), ("Q2", "2026-Q2"),
        ("第三季度", "2026-Q3"), ("3月目标", "2026-03"), ("3月完成", None), ("合计", None), ("2025-03-17", None), ("13月", None), ("金额", None),
    ],
)  # fmt: skip
def test_headers_that_name_a_month(header: str, period: str | None) -> None:
    assert period_of(header, 2026) == period


def test_a_profile_goes_before_everything() -> None:
    source = table(["甲", "乙"], [["1", "2"]], file="x.csv")
    profile = Profile("mine", source.header_fingerprint, "account", {"甲": "account.name", "乙": None})
    mapping = suggest_all([source], [profile])[0]
    assert mapping.entity == "account"
    assert mapping.columns[0].reason == "profile"
    assert fields(mapping) == {"甲": "account.name"}
    again = Profile.from_json(Profile.of(mapping, "mine").to_json())
    assert again == profile


def test_a_profile_finds_its_table_whatever_the_order_of_columns() -> None:
    assert table(["甲", "乙"], []).header_fingerprint == table(["乙 ", "甲"], []).header_fingerprint


def test_the_vocabulary_is_sound() -> None:
    names = {item.full_name for item in FIELDS}
    assert set(words_by_field()) == names
    assert set(ANCHORS) == set(ENTITIES)
    for entity, groups in ANCHORS.items():
        for name in (name for group in groups for name in group):
            assert field(f"{entity}.{name}").entity == entity
    lines = resource("synonyms.csv").read_text(encoding="utf-8").splitlines()[1:]
    known = {line.split(",", 1)[0] for line in lines}
    assert {name for name in known if not name.startswith("entity.")} <= names


def test_a_guarded_column_is_the_record_s_id_in_the_old_system() -> None:
    entity, names = mapped(
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Potential Customer,Est. Close Date,Est. Revenue"
    )
    assert entity == "opportunity"
    assert names == {
        "(Do Not Modify) Opportunity": "external_id",
        "(Do Not Modify) Modified On": "updated_at",
        "Topic": "name",
        "Potential Customer": "account_name",
        "Est. Close Date": "expected_close_on",
        "Est. Revenue": "amount",
    }


def test_a_close_date_beside_the_revenue_won_is_the_day_of_the_decision() -> None:
    entity, names = mapped(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
        "1C1I7A6R,Nobody Known,GTX,Cancity,Won,2016-10-20,2017-03-01,1054",
        file="sales_pipeline.csv",
    )
    assert entity == "opportunity"
    assert names["close_date"] == "closed_on"
    assert names["close_value"] == "won_amount"
    assert names["engage_date"] == "opened_on"


def test_rows_with_a_product_are_order_lines_and_carry_their_order() -> None:
    entity, names = mapped(
        "订单 ID,订单日期,发货日期,邮寄方式,客户名称,城市,地区,产品 ID,类别,产品名称,销售额,数量,折扣,利润",
        file="超市.csv",
    )
    assert entity == "order_line"
    assert {header for header, name in names.items() if name.startswith("order.")} == {
        "订单日期",
        "发货日期",
        "邮寄方式",
        "客户名称",
        "城市",
        "地区",
    }


def test_the_year_of_a_wide_sheet_may_stand_in_a_column() -> None:
    headers = ["姓名", "年份", "1月", "2月", "3月"]
    one = suggest(
        table(headers, [["张三", "2025", "1", "2", "3"], ["李四", "2025", "1", "2", "3"]], sheet="目标")
    )
    assert [column.period for column in one.columns][2:] == ["2025-01", "2025-02", "2025-03"]
    two = convert(
        suggest(
            table(headers, [["张三", "2025", "1", "2", "3"], ["张三", "2026", "4", "5", "6"]], sheet="目标")
        )
    )
    rows = two.of("target")
    assert rows is not None
    assert rows.frame["period"].to_list() == [
        "2025-01",
        "2025-02",
        "2025-03",
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert rows.frame["value"].to_list() == [100, 200, 300, 400, 500, 600]
