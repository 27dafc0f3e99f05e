"""The quarterly bonus sheet for finance and HR (PRF-03)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from desktop.exporters.layouts import Column, Form, Kind, Layout, Line, Section, Sheet, Value
from desktop.exporters.workbook import write_sheets
from desktop.i18n import N_, Locale
from desktop.operations.sheets import SentTable, file_hash
from desktop.periods import Period
from desktop.queries.bonus import RATE_NOTES, RATE_TITLES, RATES, BonusLine, bonus_lines
from desktop.store.workspace import Work


def write_bonus_sheet(work: Work, *, path: Path, quarter: Period, locale: Locale) -> SentTable:
    """Write each seller's process score, earned process part and result, with columns for HR left open.

    Raises InvalidInput for a period that is no quarter, UserError if the file cannot be written.
    """
    _ = locale._
    lines = bonus_lines(work, quarter)
    title = f"{_('Quarterly bonus')} {quarter.text}"
    columns = (
        Column(_("Person")),
        *(Column(_(RATE_TITLES[key]), Kind.PERCENT) for key in RATES),
        Column(_("Process score"), Kind.PERCENT),
        Column(_("Weight of process"), Kind.PERCENT),
        Column(_("Earned by process"), Kind.PERCENT),
        Column(_("Target of the quarter"), Kind.MONEY),
        Column(_("Won in the quarter"), Kind.MONEY),
        Column(_("Result against target"), Kind.PERCENT),
        Column(_("Bonus base (HR)"), Kind.MONEY, open=True, width=16),
        Column(_("Bonus paid (HR)"), Kind.MONEY, open=True, width=16),
        Column(_("Remark (HR)"), open=True, width=24),
    )
    sheet = Sheet(
        _("Bonus"), columns, [_row(line) for line in lines], title=title, table="Bonus", protect=True
    )
    notes = [Line(_(RATE_TITLES[key]), _(RATE_NOTES[key])) for key in RATES]
    notes += [Line(_(name), _(text)) for name, text in _NOTES]
    form = Form(_("Definitions"), title, (Section(_("Definitions"), tuple(notes)),))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sheets(path, Layout(title, (sheet, form), created=work.now, author=work.actor.name), locale)
    work.audit("export_bonus", quarter=quarter.text, rows=len(lines), file=path.name, sha256=file_hash(path))
    return SentTable(path, len(lines))


_NOTES = (
    (N_("Process score"), N_("The mean of the process figures for which there is anything to count.")),
    (
        N_("Weight of process"),
        N_("The share of the bonus that hangs on process figures: threshold perf.process_bonus."),
    ),
    (
        N_("Earned by process"),
        N_("Weight times score: this share of the bonus base is earned by process figures."),
    ),
    (
        N_("Result against target"),
        N_("Deals won in the quarter, of the targets of its three months; how it pays is HR's rule."),
    ),
)


def _row(line: BonusLine) -> list[Value]:
    return [
        line.name,
        *(_share(line.rates[key].value) for key in RATES),
        _share(line.score),
        line.weight,
        _share(line.process_part),
        line.target,
        line.won,
        _share(line.attainment),
        None,
        None,
        None,
    ]


def _share(value: Fraction | None) -> Decimal | None:
    """Return a share as a decimal of six places, as far as a bonus is ever counted."""
    if value is None:
        return None
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.000001"))
