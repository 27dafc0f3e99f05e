"""How a table's values are taken: value maps, readings, updating rules, keys and new fields (IMP-10, CUS-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

ValueAction: TypeAlias = Literal["map", "create", "blank", "reject"]
UpdateRule: TypeAlias = Literal["overwrite", "fill_blank", "newest"]

VALUE_ACTIONS: tuple[ValueAction, ...] = get_args(ValueAction)
UPDATE_RULES: tuple[UpdateRule, ...] = get_args(UpdateRule)

READINGS: Mapping[str, tuple[str, ...]] = {
    "date": ("dmy", "mdy", "ymd"),
    "datetime": ("dmy", "mdy", "ymd"),
    "money": (".", ","),
    "number": (".", ","),
    "percent": ("fraction", "percent"),
}
"""Per type of field, how a column that does not tell it itself may be read: the order of its days, the
decimal sign of its amounts, whether 0.5 is a half or half a percent."""

CUSTOM_TYPES = ("text", "integer", "number", "money", "date", "datetime", "boolean", "choice", "list")
"""The types that a custom field may have."""

CUSTOM_PREFIX = "x_"
"""A custom field is named "account.x_<code>"."""


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """What becomes of one source value.

    "map" takes `target` instead (a closed list's stored value, or the text that names a known record);
    "create" takes it as a new value of its own, under the name `target` if one is given; "blank" leaves the
    cell empty and keeps the text beside it; "reject" leaves the whole row out.
    """

    action: ValueAction
    target: str | None = None

    def to_json(self) -> dict[str, str]:
        """Return the choice as a JSON object."""
        return {"action": self.action} | ({"target": self.target} if self.target is not None else {})

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ValueChoice:
        """Return the choice that a JSON object describes; ValueError if it is none."""
        action, target = document["action"], document.get("target")
        if action not in VALUE_ACTIONS or (action == "map" and not target):
            raise ValueError(f"no choice for a value: {dict(document)}")
        return cls(action, None if target is None else str(target))


@dataclass(frozen=True, slots=True)
class NewField:
    """A custom field as a mapping names it: its entity, code, label and type, and a choice's options.

    `label_en` is its English label where that is another.
    """

    entity: str
    code: str
    label: str
    type: str = "text"
    options: tuple[str, ...] = ()
    label_en: str = ""

    @property
    def full_name(self) -> str:
        """The name under which columns are mapped to it: account.x_colour."""
        return f"{self.entity}.{CUSTOM_PREFIX}{self.code}"

    def to_json(self) -> dict[str, Any]:
        """Return the field as a JSON object."""
        document: dict[str, Any] = {
            "entity": self.entity,
            "code": self.code,
            "label": self.label,
            "type": self.type,
        }
        document |= {"options": list(self.options)} if self.options else {}
        return document | ({"label_en": self.label_en} if self.label_en else {})

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> NewField:
        """Return the field that a JSON object describes; ValueError if its type is none of ours."""
        kind = str(document.get("type", "text"))
        if kind not in CUSTOM_TYPES:
            raise ValueError(f"no type of field: {kind}")
        options = tuple(str(option) for option in document.get("options", ()))
        code = str(document["code"])
        label, english = str(document.get("label") or code), str(document.get("label_en") or "")
        return cls(str(document["entity"]), code, label, kind, options, english)


ValueMaps: TypeAlias = Mapping[str, Mapping[str, ValueChoice]]
"""What a person chose for source values: by field ("account.grade"), then by source text."""


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a table's values are to be taken, beyond which column is which field; all by full field name.

    `value_maps` say what becomes of single source values. `readings` answer what a column cannot tell
    itself (`READINGS`). `update_rules` are per field, "overwrite" unless given. `keys` are the fields by
    which a row meets its record (none: the standard order). `new_fields` are the custom fields that columns
    mapped to "<entity>.x_<code>" mean; the import makes those that the database does not have.
    """

    value_maps: ValueMaps = field(default_factory=dict)
    readings: Mapping[str, str] = field(default_factory=dict)
    update_rules: Mapping[str, UpdateRule] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    new_fields: tuple[NewField, ...] = ()

    def ways(self) -> dict[str, Any]:
        """Return these ways as keyword arguments, for a profile or a mapping that takes them over."""
        return {
            "value_maps": self.value_maps,
            "readings": self.readings,
            "update_rules": self.update_rules,
            "keys": self.keys,
            "new_fields": self.new_fields,
        }

    def ways_json(self) -> dict[str, Any]:
        """Return what differs from the standard as JSON, empty if nothing does."""
        values = {
            name: {text: choice.to_json() for text, choice in choices.items()}
            for name, choices in self.value_maps.items()
            if choices
        }
        document: dict[str, Any] = {
            "value_maps": values,
            "readings": dict(self.readings),
            "update_rules": dict(self.update_rules),
            "keys": list(self.keys),
            "new_fields": [one.to_json() for one in self.new_fields],
        }
        return {name: value for name, value in document.items() if value}


def ways_from_json(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that `Ways.ways_json` wrote; KeyError, TypeError or ValueError if it is bad."""
    rules = {str(name): rule for name, rule in document.get("update_rules", {}).items()}
    if wrong := set(rules.values()) - set(UPDATE_RULES):
        raise ValueError(f"no rule for updating: {sorted(map(str, wrong))[0]}")
    return {
        "value_maps": {
            str(name): {str(text): ValueChoice.from_json(choice) for text, choice in choices.items()}
            for name, choices in document.get("value_maps", {}).items()
        },
        "readings": {str(name): str(way) for name, way in document.get("readings", {}).items()},
        "update_rules": rules,
        "keys": tuple(str(name) for name in document.get("keys", ())),
        "new_fields": tuple(NewField.from_json(one) for one in document.get("new_fields", ())),
    }
