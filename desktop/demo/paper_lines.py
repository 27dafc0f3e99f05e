"""What the demo firm's quotes consist of, and what its contracts promise by when: both follow from the papers alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from desktop.demo.crm import BAD_DATES, yuan
from desktop.demo.firm import Firm
from desktop.demo.papers import SPLIT
from desktop.demo.sheets import Cell, Sheet
from desktop.demo.words import NOTICE, PRODUCTS
from desktop.money import largest_remainder

_PLACES = {name: place for place, (_code, name, *_rest) in enumerate(PRODUCTS)}
_NAMES = ("预付款", "客户验收", "质保期满")
_DEPARTMENTS = ("财务部", "交付部", "售后部")


def quote_lines_sheet(firm: Firm) -> Sheet:
    """Return the lines of every quote; they come to its amount."""
    products = {deal.name: deal.product for deal in firm.deals}
    rows = [
        (quote.number, position, *line)
        for quote in firm.quotes
        for position, line in enumerate(_lines(products[quote.deal], quote.amount, quote.discount), start=1)
    ]
    headers = ("报价单号", "行号", "产品编码", "产品名称", "数量", "目录价", "单价", "金额")
    return Sheet("报价明细", headers, rows, ("报价单明细", NOTICE))


def _lines(product: str, amount: int, discount: int) -> Iterator[tuple[Cell, ...]]:
    """Yield as many of the product as the amount buys at `discount` percent of its price, and spares for the rest."""
    place = _PLACES.get(product, 0)
    code, name, _category, price, _unit = PRODUCTS[place]
    number, rest = divmod(amount, price * discount)  # fen: a hundredth of a yuan, as a percent is of a price
    if number:
        yield (code, name, number, price, yuan(price * discount), yuan(number * price * discount))
    if rest:
        if number:
            code, name, *_rest = PRODUCTS[(place + 1) % len(PRODUCTS)]
        yield (code, name, 1, None, yuan(rest), yuan(rest))


def milestones_sheet(firm: Firm) -> Sheet:
    """Return what is due of every contract: a deposit, acceptance on delivery, the end of the guarantee."""
    rows = []
    for index, one in enumerate(firm.contracts):
        open_day = index in BAD_DATES
        days = (
            one.signed_on + timedelta(days=7),
            None if open_day else one.delivery_on,
            None if open_day else one.delivery_on + timedelta(days=365),
        )
        parts = largest_remainder(one.amount, SPLIT)
        for name, where, day, part, share in zip(_NAMES, _DEPARTMENTS, days, parts, SPLIT, strict=True):
            reached = day if day and day < firm.today else None
            rows.append((one.number, name, where, day, reached, f"{share}%", yuan(part)))
    headers = ("合同编号", "里程碑", "责任部门", "计划日期", "完成日期", "付款比例", "里程碑金额（元）")
    return Sheet("合同里程碑", headers, rows, ("合同里程碑计划", NOTICE))
