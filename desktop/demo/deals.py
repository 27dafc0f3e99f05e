"""Nine thousand opportunities whose won money has the planted rhythm of each region."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from desktop.demo.calendar import DEMO_START, SEASON, day_weight, days_between, months
from desktop.demo.firm import Customer, Deal, Employee, Firm
from desktop.demo.words import (
    LOST,
    LOST_REASONS,
    NEXT_MOVES,
    PRODUCTS,
    PROJECTS,
    RHYTHM,
    RIVALS,
    SOURCES,
    STAGES,
    WON,
)
from desktop.periods import Period, weeks_of

WON_DEALS = 3000
LOST_DEALS = 4800
OPEN_DEALS = 1200
STUCK = 24
COLLISIONS = 12
_BIG_BUYER = 20.0
"""Those who fall silent bought much before: they are the ones that hurt."""
_FRESH_DAYS = (15, 8, 14, 13)
"""How long open deals usually stand in each stage: within the limits of FUN-08 to FUN-10."""
BEHIND = 4
MEDIAN_DEAL = 95_000
_SPREAD = 0.65
_SMALL_SPREAD = 0.4
"""A firm of a hundred deals would be ruled by its biggest one: its amounts spread less."""


class Book:
    """The customers of each rep, drawn from by grade, and the names already used for deals."""

    def __init__(self, firm: Firm, rng: Random, spread: float) -> None:
        """Index the customers by owner; `spread` is the sigma of the log-normal amounts."""
        self.rng = rng
        self.firm = firm
        self._spread = spread
        self._of: dict[str, list[Customer]] = {rep.name: [] for rep in firm.reps()}
        for customer in firm.customers:
            self._of[customer.owner].append(customer)
        weights = {"A": 6.0, "B": 2.0, "C": 0.7}
        self._weights = {
            owner: list(accumulate(_BIG_BUYER if c.silent_since else weights[c.grade] for c in customers))
            for owner, customers in self._of.items()
        }
        self._names: set[str] = set()

    def customer(self, rep: str, day: date) -> Customer:
        """Return one of a rep's customers, key accounts more often, none that had fallen silent by then."""
        chosen = self.rng.choices(self._of[rep], cum_weights=self._weights[rep], k=20)
        for customer in chosen:
            if customer.silent_since is None or day < customer.silent_since:
                return customer
        return chosen[-1]

    def has(self, rep: str) -> bool:
        """Whether a rep has any customer."""
        return bool(self._of[rep])

    def add(self, rep: str, customer: Customer, opened: date, status: str) -> Deal:
        """Make a deal with a name of its own and put it into the firm."""
        product = self.rng.choice(PRODUCTS)
        project = self.rng.choice(PROJECTS)
        name = f"{customer.short}{product[1]}{project}"
        suffix = 2
        while name in self._names:
            name = f"{customer.short}{product[1]}{project}第{suffix}批"
            suffix += 1
        self._names.add(name)
        deal = Deal(
            number="",
            name=name,
            customer=customer.name,
            owner=rep,
            product=product[1],
            amount=_amount(self.rng, self._spread),
            stage=STAGES[0],
            status=status,
            opened_on=opened,
            stage_days=[(STAGES[0], opened)],
            expected_on=opened + timedelta(days=self.rng.randrange(30, 120)),
            closed_on=None,
            source=self.rng.choice(SOURCES),
            rival=self.rng.choice(RIVALS) if self.rng.random() < 0.35 else None,
            next_move=None,
            lost_reason=None,
        )
        customer.deals.append(deal)
        self.firm.deals.append(deal)
        return deal


def spread_of(scale: float) -> float:
    """Return the sigma of the logarithm of the amounts of a firm of that scale."""
    return _SPREAD if scale > 0.3 else _SMALL_SPREAD


def _amount(rng: Random, spread: float) -> int:
    """Return fen: hundreds of yuan, log-normal around `MEDIAN_DEAL`."""
    yuan = MEDIAN_DEAL * rng.lognormvariate(0, spread)
    return max(20, round(yuan / 100)) * 10_000


