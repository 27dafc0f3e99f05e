"""Known systems are found by overlap, and what people confirmed survives a changed column (IMP-01, IMP-10)."""

from __future__ import annotations

import json

import pytest

from desktop.importers.fields import ENTITIES, FIELDS
from desktop.importers.mapping import suggest, suggest_all
from desktop.importers.memory import Memory
from desktop.importers.systems import known_systems, known_table, source_system, system_name
from desktop.importers.tables import Profile
from desktop.resources import resource
from tests.unit.importers.files import fields, table

SYSTEMS = {
    "wukong", "fxiaoke", "xiaoshouyi", "salesforce", "hubspot", "zoho", "dynamics", "pipedrive", "odoo", "suitecrm", "krayin",
}  # fmt: skip


def written() -> list[tuple[str, str, list[str], dict[str, str | None]]]:
    """Return every shipped table: system, entity, headers as written, and their fields."""
    found = []
    for path in sorted(resource("profiles").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        found += [
            (document["system"], one["entity"], list(one["columns"]), one["columns"])
            for one in document["tables"]
        ]
    return found


def test_the_promised_systems_are_shipped_with_fields_that_exist() -> None:
    assert {one.code for one in known_systems()} == SYSTEMS
    names = {item.full_name for item in FIELDS} | {None}
    for system in known_systems():
        for one in system.tables:
            assert one.entity in ENTITIES
            assert set(one.columns.values()) <= names


@pytest.mark.parametrize(("system", "entity", "headers", "columns"), written())
def test_a_known_table_is_recognised_whole_with_more_and_with_fewer_columns(
    system: str, entity: str, headers: list[str], columns: dict[str, str | None]
) -> None:
    for heads in (
        headers,
        [*headers, "我们自己的列", "Our own column"],
        headers[: max(6, len(headers) * 4 // 5)],
    ):
        found = known_table(table(heads, []))
        if found is None:
            # Nothing in these headers tells the system: they are guessed like anybody's.
            assert source_system(table(heads, [])) != system
            continue
        mapping = suggest(table(heads, []))
        assert mapping.entity == entity
        if mapping.source_system != system:
            continue
        told = [column for column in mapping.columns if column.reason == "profile"]
        assert told
        assert {column.field for column in told} <= set(columns.values())
        assert mapping.profile == system_name(system, chinese=True)


def test_most_shipped_tables_are_told_by_their_own_headers() -> None:
    told = [source_system(table(headers, [])) == system for system, _, headers, _ in written()]
    assert sum(told) >= 0.75 * len(told)


def test_values_still_speak_against_a_known_header() -> None:
    names = ["Deal - Title", "Deal - Value", "Deal - Stage", "Deal - Owner", "Deal - Expected close date"]
    rows = [
        ["A", "10", "Won", "Li", "2026-03-05"],
        ["B", "x", "Lost", "Li", "yes"],
        ["C", "1", "Lost", "Li", "no"],
    ]
    mapping = suggest(table(names, rows))
    assert mapping.source_system == "pipedrive"
    good = suggest(table(names, [[*row[:4], "2026-03-05"] for row in rows]))
    assert fields(good)["Deal - Expected close date"] == "opportunity.expected_close_on"
    bad = suggest(table(names, [[*row[:4], "never"] for row in rows]))
    assert "Deal - Expected close date" not in fields(bad)


CONFIRMED = Profile(
    "台账",
    "0" * 64,
    "account",
    {
        "客户名称": "account.name",
        "编码甲": "account.external_id",
        "老板": "account.owner",
        "备注": None,
        "电话": "account.phone",
    },
    "wukong",
)


def test_an_added_column_does_not_lose_the_memory() -> None:
    heads = ["客户名称", "编码甲", "老板", "备注", "电话", "新加的城市"]
    mapping = suggest_all([table(heads, [])], [CONFIRMED])[0]
    assert mapping.profile == "台账"
    assert fields(mapping) == {
        "客户名称": "account.name",
        "编码甲": "account.external_id",
        "老板": "account.owner",
        "电话": "account.phone",
    }
    assert {column.reason for column in mapping.columns if column.field} == {"profile"}


def test_a_column_less_does_not_lose_it_either() -> None:
    mapping = suggest_all([table(["客户名称", "编码甲", "老板", "电话"], [])], [CONFIRMED])[0]
    assert fields(mapping)["老板"] == "account.owner"


def test_one_header_is_remembered_for_its_system_only() -> None:
    heads = ["客户名称", "老板", "客户来源", "客户行业", "成交状态", "最后跟进记录", "锁定状态", "首要联系人"]
    assert source_system(table(heads, [])) == "wukong"
    assert fields(suggest(table(heads, []), Memory.of([CONFIRMED])))["老板"] == "account.owner"
    other = ["客户名称", "老板", "客户来源", "客户行业", "客户级别", "网址", "城市"]
    assert source_system(table(other, [])) == ""
    assert "老板" not in fields(suggest(table(other, []), Memory.of([CONFIRMED])))


def test_a_profile_keeps_its_system_in_a_file() -> None:
    assert Profile.from_json(CONFIRMED.to_json()) == CONFIRMED
