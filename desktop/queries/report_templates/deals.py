"""Ready reports about deals and stages, as data (RPT-12)."""

from __future__ import annotations

from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.queries.metrics.pivot import BAR, LINE, TABLE, Shape
from desktop.queries.report_metrics import Listing, MetricTemplate, Part
from desktop.queries.report_templates.shapes import AMOUNT, DAYS, by

TEMPLATES: tuple[MetricTemplate, ...] = (
    MetricTemplate(
        "stage_conversion",
        N_("Stage conversion"),
        N_("How many deals entered each stage, went on, or were lost there."),
        (
            Part(
                "stages",
                N_("Stages"),
                (
                    "stage_entered",
                    "stage_converted",
                    "stage_conversion",
                    "stage_drop_off",
                    "stage_median_days",
                ),
                by("stage", TABLE),
            ),
            Part(
                "people",
                N_("People"),
                ("stage_entered", "stage_converted", "stage_conversion"),
                by("person", TABLE, "stage_entered"),
            ),
            Part(
                "months",
                N_("Twelve months"),
                ("stage_conversion",),
                Shape("month", "stage", chart=LINE),
                trend=True,
            ),
        ),
        ("stage_entered", "stage_converted", "stage_conversion"),
        by_pipeline=True,
    ),
    MetricTemplate(
        "stage_ageing",
        N_("Stage ageing"),
        N_("How long open deals have stood in their stage, and the ones that stand longest."),
        (
            Part(
                "ages",
                N_("Open deals by age"),
                ("funnel_open_count",),
                Shape("stage", "age_band", chart=BAR),
            ),
            Part(
                "amounts",
                N_("Open amounts by age"),
                ("funnel_open_amount",),
                Shape("stage", "age_band", chart=TABLE),
            ),
            Listing("deals", N_("Longest in their stage"), "stage_age_days", counted=DAYS, limit=200),
        ),
        ("funnel_open_count", "funnel_open_amount", "stalled_share", "stage_age_days"),
        by_pipeline=True,
    ),
    MetricTemplate(
        "source_quality",
        N_("Source quality"),
        N_("Which sources bring deals that are won, and how fast."),
        (
            Part(
                "deals",
                N_("Deals by source"),
                ("opened_count", "won_count", "lost_count", "win_rate", "won_amount", "median_cycle"),
                by("source", TABLE, "won_amount"),
            ),
            Part(
                "leads",
                N_("Leads by source"),
                ("leads", "lead_touch_72h", "lead_response_hours"),
                by("source", BAR, "leads"),
            ),
        ),
        ("opened_count", "won_amount", "win_rate", "leads"),
    ),
    MetricTemplate(
        "competitors",
        N_("Competitors"),
        N_("Whom deals are won and lost against."),
        (
            Part(
                "deals",
                N_("Competitors"),
                ("won_count", "lost_count", "win_rate", "won_amount", "lost_amount"),
                by("competitor", BAR, "lost_amount"),
            ),
            Part(
                "industries",
                N_("Lost deals by industry"),
                ("lost_count",),
                Shape("competitor", "industry", chart=TABLE),
            ),
        ),
        ("won_count", "lost_count", "lost_amount"),
    ),
    MetricTemplate(
        "loss_reasons",
        N_("Loss reasons"),
        N_("Why deals are lost, in which stage and by whom."),
        (
            Part(
                "reasons",
                N_("Loss reasons"),
                ("lost_count", "lost_amount"),
                by("loss_reason", BAR, "lost_amount"),
            ),
            Part(
                "people",
                N_("Reasons by person"),
                ("lost_count",),
                Shape("person", "loss_reason", chart=TABLE),
            ),
            Listing(
                "deals",
                N_("Lost deals"),
                "lost_amount",
                (
                    ("loss_reason", N_("Loss reason"), Kind.TEXT),
                    ("competitor", N_("Competitor"), Kind.TEXT),
                ),
                AMOUNT,
                200,
            ),
        ),
        ("lost_count", "lost_amount"),
    ),
    MetricTemplate(
        "cycles",
        N_("Cycle times"),
        N_("From first contact to first quote, from opening to winning, and days in each stage."),
        (
            Part(
                "months",
                N_("Twelve months"),
                ("median_cycle", "first_quote_days", "won_count"),
                by("month", TABLE),
                trend=True,
            ),
            Part("stages", N_("Days in stages"), ("stage_median_days",), by("stage", BAR)),
            Part(
                "grades",
                N_("Cycle by grade"),
                ("won_count", "median_cycle", "average_deal"),
                by("grade", TABLE),
            ),
        ),
        ("median_cycle", "first_quote_days", "average_deal"),
    ),
    MetricTemplate(
        "products",
        N_("Product lines"),
        N_("Deals won and lost, and orders, by product line."),
        (
            Part(
                "deals",
                N_("Deals by product line"),
                ("won_count", "won_amount", "lost_count", "win_rate"),
                by("product", BAR, "won_amount"),
            ),
            Part(
                "orders",
                N_("Orders by product line"),
                ("order_amount", "order_profit", "order_margin"),
                by("product", TABLE, "order_amount"),
            ),
        ),
        ("won_amount", "win_rate", "order_amount"),
    ),
)
