"""What to do about each thing that `check` can find wrong."""

from __future__ import annotations

from desktop.i18n import N_

_RESTORE = N_("Restore the newest good backup: plumbline restore --newest. The damaged file is kept.")
_UNDO = N_("Take back the import run that brought it (plumbline runs, plumbline undo) and import it again.")
_TAMPERED = N_(
    "Compare with the workbook that finance keeps (plumbline verify FILE) and with an older backup: what is"
    " frozen is changed by no way of the program."
)

REMEDIES = {
    "file_damaged": _RESTORE,
    "reference_broken": _RESTORE,
    "deals_without_history": _UNDO,
    "deals_in_wrong_stage": N_(
        "Move these opportunities to a stage of their own pipeline, or import them again."
    ),
    "tree_circular": N_(
        "Import the file of the organisation again, with another parent for one of these units."
    ),
    "tree_closure": N_("Import a file with units of the organisation: that builds this table anew."),
    "snapshot_altered": _TAMPERED,
    "workbook_altered": _TAMPERED,
    "paper_version_altered": _TAMPERED,
    "paper_altered": N_(
        "Compare with the approved version, and ask for the change by an approval: what was approved is changed by no"
        " other way of the program."
    ),
    "custom_values_wrong": _UNDO,
}
"""Code of a problem → what to do; the audit trail's codes all have the same one."""

_AUDIT = N_(
    "Somebody with rights at the server changed the audit trail. Keep the database as it is, and compare it with a"
    " backup and with the chain head on finance's workbooks: plumbline audit verify"
)


def remedy_of(code: str) -> str:
    """Return the gettext id of what to do about a problem."""
    return _AUDIT if code.startswith("audit_") else REMEDIES[code]
