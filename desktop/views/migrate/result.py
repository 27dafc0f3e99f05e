"""The figures of an import: read = created + updated + unchanged + rejected."""

from __future__ import annotations

from collections.abc import Callable

from desktop.i18n import Locale
from desktop.operations.import_results import ImportResult
from desktop.views.figures import Figure


def result_figures(locale: Locale, result: ImportResult, show_problems: Callable[[], object]) -> list[Figure]:
    """Return what was (or, rehearsed, would be) created, updated, left alone and left out."""
    _, totals, soon = locale._, result.totals, result.run is None
    notes = {
        "read": _("in {n} tables").format(n=locale.integer(len(result.tables))),
        "created": _("would be new records") if soon else _("new records"),
        "updated": _("would change; only filled cells count")
        if soon
        else _("only filled cells changed them"),
        "unchanged": _("are here already"),
        "rejected": _("the reasons stand at the rows") if totals["rejected"] else _("every row came in"),
    }
    rows = {key: locale.integer(number) for key, number in totals.items()}
    return [
        Figure("import_read", _("Rows read"), rows["read"], "", notes["read"]),
        Figure("import_created", _("Records created"), rows["created"], "", notes["created"]),
        Figure("import_updated", _("Records updated"), rows["updated"], "", notes["updated"]),
        Figure("import_unchanged", _("Records unchanged"), rows["unchanged"], "", notes["unchanged"]),
        Figure(
            "import_rejected",
            _("Rows rejected"),
            rows["rejected"],
            "",
            notes["rejected"],
            status="amber" if totals["rejected"] else "",
            clicked=show_problems,
        ),
    ]
