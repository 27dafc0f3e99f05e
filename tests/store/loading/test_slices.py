"""Large loads go slice by slice; how large the slices are shows in nothing that is written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from desktop.models.imports import Lineage
from desktop.operations.imports import apply_import
from desktop.store.digest import digest
from desktop.store.loading import bulk, journal, keys
from desktop.store.workspace import Work, Workspace
from tests.store.loading.hand_made import load, table
from tests.store.loading.test_apply import a_small_firm


def changed_firm() -> list[Any]:
    """Rows with and without record ids: some new, some that change, some that are twice there."""
    return [
        *a_small_firm(),
        table(
            "account", [{"external_id": f"A{n}", "name": f"Pier {n}", "owner": "周婷"} for n in range(2, 9)]
        ),
        table(
            "lead", [{"company": f"Dock {n % 5}", "name": "Wang", "mobile": f"+86{n % 5}"} for n in range(9)]
        ),
        table("opportunity", [{"name": "Cranes", "account_name": f"Pier {n % 3}"} for n in range(7)]),
    ]


def outcome(workspace: Workspace) -> tuple[Any, ...]:
    """Return what a load of the changed firm leaves, without the ids that it reserves."""
    names = ("table_name", "action", "file", "sheet", "row", "before", "after", "version", "undone")

    def rehearsed(work: Work) -> tuple[Any, ...]:
        result = apply_import(work, changed_firm(), rehearsal=True)
        lines = work.rows(select(*(getattr(Lineage, name) for name in names)).order_by(Lineage.id))
        return result.totals, result.fingerprint, digest(work).all, [tuple(line) for line in lines]

    return workspace.rehearse(rehearsed)


def test_slices_change_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    load(workspace, *a_small_firm())
    whole = outcome(workspace)
    for module in (bulk, keys, journal):
        monkeypatch.setattr(module, "_PART", 2)
    assert outcome(workspace) == whole
    assert len(whole[-1]) > 30
    assert any(line[5] for line in whole[-1])
