"""What sales and finance keep in workbooks of their own: quotes, invoices, prices, calendar, targets."""

from __future__ import annotations

from desktop.demo.crm import yuan
from desktop.demo.firm import Firm
from desktop.demo.plan import FIRST_MONTH
from desktop.demo.sheets import Cell, Sheet
from desktop.demo.words import NOTICE, PRODUCTS

COST_SHARE = 62
"""What a product costs the demo firm, in percent of its price."""


def quotes_sheet(firm: Firm) -> Sheet:
    """Return the quotes, with real dates in the cells."""
    rows = [
        (
            quote.number,
            quote.customer,
            quote.deal,
            quote.issued_on,
            quote.valid_until,
            yuan(quote.amount),
            f"{quote.discount}%",
            quote.status,
            quote.owner,
        )
        for quote in firm.quotes
    ]
    headers = (
        "报价单号",
        "客户名称",
        "商机名称",
        "报价日期",
        "有效期至",
        "报价金额（元）",
        "折扣",
        "报价状态",
        "负责人",
    )
    return Sheet("报价单", headers, rows, ("报价单汇总表", NOTICE))


def bills_sheet(firm: Firm) -> Sheet:
    """Return the invoices; their numbers have twenty digits."""
    rows = [
        (bill.number, bill.customer, bill.contract, yuan(bill.amount), bill.issued_on, bill.kind, "已开票")
        for bill in firm.bills
    ]
    headers = ("发票号码", "客户名称", "合同编号", "开票金额", "开票日期", "开票类型", "开票状态")
    return Sheet("开票明细", headers, rows)


def products_sheet() -> Sheet:
    """Return the price list."""
    rows = [
        (code, name, category, price, price * COST_SHARE // 100, unit, "是", "虚构的演示产品")
        for code, name, category, price, unit in PRODUCTS
    ]
    headers = ("产品编码", "产品名称", "产品类别", "标准价格（元）", "成本（元）", "单位", "是否上架", "备注")
    return Sheet("价目表", headers, rows, ("2026版产品价目表（内部资料）",))


def events_sheet(firm: Firm) -> Sheet:
    """Return fairs and seasons."""
    rows = [
        (event.name, event.kind, event.starts_on, event.ends_on, event.region, event.industry, event.factor)
        for event in firm.events
    ]
    return Sheet(
        "日历",
        ("事项", "类型", "开始日期", "结束日期", "区域", "行业", "基线系数"),
        rows,
        ("展会与季节日历",),
    )


def target_sheets(firm: Firm, year: int) -> list[Sheet]:
    """Return a year's targets, wide: a column per month, people and units apart."""
    numbers = range(FIRST_MONTH[year], 13)
    months = [f"{year}-{number:02d}" for number in numbers]
    heads = [f"{number}月" for number in numbers]

    def line(name: str) -> list[Cell]:
        values = [firm.targets[name, month] // 100 for month in months]
        return [*values, sum(values)]

    people = [[rep.name, rep.unit, *line(rep.name)] for rep in firm.reps()]
    total = [sum(firm.targets[rep.name, month] // 100 for rep in firm.reps()) for month in months]
    people.append(["合计", None, *total, sum(total)])
    units = [[unit.name, *line(unit.name)] for unit in firm.units if (unit.name, months[0]) in firm.targets]
    note = f"单位：元    {NOTICE}"
    return [
        Sheet("个人目标", ("姓名", "部门", *heads, "合计"), people, (f"{year}年度个人销售目标分解表", note)),
        Sheet("部门目标", ("部门", *heads, "合计"), units, (f"{year}年度部门销售目标分解表", note)),
    ]
