"""Ready reports about contracts, invoices, payments and quotes, as data (RPT-12)."""

from __future__ import annotations

from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.queries.metrics.pivot import BAR, LINE, TABLE, Shape
from desktop.queries.report_metrics import Listing, MetricTemplate, Part
from desktop.queries.report_templates.shapes import AMOUNT, DAYS, by

TEMPLATES: tuple[MetricTemplate, ...] = (
    MetricTemplate(
        "collections_ageing",
        N_("Collections ageing"),
        N_("What is owed by age, person and customer; payments settle the earliest instalment first."),
        (
            Part("ages", N_("Owed by age"), ("open_receivable", "overdue_receivable"), by("age_band", BAR)),
            Part(
                "people",
                N_("People"),
                ("open_receivable",),
                Shape("person", "age_band", "open_receivable", 100, TABLE),
            ),
            Part(
                "customers",
                N_("Customers"),
                ("open_receivable", "overdue_receivable", "long_overdue"),
                by("customer", TABLE, "overdue_receivable", 200),
            ),
        ),
        ("open_receivable", "overdue_receivable", "long_overdue"),
    ),
    MetricTemplate(
        "collections_flow",
        N_("Payments and invoices"),
        N_("Contracts signed, invoices issued and payments received, month by month."),
        (
            Part(
                "months",
                N_("Twelve months"),
                ("contract_amount", "invoiced_amount", "payments_received"),
                by("month", LINE),
                trend=True,
            ),
            Part(
                "people",
                N_("People"),
                ("contract_amount", "invoiced_amount", "payments_received", "collection_days"),
                by("person", TABLE, "payments_received"),
            ),
        ),
        ("contract_amount", "invoiced_amount", "payments_received", "collection_days"),
    ),
    MetricTemplate(
        "uninvoiced",
        N_("Accepted, not invoiced"),
        N_("Contracts that were accepted and still have no invoice (COL-05)."),
        (
            Part(
                "people",
                N_("People"),
                ("uninvoiced_count", "uninvoiced_amount"),
                by("person", BAR, "uninvoiced_amount"),
            ),
            Listing(
                "contracts",
                N_("Contracts"),
                "uninvoiced_amount",
                (
                    ("number", N_("Contract no."), Kind.TEXT),
                    ("accepted_on", N_("Accepted on"), Kind.DATE),
                    ("days", DAYS, Kind.INTEGER),
                ),
                AMOUNT,
            ),
        ),
        ("uninvoiced_count", "uninvoiced_amount"),
    ),
    MetricTemplate(
        "renewals",
        N_("Renewals"),
        N_("Contracts that end soon, by time left, person and customer."),
        (
            Part("ages", N_("Time left"), ("renewal_count", "renewal_amount"), by("age_band", TABLE)),
            Part(
                "people",
                N_("People"),
                ("renewal_count", "renewal_amount"),
                by("person", BAR, "renewal_amount"),
            ),
            Listing(
                "contracts",
                N_("Contracts"),
                "renewal_amount",
                (
                    ("number", N_("Contract no."), Kind.TEXT),
                    ("ends_on", N_("Ends on"), Kind.DATE),
                    ("days", N_("Days left"), Kind.INTEGER),
                ),
                AMOUNT,
            ),
        ),
        ("renewal_count", "renewal_amount"),
    ),
    MetricTemplate(
        "quotes",
        N_("Quotes"),
        N_("Quotes by person, customer and month."),
        (
            Part(
                "people",
                N_("People"),
                ("quote_count", "quote_amount"),
                by("person", BAR, "quote_amount"),
            ),
            Part(
                "months",
                N_("Twelve months"),
                ("quote_count", "quote_amount"),
                by("month", TABLE),
                trend=True,
            ),
        ),
        ("quote_count", "quote_amount"),
    ),
)
