"""What a person decides about reading files: where a table lies, passwords, encodings (IMP-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple


class TablePlace(NamedTuple):
    """Which table is meant: its file, its sheet, and which of the sheet's tables, counted from 0."""

    file: str
    sheet: str | None = None
    part: int = 0


@dataclass(frozen=True)
class TableLayout:
    """Where a table lies in its sheet; what is None is found out.

    Rows are the numbers that Excel shows, columns are counted from 0 (A is 0), both ends included.
    `header_rows` () means that the table has no header line. `skipped_rows` are left out although they
    look like data, `kept_rows` are taken in although they look like totals, notes or titles.
    """

    header_rows: tuple[int, ...] | None = None
    first_row: int | None = None
    last_row: int | None = None
    first_column: int | None = None
    last_column: int | None = None
    skipped_rows: frozenset[int] = frozenset()
    kept_rows: frozenset[int] = frozenset()

    @property
    def has_area(self) -> bool:
        """Whether any edge of the table is given."""
        edges = (self.first_row, self.last_row, self.first_column, self.last_column)
        return any(edge is not None for edge in edges)

    def to_json(self) -> dict[str, Any]:
        """Return what is decided as a JSON object; nothing that is found out is in it."""
        document: dict[str, Any] = {}
        if self.header_rows is not None:
            document["header_rows"] = list(self.header_rows)
        for name in ("first_row", "last_row", "first_column", "last_column"):
            if getattr(self, name) is not None:
                document[name] = getattr(self, name)
        for name in ("skipped_rows", "kept_rows"):
            if getattr(self, name):
                document[name] = sorted(getattr(self, name))
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> TableLayout:
        """Return the layout that a JSON object describes; TypeError or ValueError if it is none."""
        rows = document.get("header_rows")
        edges = {
            name: None if document.get(name) is None else int(document[name])
            for name in ("first_row", "last_row", "first_column", "last_column")
        }
        return cls(
            None if rows is None else tuple(sorted(int(row) for row in rows)),
            **edges,
            skipped_rows=frozenset(int(row) for row in document.get("skipped_rows", ())),
            kept_rows=frozenset(int(row) for row in document.get("kept_rows", ())),
        )


FOUND_OUT = TableLayout()
"""The layout in which nothing is decided by a person."""


@dataclass(frozen=True)
class ReadOptions:
    """Decisions about a set of files, all of them by the name by which reports call a file.

    `passwords` are by file name, "" for any file; they are never written anywhere. `encodings` are Python
    codec names, `separators` the character between two cells of a text file.
    """

    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    layouts: Mapping[TablePlace, TableLayout] = field(default_factory=dict)
    encodings: Mapping[str, str] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)

    def passwords_for(self, file: str) -> tuple[str, ...]:
        """Return the passwords to try for a file: its own first, then those of the archives it lies in."""
        parts = file.split("/")
        names = ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]
        found = [self.passwords[name] for name in (*names, "") if name in self.passwords]
        return tuple(dict.fromkeys(found))

    def layouts_for(self, file: str, sheet: str | None) -> dict[int, TableLayout]:
        """Return what is decided about the tables of a sheet, by their number."""
        found = {
            place.part: layout
            for place, layout in self.layouts.items()
            if place.file == file and place.sheet == sheet
        }
        return dict(sorted(found.items()))

    def with_layout(self, place: TablePlace, layout: TableLayout) -> ReadOptions:
        """Return the options with one table's layout set; the layout that decides nothing takes it back."""
        layouts = {known: what for known, what in self.layouts.items() if known != place}
        if layout != FOUND_OUT:
            layouts[TablePlace(*place)] = layout
        return replace(self, layouts=layouts)

    def about(self, file: str) -> tuple[object, ...]:
        """Return all that is decided about one file and what lies in it, to be compared with other options."""

        def is_meant(name: str) -> bool:
            return name == file or name.startswith(f"{file}/")

        return (
            self.passwords_for(file),
            {name: word for name, word in self.passwords.items() if is_meant(name)},
            {place: layout for place, layout in self.layouts.items() if is_meant(place.file)},
            {name: codec for name, codec in self.encodings.items() if is_meant(name)},
            {name: mark for name, mark in self.separators.items() if is_meant(name)},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the options as a JSON document, without the passwords."""
        return {
            "layouts": [
                {"file": place.file, "sheet": place.sheet, "part": place.part, **layout.to_json()}
                for place, layout in sorted(
                    self.layouts.items(), key=lambda item: (item[0].file, item[0].sheet or "", item[0].part)
                )
            ],
            "encodings": dict(sorted(self.encodings.items())),
            "separators": dict(sorted(self.separators.items())),
        }

    @classmethod
    def from_json(
        cls, document: Mapping[str, Any], passwords: Mapping[str, str] | None = None
    ) -> ReadOptions:
        """Return the options of a JSON document; KeyError, TypeError or ValueError if it is none."""
        layouts = {
            TablePlace(
                str(item["file"]),
                None if item.get("sheet") is None else str(item["sheet"]),
                int(item.get("part", 0)),
            ): TableLayout.from_json(item)
            for item in document.get("layouts", ())
        }
        return cls(
            dict(passwords or {}),
            layouts,
            {str(name): str(value) for name, value in document.get("encodings", {}).items()},
            {str(name): str(value) for name, value in document.get("separators", {}).items()},
        )


AS_FOUND = ReadOptions()
"""The options in which nothing is decided."""
