"""The legacy files of the demo firm, laid out as the systems they came from lay them out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from desktop.demo.calendar import DEMO_NOW
from desktop.demo.firm import Customer, Firm, Note
from desktop.demo.ledger import write_ledger
from desktop.demo.plan import FIRST_MONTH, YEARS
from desktop.demo.sheets import Cell, Sheet, write_workbook
from desktop.demo.words import FIRM, NOTICE, PRODUCTS, STAGE_CHANCE, STAGES, WON

BAD_PHONES = 5
BAD_DATES = 4
BAD_AMOUNTS = 3
REPEATED = 20
_OLD_SYSTEM_END = date(2026, 1, 1)
_DAILY_END = date(2026, 7, 1)
_PART_ROWS = 20_000
_GRADES = {"A": "A（重点客户）", "B": "B（普通客户）", "C": "C（非优先客户）"}


def write_legacy_files(firm: Firm, folder: Path, scale: float = 1.0) -> list[Path]:
    """Write every legacy file into `folder` (made if needed) and return their paths, sorted.

    What is wrong on purpose (unreadable amounts, bad phones, unknown dates) is counted in `firm.truth`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    firm.truth.rejected_rows = BAD_AMOUNTS
    firm.truth.cell_issues = BAD_PHONES + BAD_DATES
    _workbooks(firm, folder, scale)
    write_ledger(folder / "回款台账.xls", firm, BAD_AMOUNTS)
    _write_daily_reports(firm, folder)
    _write_tickets(firm, folder / "售后工单.csv")
    return sorted(path for path in folder.iterdir() if path.suffix in (".xlsx", ".xls", ".csv"))


def write_truth(firm: Firm, path: Path) -> None:
    """Write the planted truth as JSON; money is in fen."""
    path.write_text(json.dumps(firm.truth.document(), ensure_ascii=False, indent=1), encoding="utf-8")


def _workbooks(firm: Firm, folder: Path, scale: float) -> None:
    books: tuple[tuple[str, Callable[[], Sequence[Sheet]]], ...] = (
        ("组织架构与员工.xlsx", lambda: _organisation(firm)),
        ("悟空CRM_客户.xlsx", lambda: [_customers(firm, max(3, round(REPEATED * scale)))]),
        ("悟空CRM_联系人.xlsx", lambda: [_contacts(firm)]),
        ("悟空CRM_线索.xlsx", lambda: [_leads(firm)]),
        ("悟空CRM_商机.xlsx", lambda: [_deals(firm)]),
        ("悟空CRM_合同.xlsx", lambda: [_contracts(firm)]),
        ("悟空CRM_回款计划.xlsx", lambda: [_plan(firm)]),
        ("报价单汇总.xlsx", lambda: [_quotes(firm)]),
        ("开票明细.xlsx", lambda: [_bills(firm)]),
        ("产品价目表.xlsx", lambda: [_products()]),
        ("展会与季节日历.xlsx", lambda: [_events(firm)]),
    )
    for name, make in books:
        write_workbook(folder / name, make())
    for year in YEARS:
        write_workbook(folder / f"{year}年销售目标.xlsx", _targets(firm, year))
    recent = [note for note in firm.notes if note.at.date() >= _DAILY_END]
    for part, start in enumerate(range(0, len(recent), _PART_ROWS), start=1):
        rows = recent[start : start + _PART_ROWS]
        write_workbook(folder / f"悟空CRM_跟进记录_{part}.xlsx", [_notes(rows)])


def _template(what: str) -> tuple[str, ...]:
    return (f"{what}导入模板(*)为必填项",)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _organisation(firm: Firm) -> list[Sheet]:
    units = Sheet(
        "组织架构",
        ("部门名称", "上级部门", "层级"),
        [(unit.name, unit.parent, unit.level) for unit in firm.units],
        (f"{FIRM}组织架构", NOTICE),
    )
    people = Sheet(
        "系统用户",
        ("手机号(*)", "姓名(*)", "邮箱", "部门(*)", "岗位", "直属上级", "区域", "在职状态", "入职日期"),
        [
            (p.mobile, p.name, p.email, p.unit, p.title, p.manager, p.region or None, p.status, p.hired_on)
            for p in firm.people
        ],
        _template("系统用户"),
    )
    return [units, people]


