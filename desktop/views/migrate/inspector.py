"""What the inspector of the Migrate page shows: one column, or what undoing a run would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from desktop.i18n import Locale
from desktop.operations.import_results import NotReversed, UndoResult
from desktop.operations.mapping_lines import ColumnLine, entity_name, value_counts
from desktop.views.inspector import Inspector, Line
from desktop.views.migrate.columns import REASONS, field_text
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.importers.tables import TableMapping

_MOST_VALUES, _MOST_LEFT, _MOST_CHOICES = 12, 12, 3


def column_panel(
    locale: Locale, mapping: TableMapping, line: ColumnLine, choose: Callable[[int, str | None], None]
) -> Inspector:
    """Return the panel of a column: where it goes and why, its values, what is wrong in it."""
    _ = locale._
    goes_to = field_text(line.field, locale) if line.field else _("Not imported")
    table = mapping.table.sheet or mapping.table.file
    panel = Inspector(
        locale, f"{line.header} → {goes_to}", f"{table} · {locale.integer(mapping.table.frame.height)}"
    )
    if line.is_pending and line.suggestion:
        name = line.suggestion
        panel.add(
            Advice(
                "amber",
                _("This may be {field}").format(field=field_text(name, locale)),
                _("The header or the values point there, but not surely enough to decide it alone."),
                [
                    (_("Accept"), lambda: choose(line.id, name)),
                    (_("Leave it out"), lambda: choose(line.id, None)),
                ],
            )
        )
    for issue in line.issues:
        text = _(issue.example.message).format(**issue.example.params)
        rows = ", ".join(str(row) for row in issue.rows[:8])
        panel.add(
            Advice(
                "red" if issue.rejects else "amber",
                locale.plural("{n} cell cannot be read", "{n} cells cannot be read", issue.count),
                f"{text} {_('Rows')} {rows}",
            )
        )
    values = value_counts(mapping, line.id)
    panel.add_values(
        [
            (_("Because of"), _(REASONS.get(line.reason, "")) if line.field else ""),
            (_("Confidence"), locale.percent(line.confidence, 0) if line.confidence is not None else ""),
            (_("Different values"), locale.integer(values.different)),
            (_("Empty"), locale.percent(line.empty_share)),
        ]
    )
    column = panel.add_section(_("Most frequent values"))
    for text, count in values.most[:_MOST_VALUES]:
        column.addWidget(Line(text, right=locale.integer(count)))
    others = [name for name, _confidence in line.alternatives if name != line.field][:_MOST_CHOICES]
    if others:
        column = panel.add_section(_("Other possible fields"))
        for name in others:
            share = dict(line.alternatives)[name]
            column.addWidget(Line(field_text(name, locale), right=locale.percent(share, 0)))
    return panel


def undo_panel(
    locale: Locale, undone: UndoResult, confirm: Callable[[], object] | None, close: Callable[[], object]
) -> Inspector:
    """Return what taking a run back does (or did): reversed, kept, blocked; with `confirm` it can be done."""
    _ = locale._
    panel = Inspector(locale, _("Import run {run}").format(run=undone.run), _("Take a run back"))
    words = (
        locale.plural("{n} record will be taken back", "{n} records will be taken back", undone.reversed)
        if confirm
        else locale.plural("{n} record was taken back.", "{n} records were taken back.", undone.reversed)
    )
    left = bool(undone.kept or undone.blocked)
    panel.add(
        Advice(
            "amber" if left else "green",
            words,
            _("Created records are deleted, changed ones get their old values back."),
        )
    )
    _left(panel, locale, _("Kept, because they were edited since"), undone.kept)
    _left(panel, locale, _("Blocked, because others refer to them"), undone.blocked)
    if confirm:
        panel.set_actions((_("Undo this import"), confirm), [(_("Leave it"), close)])
    return panel


def _left(panel: Inspector, locale: Locale, title: str, lines: Sequence[NotReversed]) -> None:
    if not lines:
        return
    column = panel.add_section(title, locale.integer(len(lines)))
    for line in lines[:_MOST_LEFT]:
        document = line.to_json(locale)
        column.addWidget(Line(str(document["why"]), left=f"{entity_name(line.entity, locale)} {line.id}"))
