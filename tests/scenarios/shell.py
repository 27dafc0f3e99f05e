"""The command line as the scenarios type it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.cli.main import run
from tests.databases import Place


class NoGui:
    """Stands in for the window, which these commands must not need."""


class Shell:
    """Types commands and reads what they say."""

    def __init__(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        self.database = place.where
        self.capsys = capsys

    def json(self, *words: str | Path) -> tuple[int, Any]:
        line = [*map(str, words), "--json", "--lang", "en", "--database", self.database]
        code = run(line, NoGui())  # type: ignore[arg-type]
        return code, json.loads(self.capsys.readouterr().out)
