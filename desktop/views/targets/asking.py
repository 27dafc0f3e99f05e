"""Asking for another target than the one that was set (TGT-14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from desktop.operations.approval_subjects.target_adjustment import (
    ask_target_adjustment,
    plan_target_adjustment,
)
from desktop.queries.calibration import CalibrationView
from desktop.queries.targets import TargetNode
from desktop.views.asking import Asking, Field, Values, show_asking
from desktop.views.targets.editor import parse_amount
from desktop.views.targets.figures import node_name

if TYPE_CHECKING:
    from desktop.views.targets.page import TargetsPage


def ask_target(page: TargetsPage, run: CalibrationView, node: TargetNode, target_id: int, typed: str) -> None:
    """Open the form with what was typed as the new target so far."""
    locale, _ = page.locale_, page._
    field = QLineEdit(typed)

    def read() -> Values | None:
        found = parse_amount(field.text())
        return None if found is None or found == node.target else {"value": found}

    show_asking(
        page,
        Asking(
            _("Ask for another target"),
            _("{name}, {month}").format(name=node_name(locale, node), month=locale.month(run.period.starts)),
            lambda work, values: plan_target_adjustment(work, target_id, values["value"]),
            lambda work, values, reason: ask_target_adjustment(work, target_id, values["value"], reason),
            [(_("Target"), locale.money(node.target)), (_("Actual"), locale.money(node.sold))],
            [Field(_("New target"), field, _("yuan"))],
            read,
            page.edit_target,
        ),
    )
