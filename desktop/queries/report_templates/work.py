"""Ready reports about data, calls, approvals and handovers, as data (RPT-12)."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.queries.metrics.pivot import BAR, TABLE, Shape
from desktop.queries.report_metrics import MetricTemplate, Part
from desktop.queries.report_templates.shapes import by

TEMPLATES: tuple[MetricTemplate, ...] = (
    MetricTemplate(
        "data_quality",
        N_("Data quality"),
        N_("How complete and how fresh customers' data are, by person."),
        (
            Part(
                "people",
                N_("People"),
                ("customers", "completeness", "no_contact_customers", "stale_share"),
                by("person", TABLE, "customers", 500),
            ),
            Part(
                "units",
                N_("Units"),
                ("customers", "completeness", "stale_share", "no_contact_customers"),
                by("unit", TABLE, "customers"),
            ),
            Part("late", N_("Logged late"), ("contacts", "late_share"), by("person", TABLE, "contacts")),
        ),
        ("customers", "completeness", "stale_share", "late_share"),
    ),
    MetricTemplate(
        "calls",
        N_("Calls reconciled"),
        N_("Calls that people logged beside those the carrier recorded (DQ-04)."),
        (
            Part(
                "people",
                N_("People"),
                ("calls_logged", "calls_carrier", "calls_deviation"),
                by("person", TABLE, "calls_carrier", 500),
            ),
            Part(
                "days",
                N_("Days"),
                ("calls_logged", "calls_carrier", "calls_deviation"),
                by("day", TABLE),
            ),
        ),
        ("calls_logged", "calls_carrier", "calls_deviation"),
    ),
    MetricTemplate(
        "approval_times",
        N_("Approval times"),
        N_("How long decisions take, by what is decided and by month (APR-07)."),
        (
            Part(
                "kinds",
                N_("What was decided on"),
                ("approvals_decided", "approval_hours"),
                by("approval_kind", TABLE, "approvals_decided"),
            ),
            Part(
                "months",
                N_("Twelve months"),
                ("approvals_decided", "approval_hours"),
                by("month", BAR),
                trend=True,
            ),
        ),
        ("approvals_decided", "approval_hours"),
    ),
    MetricTemplate(
        "report_times",
        N_("Report preparation"),
        N_("How long reports take from the draft to their submission, by person and by month (RPT-05)."),
        (
            Part(
                "people",
                N_("People"),
                ("reports_prepared", "report_hours"),
                by("person", TABLE, "reports_prepared"),
            ),
            Part(
                "months",
                N_("Twelve months"),
                ("reports_prepared", "report_hours"),
                by("month", BAR),
                trend=True,
            ),
        ),
        ("reports_prepared", "report_hours"),
    ),
    MetricTemplate(
        "handovers",
        N_("Handovers"),
        N_("What changed hands, from whom and when."),
        (
            Part("kinds", N_("Kinds of record"), ("handed_over",), by("record_kind", BAR, "handed_over")),
            Part(
                "people",
                N_("Givers"),
                ("handed_over",),
                Shape("person", "record_kind", "handed_over", 200, TABLE),
            ),
        ),
        ("handed_over",),
    ),
)
