"""Value maps, readings, rules, keys and new fields travel with a mapping and its profile (IMP-10, CUS-05)."""

import json
from typing import Any

import pytest

from desktop.errors import NotFound
from desktop.importers.fields import field_among
from desktop.importers.mapping import suggest
from desktop.importers.memory import Memory
from desktop.importers.tables import Profile
from desktop.importers.ways import NewField, ValueChoice, ways_from_json
from tests.unit.importers.files import table

COLOUR = NewField("account", "colour", "包装颜色", "choice", ("红", "蓝"))
WAYS: dict[str, Any] = {
    "value_maps": {"account.grade": {"钻石": ValueChoice("map", "A"), "?": ValueChoice("blank")}},
    "readings": {"account.created_at": "dmy"},
    "update_rules": {"account.phone": "fill_blank"},
    "keys": ("account.name", "account.city"),
    "new_fields": (COLOUR,),
}


def test_a_profile_written_and_read_again_says_the_same() -> None:
    profile = Profile(
        "客户", "f" * 64, "account", {"客户名称": "account.name", "颜色": "account.x_colour"}, **WAYS
    )
    again = Profile.from_json(json.loads(json.dumps(profile.to_json(), ensure_ascii=False)))
    assert again == profile


def test_a_profile_without_ways_writes_none() -> None:
    document = Profile("", "f" * 64, "account", {"客户名称": "account.name"}).to_json()
    assert set(document) == {"name", "fingerprint", "entity", "columns"}


def test_a_custom_field_of_a_profile_is_mapped() -> None:
    source = table(["客户名称", "颜色"], [["甲公司", "红"]])
    profile = Profile(
        "",
        source.header_fingerprint,
        "account",
        {"客户名称": "account.name", "颜色": "account.x_colour"},
        **WAYS,
    )
    mapping = suggest(source, Memory.of([profile]))
    assert [column.field for column in mapping.columns] == ["account.name", "account.x_colour"]
    assert mapping.value_maps == WAYS["value_maps"]
    assert Profile.of(mapping, "").ways() == WAYS


@pytest.mark.parametrize(
    "document",
    [
        {"value_maps": {"account.grade": {"x": {"action": "burn"}}}},
        {"value_maps": {"account.grade": {"x": {"action": "map"}}}},
        {"update_rules": {"account.grade": "sometimes"}},
        {"new_fields": [{"entity": "account", "code": "a", "type": "picture"}]},
    ],
)
def test_ways_that_say_nothing_known_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ways_from_json(document)


def test_a_custom_field_has_the_type_and_label_of_its_definition() -> None:
    item = field_among("account.x_colour", [COLOUR])
    assert (item.type, item.label(True), item.full_name) == ("choice", "包装颜色", "account.x_colour")
    with pytest.raises(NotFound):
        field_among("account.x_shape", [COLOUR])
