"""The finance department's old .xls ledger: merged two-row head, units, monthly subtotals, grand total.

The only module that imports xlwt.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from desktop.demo.firm import Firm
from desktop.demo.words import NOTICE

GROUPS = (
    ("序号", ("",)),
    ("合同信息", ("合同编号", "客户名称")),
    ("回款信息", ("回款编号", "期数", "回款日期", "回款金额", "回款方式")),
    ("业务员", ("",)),
    ("备注", ("",)),
)
UNITS = ("", "", "", "", "期", "", "元", "", "", "")
AMOUNT = 6
UNREADABLE = "详见附件"


def write_ledger(path: Path, firm: Firm, unreadable: int) -> None:
    """Write the receipts month by month, and after them `unreadable` rows whose amount is only words."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("回款台账")
    bold = xlwt.easyxf("font: bold on; align: horiz center, vert center")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    money = xlwt.easyxf(num_format_str="#,##0.00")
    width = len(UNITS)
    sheet.write_merge(0, 0, 0, width - 1, "2025—2026年度销售回款台账", bold)
    sheet.write_merge(1, 1, 0, width - 1, f"编制部门：财务部    {NOTICE}", bold)
    column = 0
    for title, parts in GROUPS:
        if parts == ("",):
            sheet.write_merge(2, 3, column, column, title, bold)
        else:
            sheet.write_merge(2, 2, column, column + len(parts) - 1, title, bold)
            for offset, part in enumerate(parts):
                sheet.write(3, column + offset, part, bold)
        column += len(parts)
    for index, unit in enumerate(UNITS):
        if unit:
            sheet.write(4, index, unit, bold)
    line, count, total = 5, 0, 0
    for month, receipts in groupby(firm.receipts, key=lambda receipt: f"{receipt.received_on:%Y年%m月}"):
        subtotal = 0
        for receipt in receipts:
            count += 1
            subtotal += receipt.amount
            row = (count, receipt.contract, receipt.customer, receipt.number, receipt.instalment)
            for index, value in enumerate(row):
                sheet.write(line, index, value)
            sheet.write(line, 5, receipt.received_on, day)
            sheet.write(line, AMOUNT, receipt.amount / 100, money)
            sheet.write(line, 7, receipt.method)
            sheet.write(line, 8, receipt.owner)
            line += 1
        sheet.write(line, 0, f"{month}小计", bold)
        sheet.write(line, AMOUNT, subtotal / 100, money)
        line += 1
        total += subtotal
    for index in range(unreadable):
        contract = firm.contracts[index]
        for column, text in ((1, contract.number), (2, contract.customer), (3, f"HK补{index + 1:03d}")):
            sheet.write(line, column, text)
        sheet.write(line, AMOUNT, UNREADABLE)
        line += 1
    sheet.write(line, 0, "合计", bold)
    sheet.write(line, AMOUNT, total / 100, money)
    book.save(str(path))
