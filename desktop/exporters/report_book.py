"""From a frozen document to the workbook that finance receives: cover, tables, definitions, origins.

Nothing is computed here and nothing is asked of the database: the document is what was approved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desktop.exporters.document import LABEL, TERM, Block, Document, Field, terms_of, wording
from desktop.exporters.layouts import (
    EPOCH,
    Chart,
    Column,
    Form,
    Formula,
    Kind,
    Layout,
    Line,
    Section,
    Series,
    Sheet,
    Value,
)
from desktop.exporters.reconciliation_sheet import reconciliation_sheets
from desktop.exporters.written import number_of
from desktop.i18n import N_, Locale

NUMBER_PROPERTY = "Plumbline report"
HASH_PROPERTY = "Plumbline snapshot"
HEAD_PROPERTY = "Plumbline audit head"

_TABLE_NAMES = {"funnel": "Funnel", "target_actual": "Target", "handover": "Handover"}
NOT_APPROVED = N_("Not approved")


@dataclass(frozen=True, slots=True)
class Seal:
    """Who made, submitted and approved the figures, and the hash that binds them.

    `approvals` are (name, role as gettext id, instant); `head` is position and hash of the newest audit entry
    when the workbook was first exported: whoever rewrites the audit trail later does not fit it any more.
    `key` names the key that seals it, empty for none.
    """

    number: str
    state: str
    hash: str
    made_by: str
    made_at: datetime
    submitted_by: str | None = None
    submitted_at: datetime | None = None
    approvals: tuple[tuple[str, str, datetime], ...] = ()
    head: tuple[int, str] | None = None
    key: str = ""


Say = Callable[[str], str]


def show(value: Any, kind: str, locale: Locale, say: Say | None = None) -> Value:
    """Return a document's value as a cell in the reader's language; `say` knows the document's words."""
    if kind == LABEL and value is not None:
        english, chinese = value
        return str(chinese or english) if locale.is_chinese else str(english or chinese)
    if kind == TERM:
        words = map(say or locale._, terms_of(value))
        return ("、" if locale.is_chinese else ", ").join(words)
    return value  # type: ignore[no-any-return]


def layout_kind(kind: str) -> Kind:
    """Return how a document's column is written into cells."""
    return Kind.TEXT if kind in (LABEL, TERM) else Kind(kind)


def report_layout(document: Document, seal: Seal, locale: Locale) -> Layout:
    """Return the whole workbook of a document, in the reader's language."""
    approved_at = seal.approvals[-1][2] if seal.approvals else None
    title = wording(document, locale)(document.title)
    origin = _origin(document, seal, locale)
    return Layout(
        title=f"{title} {document.period} {seal.number}",
        sheets=(
            _cover(document, seal, locale),
            *(_table(document, block, origin, locale) for block in document.blocks),
            *reconciliation_sheets(document, locale),
            _definitions(document, locale),
            _origins(document, locale),
        ),
        properties={NUMBER_PROPERTY: seal.number, HASH_PROPERTY: seal.hash, **_head_property(seal)},
        created=approved_at or document.taken_at or EPOCH,
        author=seal.submitted_by or seal.made_by,
    )


def _head_property(seal: Seal) -> dict[str, str]:
    return {HEAD_PROPERTY: f"{seal.head[0]}:{seal.head[1]}"} if seal.head else {}


def filter_text(document: Document, locale: Locale) -> str:
    """Return the document's filter in one line: 组织：华东大区；管道：制造业."""
    say = wording(document, locale)
    colon, comma = ("：", "；") if locale.is_chinese else (": ", "; ")
    return comma.join(
        f"{say(label)}{colon}{_filter_value(value, locale, say)}" for label, value in document.filters
    )


def _filter_value(value: Any, locale: Locale, say: Say) -> str:
    return str(show(value, LABEL, locale)) if isinstance(value, tuple) else say(str(value))


def _origin(document: Document, seal: Seal, locale: Locale) -> tuple[str, ...]:
    _ = locale._
    first = _("As of {as_of} · {filter} · batch {batch}").format(
        as_of=document.as_of.isoformat(),
        filter=filter_text(document, locale),
        batch=document.batch or _("none"),
    )
    return (
        first,
        _("Report {number} · snapshot {hash}").format(number=seal.number, hash=seal.hash[:16].upper()),
    )


def _cover(document: Document, seal: Seal, locale: Locale) -> Form:
    _ = wording(document, locale)
    approvals = [
        line
        for name, role, at in seal.approvals
        for line in (Line(_("Approved by"), f"{name} · {_(role)}"), Line(_("Approved at"), at, Kind.INSTANT))
    ]
    sections = [
        Section(
            _("Report"),
            (
                Line(_("Report number"), seal.number),
                Line(_("Period"), document.period),
                Line(_("As of"), document.as_of, Kind.DATE),
                Line(_("Figures taken at"), document.taken_at, Kind.INSTANT),
                *(Line(_(label), _filter_value(value, locale, _)) for label, value in document.filters),
                Line(_("Data batch"), document.batch or _("none")),
            ),
        ),
        Section(
            _("Approval"),
            (
                Line(_("Made by"), seal.made_by),
                Line(_("Submitted by"), seal.submitted_by or "—"),
                Line(_("Submitted at"), seal.submitted_at, Kind.INSTANT),
                *(approvals or [Line(_("Approved by"), _(NOT_APPROVED))]),
            ),
        ),
        Section(
            _("Control totals"),
            (
                Line(_("Rows"), document.row_count, Kind.INTEGER),
                *(
                    Line(
                        _(control.title),
                        show(control.value, control.kind, locale, _),
                        layout_kind(control.kind),
                    )
                    for control in document.controls
                ),
            ),
        ),
        _verification(seal, _),
    ]
    if document.signatures:
        lines = tuple(
            Line(_("{role} (name, signature, date)").format(role=_(role)), name, signature=True)
            for role, name in document.signatures
        )
        sections.append(Section(_("Sign-off"), lines))
    return Form(_("Cover"), _(document.title), tuple(sections), subtitle="Plumbline 准绳")


