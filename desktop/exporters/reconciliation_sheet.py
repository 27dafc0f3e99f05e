"""The sheets on which finance sees that the report adds up, within itself and with the ledger (RPT-17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from desktop.exporters.document import Block, Document, wording
from desktop.exporters.layouts import Column, Formula, Kind, Sheet, Value
from desktop.i18n import N_, Locale

ROWS_OF = N_("Rows of this report")
LEDGER = N_("Ledger")
EXPLAINED = N_("Explained below, record by record")
AGREES = N_("Agrees")
DIFFERS = N_("Differs")


def reconciliation_sheets(document: Document, locale: Locale) -> Iterator[Sheet]:
    """Yield the reconciliation, and the records that make its differences where there are any."""
    _ = wording(document, locale)
    rows = [*_ledger(document, _), *(row for block in document.blocks for row in _within(block, _))]
    if not rows:
        return
    yield Sheet(
        name=_("Ledger check"),
        title=_("Report against ledger"),
        notes=(
            _(
                "The ledger is added up from the records by a statement of its own when the figures are taken."
            ),
        ),
        columns=(
            Column(_("Total"), width=30, wrap=True),
            Column(_("Held against"), width=22),
            Column(_("Number, report"), Kind.INTEGER),
            Column(_("Number, held against"), Kind.INTEGER),
            Column(_("Number, difference"), Kind.INTEGER),
            Column(_("Amount, report"), Kind.MONEY),
            Column(_("Amount, held against"), Kind.MONEY),
            Column(_("Amount, difference"), Kind.MONEY),
            Column(_("Result"), width=30),
        ),
        rows=rows,
        table="Reconciliation",
        protect=True,
    )
    left = [(check, item) for check in document.checks for item in check.left]
    if left:
        yield Sheet(
            name=_("Differences"),
            title=_("Records that report and ledger do not have in common"),
            columns=(
                Column(_("Total"), width=22),
                Column(_("Record"), width=12),
                Column(_("Name"), width=40),
                Column(_("Reason"), width=44, wrap=True),
                Column(_("Number"), Kind.INTEGER),
                Column(_("Amount"), Kind.MONEY),
                Column(_("Currency"), width=10),
            ),
            rows=[
                (
                    _(check.title),
                    item.record,
                    item.name,
                    _(item.reason),
                    item.count,
                    item.amount,
                    item.currency,
                )
                for check, item in left
            ],
            table="ReconciliationDifferences",
            protect=True,
        )


def _ledger(document: Document, say: Callable[[str], str]) -> Iterator[tuple[Value, ...]]:
    for check in document.checks:
        count = check.ledger_count - check.report_count
        amount = check.ledger_amount - check.report_amount
        result = DIFFERS if not check.explained else EXPLAINED if count or amount else AGREES
        yield (
            say(check.title),
            say(LEDGER),
            *(check.report_count, check.ledger_count, Formula("={c3}-{c2}", count)),
            *(check.report_amount, check.ledger_amount, Formula("={c6}-{c5}", amount)),
            say(result),
        )


def _within(block: Block, say: Callable[[str], str]) -> Iterator[tuple[Value, ...]]:
    """Yield each total of a table beside the sum of its rows."""
    for index, field in enumerate(block.fields):
        total: Any = block.totals[index] if block.totals is not None and index else None
        if type(total) is not int or field.kind not in (Kind.MONEY, Kind.INTEGER):
            continue
        added = sum(row[index] or 0 for row in block.rows)
        blank: tuple[Value, ...] = (None, None, None)
        figures: tuple[Value, ...] = (total, added, Formula("={c6}-{c5}", added - total))
        if field.kind == Kind.INTEGER:
            figures = (total, added, Formula("={c3}-{c2}", added - total))
        columns = (*blank, *figures) if field.kind == Kind.MONEY else (*figures, *blank)
        result = say(AGREES if added == total else DIFFERS)
        yield f"{say(block.title)} · {say(field.title)}", say(ROWS_OF), *columns, result
