"""Quotes, contracts, payment plans, receipts and invoices that follow from the deals."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from desktop.demo.firm import Agreement, Bill, Customer, Deal, Firm, Instalment, Quote, Receipt
from desktop.demo.words import PAY_METHODS, STAGES, WON
from desktop.money import largest_remainder

SPLIT = (30, 60, 10)
"""Deposit, on delivery, retention: the percentages of a contract's three instalments."""

QUOTE_DAYS = 30


def make_papers(firm: Firm, rng: Random) -> None:
    """Fill in quotes, contracts and everything about their money."""
    by_name = {customer.name: customer for customer in firm.customers}
    for deal in firm.deals:
        _quote(firm, rng, deal)
    won = [deal for deal in firm.deals if deal.status == WON and deal.closed_on]
    for deal in sorted(won, key=lambda deal: (deal.closed_on or date.min, deal.number)):
        if rng.random() < 0.94:
            _contract(firm, rng, deal, by_name[deal.customer])
    _settle(firm, rng)


def _quote(firm: Firm, rng: Random, deal: Deal) -> None:
    proposed = next((day for stage, day in deal.stage_days if stage == STAGES[1]), None)
    if proposed is None or rng.random() < 0.25:
        return
    issued = min(proposed + timedelta(days=rng.randrange(0, 6)), firm.today - timedelta(days=1))
    valid = issued + timedelta(days=QUOTE_DAYS)
    discount = rng.choice((100, 98, 97, 95, 95, 92, 90))
    if deal.status == WON:
        status = "已成交"
    elif deal.closed_on:
        status = "已作废"
    else:
        status = "已发送"
        firm.truth.expired_quotes += valid < firm.today
    firm.quotes.append(
        Quote(
            number=f"BJ{issued:%Y%m%d}-{len(firm.quotes) + 1:05d}",
            customer=deal.customer,
            deal=deal.name,
            issued_on=issued,
            valid_until=valid,
            amount=deal.amount,
            discount=discount,
            status=status,
            owner=deal.owner,
        )
    )


def _contract(firm: Firm, rng: Random, deal: Deal, customer: Customer) -> None:
    signed = deal.closed_on or firm.today
    number = f"HT{signed:%Y%m}-{len(firm.contracts) + 1:04d}"
    delivery = signed + timedelta(days=rng.randrange(20, 75))
    firm.contracts.append(
        Agreement(
            number=number,
            name=f"{deal.name}合同",
            customer=deal.customer,
            deal=deal.name,
            amount=deal.amount,
            signed_on=signed,
            starts_on=signed,
            ends_on=signed + timedelta(days=365),
            delivery_on=delivery,
            signatory=customer.people[0].name,
            owner=deal.owner,
            status="执行中" if delivery > firm.today - timedelta(days=60) else "已完成",
            kind=rng.choice(("直销合同", "直销合同", "框架合同", "备件合同")),
        )
    )
    days = (signed + timedelta(days=7), delivery + timedelta(days=30), delivery + timedelta(days=365))
    parts = largest_remainder(deal.amount, SPLIT)
    for index, (due, part) in enumerate(zip(days, parts, strict=True), start=1):
        firm.plan.append(Instalment(deal.customer, number, index, due, part, paid=False))
    if delivery < firm.today:
        kind = rng.choice(("增值税专用发票", "增值税专用发票", "增值税普通发票"))
        digits = f"26{len(firm.bills) + 1:018d}"
        firm.bills.append(Bill(digits, deal.customer, number, deal.amount, delivery, kind))


def _settle(firm: Firm, rng: Random) -> None:
    """Pay the instalments, mostly some days late; the leaver's delivered ones stay unpaid twice as often."""
    owners = {contract.number: contract.owner for contract in firm.contracts}
    paid: list[tuple[date, Instalment]] = []
    for part in firm.plan:
        late = round(rng.lognormvariate(2.0, 0.9)) - 5
        unpaid = 0.30 if owners[part.contract] == firm.truth.leaver else 0.12
        day = part.due_on + timedelta(days=late)
        if part.number == 1 or rng.random() > unpaid:
            part.paid = day < firm.today
        if part.paid:
            paid.append((day, part))
    for day, part in sorted(paid, key=lambda item: (item[0], item[1].contract, item[1].number)):
        firm.receipts.append(
            Receipt(
                number=f"HK{day:%Y%m}-{len(firm.receipts) + 1:05d}",
                customer=part.customer,
                contract=part.contract,
                instalment=part.number,
                received_on=day,
                amount=part.amount,
                method=rng.choice(PAY_METHODS),
                owner=owners[part.contract],
            )
        )
