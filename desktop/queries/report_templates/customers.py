"""Ready reports about customers and contacts with them, as data (RPT-12)."""

from __future__ import annotations

from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.queries.metrics.pivot import BAR, HEAT, LINE, TABLE, Shape
from desktop.queries.report_metrics import Listing, MetricTemplate, Part
from desktop.queries.report_templates.shapes import by

TEMPLATES: tuple[MetricTemplate, ...] = (
    MetricTemplate(
        "heat_map",
        N_("Interaction heat map"),
        N_("When contacts with customers take place: weekday by hour (RPT-13)."),
        (
            Part("contacts", N_("Contacts"), ("contacts",), Shape("weekday", "hour", chart=HEAT)),
            Part(
                "effective",
                N_("Effective contacts"),
                ("effective_contacts",),
                Shape("weekday", "hour", chart=HEAT),
            ),
        ),
        ("contacts", "effective_contacts"),
    ),
    MetricTemplate(
        "contacts",
        N_("Contacts and coverage"),
        N_("Contacts by kind and person, and how many customers they reached."),
        (
            Part(
                "people",
                N_("People"),
                ("contacts", "effective_contacts", "customers_contacted", "late_share"),
                by("person", TABLE, "effective_contacts"),
            ),
            Part(
                "kinds",
                N_("Kinds of contact"),
                ("contacts", "effective_contacts"),
                by("activity_type", BAR, "contacts"),
            ),
        ),
        ("contacts", "effective_contacts", "customers_contacted"),
    ),
    MetricTemplate(
        "silent_customers",
        N_("Silent customers"),
        N_("Customers nobody has effectively talked to, what is at stake, and who looks after them."),
        (
            Part(
                "people",
                N_("People"),
                (
                    "customers",
                    "silent_customers",
                    "high_risk_customers",
                    "release_customers",
                    "silent_at_stake",
                ),
                by("person", TABLE, "silent_customers"),
            ),
            Part("bands", N_("Days of silence"), ("customers",), by("age_band", BAR)),
            Listing(
                "customers",
                N_("Silent customers"),
                "silent_customers",
                (
                    ("silent_days", N_("Silent days"), Kind.INTEGER),
                    ("at_stake", N_("At stake"), Kind.MONEY),
                ),
            ),
        ),
        ("customers", "silent_customers", "high_risk_customers", "silent_at_stake"),
    ),
    MetricTemplate(
        "lead_response",
        N_("Lead response"),
        N_("How fast leads are touched, by person, source and month; the share within 72 hours."),
        (
            Part(
                "people",
                N_("People"),
                ("leads", "leads_untouched", "lead_response_hours", "lead_touch_72h"),
                by("person", TABLE, "leads"),
            ),
            Part(
                "sources",
                N_("Sources"),
                ("leads", "lead_response_hours", "lead_touch_72h"),
                by("source", TABLE, "leads"),
            ),
            Part("months", N_("Twelve months"), ("lead_touch_72h", "leads"), by("month", LINE), trend=True),
        ),
        ("leads", "leads_untouched", "lead_response_hours", "lead_touch_72h"),
    ),
    MetricTemplate(
        "touch_72h",
        N_("72-hour touch"),
        N_("Leads that nobody has touched yet, one by one."),
        (
            Part(
                "units",
                N_("Units"),
                ("leads", "lead_touch_72h", "leads_untouched"),
                by("unit", BAR, "leads_untouched"),
            ),
            Listing(
                "leads",
                N_("Leads not touched"),
                "leads_untouched",
                (("source", N_("Source"), Kind.TEXT), ("grade", N_("Grade"), Kind.TEXT)),
                N_("Waiting, seconds"),
            ),
        ),
        ("leads", "lead_touch_72h", "leads_untouched"),
    ),
    MetricTemplate(
        "pains",
        N_("Customers' pains"),
        N_("Which pains customers name, in which industry, and to whom."),
        (
            Part("pains", N_("Pains"), ("pains",), by("pain", BAR, "pains")),
            Part("industries", N_("Pains by industry"), ("pains",), Shape("pain", "industry", chart=TABLE)),
        ),
        ("pains",),
    ),
    MetricTemplate(
        "service",
        N_("Service response"),
        N_("Service cases, how fast they are answered, and the share in time."),
        (
            Part(
                "people",
                N_("People"),
                ("tickets", "service_response_hours", "service_in_time"),
                by("person", TABLE, "tickets"),
            ),
            Part(
                "priorities",
                N_("Priorities"),
                ("tickets", "service_response_hours", "service_in_time"),
                by("priority", BAR, "tickets"),
            ),
        ),
        ("tickets", "service_response_hours", "service_in_time"),
    ),
)
