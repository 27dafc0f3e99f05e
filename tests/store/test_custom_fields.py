"""Custom fields are added, renamed and retired without losing a value, and offered to mappings (CUS-05)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from desktop.errors import InvalidInput, NotAllowed, StaleRecord
from desktop.importers.custom_columns import with_custom_fields
from desktop.importers.mapping import suggest_as
from desktop.importers.value_maps import values_to_map
from desktop.importers.ways import NewField, ValueChoice
from desktop.models.audit import AuditEntry
from desktop.operations import mapping_ways
from desktop.operations.custom_fields import add_custom_field, rename_custom_field, retire_custom_field
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import Source, make_plan
from desktop.queries.account_detail import account_view
from desktop.queries.custom_fields import CustomFieldRow, custom_fields, mappable_fields
from desktop.queries.known_values import known_values
from desktop.store.workspace import Actor, Work, Workspace
from desktop.terms import Role
from tests.maker import Maker
from tests.unit.importers.files import table

HEADERS = ["客户名称", "负责人", "客户级别", "包装颜色"]


def only(workspace: Workspace) -> CustomFieldRow:
    (row,) = workspace.read(custom_fields)
    return row


def source(workspace: Workspace, *rows: list[str | None]) -> Source:
    known = workspace.read(mappable_fields)
    mapping = with_custom_fields(suggest_as(table(HEADERS, rows), "account"), known)
    return Source({}, (mapping,), (), custom=tuple(known))


def test_a_field_is_added_once_and_a_column_of_its_name_is_mapped_to_it(workspace: Workspace) -> None:
    workspace.write(
        lambda work: add_custom_field(
            work, "account", "包装颜色", "choice", label_en="Pack colour", options=["红", "蓝", "红"]
        )
    )
    row = only(workspace)
    assert (row.code, row.type, row.options, row.active, row.values) == (
        "pack_colour", "choice", ("红", "蓝"), True, 0,
    )  # fmt: skip
    mapped = source(workspace, ["甲公司", "王芳", "A", "红"]).mappings[0]
    assert (mapped.columns[3].field, mapped.columns[3].reason) == ("account.x_pack_colour", "label")
    assert mapped.new_fields[0].label_en == "Pack colour"
    english = with_custom_fields(
        suggest_as(table(["Account name", "Pack Colour"], [["A", "red"]]), "account"),
        workspace.read(mappable_fields),
    )
    assert english.columns[1].field == "account.x_pack_colour"


def test_what_is_imported_is_shown_with_the_customer(workspace: Workspace) -> None:
    workspace.write(lambda work: add_custom_field(work, "account", "包装颜色", "choice"))
    result = migrate_plan(workspace, make_plan(source(workspace, ["甲公司", "王芳", "A", "红"])))
    assert result.run is not None
    (fact,) = workspace.read(lambda work: account_view(work, 1)).own_facts
    assert (fact.label(chinese=True), fact.type, fact.value) == ("包装颜色", "choice", "红")
    assert only(workspace).values == 1


def test_a_renamed_field_keeps_its_values_and_its_code(workspace: Workspace) -> None:
    workspace.write(lambda work: add_custom_field(work, "account", "包装颜色", "text"))
    migrate_plan(workspace, make_plan(source(workspace, ["甲公司", None, None, "红"])))
    row = only(workspace)
    workspace.write(lambda work: rename_custom_field(work, row.id, row.version, label_zh="箱体颜色"))
    after = only(workspace)
    assert (after.label_zh, after.code, after.values) == ("箱体颜色", row.code, 1)
    with pytest.raises(StaleRecord):
        workspace.write(lambda work: rename_custom_field(work, row.id, row.version, label_zh="又一个"))


def test_a_retired_field_is_neither_shown_nor_mapped_and_comes_back_whole(workspace: Workspace) -> None:
    workspace.write(lambda work: add_custom_field(work, "account", "包装颜色", "text"))
    migrate_plan(workspace, make_plan(source(workspace, ["甲公司", None, None, "红"])))
    row = only(workspace)
    workspace.write(lambda work: retire_custom_field(work, row.id, row.version))
    assert source(workspace, ["甲公司", None, None, "红"]).mappings[0].columns[3].field is None
    assert workspace.read(lambda work: account_view(work, 1)).own_facts == ()
    retired = only(workspace)
    assert (retired.active, retired.values) == (False, 1)
    workspace.write(lambda work: retire_custom_field(work, row.id, retired.version, active=True))
    assert len(workspace.read(lambda work: account_view(work, 1)).own_facts) == 1
    actions = workspace.read(
        lambda work: work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject == "custom_field").order_by(AuditEntry.id)
        ).all()
    )
    assert actions == ["add_custom_field", "retire_custom_field", "restore_custom_field"]


@pytest.mark.parametrize(
    ("label", "kind", "code"),
    [("", "text", "custom_field_label_missing"), ("客户名称", "text", "custom_field_label_taken"), ("颜色", "picture", "custom_field_kind")],
)  # fmt: skip
def test_fields_that_could_not_be_told_apart_are_refused(
    workspace: Workspace, label: str, kind: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.write(lambda work: add_custom_field(work, "account", label, kind))
    assert refused.value.code == code
    assert workspace.read(custom_fields) == []


def test_only_who_may_configure_may_add(workspace: Workspace, make: Maker) -> None:
    person = make.person("代表", Role.REP)
    rep = Workspace(workspace.engine, Actor(person, "rep", "代表", Role.REP), workspace.clock, workspace.zone)
    with pytest.raises(NotAllowed):
        rep.write(lambda work: add_custom_field(work, "account", "颜色", "text"))


def test_what_a_profile_remembers_of_a_field_that_is_gone_is_no_field(workspace: Workspace) -> None:
    mapping = suggest_as(table(HEADERS, [["甲公司", None, None, "红"]]), "account")
    one = Source({}, (mapping,), ())
    remembered = mapping_ways.with_new_field(one, 0, 3, NewField("account", "gone", "包装颜色")).mappings[0]
    assert with_custom_fields(remembered, ()).columns[3].field == "account.x_gone"
    forgotten = with_custom_fields(replace(remembered, new_fields=()), ())
    assert forgotten.columns[3].field is None


def test_the_known_values_of_lists_come_from_the_database(workspace: Workspace) -> None:
    first = source(workspace, ["甲公司", "王芳", "A", None], ["乙公司", "李雷", "B", None])
    migrate_plan(workspace, make_plan(first))

    def known(work: Work) -> dict[str, list[str]]:
        return known_values(
            work, ["account.owner", "account.source", "opportunity.stage", "account.x_a", "account.grade"]
        )

    found = workspace.read(known)
    assert {"王芳", "李雷"} <= set(found["account.owner"])
    assert found["account.source"] == []
    assert "赢单" in found["opportunity.stage"] or "Won" in found["opportunity.stage"]
    assert "account.x_a" not in found
    lines = values_to_map(source(workspace, ["丙公司", "王芳（离职）", "A", None]).mappings[0], found)
    assert [line.suggestion for line in lines if line.field == "account.owner"] == [
        ValueChoice("map", "王芳")
    ]
