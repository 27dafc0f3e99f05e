"""The records behind a row of figures, in the inspector (RPT-11)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desktop.i18n import N_
from desktop.queries.metrics.differ import Since
from desktop.queries.metrics.drill import Behind, records_behind
from desktop.queries.metrics.pivot import Line, Pivot
from desktop.views.buttons import button
from desktop.views.inspector import Inspector
from desktop.views.inspector import Line as Words
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.page import Page

MOST_SHOWN = 60
KINDS = {
    "opportunity": N_("Deals"),
    "account": N_("Customers"),
    "contract": N_("Contracts"),
    "activity": N_("Contacts with customers"),
    "lead": N_("Leads"),
    "order": N_("Orders"),
    "payment": N_("Payments"),
    "invoice": N_("Invoices"),
    "quote": N_("Quotes"),
    "ticket": N_("Service cases"),
    "target": N_("Targets"),
}


def read_behind(work: Work, found: Pivot, row: Line | None) -> Behind:
    """Return the records that a row's first figure counts."""
    question = replace(found.figures.question, metrics=found.figures.question.metrics[:1])
    return records_behind(work, question, found.groups(row, None) if found.shape.by else None)


def behind_inspector(page: Page, name: str, found: Pivot, row: Line | None, behind: Behind) -> Inspector:
    """Return the panel with a row's figures and the records behind the first of them."""
    locale = page.ctx.locale
    _ = locale._
    panel = Inspector(locale, name, found.figures.question.period.text)
    values = []
    for definition, key in zip(found.figures.definitions, found.figures.question.metrics, strict=True):
        value = found.value(key, row, None)
        values.append((definition.label(locale), locale.figure(value, definition.kind)))
        values.append((_("Definition"), _("version {n}").format(n=definition.number)))
    panel.add_values(values)
    _add_records(page, panel, behind)
    return panel


def since_inspector(page: Page, found: Since) -> Inspector:
    """Return the panel with a frozen figure, what it would be now, and the records behind it now (RPT-11)."""
    locale, side = page.ctx.locale, found.side
    _ = locale._
    panel = Inspector(locale, side.definition.label(locale), f"{side.number} · {side.question.period.text}")
    kind = side.control.kind
    same = found.now == side.value and not found.since
    said = locale.plural(
        "{n} of the records below came or changed since; what was removed is not among them.",
        "{n} of the records below came or changed since; what was removed is not among them.",
        found.since,
    )
    panel.add(
        Advice(
            "green" if same else "amber",
            _("As when it was frozen") if same else _("Changed since it was frozen"),
            said,
        )
    )
    panel.add_values(
        [
            (_("As of"), locale.day(side.question.span(page.ctx.today).as_of)),
            (
                _("Frozen at {time}").format(time=locale.instant(side.taken_at)),
                locale.figure(side.value, kind),
            ),
            (_("Now"), locale.figure(found.now, kind)),
            (_("Definition"), _("version {n}").format(n=side.definition.number)),
        ]
    )
    _add_records(page, panel, found.behind)
    return panel


def _add_records(page: Page, panel: Inspector, behind: Behind) -> None:
    locale = page.ctx.locale
    _ = locale._
    count = locale.integer(len(behind.rows)) + ("+" if behind.more else "")
    column = panel.add_section(_(KINDS.get(behind.kind, N_("Records"))), count)
    for record in behind.rows[:MOST_SHOWN]:
        amount = (
            locale.money_short(record.counts) if behind.money and record.counts is not None else record.person
        )
        words = " · ".join(dict.fromkeys(filter(None, (record.title, record.customer))))
        column.addWidget(Words(words, left=f"{record.day:%m-%d}" if record.day else "", right=amount))
    first = next((record.customer_id for record in behind.rows if record.customer_id is not None), None)
    if first is not None:
        panel.set_actions(
            (_("Open the first customer"), lambda: page.ctx.navigate("customers", account_id=first)), []
        )
    if len(behind.rows) > MOST_SHOWN:
        column.addWidget(button(_("Copy all"), lambda: _copy(behind), look="link", small=True))


def _copy(behind: Behind) -> None:
    from PySide6.QtGui import QGuiApplication

    lines = (
        "\t".join((row.title, row.customer, row.person, str(row.day or ""), str(row.counts)))
        for row in behind.rows
    )
    QGuiApplication.clipboard().setText("\n".join(lines))