def _customers(firm: Firm, repeated: int) -> Sheet:
    rows = [_customer_row(customer, index < BAD_PHONES) for index, customer in enumerate(firm.customers)]
    firm.truth.exact_duplicates = [customer.name for customer in firm.customers[10 : 10 + repeated]]
    again = [_customer_row(customer, bad_phone=False) for customer in firm.customers[10 : 10 + repeated]]
    rows.extend((f"{row[0]}　", *row[1:]) for row in again)
    firm.truth.account_rows = len(rows)
    headers = (
        "客户名称(*)",
        "客户来源",
        "手机",
        "电话",
        "网址",
        "客户行业",
        "客户级别",
        "备注",
        "邮箱",
        "省",
        "市",
        "区",
        "详细地址",
        "负责人",
        "创建时间",
        "最后跟进时间",
    )
    return Sheet("客户", headers, rows, _template("客户"))


def _customer_row(customer: Customer, bad_phone: bool) -> tuple[Cell, ...]:
    return (
        customer.name,
        customer.source,
        customer.mobile[:7] if bad_phone else customer.mobile,
        customer.phone,
        customer.website,
        customer.industry,
        _GRADES[customer.grade],
        "虚构的演示客户",
        customer.email,
        customer.province,
        customer.city,
        customer.zone,
        customer.address,
        customer.owner,
        _stamp(customer.created_at),
        _stamp(customer.last_contact),
    )


def _contacts(firm: Firm) -> Sheet:
    rows = [
        (
            person.name,
            person.customer,
            person.mobile,
            person.email,
            person.title,
            "是" if person.decides else "否",
            person.gender,
            "虚构的演示联系人",
            customer.owner,
        )
        for customer in firm.customers
        for person in customer.people
    ]
    headers = ("姓名(*)", "客户名称(*)", "手机", "邮箱", "职务", "是否关键决策人", "性别", "备注", "负责人")
    return Sheet("联系人", headers, rows, _template("联系人"))


def _leads(firm: Firm) -> Sheet:
    rows = [
        (
            lead.name,
            lead.company,
            lead.contact,
            lead.mobile,
            lead.source,
            lead.industry,
            _GRADES[lead.grade],
            lead.status,
            lead.owner,
            _stamp(lead.created_at),
        )
        for lead in firm.leads
    ]
    headers = (
        "线索名称(*)",
        "公司名称",
        "联系人",
        "手机",
        "线索来源",
        "客户行业",
        "客户级别",
        "线索状态",
        "负责人",
        "创建时间",
    )
    return Sheet("线索", headers, rows, _template("线索"))


def _deals(firm: Firm) -> Sheet:
    chances = dict(zip(STAGES, STAGE_CHANCE, strict=True))
    rows = [
        (
            deal.number,
            deal.name,
            deal.customer,
            _yuan(deal.amount),
            _day(deal.expected_on),
            deal.stage,
            f"{chances.get(deal.stage, 100 if deal.status == WON else 0)}%",
            deal.product,
            deal.source,
            deal.rival,
            deal.lost_reason,
            _day(deal.opened_on),
            _day(deal.closed_on),
            _day(deal.stage_days[-1][1]),
            deal.owner,
        )
        for deal in firm.deals
    ]
    headers = (
        "商机编号",
        "商机名称(*)",
        "客户名称(*)",
        "商机金额",
        "预计成交日期",
        "商机阶段",
        "赢单概率",
        "产品",
        "商机来源",
        "竞争对手",
        "丢单原因",
        "启动日期",
        "实际成交日期",
        "阶段变更时间",
        "负责人",
    )
    return Sheet("商机", headers, rows, _template("商机"))


def _contracts(firm: Firm) -> Sheet:
    rows = [
        (
            contract.number,
            contract.name,
            contract.customer,
            contract.deal,
            _yuan(contract.amount),
            _day(contract.signed_on),
            _day(contract.starts_on),
            _day(contract.ends_on),
            "待定" if index < BAD_DATES else _day(contract.delivery_on),
            contract.signatory,
            contract.owner,
            contract.kind,
            contract.status,
            contract.owner,
        )
        for index, contract in enumerate(firm.contracts)
    ]
    headers = (
        "合同编号(*)",
        "合同名称(*)",
        "客户名称(*)",
        "商机名称",
        "合同金额(*)",
        "签订日期",
        "合同开始时间",
        "合同结束时间",
        "交付时间",
        "客户签约人",
        "公司签约人",
        "合同类型",
        "合同状态",
        "负责人",
    )
    return Sheet("合同", headers, rows, _template("合同"))


