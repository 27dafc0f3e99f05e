"""Remembered mappings: listed, renamed, deleted, carried from one database to another as a file (IMP-10)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.importers.mapping import suggest_all
from desktop.importers.tables import Profile, header_fingerprint
from desktop.models.audit import AuditEntry
from desktop.operations.migration import read_profiles, remember_mappings
from desktop.operations.profiles import delete_profile, import_profiles, rename_profile, save_profiles
from desktop.queries.imports import mapping_profiles, profile_lines
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker
from tests.unit.importers.files import fields, table

HEADERS = ["客户名称", "编码甲", "老板", "电话"]


def profile(name: str, *, headers: list[str] = HEADERS, owner: str = "account.owner") -> Profile:
    """Return a mapping with one header that nobody could guess."""
    known = {"客户名称": "account.name", "老板": owner, "电话": "account.phone"}
    return Profile(name, header_fingerprint(headers), "account", {one: known.get(one) for one in headers})


def names(workspace: Workspace) -> list[str]:
    """Return the names of what is remembered."""
    return [line.name for line in workspace.read(profile_lines)]


def test_profiles_are_brought_renamed_and_deleted(workspace: Workspace) -> None:
    two = [profile("甲"), profile("乙", headers=[*HEADERS, "微信", "QQ"])]
    brought = workspace.write(lambda work: import_profiles(work, two))
    assert (brought.created, brought.replaced) == (2, 0)
    again = workspace.write(lambda work: import_profiles(work, two[:1]))
    assert (again.created, again.replaced) == (0, 1)
    workspace.write(lambda work: rename_profile(work, "甲", " 月报 "))
    assert sorted(names(workspace)) == ["乙", "月报"]
    line = next(line for line in workspace.read(profile_lines) if line.name == "月报")
    assert (line.entity, line.columns) == ("account", 3)
    workspace.write(lambda work: delete_profile(work, str(line.id)))
    assert names(workspace) == ["乙"]

    def actions(work: Work) -> list[str]:
        return [entry.action for entry in work.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]

    assert workspace.read(actions)[-3:] == ["import_profiles", "rename_profile", "delete_profile"]


def test_what_is_wrong_is_said(workspace: Workspace) -> None:
    two = [profile("同名"), profile("同名", headers=[*HEADERS, "微信", "QQ"])]
    workspace.write(lambda work: import_profiles(work, two))
    with pytest.raises(NotFound):
        workspace.write(lambda work: delete_profile(work, "没有"))
    with pytest.raises(InvalidInput, match="2"):
        workspace.write(lambda work: delete_profile(work, "同名"))
    number = str(workspace.read(profile_lines)[0].id)
    with pytest.raises(InvalidInput):
        workspace.write(lambda work: rename_profile(work, number, "  "))


def test_a_rep_changes_no_profile(workspace: Workspace, make: Maker, place: Place) -> None:
    workspace.write(lambda work: import_profiles(work, [profile("甲")]))
    make.person("Li", Role.REP, login="li")
    rep = place.open("li", clock=workspace.clock)
    with pytest.raises(NotAllowed):
        rep.write(lambda work: delete_profile(work, "甲"))


def test_a_file_carries_them_to_another_database(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write(lambda work: import_profiles(work, [profile("甲")]))
    save_profiles(tmp_path / "p.json", workspace.read(mapping_profiles))
    assert read_profiles(tmp_path / "p.json") == [profile("甲")]


def test_the_latest_confirmed_counts_and_keeps_the_name_people_gave(workspace: Workspace) -> None:
    workspace.write(lambda work: import_profiles(work, [profile("甲", owner="account.created_by")]))
    mapping = suggest_all([table(HEADERS, [], file="七月.csv")], [profile("new")])[0]
    workspace.write(lambda work: remember_mappings(work, [mapping]))
    assert names(workspace) == ["甲"]
    found = suggest_all([table(HEADERS, [])], workspace.read(mapping_profiles))[0]
    assert fields(found)["老板"] == "account.owner"
    assert found.profile == "甲"
