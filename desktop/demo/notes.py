"""A hundred and twenty thousand notes of calls and visits, and the service tickets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from desktop.clock import DEFAULT_ZONE
from desktop.demo.calendar import DEMO_START, day_weight, days_between
from desktop.demo.firm import Case, Customer, Deal, Firm, Note
from desktop.demo.phrases import MATTERS, NEXT_STEPS, OPENINGS, SUBJECTS
from desktop.demo.words import PRODUCTS

NOTES = 120_000
TICKETS = 320
KINDS = ("打电话", "见面拜访", "微信", "发邮件", "会议", "产品演示")
_KIND_WEIGHTS = (38, 26, 18, 8, 7, 3)
_MINUTES = {"打电话": (3, 25), "见面拜访": (40, 150), "会议": (45, 120), "产品演示": (40, 90)}
_ZONE = ZoneInfo(DEFAULT_ZONE)
_GRADE_SHARE = {"A": 3.2, "B": 1.6, "C": 0.8}


def make_notes(firm: Firm, rng: Random, scale: float) -> None:
    """Fill in `NOTES` × scale activities; key accounts that are not planted as silent were met lately."""
    total = round(NOTES * scale)
    days = days_between(DEMO_START, firm.today - timedelta(days=1))
    weights = list(accumulate(day_weight(day) for day in days))
    fresh = [c for c in firm.customers if c.silent_since is None and _is_looked_after(rng, c)]
    customers = firm.customers
    chosen = rng.choices(customers, weights=[_GRADE_SHARE[c.grade] for c in customers], k=total - len(fresh))
    drawn = rng.choices(days, cum_weights=weights, k=len(chosen))
    kinds = rng.choices(KINDS, weights=_KIND_WEIGHTS, k=len(chosen))
    for customer, day, kind in zip(chosen, drawn, kinds, strict=True):
        quiet = customer.silent_since
        when = day if quiet is None or day < quiet else _before(rng, quiet)
        firm.notes.append(_note(rng, customer, when, kind))
    for customer in fresh:
        day = firm.today - timedelta(days=rng.randrange(1, 24))
        firm.notes.append(_note(rng, customer, day, rng.choice(KINDS[:2])))
    firm.notes.sort(key=lambda note: note.at)
    by_name = {customer.name: customer for customer in firm.customers}
    for note in firm.notes:
        by_name[note.customer].last_contact = note.at


def _is_looked_after(rng: Random, customer: Customer) -> bool:
    """Whether somebody saw to this customer lately: every key account, and most of those with open deals."""
    if customer.grade == "A":
        return True
    return rng.random() < 0.95 and any(deal.closed_on is None for deal in customer.deals)


def _before(rng: Random, quiet: date) -> date:
    return DEMO_START + timedelta(days=int(rng.random() * (quiet - DEMO_START).days))


def _note(rng: Random, customer: Customer, day: date, kind: str) -> Note:
    deal = _deal_on(customer, day)
    person = customer.people[int(rng.random() * len(customer.people))] if rng.random() < 0.8 else None
    product = deal.product if deal else PRODUCTS[int(rng.random() * len(PRODUCTS))][1]
    who = f"{person.title}{person.name}" if person else "对方"
    openings, subjects = OPENINGS[kind], SUBJECTS[kind]
    text = (
        openings[int(rng.random() * len(openings))].format(who=who)
        + MATTERS[int(rng.random() * len(MATTERS))].format(product=product, days=int(rng.random() * 40) + 3)
        + "。"
        + NEXT_STEPS[int(rng.random() * len(NEXT_STEPS))].format(days=int(rng.random() * 12) + 2)
    )
    minute = 510 + int(rng.random() * 580)
    span = _MINUTES.get(kind)
    return Note(
        kind=kind,
        subject=subjects[int(rng.random() * len(subjects))].format(product=product),
        content=text,
        customer=customer.name,
        contact=person.name if person else None,
        deal=deal.name if deal else None,
        owner=_who(rng, customer, deal),
        at=datetime.combine(day, time(minute // 60, minute % 60, int(rng.random() * 60)), _ZONE),
        minutes=span[0] + int(rng.random() * (span[1] - span[0])) if span else 0,
    )


def _who(rng: Random, customer: Customer, deal: Deal | None) -> str:
    """The owner mostly; sometimes the manager who knows the customer as well."""
    if customer.colleague and rng.random() < 0.08:
        return customer.colleague
    return deal.owner if deal else customer.owner


def _deal_on(customer: Customer, day: date) -> Deal | None:
    for deal in customer.deals:
        if deal.opened_on <= day and (deal.closed_on is None or day <= deal.closed_on):
            return deal
    return None


def make_tickets(firm: Firm, rng: Random, scale: float) -> None:
    """Fill in service tickets of customers who have bought."""
    buyers = [customer for customer in firm.customers if customer.won]
    handlers = [person.name for person in firm.people if person.title.startswith("销售运营")]
    for index in range(max(10, round(TICKETS * scale))):
        customer = rng.choice(buyers)
        day = firm.today - timedelta(days=rng.randrange(1, 400))
        opened = datetime.combine(day, time(rng.randrange(8, 18), rng.randrange(60)), _ZONE)
        product = rng.choice(customer.deals).product
        done = rng.random() < 0.85
        firm.cases.append(
            Case(
                number=f"GD{day:%y%m%d}{index + 1:04d}",
                customer=customer.name,
                contact=customer.people[0].name,
                subject=rng.choice(
                    (
                        f"{product}振动偏大",
                        f"{product}机械密封泄漏",
                        f"{product}备件询价",
                        "现场调试申请",
                        "电控柜报警",
                    )
                ),
                kind=rng.choice(("报修", "投诉", "咨询", "备件")),
                priority=rng.choice(("高", "中", "中", "低")),
                status="已关闭" if done else "处理中",
                opened_at=opened,
                answered_at=opened + timedelta(minutes=rng.randrange(10, 1500)),
                closed_at=opened + timedelta(hours=rng.randrange(26, 200)) if done else None,
                handler=rng.choice(handlers),
                satisfaction=rng.randrange(3, 6) if done else None,
            )
        )
