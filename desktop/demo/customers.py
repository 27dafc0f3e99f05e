"""Three thousand customers, with twins that are spelt differently and people who answer the phone."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from desktop.demo.calendar import DEMO_NOW
from desktop.demo.firm import ContactPerson, Customer, Employee, Firm
from desktop.demo.people import Names
from desktop.demo.words import (
    AREA_CODES,
    DECIDERS,
    FIRST_SYLLABLES,
    GIVEN_NAMES,
    LEGAL_FORMS,
    ROADS,
    SECOND_SYLLABLES,
    SOURCES,
    SURNAMES,
    TITLES,
    TOWNS,
    TRADES,
    ZONES,
)

ACCOUNTS = 3000
TWINS = 60
SILENT = 18
_SHORT_NUMBERS = ("福建", "广西")
"""Provinces whose towns here still have seven-digit numbers."""


def make_customers(firm: Firm, rng: Random, names: Names, scale: float) -> None:
    """Fill in `ACCOUNTS` × scale customers, among them spelling twins and silent key accounts."""
    total = round(ACCOUNTS * scale)
    twins = max(3, round(TWINS * scale))
    reps = firm.reps()
    seen: set[str] = set()
    for rep in rng.choices(reps, weights=[rep.weight for rep in reps], k=total - twins):
        firm.customers.append(_customer(rng, names, rep, seen))
    _plant_silence(firm, rng, max(4, round(SILENT * scale)))
    _plant_twins(firm, rng, names, twins, seen)
    managers = {person.name: person.manager for person in firm.people}
    for customer in firm.customers:
        _add_people(customer, rng, names)
        known = {"A": 0.75, "B": 0.5, "C": 0.25}[customer.grade]
        customer.colleague = managers[customer.owner] if rng.random() < known else None


def _customer(rng: Random, names: Names, rep: Employee, seen: set[str]) -> Customer:
    town = rng.choice(TOWNS[rep.province])
    while True:
        trade_name = rng.choice(FIRST_SYLLABLES) + rng.choice(SECOND_SYLLABLES)
        trade, industry = rng.choice(TRADES)
        short = f"{trade_name}{trade}"
        name = f"{town}{short}{rng.choice(LEGAL_FORMS)}"
        if rng.random() < 0.12:
            name = f"{short}（{town}）{rng.choice(LEGAL_FORMS[:4])}"
        if town + short not in seen:
            seen.add(town + short)
            break
    mailbox = f"sales{len(seen):04d}"
    return Customer(
        name=name,
        short=town + short,
        industry=industry,
        grade=rng.choices(("A", "B", "C"), weights=(10, 45, 45))[0],
        source=rng.choice(SOURCES),
        province=rep.province,
        city=town,
        zone=rng.choice(ZONES),
        address=f"{rng.choice(ROADS)}{rng.randrange(1, 999)}号",
        phone=_landline(rng, rep.province),
        mobile=names.mobile(),
        email=f"{mailbox}@kehu.example.com",
        website=f"https://www.{mailbox}.example.com",
        owner=rep.name,
        created_at=_created(rng),
    )


def _landline(rng: Random, province: str) -> str:
    code = AREA_CODES[province]
    tail = f"{rng.randrange(10_000):04d}"
    exchange = "6000" if province == "上海" else "8000"
    return f"{code}-{exchange}{tail[:3] if province in _SHORT_NUMBERS else tail}"


def _created(rng: Random) -> datetime:
    day = DEMO_NOW.replace(hour=9, minute=0) - timedelta(days=rng.randrange(20, 1400))
    return day + timedelta(minutes=rng.randrange(540))


def _plant_silence(firm: Firm, rng: Random, count: int) -> None:
    """Key accounts that nobody has called for two to five months, although they buy (HND-01)."""
    key = [customer for customer in firm.customers if customer.grade == "A"]
    for customer in rng.sample(key, min(count, len(key) // 2)):
        customer.silent_since = firm.today - timedelta(days=rng.randrange(48, 150))
        customer.created_at = min(customer.created_at, DEMO_NOW - timedelta(days=600))
        firm.truth.silent_top.append(customer.name)


def _plant_twins(firm: Firm, rng: Random, names: Names, count: int, seen: set[str]) -> None:
    """The same company a second time under another spelling: these are for a person to merge."""
    ordinary = [c for c in firm.customers if c.silent_since is None and "（" not in c.name]
    for original in rng.sample(ordinary, count):
        spelling = _respell(original, rng)
        if spelling == original.name or any(c.name == spelling for c in firm.customers):
            spelling = original.name.replace(original.city, f"{original.province}省{original.city}市", 1)
        reps = [rep for rep in firm.reps() if rep.province == original.province]
        twin = Customer(
            name=spelling,
            short=original.short,
            industry=original.industry,
            grade="C",
            source=rng.choice(SOURCES),
            province=original.province,
            city=original.city,
            zone=original.zone,
            address=original.address,
            phone=original.phone,
            mobile=original.mobile if rng.random() < 0.5 else names.mobile(),
            email=original.email,
            website=original.website,
            owner=rng.choice(reps).name,
            created_at=_created(rng),
            twin_of=original.name,
        )
        firm.customers.append(twin)
        firm.truth.duplicate_pairs.append((original.name, twin.name))


def _respell(customer: Customer, rng: Random) -> str:
    name, city = customer.name, customer.city
    respelt = (
        name.replace(city, f"{city}市", 1),
        name.replace("有限责任公司", "有限公司") if "责任" in name else name.replace("有限公司", "公司"),
        name.replace(city, "", 1).replace(
            customer.short[len(city) :], f"{customer.short[len(city) :]}（{city}）", 1
        ),
        name.replace("科技", "技术").replace("设备", "装备").replace("工程", "").replace("材料", "材"),
    )
    return rng.choice(respelt)


def _add_people(customer: Customer, rng: Random, names: Names) -> None:
    used: set[str] = set()
    for _ in range(rng.choices((1, 2, 3), weights=(42, 40, 18))[0]):
        name = rng.choice(SURNAMES) + rng.choice(GIVEN_NAMES)
        if name in used:
            continue
        used.add(name)
        title = rng.choice(TITLES)
        mobile = names.mobile()
        customer.people.append(
            ContactPerson(
                name=name,
                customer=customer.name,
                title=title,
                mobile=mobile,
                email=f"m{mobile}@kehu.example.com",
                gender=rng.choice(("男", "女")),
                decides=title in DECIDERS,
            )
        )
