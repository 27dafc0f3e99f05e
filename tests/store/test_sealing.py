"""Exports are sealed with the exporter's key, snapshots and keys stay as they are, whoever asks (RPT-07, security 38, 53)."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import keyring
import keyring.errors
import pytest
from sqlalchemy import delete, update

from desktop.errors import InvalidInput, NotAllowed, StaleRecord, UserError
from desktop.exporters.report_book import HASH_PROPERTY, NUMBER_PROPERTY
from desktop.exporters.signature import NUMBER, SNAPSHOT
from desktop.models.reports import ReportFile, SealKey, Snapshot
from desktop.operations.approvals import approve_report
from desktop.operations.reports import export_report, refresh_report, submit_report
from desktop.operations.sealing import new_seal_key, prepare_seal
from desktop.queries.reports import rendered_report, report_list, report_view
from desktop.queries.seals import (
    OfflineVerdict,
    keys_document,
    keys_from,
    own_key,
    seal_keys,
    verify_offline,
)
from desktop.store.workspace import Work
from desktop.terms import Verdict
from tests.store.test_reports import CHINESE, Desk, desk  # noqa: F401
from tests.vault import MemoryVault


def offline(desk: Desk, path: Path) -> OfflineVerdict:  # noqa: F811
    keys = keys_from(keys_document(desk.admin.read(seal_keys)), "keys.json")
    return verify_offline(path.read_bytes(), path.name, keys)


def test_an_exported_workbook_proves_itself_without_the_database(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    path = desk.exported(tmp_path)
    found = offline(desk, path)
    assert (found.verdict, found.seal) == (Verdict.RESAVED, "valid")
    (row,) = desk.admin.read(report_list)
    ((name, _role, at),) = desk.admin.read(lambda work: report_view(work, row.id)).seal.approvals
    assert found.approved == f"{name} {at:%Y-%m-%dT%H:%M:%SZ}"
    assert name == "周总监"
    assert desk.verify(path).verdict is Verdict.GENUINE
    (key,) = desk.admin.read(seal_keys)
    assert (key.key_id, key.person_id, key.retired_at) == (found.key_id, desk.admin.actor.person_id, None)
    assert (NUMBER_PROPERTY, HASH_PROPERTY) == (NUMBER, SNAPSHOT)


def test_a_new_key_retires_the_former_one_and_what_it_sealed_stays_proven(
    desk: Desk,  # noqa: F811
    tmp_path: Path,
) -> None:
    path = desk.exported(tmp_path)
    second = desk.admin.write(new_seal_key)
    newest, oldest = desk.admin.read(seal_keys)
    assert (newest.key_id, newest.retired_at) == (second.key_id, None)
    assert (oldest.retired_at, oldest.retired_by) == (newest.made_at, newest.person)
    assert offline(desk, path).verdict is Verdict.RESAVED
    again = desk.exported(tmp_path, "target_actual")
    assert offline(desk, again).key_id == second.key_id
    text = keys_document(desk.admin.read(seal_keys))
    assert set(keys_from(text, "k")) == {newest.key_id, oldest.key_id}
    assert "private" not in text
    forged = json.loads(text)
    forged["keys"][0]["public"] = forged["keys"][1]["public"]
    assert set(keys_from(json.dumps(forged), "k")) == {oldest.key_id}
    with pytest.raises(InvalidInput, match="no file of public keys"):
        keys_from("{}", "k")


def test_a_strangers_claim_does_not_retire_a_key(desk: Desk) -> None:  # noqa: F811
    first = desk.admin.write(new_seal_key)

    def claim(work: Work) -> None:
        work.session.add(
            SealKey(
                key_id="0" * 16,
                public_key="0" * 64,
                made_by_id=work.actor.person_id,
                made_at=work.now,
                replaces_id=first.id,
            )
        )

    desk.director.write(claim)
    rows = desk.admin.read(seal_keys)
    assert [row.retired_at for row in rows] == [None, None]
    # Nor does a name that does not fit its key get anybody trusted.
    assert set(keys_from(keys_document(rows), "keys.json")) == {first.key_id}


def test_without_a_vault_workbooks_go_out_unsealed(
    desk: Desk,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def locked(*_arguments: str) -> None:
        raise keyring.errors.KeyringLocked("locked")

    vault = MemoryVault()
    monkeypatch.setattr(vault, "get_password", locked)
    monkeypatch.setattr(vault, "set_password", locked)
    keyring.set_keyring(vault)
    path = desk.exported(tmp_path)
    assert offline(desk, path) == OfflineVerdict(Verdict.UNKNOWN, "none", "", "", "", ())
    assert desk.verify(path).verdict is Verdict.GENUINE
    with pytest.raises(UserError, match="vault"):
        desk.admin.write(new_seal_key)
    assert desk.admin.read(seal_keys) == []


def test_a_key_is_made_once(desk: Desk) -> None:  # noqa: F811
    for _ in range(2):
        prepare_seal(desk.admin)
    assert len(desk.admin.read(seal_keys)) == 1
    keyring.set_keyring(MemoryVault())  # another machine: its vault does not hold the key
    assert desk.admin.read(own_key) is None
    prepare_seal(desk.admin)
    assert [row.retired_at for row in desk.admin.read(seal_keys)] == [None, None]


def _run(statement: Any, work: Work) -> None:
    work.session.execute(statement)


@pytest.mark.parametrize("record", [Snapshot, ReportFile, SealKey])
def test_what_was_frozen_stays_as_it_is(desk: Desk, tmp_path: Path, record: Any) -> None:  # noqa: F811
    desk.exported(tmp_path)
    before = desk.count(record)
    assert before
    for change in (update(record).values(id=record.id), delete(record)):
        with pytest.raises(NotAllowed):
            desk.admin.write(partial(_run, change))
    assert desk.count(record) == before


def test_figures_taken_again_during_an_approval_lose_visibly(desk: Desk) -> None:  # noqa: F811
    waiting = desk.submitted()
    seen = desk.director.read(lambda work: report_view(work, waiting.id))
    approved = desk.director.write(lambda work: approve_report(work, waiting.id, seen.row.version))
    assert approved.hash == seen.row.hash
    # Who still looks at the waiting report is told, and the approved figures are those that were looked at.
    for late in (refresh_report, submit_report):
        with pytest.raises((StaleRecord, InvalidInput)):
            desk.admin.write(partial(late, report_id=waiting.id, version=waiting.version))
    assert desk.admin.read(lambda work: report_view(work, waiting.id)).row.hash == seen.row.hash


def test_the_same_snapshot_gives_the_same_sealed_bytes(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    row = desk.approved()
    first = export_report(desk.admin, row.id, tmp_path / "a.xlsx", CHINESE)
    second = export_report(desk.admin, row.id, tmp_path / "b.xlsx", CHINESE)
    assert first.content == second.content
    assert desk.admin.read(lambda work: rendered_report(work, row.id, CHINESE)).content == first.content
    assert desk.count(ReportFile) == 1
