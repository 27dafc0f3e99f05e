"""The funnel of a period as a report document (FUN-02 to 06, RPT-01)."""

from __future__ import annotations

from decimal import Decimal

from desktop.analytics.ratio import Ratio
from desktop.exporters.document import LABEL, TERM, Block, Control, Document, Field, Picture
from desktop.exporters.layouts import Kind
from desktop.i18n import N_
from desktop.queries.funnel import METRICS, FunnelView, funnel_steps
from desktop.queries.report_ledger import funnel_checks
from desktop.queries.report_parts import TOTAL, Asked, definitions, last_batch, unit_filter
from desktop.store.workspace import Work

TITLE = N_("Sales funnel")


def funnel_document(work: Work, asked: Asked) -> Document:
    """Return the funnel at the end of the period, or as of today while it runs."""
    view = funnel_steps(
        work,
        pipeline_id=asked.pipeline_id,
        unit_id=asked.unit_id,
        period=asked.period,
        as_of=min(work.today, asked.period.ends),
    )
    figures = view.figures
    return Document(
        template="funnel",
        title=TITLE,
        period=asked.period.text,
        as_of=view.as_of,
        taken_at=work.now,
        filters=(
            unit_filter(work, asked.unit_id),
            (N_("Pipeline"), (view.pipeline.name, view.pipeline.name_zh)),
            (N_("Currency"), (view.currency, view.currency)),
            *(((N_("Deals in other currencies"), (str(view.left_out),) * 2),) if view.left_out else ()),
        ),
        batch=last_batch(work),
        blocks=(_stages(view), _closed(view)),
        controls=(
            Control("open_deals", N_("Open deals"), Kind.INTEGER, figures.count),
            Control("open_amount", N_("Open amount"), Kind.MONEY, figures.amount),
            Control("won", N_("Won deals"), Kind.INTEGER, figures.won.count),
            Control("won_amount", N_("Won amount"), Kind.MONEY, figures.won.amount),
            Control("lost", N_("Lost deals"), Kind.INTEGER, figures.lost.count),
            Control("win_rate", N_("Win rate"), Kind.PERCENT, fraction(figures.win_rate)),
        ),
        definitions=definitions(work, *METRICS),
        checks=funnel_checks(work, view, asked.unit_id),
    )


def fraction(ratio: Ratio) -> Decimal | None:
    """Return a ratio as a fraction with six decimals, None where it is undefined."""
    if not ratio.denominator:
        return None
    return (Decimal(ratio.numerator) / Decimal(ratio.denominator)).quantize(Decimal("0.000001"))


def _stages(view: FunnelView) -> Block:
    rows = tuple(
        (
            (step.stage.name, step.stage.name_zh),
            step.figures.count,
            step.figures.amount,
            step.figures.entered,
            step.figures.converted,
            fraction(step.figures.conversion),
            fraction(step.figures.drop_off),
            None if step.figures.median_days is None else Decimal(str(step.figures.median_days)),
        )
        for step in view.steps
    )
    return Block(
        "stages",
        N_("Stages"),
        (
            Field("stage", N_("Stage"), LABEL),
            Field("count", N_("Open deals"), Kind.INTEGER, metric="funnel_open_count"),
            Field("amount", N_("Open amount"), Kind.MONEY, view.currency, "funnel_open_amount"),
            Field("entered", N_("Entered"), Kind.INTEGER, metric="stage_entered"),
            Field("converted", N_("Converted"), Kind.INTEGER, metric="stage_converted"),
            Field("conversion", N_("Conversion"), Kind.PERCENT, metric="stage_conversion"),
            Field("drop_off", N_("Drop-off"), Kind.PERCENT, metric="stage_conversion"),
            Field("days", N_("Median days"), Kind.DECIMAL, metric="stage_median_days"),
        ),
        rows,
        (TOTAL, view.figures.count, view.figures.amount, None, None, None, None, None),
        Picture(N_("Open deals by stage"), "stage", ("count",), horizontal=True),
    )


def _closed(view: FunnelView) -> Block:
    won, lost = view.figures.won, view.figures.lost
    rate = fraction(view.figures.win_rate)
    share = None if rate is None else 1 - rate
    return Block(
        "closed",
        N_("Closed in the period"),
        (
            Field("outcome", N_("Outcome"), TERM),
            Field("count", N_("Deals"), Kind.INTEGER),
            Field("amount", N_("Amount"), Kind.MONEY, view.currency),
            Field("share", N_("Share"), Kind.PERCENT, metric="win_rate"),
        ),
        (
            ((N_("Won"),), won.count, won.amount, rate),
            ((N_("Lost"),), lost.count, lost.amount, share),
        ),
        (TOTAL, won.count + lost.count, None, None),
    )
