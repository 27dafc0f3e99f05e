"""What the Quotes page says while there is no quote, or no contract, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.views.empty import EmptyState

if TYPE_CHECKING:
    from desktop.views.quotes.page import QuotesPage


def no_quotes(page: QuotesPage) -> EmptyState:
    """Return the panel for a firm, or a part of it, without quotes."""
    _ = page._
    return EmptyState(
        "quotes",
        _("No quotes here yet"),
        _(
            "Here stands what was offered, how long it holds and what is left of it. Make a quote for a customer, or "
            "bring in those of the old system."
        ),
        [(_("New quote"), page.new_quote), (_("Migrate old data"), lambda: page.ctx.navigate("migrate"))],
    )


def no_contracts(page: QuotesPage) -> EmptyState:
    """Return the panel for a firm, or a part of it, without contracts."""
    _ = page._
    return EmptyState(
        "quotes",
        _("No contracts here yet"),
        _(
            "A contract is made of a quote that holds: choose one under Quotes, then “Make contract”. Those of the "
            "old system come by migration."
        ),
        [(_("Migrate old data"), lambda: page.ctx.navigate("migrate"))],
    )