def _plan(firm: Firm) -> Sheet:
    rows = [
        (
            part.customer,
            part.contract,
            part.number,
            _yuan(part.amount),
            _day(part.due_on),
            "已回款" if part.paid else "未回款",
        )
        for part in firm.plan
    ]
    headers = ("客户名称(*)", "合同编号(*)", "期数", "计划回款金额(*)", "计划回款日期(*)", "状态")
    return Sheet("回款计划", headers, rows, _template("回款计划"))


def _quotes(firm: Firm) -> Sheet:
    rows = [
        (
            quote.number,
            quote.customer,
            quote.deal,
            quote.issued_on,
            quote.valid_until,
            _yuan(quote.amount),
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


def _bills(firm: Firm) -> Sheet:
    rows = [
        (bill.number, bill.customer, bill.contract, _yuan(bill.amount), bill.issued_on, bill.kind, "已开票")
        for bill in firm.bills
    ]
    headers = ("发票号码", "客户名称", "合同编号", "开票金额", "开票日期", "开票类型", "开票状态")
    return Sheet("开票明细", headers, rows)


def _products() -> Sheet:
    rows = [
        (code, name, category, price, unit, "是", "虚构的演示产品")
        for code, name, category, price, unit in PRODUCTS
    ]
    headers = ("产品编码", "产品名称", "产品类别", "标准价格（元）", "单位", "是否上架", "备注")
    return Sheet("价目表", headers, rows, ("2026版产品价目表（内部资料）",))


def _events(firm: Firm) -> Sheet:
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


def _targets(firm: Firm, year: int) -> list[Sheet]:
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


def _notes(notes: Sequence[Note]) -> Sheet:
    rows = [
        (note.content, note.owner, note.customer, _stamp(note.at), note.kind, note.contact, note.deal)
        for note in notes
    ]
    headers = ("跟进内容(*)", "创建人(*)", "所属客户(*)", "跟进时间", "跟进方式", "相关联系人", "相关商机")
    return Sheet("跟进记录", headers, rows, _template("跟进记录"))


def _write_csv(path: Path, encoding: str, delimiter: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)


def _write_daily_reports(firm: Firm, folder: Path) -> None:
    """Two exports of the older daily-report system: commas with line breaks in quotes, then semicolons."""
    old = [note for note in firm.notes if note.at.date() < _OLD_SYSTEM_END]
    later = [note for note in firm.notes if _OLD_SYSTEM_END <= note.at.date() < _DAILY_END]
    headers = (
        "记录编号",
        "跟进时间",
        "业务员",
        "客户名称",
        "联系人",
        "跟进方式",
        "主题",
        "跟进内容",
        "时长（分钟）",
    )
    preamble = (("销售日报系统 数据导出",), (f"导出时间：{DEMO_NOW:%Y-%m-%d}  {NOTICE}",), ())
    _write_csv(folder / "销售日报_2025.csv", "gb18030", ",", (*preamble, headers, *_daily_rows(old, 0)))
    _write_csv(folder / "销售日报_2026上半年.csv", "gbk", ";", (headers, *_daily_rows(later, len(old))))


def _daily_rows(notes: Sequence[Note], offset: int) -> Iterator[tuple[object, ...]]:
    for index, note in enumerate(notes, start=offset + 1):
        text = note.content.replace("。", "。\n", 1) if index % 7 == 0 else note.content
        yield (
            f"RB{index:07d}",
            note.at.strftime("%Y/%m/%d %H:%M"),
            note.owner,
            note.customer,
            note.contact or "",
            note.kind,
            note.subject,
            text.strip(),
            note.minutes or "",
        )


def _write_tickets(firm: Firm, path: Path) -> None:
    headers = (
        "工单编号",
        "客户名称",
        "联系人",
        "主题",
        "工单类型",
        "优先级",
        "工单状态",
        "创建时间",
        "首次响应时间",
        "关闭时间",
        "处理人",
        "满意度",
    )
    rows = [
        (
            case.number,
            case.customer,
            case.contact,
            case.subject,
            case.kind,
            case.priority,
            case.status,
            _stamp(case.opened_at),
            _stamp(case.answered_at),
            _stamp(case.closed_at) or "",
            case.handler,
            case.satisfaction or "",
        )
        for case in firm.cases
    ]
    _write_csv(path, "utf-8-sig", ",", (headers, *rows))
