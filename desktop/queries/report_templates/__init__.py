"""The ready reports that are made of metrics, as data: one way fills them all (RPT-12)."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.queries.report_metrics import MetricTemplate
from desktop.queries.report_templates import customers, deals, money, people, work

DEALS, PEOPLE = N_("Deals and stages"), N_("Targets and people")
CUSTOMERS, MONEY, WORK = N_("Customers and contacts"), N_("Contracts and money"), N_("Data and process")

TEMPLATES_BY_GROUP: dict[str, tuple[MetricTemplate, ...]] = {
    DEALS: deals.TEMPLATES,
    PEOPLE: people.TEMPLATES,
    CUSTOMERS: customers.TEMPLATES,
    MONEY: money.TEMPLATES,
    WORK: work.TEMPLATES,
}
"""Every template in the group under which the report centre offers it."""
