"""A migration as a file: what was decided while rehearsing, to be replayed on the fresh export (beyond 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.importers.options import AS_FOUND, ReadOptions
from desktop.importers.tables import Profile

VERSION = 1


@dataclass(frozen=True, slots=True)
class RecipeFix:
    """One corrected cell (or, without a header, one row left out), and how to find its row again.

    `key` are the row's key cells by header, `rest` the hash of the row's other cells.
    """

    row: int
    header: str | None
    before: str | None
    after: str | None
    key: Mapping[str, str]
    rest: str

    def to_json(self) -> dict[str, Any]:
        """Return the fix as a JSON object."""
        found: dict[str, Any] = {"row": self.row, "key": dict(self.key), "rest": self.rest}
        if self.header is not None:
            found |= {"column": self.header, "before": self.before, "after": self.after}
        return found

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RecipeFix:
        """Return the fix that a JSON object describes; KeyError, TypeError or ValueError if it is none."""
        return cls(
            int(document["row"]),
            None if document.get("column") is None else str(document["column"]),
            document.get("before"),
            document.get("after"),
            {str(name): str(value) for name, value in document.get("key", {}).items()},
            str(document.get("rest", "")),
        )


@dataclass(frozen=True, slots=True)
class RecipeTable:
    """One table of the rehearsal: its place and headers, what it was taken for, and its corrections.

    Without a profile the table was left out. `values` are, by field, the texts that list columns held.
    """

    file: str
    sheet: str | None
    part: int
    headers: tuple[str, ...]
    profile: Profile | None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixes: tuple[RecipeFix, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the table as a JSON object."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "part": self.part,
            "headers": list(self.headers),
            "mapping": self.profile.to_json() if self.profile else None,
            "values": {name: list(values) for name, values in self.values.items()},
            "fixes": [fix.to_json() for fix in self.fixes],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RecipeTable:
        """Return the table that a JSON object describes; KeyError, TypeError or ValueError if it is none."""
        sheet, mapping = document.get("sheet"), document.get("mapping")
        return cls(
            str(document["file"]),
            None if sheet is None else str(sheet),
            int(document.get("part", 0)),
            tuple(str(header) for header in document["headers"]),
            None if mapping is None else Profile.from_json(mapping),
            {str(n): tuple(str(v) for v in values) for n, values in document.get("values", {}).items()},
            tuple(RecipeFix.from_json(one) for one in document.get("fixes", ())),
        )


@dataclass(frozen=True, slots=True)
class MergeDecision:
    """Records that a person merged ("merge", the first one stayed) or declared different ("apart").

    Each record is told by its keys: source_system, external_id, number or credit_code, and name. `kept` says
    by field which of them gave the value that was kept (its place in `records`).
    """

    entity: str
    action: str
    records: tuple[Mapping[str, str], ...]
    kept: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the decision as a JSON object."""
        return {
            "entity": self.entity,
            "action": self.action,
            "records": [dict(one) for one in self.records],
            "kept": dict(self.kept),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> MergeDecision:
        """Return the decision that a JSON object describes; KeyError, TypeError or ValueError if it is none."""
        action = document["action"]
        if action not in ("merge", "apart"):
            raise ValueError(f"no decision: {action}")
        records = tuple({str(k): str(v) for k, v in one.items()} for one in document["records"])
        kept = {str(name): int(place) for name, place in document.get("kept", {}).items()}
        return cls(str(document["entity"]), str(action), records, kept)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that was decided about a migration."""

    name: str
    tables: tuple[RecipeTable, ...]
    options: ReadOptions = AS_FOUND
    merges: tuple[MergeDecision, ...] = ()
    keep_duplicates: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as a JSON document; passwords are never in it."""
        return {
            "plumbline_recipe": VERSION,
            "name": self.name,
            "reading": self.options.to_json(),
            "tables": [table.to_json() for table in self.tables],
            "merges": [one.to_json() for one in self.merges],
            "keep_duplicates": self.keep_duplicates,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Recipe:
        """Return the recipe that a JSON document describes; KeyError, TypeError or ValueError if it is none."""
        if int(document["plumbline_recipe"]) > VERSION:
            raise ValueError(f"version {document['plumbline_recipe']} is newer than this program")
        return cls(
            str(document.get("name", "")),
            tuple(RecipeTable.from_json(one) for one in document["tables"]),
            ReadOptions.from_json(document.get("reading", {})),
            tuple(MergeDecision.from_json(one) for one in document.get("merges", ())),
            bool(document.get("keep_duplicates", False)),
        )
