"""The draft of a contract from a firm's own Word or Excel template (APR-08)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import PurePath

from desktop.exporters.layouts import Kind
from desktop.exporters.template_fill import fill_template
from desktop.exporters.template_values import FillColumn, FillData, FillTable, FillValue
from desktop.exporters.word_template import fill_document
from desktop.i18n import Locale
from desktop.queries.contracts import ContractRow, contract_detail
from desktop.queries.quote_detail import LineView, lines_of
from desktop.queries.quote_words import percent_text, price_text, quantity_text
from desktop.store.workspace import Work

_DAYS = {
    "ordered_on": "下单时间",
    "signed_on": "签订日期",
    "starts_on": "合同开始时间",
    "ends_on": "合同结束时间",
    "delivery_on": "交付时间",
}
_WORDS = {
    "number": "合同编号",
    "name": "合同名称",
    "customer": "客户名称",
    "owner": "负责人",
    "quote": "报价单号",
}
_COLUMNS = (
    ("number", "序号", Kind.INTEGER),
    ("name", "产品名称", Kind.TEXT),
    ("quantity", "数量", Kind.DECIMAL),
    ("unit_price", "单价", Kind.PRICE),
    ("amount", "金额", Kind.MONEY),
)


def draft_document(
    work: Work, contract_id: int, template: bytes, locale: Locale, file: str = "template.docx"
) -> bytes:
    """Return the contract as the template has it, with what is agreed filled in; the act is put on record.

    A Word template has names like {{customer}}; a workbook (.xlsx, .xlsm) has named cells and a table "lines".
    Raises NotFound, and InvalidInput for a template that asks for what nobody knows.
    """
    row = contract_detail(work, contract_id).row
    lines = lines_of(work, row.quote_id) if row.quote_id is not None else ()
    if PurePath(file).suffix.lower() in (".xlsx", ".xlsm"):
        made = fill_template(template, file, _figures(work, row, lines), locale).content
    else:
        made = _document(work, row, lines, template, locale)
    work.audit("draft_contract", "contract", contract_id, number=row.number)
    return made


def _document(
    work: Work, row: ContractRow, lines: Sequence[LineView], template: bytes, locale: Locale
) -> bytes:
    values = {name: getattr(row, name) or "" for name in _WORDS}
    values |= {
        "amount": locale.money(row.amount),
        "concession": percent_text(locale, row.irregular.concession),
        "today": locale.day(work.today),
    }
    for name in _DAYS:
        day = getattr(row, name)
        values[name] = locale.day(day) if day else ""
    told = [
        {
            "line.number": str(number),
            "line.name": line.name,
            "line.quantity": quantity_text(line.quantity) or "",
            "line.unit_price": price_text(line.unit_price) or "",
            "line.amount": locale.money(line.amount),
        }
        for number, line in enumerate(lines, 1)
    ]
    # The names are known, though there may be no line to stand for.
    return fill_document(
        template, values, told or [dict.fromkeys((f"line.{key}" for key, *_ in _COLUMNS), "")]
    )


def _figures(work: Work, row: ContractRow, lines: Sequence[LineView]) -> FillData:
    values = [
        FillValue(name, (title,), getattr(row, name) or "", Kind.TEXT) for name, title in _WORDS.items()
    ]
    values += [FillValue(name, (title,), getattr(row, name), Kind.DATE) for name, title in _DAYS.items()]
    values += [
        FillValue("amount", ("合同金额",), row.amount, Kind.MONEY),
        FillValue("today", ("今天",), work.today, Kind.DATE),
    ]
    rows = tuple(
        (number, line.name, Decimal(line.quantity).scaleb(-3), line.unit_price, line.amount)
        for number, line in enumerate(lines, 1)
    )
    columns = tuple(FillColumn(key, (title,), kind) for key, title, kind in _COLUMNS)
    return FillData(
        tuple(values), (FillTable("lines", ("报价明细",), columns, rows),), row.number or str(row.id)
    )
