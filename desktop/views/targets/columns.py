"""The columns of the target tree, and how a pace is painted."""

from __future__ import annotations

from desktop.i18n import N_, Locale
from desktop.queries.targets import PERSON, Pace, TargetNode
from desktop.views.cells import MoneyCell, PercentCell
from desktop.views.cells_rich import ChipCell, TreeCell
from desktop.views.columns import MONEY, Column

STATUS = {Pace.ON: "green", Pace.NEAR: "amber", Pace.BEHIND: "red", Pace.NONE: "grey"}
PACES: dict[str, tuple[str, str]] = {pace.value: (STATUS[pace], pace.label) for pace in Pace}


def tree_columns(locale: Locale) -> list[Column]:
    """Return the columns of the target tree: name, target, what leaks below, pace as word and number."""
    # 万 takes less room than K, and names nest five levels deep.
    money, state = (72, 76) if locale.is_chinese else (82, 90)
    return [
        Column(
            "name",
            N_("Unit or person"),
            TreeCell(note=_manager, strong=lambda node: node.kind != PERSON),
            width=152,
            stretch=1.0,
        ),
        Column("target", N_("Target"), MoneyCell(), unit=MONEY, width=money),
        Column(
            "leak",
            N_("Σ diff"),
            MoneyCell(status=_leaks),
            unit=MONEY,
            width=money - 4,
            tip=N_("The targets below it added up, less its own: 0 is whole (TGT-02)."),
        ),
        Column("pace", N_("Pace"), ChipCell(PACES), width=state, tip=PACE_TIP),
        Column(
            "progress",
            N_("to date"),
            PercentCell(1, status=_status),
            width=68,
            value=lambda node: node.progress.value,
            tip=PACE_TIP,
        ),
        Column("sold", N_("Actual"), MoneyCell(), unit=MONEY, width=76, hidden=True),
        Column("due", N_("Due to date"), MoneyCell(), unit=MONEY, width=84, hidden=True),
    ]


PACE_TIP = N_("Sold ÷ calibrated target to date: on pace from 95%, far behind below 80%.")


def _manager(node: TargetNode) -> str:
    return node.manager or ""


def _leaks(node: TargetNode) -> str:
    return "red" if node.leak else ""


def _status(node: TargetNode) -> str:
    status = STATUS[node.pace]
    return status if status in ("red", "amber") else ""
