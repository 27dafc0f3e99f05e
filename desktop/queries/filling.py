"""An approved report in finance's own template, rendered and not yet registered (RPT-07, APR-08)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from desktop.errors import InvalidInput
from desktop.exporters.template_fill import Placed, check_template, fill_template
from desktop.exporters.template_values import FillData, fill_data
from desktop.i18n import ENGLISH, N_, Locale
from desktop.queries.reports import RenderedReport, report_view
from desktop.store.audit_chain import head
from desktop.store.workspace import Work

__all__ = [
    "FilledReport",
    "Offered",
    "Placed",
    "filled_report",
    "offered_data",
    "offered_names",
    "require_suffix",
    "template_fits",
]


@dataclass(frozen=True, slots=True)
class FilledReport:
    """A filled template: what is registered and saved, what was filled, names that mean nothing here."""

    rendered: RenderedReport
    template: str
    placed: tuple[Placed, ...]
    unused: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """One name that a template may use: what it is, its two names, and the columns of a table."""

    kind: str
    key: str
    title_zh: str
    title_en: str
    columns: tuple[str, ...] = ()


def filled_report(work: Work, report_id: int, content: bytes, name: str, locale: Locale) -> FilledReport:
    """Return a template filled with a report's snapshot; raises TemplateRefused or InvalidInput."""
    view = report_view(work, report_id)
    filled = fill_template(content, name, fill_data(view.document, view.seal, locale), locale)
    stem, suffix = PurePath(name).stem, ".xlsm" if filled.macros else ".xlsx"
    rendered = RenderedReport(
        report_id,
        view.snapshot_id,
        locale.language,
        filled.content,
        hashlib.sha256(filled.content).hexdigest(),
        f"{stem} {view.row.period} {view.row.number}{suffix}",
        head(work.connection),
    )
    return FilledReport(rendered, name, filled.placed, filled.unused, filled.changed)


def template_fits(
    work: Work, report_id: int, content: bytes, name: str, locale: Locale
) -> tuple[Placed, ...]:
    """Return what a template would show of a report; raises TemplateRefused with all its faults."""
    return check_template(content, name, offered_data(work, report_id, locale))


def offered_data(work: Work, report_id: int, locale: Locale) -> FillData:
    """Return the values and tables that a report offers to templates."""
    view = report_view(work, report_id)
    return fill_data(view.document, view.seal, locale)


def offered_names(work: Work, report_id: int) -> list[Offered]:
    """Return the names that a template may use for a report, in both languages."""
    data = offered_data(work, report_id, ENGLISH)
    found = [Offered("value", item.key, item.titles[0], item.titles[1]) for item in data.values]
    for table in data.tables:
        columns = tuple(f"{column.titles[0]} / {column.titles[1]}" for column in table.columns)
        found.append(Offered("table", table.key, table.titles[0], table.titles[1], columns))
    return found


def require_suffix(filled: FilledReport, path: PurePath) -> None:
    """Raise InvalidInput if a file's name does not say whether it has macros: Excel would not open it."""
    wanted = PurePath(filled.rendered.name).suffix
    if path.suffix.casefold() != wanted:
        raise InvalidInput(
            "template_suffix",
            N_("{file} has to end in {suffix}, like the template it is made from."),
            remedy=N_("Choose another name for the filled file."),
            file=path.name,
            suffix=wanted,
        )
