"""What faults of values do: leave a cell out, reject a row, or inform (cli.md, severity)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from desktop.importers.fields import HASHED, Field, fields_of
from desktop.importers.outcome import FAULTS, REMARKS, ROW_MESSAGES, Outcome
from desktop.importers.tables import ColumnMapping, Issue, TableMapping
from desktop.terms import Severity

ROW_FIELDS = frozenset(
    {
        "opportunity.amount",
        "opportunity.won_amount",
        "quote.amount",
        "contract.amount",
        "invoice.amount",
        "payment.amount",
        "payment_plan.amount",
        "order.amount",
        "order_line.amount",
        "order_line.quantity",
        "order_line.unit_price",
        "quote_line.amount",
        "quote_line.quantity",
        "quote_line.unit_price",
        "milestone.amount",
        "milestone.share",
        "target.value",
        "target.period",
        "touchpoint.value",
    }
)
"""Fields in which a value that cannot be read rejects the row: an amount lost silently falsifies sums."""


@dataclass(frozen=True)
class CellFaults:
    """The faults of one column: its texts and, per row, a code."""

    column: ColumnMapping
    item: Field
    cells: pl.Series
    codes: pl.Series

    def severity(self, code: str) -> Severity:
        """Return what a fault of this column does."""
        severity = FAULTS[code][0]
        if code == "value_blanked":  # a person wants it so
            return severity
        return Severity.ROW if severity is Severity.CELL and self.item.full_name in ROW_FIELDS else severity

    def found(self) -> Iterator[tuple[int, str, str]]:
        """Yield position, code and text of every faulty cell."""
        for position in self.codes.is_not_null().arg_true().to_list():
            yield position, self.codes[position], self.cells[position]

    def left_out(self) -> Iterator[tuple[int, str]]:
        """Yield position and text of the cells whose value is left out."""
        for position, code, text in self.found():
            if self.severity(code) is Severity.CELL:
                yield position, text


def collect_issues(mapping: TableMapping, rows: pl.Series, faults: Sequence[CellFaults]) -> list[Issue]:
    """Return the issues that leave a cell out or inform."""
    return [issue for issue in _issues(mapping, rows, faults) if issue.severity is not Severity.ROW]


def refuse_rows(
    mapping: TableMapping, rows: pl.Series, faults: Sequence[CellFaults], main: str
) -> tuple[set[int], list[Issue]]:
    """Return the rows that a value's fault rejects, and why."""
    issues = [issue for issue in _issues(mapping, rows, faults) if issue.severity is Severity.ROW]
    return {issue.row for issue in issues if issue.row is not None}, issues


def _issues(mapping: TableMapping, rows: pl.Series, faults: Sequence[CellFaults]) -> Iterator[Issue]:
    table = mapping.table
    for fault in faults:
        for position, code, text in fault.found():
            yield Issue(
                table.file,
                table.sheet,
                rows[position],
                fault.column.header,
                code,
                fault.severity(code),
                FAULTS[code][1],
                {"value": text[:200]},
                text,
            )


def column_issues(mapping: TableMapping, column: ColumnMapping, item: Field, outcome: Outcome) -> list[Issue]:
    """Return what is said once of a whole column: its questions, and what its amounts are in."""
    table = mapping.table
    return [
        Issue(
            table.file,
            table.sheet,
            None,
            column.header,
            code,
            Severity.NOTE,
            REMARKS[code],
            {"count": count, "field": item.full_name},
        )
        for code, count in outcome.remarks.items()
    ]


def missing_keys(
    mapping: TableMapping, rows: pl.Series, typed: dict[str, pl.Series], main: str
) -> tuple[set[int], list[Issue]]:
    """Return the rows of the main entity that hold none of its key fields, and say so."""
    names = [item.full_name for item in fields_of(main) if item.key and item.full_name in typed]
    if main in HASHED:
        names = [name for name in typed if name.startswith(f"{main}.")]
    if not names:
        return set(), []
    missing = pl.Series([True]).new_from_index(0, len(rows))
    for name in names:
        missing = missing & typed[name].is_null()
    labels = ", ".join(column.header for column in mapping.columns if column.field in names)
    table = mapping.table
    issues = [
        Issue(
            table.file,
            table.sheet,
            rows[position],
            None,
            "key_missing",
            Severity.ROW,
            ROW_MESSAGES["key_missing"],
            {"fields": labels},
        )
        for position in missing.arg_true().to_list()
    ]
    return {int(rows[position]) for position in missing.arg_true().to_list()}, issues
