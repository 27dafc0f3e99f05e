"""What the old CRM exports: its import templates' titles and starred headers, dates as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from desktop.demo.firm import Customer, Firm, Note
from desktop.demo.sheets import Cell, Sheet
from desktop.demo.words import FIRM, NOTICE, STAGE_CHANCE, STAGES, WON

BAD_PHONES = (6, 37, 41, 52, 55)
"""Places in the list of customers where a mobile number lost its end."""
BAD_DATES = (2, 9, 17, 30)
"""Places in the list of contracts whose delivery date is still open."""
_GRADES = {"A": "A（重点客户）", "B": "B（普通客户）", "C": "C（非优先客户）"}


def _template(what: str) -> tuple[str, ...]:
    return (f"{what}导入模板(*)为必填项",)


def yuan(fen: int) -> Decimal:
    """Return fen as yuan with two decimals."""
    return Decimal(fen).scaleb(-2)


def stamp(moment: datetime | None) -> str | None:
    """Return an instant as the old CRM prints it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def organisation_sheets(firm: Firm) -> list[Sheet]:
    """Return the tree of units and the list of the old CRM's users."""
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


def customers_sheet(firm: Firm, repeated: int) -> Sheet:
    """Return the customers; the first `repeated` after the tenth stand there twice."""
    rows = [_customer_row(customer, index in BAD_PHONES) for index, customer in enumerate(firm.customers)]
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
        stamp(customer.created_at),
        stamp(customer.last_contact),
    )


def contacts_sheet(firm: Firm) -> Sheet:
    """Return the people at the customers."""
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


def leads_sheet(firm: Firm) -> Sheet:
    """Return the leads."""
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
            stamp(lead.created_at),
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


def deals_sheet(firm: Firm) -> Sheet:
    """Return the opportunities."""
    chances = dict(zip(STAGES, STAGE_CHANCE, strict=True))
    rows = [
        (
            deal.number,
            deal.name,
            deal.customer,
            yuan(deal.amount),
            _day(deal.expected_on),
            deal.stage,
            f"{chances.get(deal.stage, 100 if deal.status == WON else 0)}%",
            deal.product,
            deal.source,
            deal.rival,
            deal.next_move,
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
        "下一步",
        "丢单原因",
        "启动日期",
        "实际成交日期",
        "阶段变更时间",
        "负责人",
    )
    return Sheet("商机", headers, rows, _template("商机"))


def stage_changes_sheet(firm: Firm) -> Sheet:
    """Return every change of stage of every opportunity."""
    rows = [
        (deal.number, deal.name, before, stage, _day(day), deal.owner)
        for deal in firm.deals
        for before, (stage, day) in zip(
            (None, *(stage for stage, _ in deal.stage_days)), deal.stage_days, strict=False
        )
    ]
    headers = ("商机编号", "商机名称", "变更前阶段", "变更后阶段", "变更时间", "操作人")
    return Sheet("商机阶段变更记录", headers, rows, ("商机阶段变更记录",))


def contracts_sheet(firm: Firm) -> Sheet:
    """Return the contracts; some delivery dates are still open."""
    rows = [
        (
            contract.number,
            contract.name,
            contract.customer,
            contract.deal,
            yuan(contract.amount),
            _day(contract.signed_on),
            _day(contract.starts_on),
            _day(contract.ends_on),
            "待定" if index in BAD_DATES else _day(contract.delivery_on),
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


def payment_plan_sheet(firm: Firm) -> Sheet:
    """Return the instalments that fall due."""
    rows = [
        (
            part.customer,
            part.contract,
            part.number,
            yuan(part.amount),
            _day(part.due_on),
            "已回款" if part.paid else "未回款",
        )
        for part in firm.plan
    ]
    headers = ("客户名称(*)", "合同编号(*)", "期数", "计划回款金额(*)", "计划回款日期(*)", "状态")
    return Sheet("回款计划", headers, rows, _template("回款计划"))


def notes_sheet(notes: Sequence[Note]) -> Sheet:
    """Return follow-up notes as the old CRM exports them."""
    rows = [
        (note.content, note.owner, note.customer, stamp(note.at), note.kind, note.contact, note.deal)
        for note in notes
    ]
    headers = ("跟进内容(*)", "创建人(*)", "所属客户(*)", "跟进时间", "跟进方式", "相关联系人", "相关商机")
    return Sheet("跟进记录", headers, rows, _template("跟进记录"))
