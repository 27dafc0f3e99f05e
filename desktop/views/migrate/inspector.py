"""What undoing a run would do (or did), as the inspector of the Migrate page shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.i18n import Locale
from desktop.operations.import_results import NotReversed, UndoResult
from desktop.operations.mapping_lines import entity_name
from desktop.views.inspector import Inspector, Line
from desktop.views.strips import Advice

_MOST_LEFT = 12


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
