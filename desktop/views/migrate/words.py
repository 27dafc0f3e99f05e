"""What the Migrate page says about sources: before there are any, where they come from, why some are refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.i18n import N_, Locale
from desktop.operations.layout_lines import needs_password
from desktop.operations.mapping_lines import TableLine
from desktop.operations.migration import Source
from desktop.views.empty import EmptyState

SYSTEMS = {
    "salesforce": "Salesforce",
    "hubspot": "HubSpot",
    "zoho": "Zoho",
    "dynamics": "Dynamics 365",
    "pipedrive": "Pipedrive",
    "suitecrm": "SuiteCRM",
    "krayin": "Krayin",
    "odoo": "Odoo",
    "wukong": N_("Wukong CRM"),
}


def empty_state(
    locale: Locale,
    browse: Callable[[], object],
    browse_folder: Callable[[], object],
    paste: Callable[[], object],
) -> EmptyState:
    """Return what teaches an empty page's reader."""
    _ = locale._
    return EmptyState(
        "migrate",
        _("Drop your old files here"),
        _(
            "Exports of the old CRM, ledgers, target sheets: .xlsx, .xls, .xlsb, .ods, .csv, single files or a whole "
            "folder. You see what every column means and everything that would happen before anything is "
            "written, and every import can be taken back."
        ),
        [
            (_("Choose files…"), browse),
            (_("Choose a folder…"), browse_folder),
            (_("Paste from Excel…"), paste),
        ],
    )


def system_names(locale: Locale, lines: Sequence[TableLine]) -> str:
    """Return the legacy systems that the tables come from, as people call them."""
    systems = dict.fromkeys(line.source_system for line in lines if line.source_system)
    return ", ".join(locale._(SYSTEMS.get(system, system)) for system in systems)


def refusals(locale: Locale, source: Source) -> list[tuple[str, str]]:
    """Return the place of every file or sheet that cannot be read, and why."""
    told = []
    for refused in source.refused:
        if needs_password(refused):
            continue
        parts = [
            locale._(part).format(**refused.params) for part in (refused.message, refused.remedy) if part
        ]
        told.append((" / ".join(part for part in (refused.file, refused.sheet) if part), " ".join(parts)))
    return told


def protected(source: Source) -> list[str]:
    """Return the files that a password would open."""
    return [refused.file for refused in source.refused if needs_password(refused)]
