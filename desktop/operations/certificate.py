"""The certificate of an import as a workbook that sales operations and finance can check and sign (IMP-10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop.exporters.layouts import Column, Form, Formula, Kind, Layout, Line, Section, Sheet, Value
from desktop.exporters.workbook import write_sheets
from desktop.i18n import N_, Locale
from desktop.importers.fields import entity_label
from desktop.importers.measures import MEASURES
from desktop.queries.certificate import Certificate, CertificateLine, Message, RowNote, certificate
from desktop.queries.evidence import SourceFacts
from desktop.store.workspace import Work

MOST_ROWS = 1_000_000
"""Excel has 1,048,576 rows; of longer lists the first are written, and how many there are."""


@dataclass(frozen=True, slots=True)
class WrittenCertificate:
    """Where the workbook is, and whether every row and every cent is accounted for."""

    path: Path
    certificate: Certificate


def write_certificate(work: Work, *, run_id: int, path: Path, locale: Locale) -> WrittenCertificate:
    """Write the certificate of a run, as the database stands now, and leave an audit entry (PER-05).

    Raises NotFound for an unknown run, UserError if the file cannot be written (open in Excel, no room).
    """
    made = certificate(work, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sheets(path, certificate_layout(made, locale), locale)
    work.audit("import.certificate", "import_run", run_id, agrees=made.agrees, file=path.name)
    return WrittenCertificate(path, made)


def certificate_layout(made: Certificate, locale: Locale) -> Layout:
    """Return the certificate's sheets: cover, one per kind of record and currency, and every exception."""
    title = locale._("Import certificate, run {run}").format(run=made.run)
    sheets: list[Sheet | Form] = [
        _cover(made, locale, title),
        *_figures(made, locale),
        _rows(made, locale, locale._("Rejected rows"), made.rejected, "RejectedRows"),
        _rows(made, locale, locale._("Repeated rows"), made.repeated, "RepeatedRows"),
        _corrections(made, locale),
        _cells(made, locale),
    ]
    if made.differing:
        sheets.insert(
            1, _rows(made, locale, locale._("Differences"), made.differing, "Differences", found=True)
        )
    return Layout(title, tuple(sheets), created=made.made_at, author=made.made_by)


# the cover


def _cover(made: Certificate, locale: Locale, title: str) -> Form:
    _ = locale._
    verdict = _("Agrees: every row and every cent is accounted for.")
    if not made.agrees:
        verdict = _("Does not agree: see the sheet “Differences”.")
    run = Section(
        _("Run"),
        (
            Line(_("Verdict"), verdict),
            Line(_("Import run"), f"{made.run} · {_(made.state.label)}"),
            Line(_("Imported by"), f"{made.by} · {locale.instant(made.at)}"),
            Line(_("Certificate by"), f"{made.made_by} · {locale.instant(made.made_at)}"),
            Line(
                _("How it was made"),
                _(
                    "Source side: added up from the text of the files when they were imported. Database side:"
                    " read now, record by record, through the lineage of the run."
                ),
            ),
            Line(_("Amounts not plain numbers"), made.interpreted, Kind.INTEGER),
        ),
    )
    files = Section(_("Files (SHA-256)"), tuple(Line(name, value) for name, value in made.files))
    totals = Section(_("Totals"), tuple(_total_line(line, locale) for line in made.totals()))
    signatures = Section(
        _("Signatures"),
        tuple(
            Line(_(role), "", signature=True)
            for role in (
                N_("Sales operations: name, date"),
                N_("Finance: name, date"),
            )
        ),
    )
    return Form(_("Certificate"), title, (run, totals, files, signatures), _("Legacy data import"))


def _total_line(line: CertificateLine, locale: Locale) -> Line:
    _ = locale._
    words = _(
        "{rows} rows = {found} in the database + {rejected} rejected + {repeated} repeated"
        " + {undone} taken back; difference {difference}"
    ).format(
        rows=locale.integer(line.rows),
        found=locale.integer(line.found_rows),
        rejected=locale.integer(line.rejected_rows),
        repeated=locale.integer(line.repeated_rows),
        undone=locale.integer(line.undone_rows),
        difference=locale.integer(line.rows_difference),
    )
    if line.entity in MEASURES:
        words += "\n" + _(
            "{amount} + {corrected} corrected = {found} in the database + {rejected} rejected"
            " + {repeated} repeated + {undone} taken back; difference {difference}"
        ).format(
            **{
                name: locale.money(getattr(line, name))
                for name in ("amount", "corrected", "found", "rejected", "repeated", "undone", "difference")
            }
        )
    return Line(_entity(line.entity, line.currency, locale), words)


def _entity(entity: str, currency: str, locale: Locale) -> str:
    name = locale._(entity_label(entity))
    return f"{name} {currency}" if entity in MEASURES else name


# the figures

_COUNTS = (
    ("rows", N_("Rows in the file")),
    ("rejected_rows", N_("rejected")),
    ("repeated_rows", N_("repeated")),
    ("undone_rows", N_("taken back")),
    ("found_rows", N_("in the database")),
)
_AMOUNTS = (
    ("amount", N_("Amount in the file")),
    ("corrected", N_("corrected by hand")),
    ("rejected", N_("rejected")),
    ("repeated", N_("repeated")),
    ("undone", N_("taken back")),
    ("found", N_("in the database")),
)


def _figures(made: Certificate, locale: Locale) -> Iterable[Sheet]:
    groups: dict[tuple[str, str], list[CertificateLine]] = {}
    for line in made.lines:
        groups.setdefault((line.entity, line.currency), []).append(line)
    for number, ((entity, currency), lines) in enumerate(groups.items(), 1):
        yield _sheet(made, locale, entity, currency, lines, number)


