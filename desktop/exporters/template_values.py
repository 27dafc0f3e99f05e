"""What a template can be filled with: the values and tables of a report, by names in Chinese and in English.

A name of the workbook means a value if both are equal but for case, spaces and signs: `report_number`,
`ReportNumber` and `报表编号` are one. Where finance uses such a name for something else, `plumbline_` or `准绳_` before
ours keeps them apart, and a name that means nothing here is finance's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from desktop.exporters.document import LABEL, TERM, Block, Document, wording
from desktop.exporters.layouts import Kind, Value
from desktop.exporters.report_book import Seal, filter_text, layout_kind, show
from desktop.i18n import ENGLISH, N_, Locale

PREFIXES = ("plumbline", "准绳")


@dataclass(frozen=True, slots=True)
class FillValue:
    """One value: its key, its names in both languages, what it is."""

    key: str
    titles: tuple[str, ...]
    value: Value
    kind: Kind


@dataclass(frozen=True, slots=True)
class FillColumn:
    """One column of a table: its key, what its header may say, and its kind."""

    key: str
    titles: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class FillTable:
    """One table: its key, its names, columns and rows."""

    key: str
    titles: tuple[str, ...]
    columns: tuple[FillColumn, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class FillData:
    """Everything a template may ask for; `mark` is what the filled file says of its origin."""

    values: tuple[FillValue, ...]
    tables: tuple[FillTable, ...]
    mark: str


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()


def own_key(name: str) -> tuple[str, bool]:
    """Return a name's key without our prefix, and whether it had it."""
    key = name_key(name)
    for prefix in PREFIXES:
        if key.startswith(prefix) and len(key) > len(prefix):
            return key[len(prefix) :], True
    return key, False


def keys_of(item: FillValue | FillTable | FillColumn) -> set[str]:
    """Return every key under which an item is known."""
    return {name_key(name) for name in (item.key, *item.titles)} - {""}


_GENERAL = (
    ("report_number", N_("Report number")),
    ("title", N_("Report title")),
    ("period", N_("Period")),
    ("as_of", N_("As of")),
    ("taken_at", N_("Figures taken at")),
    ("filter", N_("Filter")),
    ("batch", N_("Data batch")),
    ("rows", N_("Rows")),
    ("made_by", N_("Made by")),
    ("submitted_by", N_("Submitted by")),
    ("submitted_at", N_("Submitted at")),
    ("approved_by", N_("Approved by")),
    ("approved_at", N_("Approved at")),
    ("hash", N_("Snapshot SHA-256")),
)

_ALSO = {"report_number": ("报告编号",), "rows": ("总行数",), "hash": ("校验码",), "made_by": ("编制人",)}
"""Other names by which finance's workbooks call the same."""


def fill_data(document: Document, seal: Seal, locale: Locale) -> FillData:
    """Return what a report offers to a template, in the reader's language."""
    return FillData(
        (*_general(document, seal, locale), *_controls(document, locale), *_totals(document, locale)),
        tuple(_table(document, block, locale) for block in document.blocks),
        seal.number,
    )


def _both(document: Document, message: str) -> tuple[str, str]:
    """Return a gettext id in Chinese and in English."""
    chinese = Locale("zh_CN")
    return wording(document, chinese)(message), ENGLISH._(message)


def _general(document: Document, seal: Seal, locale: Locale) -> Iterator[FillValue]:
    say = wording(document, locale)
    approval = seal.approvals[-1] if seal.approvals else None
    found: dict[str, tuple[Value, Kind]] = {
        "report_number": (seal.number, Kind.TEXT),
        "title": (say(document.title), Kind.TEXT),
        "period": (document.period, Kind.TEXT),
        "as_of": (document.as_of, Kind.DATE),
        "taken_at": (document.taken_at, Kind.INSTANT),
        "filter": (filter_text(document, locale), Kind.TEXT),
        "batch": (document.batch or locale._("none"), Kind.TEXT),
        "rows": (document.row_count, Kind.INTEGER),
        "made_by": (seal.made_by, Kind.TEXT),
        "submitted_by": (seal.submitted_by, Kind.TEXT),
        "submitted_at": (seal.submitted_at, Kind.INSTANT),
        "approved_by": (approval[0] if approval else None, Kind.TEXT),
        "approved_at": (approval[2] if approval else None, Kind.INSTANT),
        "hash": (seal.hash, Kind.TEXT),
    }
    for key, title in _GENERAL:
        value, kind = found[key]
        yield FillValue(key, (*_both(document, title), *_ALSO.get(key, ())), value, kind)


def _controls(document: Document, locale: Locale) -> Iterator[FillValue]:
    taken = {key for key, _title in _GENERAL}
    for control in document.controls:
        if control.key not in taken:
            value = show(control.value, control.kind, locale, wording(document, locale))
            yield FillValue(control.key, _both(document, control.title), value, layout_kind(control.kind))


def _totals(document: Document, locale: Locale) -> Iterator[FillValue]:
    """Yield the totals of each table: `funnel_amount_total` or 漏斗_金额_合计."""
    say = wording(document, locale)
    for block in document.blocks:
        names = (block.key, *_both(document, block.title))
        for field, total in list(zip(block.fields, block.totals or (), strict=False))[1:]:
            if total is None:
                continue
            titles = (field.key, *_both(document, field.title))
            chinese, english = f"{names[1]}_{titles[1]}_合计", f"{names[2]}_{titles[2]}_total"
            yield FillValue(
                f"{block.key}_{field.key}_total",
                (chinese, english),
                show(total, field.kind, locale, say),
                layout_kind(field.kind),
            )


def _table(document: Document, block: Block, locale: Locale) -> FillTable:
    say = wording(document, locale)
    columns = []
    for field in block.fields:
        titles = _both(document, field.title)
        units = _both(document, field.unit) if field.unit else ("", "")
        with_units = tuple(f"{title}{unit}" for title in titles for unit in units if unit)
        columns.append(FillColumn(field.key, (*titles, *with_units), layout_kind(field.kind)))
    kinds = [field.kind for field in block.fields]
    plain = not any(kind in (LABEL, TERM) for kind in kinds)
    rows: tuple[tuple[Any, ...], ...] = (
        block.rows
        if plain
        else tuple(
            tuple(show(value, kind, locale, say) for value, kind in zip(row, kinds, strict=True))
            for row in block.rows
        )
    )
    return FillTable(block.key, _both(document, block.title), tuple(columns), rows)