def make_deals(firm: Firm, rng: Random, scale: float) -> None:
    """Fill in the opportunities: won with a rhythm, lost, and open with stuck ones among them."""
    book = Book(firm, rng, spread_of(scale))
    reps = [rep for rep in firm.reps() if book.has(rep.name)]
    firm.truth.behind_plan = sorted(rep.name for rep in rng.sample(reps[2:], BEHIND))
    _win(firm, book, reps, scale)
    for rep in rng.choices(reps, weights=[rep.weight for rep in reps], k=round(LOST_DEALS * scale)):
        _lose(book, rep)
    for rep in rng.choices(reps, weights=[rep.weight for rep in reps], k=round(OPEN_DEALS * scale)):
        _leave_open(book, rep)
    _plant_stuck(firm, book, max(3, round(STUCK * scale)))
    _plant_second_reps(firm, book, max(3, round(COLLISIONS * scale)))
    _number(firm)


def _win(firm: Firm, book: Book, reps: list[Employee], scale: float) -> None:
    rng = book.rng
    slots: list[tuple[Employee, Period]] = []
    weights: list[float] = []
    for rep in reps:
        for month in months():
            weight = rep.weight * SEASON[month.starts.month] * _part_of(month, firm.today)
            if month.text == Period.month_of(firm.today).text and rep.name in firm.truth.behind_plan:
                weight *= 0.15
            slots.append((rep, month))
            weights.append(weight)
    drawn = _evenly(rng, weights, round(WON_DEALS * scale))
    booked: dict[str, list[float]] = {}
    for index in drawn:
        rep, month = slots[index]
        customer = book.customer(rep.name, month.ends)
        deal = book.add(rep.name, customer, month.starts, WON)
        own = booked.setdefault(rep.name, [0.0, 0.0, 0.0, 0.0])
        team = booked.setdefault(rep.region, [0.0, 0.0, 0.0, 0.0])
        week = _week(rng, RHYTHM[rep.region], (own, team), month, firm.today)
        own[week] += deal.amount
        team[week] += deal.amount
        closed = _close_day(rng, month, week, firm.today)
        _backdate(rng, deal, closed)
        deal.stage, deal.closed_on = WON, closed
        deal.stage_days.append((WON, closed))
        deal.lost_reason = None
        customer.won += deal.amount


def _evenly(rng: Random, weights: list[float], count: int) -> list[int]:
    """Draw `count` places, each as often as its weight says give or take one: months are alike but not equal."""
    reach = list(accumulate(weights))
    step = reach[-1] / count
    start = rng.random() * step
    return [bisect_right(reach, start + number * step) for number in range(count)]


def _part_of(month: Period, today: date) -> float:
    """How much of the month's business lies within the demo's days."""
    if month.ends < today and month.starts >= DEMO_START:
        return 1.0
    return 0.65 if month.starts < DEMO_START else 0.5


def _open_weeks(month: Period, today: date) -> list[int]:
    return [
        index for index, week in enumerate(weeks_of(month)) if week.starts < today and week.ends >= DEMO_START
    ]


def _week(
    rng: Random,
    rhythm: tuple[int, ...],
    booked: tuple[list[float], ...],
    month: Period,
    today: date,
) -> int:
    """Choose the week: mostly the one in which rep and region lag their planted share, sometimes any."""
    weeks = _open_weeks(month, today)
    if rng.random() < 0.2 or len(weeks) < 4:
        return rng.choices(weeks, weights=[rhythm[week] for week in weeks])[0]

    def lag(week: int) -> float:
        gaps = [rhythm[week] / 100 - money[week] / (sum(money) or 1.0) for money in booked]
        return gaps[0] + 2 * gaps[1] + rng.uniform(0, 0.06)

    return max(weeks, key=lag)


def _close_day(rng: Random, month: Period, week: int, today: date) -> date:
    span = weeks_of(month)[week]
    days = days_between(max(span.starts, DEMO_START), min(span.ends, today - timedelta(days=1)))
    rush = [day_weight(day) * (1 + 0.18 * index if week == 3 else 1) for index, day in enumerate(days)]
    return rng.choices(days, weights=rush)[0]


