"""This machine's preferences: typed, versioned JSON in the platform's configuration folder.

Nothing here says anything about the business, and no secret is ever kept here (see `secrets`). A file
that cannot be read is put aside, so that the program always starts.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from desktop.i18n import Language, parse_language

VERSION = 1
ThemeMode = Literal["system", "light", "dark"]
APP = "Plumbline"
SETTINGS_VARIABLE = "PLUMBLINE_SETTINGS"


@dataclass
class ColumnLayout:
    """How a person arranged one table: shown columns in order, widths in pixels, the sort."""

    shown: list[str] = field(default_factory=list)
    widths: dict[str, int] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False


@dataclass
class Settings:
    """Everything remembered on this machine; `save` writes it where `load` found it."""

    language: Language | None = None
    theme: ThemeMode = "system"
    last_database: str = ""
    last_person: str = ""
    databases: list[str] = field(default_factory=list)
    """Connections used before, the latest first: file paths and addresses, never with a password."""
    geometry: str = ""
    maximized: bool = False
    page: str = "today"
    scope_unit: int | None = None
    scope_period: str = ""
    scope_pipeline: int | None = None
    recent_files: list[str] = field(default_factory=list)
    tables: dict[str, ColumnLayout] = field(default_factory=dict)
    path: Path | None = None

    def save(self) -> None:
        """Write the file as a whole or not at all; do nothing when there is no file (tests, pictures)."""
        if self.path is None:
            return
        document = {name: value for name, value in asdict(self).items() if name != "path"}
        document["version"] = VERSION
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(self.path)

    def remember_file(self, path: str) -> None:
        """Put a file first in the list of recent ones (at most 10)."""
        self.recent_files = [path, *[other for other in self.recent_files if other != path]][:10]
        self.save()

    def remember_database(self, where: str) -> None:
        """Put a connection first in the list of those used before (at most 8)."""
        self.last_database = where
        self.databases = [where, *[other for other in self.databases if other != where]][:8]
        self.save()

    def layout(self, table: str) -> ColumnLayout:
        """Return how the table of that name was arranged."""
        return self.tables.get(table, ColumnLayout())

    def keep_layout(self, table: str, layout: ColumnLayout) -> None:
        """Remember how a table is arranged."""
        self.tables[table] = layout
        self.save()


def settings_path() -> Path:
    """Return where this machine's settings are; PLUMBLINE_SETTINGS overrides it."""
    from platformdirs import user_config_path

    override = os.environ.get(SETTINGS_VARIABLE)
    return Path(override) if override else user_config_path(APP, appauthor=False) / "settings.json"


def data_folder() -> Path:
    """Return the folder of this user's own databases."""
    from platformdirs import user_data_path

    return user_data_path(APP, appauthor=False)


def default_database() -> Path:
    """Return the embedded database that is used when none is named."""
    return data_folder() / "plumbline.db"


def load(path: Path | None = None) -> Settings:
    """Return the settings of `path` (default: this machine's), or fresh ones.

    An unreadable file is renamed to `settings.broken.json` beside it; unknown or ill-typed values
    fall back to their defaults one by one.
    """
    path = path or settings_path()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError(document)
    except FileNotFoundError:
        return Settings(path=path)
    except (OSError, ValueError):
        if path.is_file():
            path.replace(path.with_suffix(".broken.json"))
        return Settings(path=path)
    return _read(document, path)


def _read(document: dict[str, Any], path: Path) -> Settings:
    found = Settings(path=path)
    language = document.get("language")
    found.language = parse_language(language) if isinstance(language, str) else None
    theme = document.get("theme")
    if theme in ("system", "light", "dark"):
        found.theme = theme
    for name in ("last_database", "last_person", "geometry", "page", "scope_period"):
        if isinstance(value := document.get(name), str):
            setattr(found, name, value)
    for name in ("scope_unit", "scope_pipeline"):
        value = document.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            setattr(found, name, value)
    found.maximized = document.get("maximized") is True
    for name in ("recent_files", "databases"):
        if isinstance(recent := document.get(name), list):
            setattr(found, name, [item for item in recent if isinstance(item, str)])
    tables = document.get("tables")
    if isinstance(tables, dict):
        found.tables = {key: _layout(value) for key, value in tables.items() if isinstance(value, dict)}
    return found


def _layout(value: dict[str, Any]) -> ColumnLayout:
    shown, widths = value.get("shown"), value.get("widths")
    return ColumnLayout(
        shown=[item for item in shown if isinstance(item, str)] if isinstance(shown, list) else [],
        widths={k: v for k, v in widths.items() if isinstance(v, int)} if isinstance(widths, dict) else {},
        sort=value.get("sort") if isinstance(value.get("sort"), str) else "",  # type: ignore[arg-type]
        descending=value.get("descending") is True,
    )
