"""Ready reports about targets and people, as data (RPT-12)."""

from __future__ import annotations

from desktop.i18n import N_
from desktop.queries.metrics.pivot import BAR, LINE, TABLE, Shape
from desktop.queries.report_metrics import MetricTemplate, Part
from desktop.queries.report_templates.shapes import by

TEMPLATES: tuple[MetricTemplate, ...] = (
    MetricTemplate(
        "target_deviation",
        N_("Target deviation"),
        N_("Target, actual and deviation by unit, person and month."),
        (
            Part(
                "units",
                N_("Units"),
                ("target_value", "actual_won", "attainment", "target_deviation"),
                by("unit", TABLE, "target_value"),
            ),
            Part(
                "people",
                N_("People"),
                ("target_value", "actual_won", "attainment", "target_deviation"),
                by("person", TABLE, "target_value", 500),
            ),
            Part(
                "months",
                N_("Twelve months"),
                ("target_value", "actual_won", "target_deviation"),
                by("month", LINE),
                trend=True,
            ),
        ),
        ("target_value", "actual_won", "target_deviation"),
    ),
    MetricTemplate(
        "weekly_rhythm",
        N_("Weekly rhythm"),
        N_("What is sold in which week of the month, over twelve months."),
        (
            Part("weeks", N_("Weeks"), ("actual_won",), Shape("week", None, chart=BAR)),
            Part("year", N_("Twelve months"), ("actual_won",), Shape("week", None, chart=LINE), trend=True),
        ),
        ("actual_won", "month_end_share"),
    ),
    MetricTemplate(
        "month_end",
        N_("Month-end share"),
        N_("How much is only sold after the 25th: by month, unit and person."),
        (
            Part(
                "months",
                N_("Twelve months"),
                ("month_end_share", "actual_won"),
                by("month", BAR),
                trend=True,
            ),
            Part("units", N_("Units"), ("month_end_share", "actual_won"), by("unit", TABLE, "actual_won")),
            Part(
                "people",
                N_("People"),
                ("month_end_share", "actual_won"),
                by("person", TABLE, "actual_won"),
            ),
        ),
        ("month_end_share", "actual_won"),
    ),
    MetricTemplate(
        "ranking",
        N_("Ranking"),
        N_("People by what they sold, won and did; units beside them (RPT-09)."),
        (
            Part(
                "people",
                N_("People"),
                ("actual_won", "attainment", "won_count", "win_rate", "effective_contacts"),
                by("person", BAR, "actual_won", 100),
            ),
            Part(
                "units",
                N_("Units"),
                ("actual_won", "attainment", "won_count", "win_rate", "effective_contacts"),
                by("unit", BAR, "actual_won"),
            ),
        ),
        ("actual_won", "won_count", "effective_contacts"),
        for_peers=True,
    ),
)
