"""The organisation tree and its sixty people."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from desktop.demo.firm import Employee, Firm, Unit
from desktop.demo.words import FIRM, GIVEN_NAMES, REGIONS, SURNAMES

MOBILE_PREFIXES = tuple(
    str(prefix) for prefix in (*range(130, 140), *range(150, 154), *range(155, 160), *range(180, 190))
)

OPERATIONS = "销售运营部"
FINANCE = "财务部"
DEPARTING = "待离职"
ACTIVE = "在职"


class Names:
    """Hands out names, mobile numbers and mailboxes, each only once."""

    def __init__(self, rng: Random) -> None:
        """Start with nothing handed out."""
        self._rng = rng
        self._names: set[str] = set()
        self._mobiles = 0

    def person(self) -> str:
        """Return a name that no employee has yet."""
        while True:
            name = self._rng.choice(SURNAMES) + self._rng.choice(GIVEN_NAMES)
            if name not in self._names:
                self._names.add(name)
                return name

    def mobile(self) -> str:
        """Return a valid mobile number of the 1xx 0000 xxxx kind, which no customer is known by."""
        index = self._mobiles
        self._mobiles += 1
        prefix = MOBILE_PREFIXES[index % len(MOBILE_PREFIXES)]
        return f"{prefix}0000{index // len(MOBILE_PREFIXES):04d}"


def make_people(firm: Firm, rng: Random, names: Names) -> None:
    """Fill in the units and the people: director, operations, finance, managers and 39 reps."""
    firm.units.append(Unit(FIRM, None, "总部"))
    _hire(firm, rng, names, FIRM, "销售总监", None, "")
    director = firm.people[0].name
    for office, titles in (
        (OPERATIONS, ("销售运营经理", "销售运营专员", "销售运营专员")),
        (FINANCE, ("财务经理", "应收会计", "会计")),
    ):
        firm.units.append(Unit(office, FIRM, "团队"))
        boss: str | None = director
        for index, title in enumerate(titles):
            _hire(firm, rng, names, office, title, boss, "")
            boss = firm.people[-1].name if index == 0 else boss
    for region, provinces in REGIONS:
        firm.units.append(Unit(region, FIRM, "大区"))
        _hire(firm, rng, names, region, "大区经理", director, region)
        regional = firm.people[-1].name
        for province, cities in provinces:
            office = f"{province}省办" if province != "上海" else "上海办事处"
            firm.units.append(Unit(office, region, "省"))
            _hire(firm, rng, names, office, "省办经理", regional, region)
            manager = firm.people[-1].name
            for city, reps in cities:
                firm.units.append(Unit(f"{city}城市组", office, "城市"))
                for _ in range(reps):
                    _hire(firm, rng, names, f"{city}城市组", "销售代表", manager, region)
                    rep = firm.people[-1]
                    rep.province, rep.city = province, city
                    rep.weight = rng.uniform(0.7, 1.3)
    _plant_leaver(firm)


def _hire(
    firm: Firm, rng: Random, names: Names, unit: str, title: str, manager: str | None, region: str
) -> None:
    number = len(firm.people) + 1
    firm.people.append(
        Employee(
            name=names.person(),
            mobile=names.mobile(),
            email=f"hc{number:03d}@hengchuan.example.com",
            unit=unit,
            title=title,
            manager=manager,
            region=region,
            status=ACTIVE,
            hired_on=date(2012, 3, 1) + timedelta(days=rng.randrange(4200)),
        )
    )


def _plant_leaver(firm: Firm) -> None:
    """The first rep of Hangzhou leaves with the richest book; the second takes over."""
    reps = firm.reps()
    leaver, successor = reps[0], reps[1]
    leaver.weight = 2.1
    leaver.status = DEPARTING
    firm.truth.leaver = leaver.name
    firm.truth.successor = successor.name
