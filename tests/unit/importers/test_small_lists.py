"""Small lists without a telling file name: few columns, but every one of them understood (IMP-01)."""

from __future__ import annotations

import pytest

from desktop.importers.mapping import suggest
from tests.unit.importers.files import fields, table


@pytest.mark.parametrize(
    ("headers", "entity"),
    [
        ("客户名称,备注", "account"),
        ("客户名称,手机", "account"),
        ("序号,客户名称,联系人,电话,地址", "account"),
        ("Company,Contact,Phone,Status", "account"),
        ("公司名称,联系人,电话,地址", "account"),
        ("Company,Contact,Phone,Email,City,Sales Rep", "account"),
        ("姓名,手机,公司,职务", "contact"),
        ("项目名称,客户,金额(万),进度,跟进人", "opportunity"),
        ("Deal,Account,Amount,Phase,Expected close,Rep", "opportunity"),
        ("日期,业务员,客户,拜访内容,下一步", "activity"),
        ("月份,销售员,目标,实际", "target"),
        ("回款日期,客户名称,回款金额,合同号", "payment"),
        ("订单号,客户,产品,数量,单价,金额,下单日期", "order_line"),
        ("报价单号,产品,数量,单价,折扣,金额", "quote_line"),
        ("报价单号,客户名称,报价日期,有效期至,产品名称,数量,单价,小计", "quote_line"),
        ("Quote No,Customer,Item,Qty,Price,Total", "quote_line"),
        ("报价单号,客户名称,报价日期,报价金额,有效期", "quote"),
        ("合同编号,里程碑,计划日期,完成日期,比例,金额", "milestone"),
        ("合同编号,合同名称,客户名称,节点名称,计划完成日期,实际完成日期,责任部门", "milestone"),
        ("Contract,Milestone,Planned date,Reached on,Share,Status", "milestone"),
        ("合同号,期数,应收日期,应收金额", "payment_plan"),
    ],
)
def test_a_list_that_is_understood_as_a_whole_is_recognised(headers: str, entity: str) -> None:
    mapping = suggest(table(headers.split(","), [], file="a.csv"))
    assert mapping.entity == entity
    named = [header for header in headers.split(",") if header not in ("序号", "实际")]
    assert set(named) <= set(fields(mapping)) | {"下一步"}


@pytest.mark.parametrize(
    "headers", ["id,name,description,amount", "名称,备注", "姓名,电话号,成绩,班级", "x,y,客户名称,z,w"]
)
def test_a_list_that_could_be_anything_is_not(headers: str) -> None:
    assert suggest(table(headers.split(","), [], file="a.csv")).entity is None