def _verification(seal: Seal, _: Say) -> Section:
    """Return how to prove that the file is what was approved, with and without the database."""
    return Section(
        _("Verification"),
        (
            Line(_("Snapshot SHA-256"), seal.hash),
            *(
                (
                    Line(_("Audit trail, position"), seal.head[0], Kind.INTEGER),
                    Line(_("Audit trail, SHA-256"), seal.head[1]),
                )
                if seal.head
                else ()
            ),
            *((Line(_("Sealed with the key"), seal.key),) if seal.key else ()),
            Line(
                _("How to verify"),
                _(
                    "Drop this file on Plumbline's Reports page, or run: plumbline verify FILE.xlsx. "
                    "It says whether the file is as approved, and names every cell that is not."
                ),
            ),
            *(
                (
                    Line(
                        _("Without the database"),
                        _(
                            "plumbline verify FILE.xlsx --offline --keys KEYS.json, with the firm's public keys."
                        ),
                    ),
                )
                if seal.key
                else ()
            ),
        ),
    )


def _table(document: Document, block: Block, origin: tuple[str, ...], locale: Locale) -> Sheet:
    _ = wording(document, locale)
    keys = [field.key for field in block.fields]
    chart = None
    picture = block.picture
    if picture and (picture.bars or picture.lines):
        chart = Chart(
            _(picture.title),
            keys.index(picture.category),
            (
                *(Series(keys.index(key)) for key in picture.bars),
                *(Series(keys.index(key), line=True) for key in picture.lines),
            ),
            picture.horizontal,
        )
    return Sheet(
        name=_(block.title),
        title=" · ".join(dict.fromkeys((_(document.title), _(block.title)))),
        notes=origin,
        columns=tuple(
            Column(_(field.title), layout_kind(field.kind), _(field.unit)) for field in block.fields
        ),
        rows=[_shown_row(row, block, locale, _) for row in block.rows],
        totals=_totals(block, locale, _),
        table=_TABLE_NAMES.get(document.template, "Report")
        + "".join(part.title() for part in block.key.split("_")),
        chart=chart,
        heat=tuple(keys.index(key) for key in picture.heat) if picture else (),
    )


def _shown_row(row: tuple[Any, ...], block: Block, locale: Locale, say: Say) -> list[Value]:
    return [
        # The first cell of the totals is the word for them, a gettext id.
        say(value) if row is block.totals and index == 0 else show(value, field.kind, locale, say)
        for index, (value, field) in enumerate(zip(row, block.fields, strict=True))
    ]


def _totals(block: Block, locale: Locale, say: Say) -> list[Value] | None:
    """Return the totals; where one is the sum of its column it is a formula that finance can follow, with our value."""
    if block.totals is None:
        return None
    shown = _shown_row(block.totals, block, locale, say)
    for index, field in enumerate(block.fields):
        total = block.totals[index]
        if index and block.rows and field.kind in (Kind.MONEY, Kind.INTEGER) and type(total) is int:
            parts = [row[index] or 0 for row in block.rows]
            exact = all(number_of(part, Kind(field.kind)).__class__ is float for part in (*parts, total))
            if exact and sum(parts) == total:
                shown[index] = Formula(f"=SUM({{all{index}}})", total)
    return shown


def _definitions(document: Document, locale: Locale) -> Sheet:
    _ = locale._
    return Sheet(
        name=_("Definitions"),
        title=_("Metric definitions"),
        notes=(
            _("Each figure has one definition; the version is the one in force when the figures were taken."),
        ),
        columns=(
            Column(_("Metric"), width=26),
            Column(_("Version"), Kind.INTEGER, width=9),
            Column(_("Unit"), width=10),
            Column("中文名称", width=18),
            Column("定义", width=52, wrap=True),
            Column("English name", width=22),
            Column("Definition", width=60, wrap=True),
        ),
        rows=[
            (
                item.key,
                item.version,
                item.unit,
                item.label_zh,
                item.definition_zh,
                item.label_en,
                item.definition_en,
            )
            for item in document.definitions
        ],
        table="MetricDefinitions",
        protect=True,
    )


def _origins(document: Document, locale: Locale) -> Sheet:
    """Name for every column of every table its metric version, filter, as-of and batch (RPT-17)."""
    _ = wording(document, locale)
    versions = document.metric_versions
    return Sheet(
        name=_("Origins"),
        title=_("Where the figures come from"),
        columns=(
            Column(_("Sheet")),
            Column(_("Column")),
            Column(_("Metric")),
            Column(_("Version"), Kind.INTEGER, width=9),
            Column(_("Filter"), width=52, wrap=True),
            Column(_("As of"), Kind.DATE),
            Column(_("Figures taken at"), Kind.INSTANT),
            Column(_("Data batch")),
        ),
        rows=[
            (
                _(block.title),
                _(field.title),
                field.metric or _("record"),
                versions.get(field.metric),
                filter_text(document, locale),
                document.as_of,
                document.taken_at,
                document.batch or _("none"),
            )
            for block, field in _columns(document)
        ],
        table="FigureOrigins",
        protect=True,
    )


def _columns(document: Document) -> Iterator[tuple[Block, Field]]:
    for block in document.blocks:
        for field in block.fields:
            yield block, field
