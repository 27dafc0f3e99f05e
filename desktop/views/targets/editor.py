"""The inspector in which a person's or a unit's target is set (TGT-01)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from desktop.money import to_minor
from desktop.operations.targets import set_target
from desktop.queries.approvals import ApprovalItem
from desktop.queries.calibration import CalibrationView
from desktop.queries.targets import PERSON, TargetNode
from desktop.views.asking import waiting_advice
from desktop.views.editing import Edit, EditedField, Values
from desktop.views.inspector import Inspector
from desktop.views.labels import label
from desktop.views.strips import Action
from desktop.views.targets.figures import basis_text, node_name

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.targets.page import TargetsPage


def target_editor(
    page: TargetsPage,
    run: CalibrationView,
    node: TargetNode,
    waiting: Sequence[ApprovalItem],
    ask: Callable[[str], object] | None,
) -> Inspector:
    """Return the panel: what the node has now, what waits, a field for the new amount, Save; `ask` asks for it instead."""
    locale, _ = page.locale_, page.locale_._
    panel = Inspector(locale, node_name(locale, node), locale.month(run.period.starts))
    for item in waiting:
        panel.add(waiting_advice(page, item))
    leak = node.leak
    panel.add_values(
        [
            (_("Target"), locale.money(node.target) if node.own else _("the sum of what is below")),
            (_("Below"), locale.money(node.below) if node.below is not None else ""),
            (_("Σ diff"), locale.money(leak) if leak else "", "red"),
            (_("Actual"), locale.money(node.sold)),
            (_("Rhythm"), basis_text(locale, node)),
        ]
    )
    column = panel.add_section(_("New target"), _("yuan"))
    field = QLineEdit()
    field.setAccessibleName(_("New target"))
    if node.own:
        field.setText(locale.money(node.target).replace(",", ""))
    column.addWidget(field)
    column.addWidget(
        label(_("Weeks that were accepted for another amount are taken back."), "explain", wrap=True)
    )

    def close(_target_id: int) -> None:
        page.close_inspector()

    def save() -> None:
        amount = parse_amount(field.text())
        if amount is None:
            page.show_message("red", _("“{text}” is not an amount.").format(text=field.text()))
            field.setFocus()
            return
        target_edit(page, run, node, close).send({"value": amount})

    field.returnPressed.connect(save)
    others: list[Action] = [(_("Cancel"), page.close_inspector)]
    if ask and not waiting:
        others.insert(0, (_("Ask for it…"), lambda: ask(field.text())))
    panel.set_actions((_("Save"), save), others)
    return panel


def target_edit(
    page: TargetsPage, run: CalibrationView, node: TargetNode, done: Callable[[int], None]
) -> Edit:
    """Return the change of a node's target in a month."""
    locale = page.locale_
    person = node.id if node.kind == PERSON else None
    unit = None if node.kind == PERSON else node.id

    def save(values: Values, _version: int, seen: Values) -> Callable[[Work], int]:
        return lambda work: set_target(
            work,
            period=run.period,
            value=values["value"],
            person_id=person,
            unit_id=unit,
            metric=run.metric or None,
            seen=seen,
        )

    return Edit(
        page,
        locale._("{name}, {month}").format(
            name=node_name(locale, node), month=locale.month(run.period.starts)
        ),
        {"value": node.target if node.own else None},
        0,
        [EditedField("value", locale._("Target"), locale.money)],
        save,
        done,
        frozenset({"target"}),
    )


def parse_amount(text: str) -> int | None:
    """Return an amount of yuan, with thousands separators or 万, in minor units; None if it is none."""
    cleaned = (
        text.strip().replace(",", "").replace("，", "").replace(" ", "").removeprefix("¥").removesuffix("元")
    )
    factor = Decimal(1)
    for word, value in (("万", 10_000), ("亿", 100_000_000)):
        if cleaned.endswith(word):
            cleaned, factor = cleaned.removesuffix(word), Decimal(value)
    try:
        amount = Decimal(cleaned) * factor
    except InvalidOperation:
        return None
    return to_minor(amount) if amount.is_finite() and 0 <= amount < 10**14 else None
