"""The deterministic generator of the demo firm: one seed and one scale give one firm."""

from __future__ import annotations

from random import Random

from desktop.demo.calendar import DEMO_NOW
from desktop.demo.customers import make_customers
from desktop.demo.deals import make_deals
from desktop.demo.firm import Firm
from desktop.demo.notes import make_notes, make_tickets
from desktop.demo.papers import make_papers
from desktop.demo.people import Names, make_people
from desktop.demo.plan import make_events, make_leads, make_targets
from desktop.demo.words import LOST, PRODUCTS, RHYTHM, STAGES, WON
from desktop.periods import week_number

SEED = 20261118


def generate_firm(scale: float = 1.0, seed: int = SEED) -> Firm:
    """Return the demo firm; the people are always sixty, everything else is multiplied by `scale`.

    Raises ValueError for a scale outside 0.02 to 1.
    """
    if not 0.02 <= scale <= 1:
        raise ValueError(f"the scale must lie between 0.02 and 1, not {scale}")

    def stream(part: str) -> Random:
        return Random(f"{seed}:{part}")

    firm = Firm(now=DEMO_NOW)
    names = Names(stream("names"))
    make_people(firm, stream("people"), names)
    make_customers(firm, stream("customers"), names, scale)
    make_deals(firm, stream("deals"), scale)
    make_papers(firm, stream("papers"))
    make_notes(firm, stream("notes"), scale)
    make_tickets(firm, stream("tickets"), scale)
    make_targets(firm, scale)
    make_events(firm)
    make_leads(firm, stream("leads"), names, scale)
    _tell(firm)
    return firm


def _tell(firm: Firm) -> None:
    """Write down what came out, so that it can be checked after the migration."""
    truth = firm.truth
    truth.people, truth.units = len(firm.people), len(firm.units)
    truth.accounts = len({customer.name for customer in firm.customers})
    truth.contacts = sum(len(customer.people) for customer in firm.customers)
    truth.opportunities = len(firm.deals)
    truth.stage_changes = sum(len(deal.stage_days) for deal in firm.deals)
    truth.activities = len(firm.notes)
    truth.contracts = len(firm.contracts)
    truth.contract_amount = sum(contract.amount for contract in firm.contracts)
    truth.quotes = len(firm.quotes)
    truth.payments = len(firm.receipts)
    truth.payment_amount = sum(receipt.amount for receipt in firm.receipts)
    truth.instalments = len(firm.plan)
    truth.invoices = len(firm.bills)
    truth.products = len(PRODUCTS)
    truth.leads, truth.tickets, truth.events = len(firm.leads), len(firm.cases), len(firm.events)
    truth.targets = len(firm.targets)
    truth.rhythm_planted = dict(RHYTHM)
    _tell_deals(firm)
    _tell_leaver(firm)


def _tell_deals(firm: Firm) -> None:
    truth = firm.truth
    regions = {rep.name: rep.region for rep in firm.reps()}
    weeks = {region: [0, 0, 0, 0] for region in RHYTHM}
    for deal in firm.deals:
        if deal.status == WON and deal.closed_on:
            truth.won += 1
            truth.won_amount += deal.amount
            truth.won_by_person[deal.owner] = truth.won_by_person.get(deal.owner, 0) + deal.amount
            if (deal.closed_on.year, deal.closed_on.month) != (firm.today.year, firm.today.month):
                weeks[regions[deal.owner]][week_number(deal.closed_on) - 1] += deal.amount
        elif deal.status == LOST:
            truth.lost += 1
        else:
            truth.open += 1
    for stage in STAGES:
        standing = [deal for deal in firm.deals if deal.status == "open" and deal.stage == stage]
        truth.open_by_stage[stage] = len(standing)
        truth.open_amount_by_stage[stage] = sum(deal.amount for deal in standing)
    for region, money in weeks.items():
        total = sum(money) or 1
        truth.rhythm_realised[region] = tuple(round(week / total, 4) for week in money)


def _tell_leaver(firm: Firm) -> None:
    truth = firm.truth
    leaver = truth.leaver
    truth.leaver_accounts = sum(customer.owner == leaver for customer in firm.customers)
    mine = [deal for deal in firm.deals if deal.owner == leaver and deal.status == "open"]
    truth.leaver_open_deals = len(mine)
    truth.leaver_open_amount = sum(deal.amount for deal in mine)
    truth.leaver_quotes = sum(quote.owner == leaver for quote in firm.quotes)
    contracts = {contract.number for contract in firm.contracts if contract.owner == leaver}
    truth.leaver_contracts = len(contracts)
    for number in contracts:
        parts = [part for part in firm.plan if part.contract == number]
        paid = sum(part.amount for part in parts if part.paid)
        due = sum(part.amount for part in parts if part.due_on < firm.today)
        truth.leaver_receivable += sum(part.amount for part in parts) - paid
        truth.leaver_overdue += max(due - paid, 0)
