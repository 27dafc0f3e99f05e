"""The legacy files of the demo firm, laid out as the systems they came from lay them out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from desktop.demo import crm, office, paper_lines
from desktop.demo.calendar import DEMO_NOW
from desktop.demo.firm import Firm, Note
from desktop.demo.ledger import write_ledger
from desktop.demo.plan import YEARS
from desktop.demo.sheets import Sheet, write_workbook
from desktop.demo.words import NOTICE

BAD_AMOUNTS = 3
REPEATED = 20
_OLD_SYSTEM_END = date(2026, 1, 1)
_DAILY_END = date(2026, 7, 1)
_PART_ROWS = 20_000


def write_legacy_files(firm: Firm, folder: Path, scale: float = 1.0) -> list[Path]:
    """Write every legacy file into `folder` (made if needed) and return their paths, sorted.

    What is wrong on purpose (unreadable amounts, bad phones, unknown dates) is counted in `firm.truth`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    firm.truth.rejected_rows = BAD_AMOUNTS
    firm.truth.cell_issues = len(crm.BAD_PHONES) + len(crm.BAD_DATES)
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
        ("组织架构与员工.xlsx", lambda: crm.organisation_sheets(firm)),
        ("悟空CRM_客户.xlsx", lambda: [crm.customers_sheet(firm, max(3, round(REPEATED * scale)))]),
        ("悟空CRM_联系人.xlsx", lambda: [crm.contacts_sheet(firm)]),
        ("悟空CRM_线索.xlsx", lambda: [crm.leads_sheet(firm)]),
        ("悟空CRM_商机.xlsx", lambda: [crm.deals_sheet(firm)]),
        ("悟空CRM_商机阶段变更.xlsx", lambda: [crm.stage_changes_sheet(firm)]),
        ("悟空CRM_合同.xlsx", lambda: [crm.contracts_sheet(firm)]),
        ("悟空CRM_回款计划.xlsx", lambda: [crm.payment_plan_sheet(firm)]),
        ("报价单汇总.xlsx", lambda: [office.quotes_sheet(firm)]),
        ("报价明细.xlsx", lambda: [paper_lines.quote_lines_sheet(firm)]),
        ("合同里程碑.xlsx", lambda: [paper_lines.milestones_sheet(firm)]),
        ("开票明细.xlsx", lambda: [office.bills_sheet(firm)]),
        ("产品价目表.xlsx", lambda: [office.products_sheet()]),
        ("展会与季节日历.xlsx", lambda: [office.events_sheet(firm)]),
    )
    for name, make in books:
        write_workbook(folder / name, make())
    for year in YEARS:
        write_workbook(folder / f"{year}年销售目标.xlsx", office.target_sheets(firm, year))
    recent = [note for note in firm.notes if note.at.date() >= _DAILY_END]
    for part, start in enumerate(range(0, len(recent), _PART_ROWS), start=1):
        rows = recent[start : start + _PART_ROWS]
        write_workbook(folder / f"悟空CRM_跟进记录_{part}.xlsx", [crm.notes_sheet(rows)])


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
            crm.stamp(case.opened_at),
            crm.stamp(case.answered_at),
            crm.stamp(case.closed_at) or "",
            case.handler,
            case.satisfaction or "",
        )
        for case in firm.cases
    ]
    _write_csv(path, "utf-8-sig", ",", (headers, *rows))