def _sheet(
    made: Certificate,
    locale: Locale,
    entity: str,
    currency: str,
    lines: Sequence[CertificateLine],
    number: int,
) -> Sheet:
    """One kind of record in one currency, by table, owner and year, with sums that a reader can check."""
    _ = locale._
    with_money = entity in MEASURES
    columns = [
        Column(_("Source table"), wrap=True, width=26),
        Column(_("Owner")),
        Column(_("Year"), Kind.TEXT),
    ]
    columns += [Column(_(title), Kind.INTEGER, _("rows")) for _name, title in _COUNTS]
    columns.append(Column(_("Difference"), Kind.INTEGER, _("rows")))
    first = len(columns)
    if with_money:
        columns += [Column(_(title), Kind.MONEY, currency) for _name, title in _AMOUNTS]
        columns.append(Column(_("Difference"), Kind.MONEY, currency))
    rows = []
    for line in lines:
        row: list[Value] = [
            _place(made.tables[line.table]),
            line.owner or _("no owner in the file"),
            str(line.year) if line.year else "—",
            *(getattr(line, name) for name, _title in _COUNTS),
            Formula("={c3}-{c4}-{c5}-{c6}-{c7}", line.rows_difference),
        ]
        if with_money:
            row += [getattr(line, name) for name, _title in _AMOUNTS]
            cells = [f"{{c{index}}}" for index in range(first, first + len(_AMOUNTS))]
            row.append(Formula("=" + cells[0] + "+" + "-".join(cells[1:]), line.difference))
        rows.append(row)
    names = [name for name, _title in _COUNTS] + ["rows_difference"]
    names += [*(name for name, _title in _AMOUNTS), "difference"] if with_money else []
    totals: list[Value] = [_("Total"), None, None]
    totals += [
        Formula(f"=SUM({{all{index}}})", sum(getattr(line, name) for line in lines))
        for index, name in enumerate(names, 3)
    ]
    return Sheet(
        _entity(entity, currency, locale),
        tuple(columns),
        rows,
        title=f"{_('Reconciliation')} · {_entity(entity, currency, locale)}",
        notes=(
            _("Rows in the file = rejected + repeated + taken back + in the database; so are the amounts."),
        ),
        totals=totals,
        table=f"Reconciliation{number}",
    )


# the exceptions


def _rows(
    made: Certificate,
    locale: Locale,
    name: str,
    notes: Sequence[RowNote],
    table: str,
    *,
    found: bool = False,
) -> Sheet:
    _ = locale._
    columns = [
        Column(_("Source table"), wrap=True, width=26),
        Column(_("Row"), Kind.INTEGER),
        Column(_("What"), width=12),
        Column(_("Owner")),
        Column(_("Year")),
        Column(_("Currency"), width=9),
        Column(_("Amount"), Kind.MONEY),
    ]
    columns += [Column(_("in the database"), Kind.MONEY)] if found else []
    columns.append(Column(_("Why"), wrap=True, width=60))
    rows: list[list[Value]] = [
        [
            _place(made.tables[note.table]),
            note.row,
            _(entity_label(note.entity)),
            note.owner,
            str(note.year) if note.year else "",
            note.currency if note.entity in MEASURES else "",
            note.amount,
            *([note.found] if found else []),
            _said(note.reasons, locale),
        ]
        for note in notes[:MOST_ROWS]
    ]
    return Sheet(name, tuple(columns), rows, title=name, notes=_counted(len(notes), locale), table=table)


def _corrections(made: Certificate, locale: Locale) -> Sheet:
    _ = locale._
    name = _("Corrected cells")
    columns = (
        Column(_("Source table"), wrap=True, width=26),
        Column(_("Row"), Kind.INTEGER),
        Column(_("Column")),
        Column(_("In the file"), wrap=True),
        Column(_("Corrected to"), wrap=True),
    )
    rows: list[list[Value]] = [
        [_place(made.tables[one.table]), one.row, one.column, one.before, one.after]
        for one in made.corrections[:MOST_ROWS]
    ]
    notes = (
        *_counted(len(made.corrections), locale),
        _("Corrected by {name} before the import.").format(name=made.by),
    )
    return Sheet(name, columns, rows, title=name, notes=notes, table="CorrectedCells")


def _cells(made: Certificate, locale: Locale) -> Sheet:
    _ = locale._
    name = _("Cells not taken over")
    columns = (
        Column(_("Source table"), wrap=True, width=26),
        Column(_("Row"), Kind.INTEGER),
        Column(_("Column")),
        Column(_("In the file"), wrap=True, width=30),
        Column(_("Why"), wrap=True, width=60),
    )
    rows: list[list[Value]] = [
        [_place(made.tables[one.table]), one.row, one.column, one.value, _said([one.reason], locale)]
        for one in made.cells[:MOST_ROWS]
    ]
    notes = (
        *_counted(made.cell_count, locale),
        _("Their text is kept beside the record; the rest of the row came in."),
    )
    return Sheet(name, columns, rows, title=name, notes=notes, table="CellsNotTaken")


def _counted(number: int, locale: Locale) -> tuple[str, ...]:
    return (locale.plural("{n} line", "{n} lines", number),)


def _place(facts: SourceFacts) -> str:
    return " / ".join(part for part in (facts.file, facts.sheet) if part)


def _said(reasons: Iterable[Message], locale: Locale) -> str:
    return " ".join(
        dict.fromkeys(locale._(text).format(**_params(params, locale)) for text, params in reasons)
    )


def _params(params: Any, locale: Locale) -> dict[str, Any]:
    return {key: locale._(value) if key == "entity" else value for key, value in params.items()}