def _backdate(rng: Random, deal: Deal, closed: date) -> None:
    """Lay the stages between opening and closing; a quarter of the cycle in each, more or less."""
    cycle = max(8, round(rng.lognormvariate(3.75, 0.5)))
    opened = closed - timedelta(days=cycle)
    cuts = sorted(rng.random() for _ in range(len(STAGES) - 1))
    deal.opened_on = opened
    deal.expected_on = closed + timedelta(days=rng.randrange(-12, 20))
    deal.stage_days = [(STAGES[0], opened)]
    for stage, cut in zip(STAGES[1:], cuts, strict=True):
        deal.stage_days.append((stage, opened + timedelta(days=int(cut * cycle))))


def _lose(book: Book, rep: Employee) -> None:
    rng, today = book.rng, book.firm.today
    closed = DEMO_START + timedelta(days=rng.randrange((today - DEMO_START).days))
    deal = book.add(rep.name, book.customer(rep.name, closed), closed, LOST)
    _backdate(rng, deal, closed)
    reached = rng.choices(range(1, len(STAGES) + 1), weights=(30, 35, 28, 7))[0]
    deal.stage_days = [*deal.stage_days[:reached], (LOST, closed)]
    deal.stage, deal.closed_on = LOST, closed
    deal.lost_reason = rng.choice(LOST_REASONS)


def _leave_open(book: Book, rep: Employee) -> None:
    """An open deal: entered its stage lately (negotiations within the fifteen days of FUN-09)."""
    rng, today = book.rng, book.firm.today
    stage = rng.choices(range(len(STAGES)), weights=(38, 32, 20, 10))[0]
    lingers = stage < 2 and rng.random() < 0.12
    entered = today - timedelta(
        days=rng.randrange(15, 46) if lingers else rng.randrange(1, _FRESH_DAYS[stage])
    )
    opened = entered - timedelta(days=rng.randrange(4, 40) * stage)
    deal = book.add(rep.name, book.customer(rep.name, today), opened, "open")
    steps = [opened + (entered - opened) * index // max(stage, 1) for index in range(stage)] + [entered]
    deal.stage_days = list(zip(STAGES, steps, strict=False))
    deal.stage = STAGES[stage]
    deal.next_move = rng.choice(NEXT_MOVES) if rng.random() < 0.8 else None
    deal.expected_on = today + timedelta(days=rng.randrange(3, 90))


def _plant_stuck(firm: Firm, book: Book, count: int) -> None:
    """Deals that have stood in price negotiation for three weeks to two months (FUN-09)."""
    rng = book.rng
    negotiating = [deal for deal in firm.deals if deal.stage == "价格谈判" and deal.status == "open"]
    for deal in rng.sample(negotiating, min(count, len(negotiating))):
        entered = firm.today - timedelta(days=rng.randrange(18, 62))
        shift = deal.stage_days[-1][1] - entered
        deal.stage_days = [(stage, day - shift) for stage, day in deal.stage_days]
        deal.opened_on = deal.stage_days[0][1]
        firm.truth.stuck_deals.append(deal.name)


def _plant_second_reps(firm: Firm, book: Book, count: int) -> None:
    """Give a deal at some customers to a rep of the region who does not own the customer: a collision."""
    rng = book.rng
    regions = {rep.name: rep.region for rep in firm.reps()}
    free = [deal for deal in firm.deals if deal.status == "open" and deal.owner != firm.truth.leaver]
    for deal in rng.sample(free, min(count, len(free))):
        rivals = [
            rep.name
            for rep in firm.reps()
            if rep.region == regions[deal.owner] and rep.name not in (deal.owner, firm.truth.leaver)
        ]
        deal.owner = rng.choice(rivals)
        if deal.customer not in firm.truth.collisions:
            firm.truth.collisions.append(deal.customer)


def _number(firm: Firm) -> None:
    """Number the deals in the order in which they were opened, month by month, as the old CRM did."""
    firm.deals.sort(key=lambda deal: (deal.opened_on, deal.name))
    counts: dict[str, int] = {}
    for deal in firm.deals:
        month = f"{deal.opened_on:%Y%m}"
        counts[month] = counts.get(month, 0) + 1
        deal.number = f"SJ{month}-{counts[month]:04d}"
