"""The inspector of one report: where it stands, who did what, control totals, hash, and the next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from desktop.i18n import Locale
from desktop.queries.metrics.differ import drillable
from desktop.queries.reports import ReportView, filter_text, wording
from desktop.terms import ReportState
from desktop.views.buttons import button
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import label
from desktop.views.strips import Action, Advice


@dataclass(frozen=True, slots=True)
class Steps:
    """What can be done with a report; each gets the report's view."""

    submit: Callable[[ReportView], object]
    refill: Callable[[ReportView], object]
    withdraw: Callable[[ReportView], object]
    export: Callable[[ReportView], object]
    decide: Callable[[ReportView], object]
    fill: Callable[[ReportView], object]
    drill: Callable[[ReportView, str], object]


def report_facts(panel: Inspector, view: ReportView, locale: Locale) -> None:
    """Add what a decision needs: scope, people, control totals, definitions, hash."""
    _ = locale._
    row, document = view.row, view.document
    if not view.sound:
        panel.add(
            Advice(
                "red",
                _("The stored figures no longer fit their hash"),
                _("They were changed behind the program's back. Do not use them; make a new report."),
            )
        )
    panel.add_values(
        [
            (_("Period"), row.period),
            (_("As of"), locale.day(document.as_of)),
            (_("Filter"), filter_text(document, locale)),
            (_("Data batch"), document.batch or _("none")),
            (_("Made by"), f"{row.made_by} · {locale.instant(row.made_at)}"),
            (_("Submitted by"), _when(row.submitted_by, row.submitted_at, locale)),
            (_("Approved by"), _when(row.approved_by, row.approved_at, locale)),
        ]
    )
    column = panel.add_section(_("Control totals"))
    column.addWidget(Line(_("Rows"), right=locale.integer(document.row_count)))
    say = wording(document, locale)
    for control in document.controls:
        column.addWidget(Line(say(control.title), right=locale.figure(control.value, control.kind)))
    column = panel.add_section(_("Definitions"))
    for item in document.definitions:
        name = item.label_zh if locale.is_chinese else item.label_en
        line = Line(name, right=_("version {n}").format(n=item.version))
        line.setToolTip(item.definition_zh if locale.is_chinese else item.definition_en)
        column.addWidget(line)
    column = panel.add_section(_("Snapshot SHA-256"))
    column.addWidget(label(_grouped(row.hash), "caption", wrap=True, selectable=True))


def report_inspector(locale: Locale, view: ReportView, steps: Steps, person_id: int) -> Inspector:
    """Return the panel of a report."""
    _ = locale._
    row = view.row
    panel = Inspector(locale, _(row.title), row.number)
    if row.state is ReportState.REJECTED:
        panel.add(Advice("red", _("Rejected"), row.reject_reason or ""))
    elif row.state is ReportState.SUBMITTED:
        panel.add(Advice("amber", _("Waits for a second person"), _("Its figures are frozen.")))
    report_facts(panel, view, locale)
    if controls := drillable(view):
        column, say = panel.add_section(_("Records behind, as they are now")), wording(view.document, locale)
        for one in controls:
            link = button(say(one.title), partial(steps.drill, view, one.key), look="link", small=True)
            column.addWidget(link)
    if view.files:
        column = panel.add_section(_("Exported files"), locale.integer(len(view.files)))
        for file in view.files:
            words = f"{file.exported_by} · {file.language}"
            column.addWidget(Line(words, left=f"{file.exported_at:%m-%d}", right=file.sha256[:12]))
    primary, others = _actions(view, steps, person_id, _)
    panel.set_actions(primary, others)
    return panel


def _actions(
    view: ReportView, steps: Steps, person_id: int, _: Callable[[str], str]
) -> tuple[Action | None, list[Action]]:
    state = view.row.state
    refill: Action = (_("Fill again"), lambda: steps.refill(view))
    if state is ReportState.DRAFT:
        return (_("Submit"), lambda: steps.submit(view)), [refill]
    if state is ReportState.SUBMITTED:
        if view.row.submitted_by_id == person_id:
            return None, [(_("Take back"), lambda: steps.withdraw(view))]
        return (_("Decide"), lambda: steps.decide(view)), []
    if state is ReportState.REJECTED:
        return (_("Fill again"), lambda: steps.refill(view)), []
    again = state is ReportState.EXPORTED
    fill: Action = (_("Fill finance's template…"), lambda: steps.fill(view))
    return (_("Export again") if again else _("Export"), lambda: steps.export(view)), [fill]


def _when(who: str | None, at: Any, locale: Locale) -> str:
    return f"{who} · {locale.instant(at)}" if who else ""


def _grouped(text: str) -> str:
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))
