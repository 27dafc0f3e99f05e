"""Handing over from the page: what would change hands is shown first, and can be taken back afterwards (HND-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.operations.approval_subjects.handover import ask_handover, plan_handover
from desktop.operations.handover import HandoverDone, HandoverUndone, hand_over, undo_handover
from desktop.queries.handover import HandoverView
from desktop.terms import OwnedKind
from desktop.views.asking import Asking, show_asking
from desktop.views.inspector import Inspector, Line
from desktop.views.page import Page
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.control import Control

_MOST_KEPT = 12


class CarryingOut:
    """Carries handovers out for a page, and takes them back."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def preview(self, view: HandoverView) -> None:
        """Rehearse it, and show in the inspector what would change hands."""
        page, workspace = self._page, self._page.ctx.workspace
        if view.successor is None:
            page.show_message("amber", page._("Choose who takes over first."))
            return
        leaver, receiver = view.leaver.id, view.successor.id

        def job(control: Control) -> HandoverDone:
            return workspace.rehearse(lambda work: hand_over(work, leaver, receiver), control)

        page.ctx.tasks.run(
            page,
            job,
            lambda done: page.show_inspector(self._panel(view, done)),
            title=page._("Hand over"),
        )

    def _panel(self, view: HandoverView, done: HandoverDone) -> Inspector:
        page, locale = self._page, self._page.ctx.locale
        _ = page._
        receiver = view.successor.name if view.successor else ""
        panel = Inspector(locale, _("Hand over"), f"{view.leaver.name} → {receiver}")
        panel.add(
            Advice(
                "green",
                locale.plural("{n} record will change hands", "{n} records will change hands", done.total),
                _("Stages, history and authors stay as they are. It can be taken back."),
            )
        )
        column = panel.add_section(_("What changes hands"))
        for kind, count in done.moved.items():
            column.addWidget(Line(locale.integer(count), left=_(OwnedKind(kind).label)))
        panel.set_actions(
            (_("Hand over"), lambda: self.carry_out(view)), [(_("Leave it"), page.close_inspector)]
        )
        return panel

    def ask(self, view: HandoverView) -> None:
        """Open the form in which a second manager is asked to agree."""
        page, receiver, _ = self._page, view.successor, self._page._
        if receiver is None:
            page.show_message("amber", _("Choose who takes over first."))
            return
        leaver = view.leaver.id
        count = page.locale_.plural("{n} customer", "{n} customers", len(view.accounts))
        show_asking(
            page,
            Asking(
                _("Ask for a handover"),
                f"{view.leaver.name} → {receiver.name}",
                lambda work, values: plan_handover(work, leaver),
                lambda work, values, reason: ask_handover(work, leaver, receiver.id, reason),
                facts=[
                    (_("Customers"), count),
                    (_("Open opportunities"), page.locale_.money_short(view.open_amount)),
                    (_("Receivable"), page.locale_.money_short(view.receivable)),
                ],
            ),
        )

    def carry_out(self, view: HandoverView) -> None:
        """Hand over what the checklist shows; refused if it has changed since."""
        page, locale = self._page, self._page.ctx.locale
        if view.successor is None:
            return
        leaver, receiver, seen = view.leaver, view.successor, {"account": len(view.accounts)}
        page.show_inspector(None)

        def done(result: HandoverDone) -> None:
            page.show_message(
                "green",
                locale.plural("{n} record changed hands.", "{n} records changed hands.", result.total),
                place=f"{leaver.name} → {receiver.name}",
                actions=[(page._("Take it back"), lambda: self.take_back(result.handover))],
            )

        page.write(
            lambda work: hand_over(work, leaver.id, receiver.id, seen=seen),
            done,
            title=page._("Hand over"),
            key=("hand_over", leaver.id, receiver.id),
        )

    def take_back(self, handover: int) -> None:
        """Give back what the receiver still holds, and say what was kept and why."""
        page, locale = self._page, self._page.ctx.locale

        def done(undone: HandoverUndone) -> None:
            words = locale.plural("{n} record was returned.", "{n} records were returned.", undone.reversed)
            page.show_message("amber" if undone.kept else "green", words)
            if undone.kept:
                panel = Inspector(locale, page._("Hand over"), page._("Take it back"))
                column = panel.add_section(
                    page._("Kept, because it has moved on since"), locale.integer(len(undone.kept))
                )
                for one in undone.kept[:_MOST_KEPT]:
                    left = f"{page._(OwnedKind(one.kind).label)} {one.id}"
                    column.addWidget(Line(one.text(locale), left=left))
                page.show_inspector(panel)

        page.write(
            lambda work: undo_handover(work, handover),
            done,
            title=page._("Take it back"),
            key=("undo_handover", handover),
        )
