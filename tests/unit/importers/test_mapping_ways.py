"""A person's word on values changes the mapping of one table alone (IMP-10)."""

import pytest

from desktop.errors import InvalidInput
from desktop.importers.mapping import suggest, suggest_as
from desktop.importers.ways import NewField, ValueChoice
from desktop.operations import mapping_ways
from desktop.operations.migration import Source
from tests.unit.importers.files import table


def source() -> Source:
    headers = ["客户名称", "城市", "创建时间", "合同金额", "颜色"]
    one = suggest_as(table(headers, [["甲公司", "上海", "2026-01-02", "3", "红"]]), "account")
    other = suggest(table(["客户名称", "电话"], [["乙公司", "021-64321234"]]))
    return Source({}, (one, other), ())


def test_choices_are_given_and_taken_back() -> None:
    given = mapping_ways.with_choice(source(), 0, "account.city", "沪", ValueChoice("map", "上海"))
    assert given.mappings[0].value_maps == {"account.city": {"沪": ValueChoice("map", "上海")}}
    assert given.mappings[1].value_maps == {}
    taken = mapping_ways.with_choice(given, 0, "account.city", "沪", None)
    assert taken.mappings[0].value_maps == {"account.city": {}}


def test_a_reading_must_suit_the_field_s_type() -> None:
    read = mapping_ways.with_reading(source(), 0, "account.created_at", "dmy")
    assert read.mappings[0].readings == {"account.created_at": "dmy"}
    assert mapping_ways.with_reading(read, 0, "account.created_at", None).mappings[0].readings == {}
    with pytest.raises(InvalidInput) as refused:
        mapping_ways.with_reading(read, 0, "account.created_at", ",")
    assert refused.value.code == "reading_unknown"


def test_rules_and_keys_are_of_mapped_fields() -> None:
    ruled = mapping_ways.with_update_rule(source(), 0, "account.city", "fill_blank")
    assert ruled.mappings[0].update_rules == {"account.city": "fill_blank"}
    keyed = mapping_ways.with_keys(ruled, 0, ["account.name", "account.city", "account.name"])
    assert keyed.mappings[0].keys == ("account.name", "account.city")
    with pytest.raises(InvalidInput):
        mapping_ways.with_keys(ruled, 0, ["account.website"])


def test_a_column_becomes_a_new_field() -> None:
    colour = NewField("account", "colour", "颜色", "choice")
    made = mapping_ways.with_new_field(source(), 0, 4, colour)
    assert made.mappings[0].columns[4].field == "account.x_colour"
    again = mapping_ways.with_new_field(made, 0, 4, NewField("account", "colour", "包装颜色", "text"))
    assert [one.type for one in again.mappings[0].new_fields] == ["text"]


def test_codes_of_new_fields_do_not_meet() -> None:
    assert mapping_ways.code_for("Pack Colour (2026)") == "pack_colour_2026"
    assert mapping_ways.code_for("颜色", ["颜色"]) == "颜色_2"
    assert mapping_ways.code_for("???") == "field"
