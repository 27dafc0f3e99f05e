"""What the Settlements page says while nothing waits, and while nothing has come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.views.empty import EmptyState

if TYPE_CHECKING:
    from desktop.views.settlements.page import SettlementsPage


def nothing_to_settle(page: SettlementsPage, *, any_contract: bool) -> EmptyState:
    """Return the panel for an empty queue: nothing is accepted yet, or there is no contract at all."""
    _ = page._
    if any_contract:
        return EmptyState(
            "money",
            _("Nothing waits to be settled"),
            _(
                "A contract comes here when it was accepted: its acceptance milestone is reached, or its delivery "
                "day has passed."
            ),
            [(_("All contracts"), lambda: page.show_mode("all"))],
        )
    return EmptyState(
        "money",
        _("No contracts here yet"),
        _(
            "Here finance sees what was accepted and is to be settled: contract number, amount, invoice type, day. "
            "Bring in the contracts of the old system, or make one of a quote."
        ),
        [
            (_("Migrate old data"), lambda: page.ctx.navigate("migrate")),
            (_("Go to the quotes"), lambda: page.ctx.navigate("quotes")),
        ],
    )


def nothing_returned(page: SettlementsPage) -> EmptyState:
    """Return the panel for a queue of which nothing has come back."""
    _ = page._
    return EmptyState(
        "download",
        _("No sheet has come back yet"),
        _(
            "Hand the settlement sheet out to finance. When it is filled in, drop it here: you see what it would "
            "change before anything is written, and it can be taken back."
        ),
        [(_("Settlement sheet"), page.hand_out), (_("Read a returned sheet"), page.choose_file)],
    )
