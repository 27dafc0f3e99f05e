"""Asking for another stage of a deal than its evidence says (PER-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

from desktop.operations.approval_subjects.stage_override import ask_stage_override, plan_stage_override
from desktop.queries.deal_detail import DealDetail
from desktop.queries.pipelines import StageRow, stages_beside
from desktop.views.asking import Asking, Field, show_asking

if TYPE_CHECKING:
    from desktop.views.pipeline.page import PipelinePage


def ask_stage(page: PipelinePage, deal: DealDetail) -> None:
    """Open the form with the other stages of the deal's pipeline."""
    page.read(lambda work: stages_beside(work, deal.id), lambda found: _show(page, deal, found), key="ask")


def _show(page: PipelinePage, deal: DealDetail, stages: tuple[StageRow, ...]) -> None:
    locale, _ = page.locale_, page._
    box = QComboBox()
    for stage in stages:
        box.addItem(stage.label(locale), stage.id)
    following = [stage.id for stage in stages if stage.position > deal.stage.position]
    box.setCurrentIndex(max(0, box.findData(following[0]) if following else 0))
    show_asking(
        page,
        Asking(
            _("Ask for another stage"),
            deal.name,
            lambda work, values: plan_stage_override(work, deal.id),
            lambda work, values, reason: ask_stage_override(work, deal.id, values["stage"], reason),
            [(_("Stage"), deal.stage.label(locale)), (_("Amount"), locale.money_short(deal.amount))],
            [Field(_("New stage"), box)],
            lambda: {"stage": box.currentData()} if box.count() else None,
            lambda: page.show_deal(deal.id),
        ),
    )
