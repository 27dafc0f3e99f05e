"""The person at a command line: runs `plumbline ...` in this process and reads what it says."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from desktop.cli.context import Pictures
from desktop.cli.main import run
from desktop.i18n import Language


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


class NoWindow:
    """Stands where the console would be, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.opened: list[tuple[str | None, str | None, Language | None]] = []

    def open_window(self, database: str | None, login: str | None, language: Language | None) -> int:
        """Remember the call."""
        self.opened.append((database, login, language))
        return 0

    def take_screenshots(
        self,
        folder: Path,
        database: str | None,
        login: str | None,
        language: Language | None,
        *,
        one_each: bool = False,
    ) -> Pictures:
        """Remember the call."""
        self.opened.append((database, login, language))
        return Pictures([], [])


class CommandLine:
    """Runs commands on one database."""

    def __init__(self, database: str | Path | None) -> None:
        self.database = None if database is None else str(database)
        self.gui = NoWindow()

    def run(self, *arguments: str, stdin: str = "") -> Said:
        """Run a command; its texts are English unless --lang says otherwise."""
        common = [] if self.database is None else ["--database", self.database]
        if "--lang" not in arguments:
            common += ["--lang", "en"]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "stdin", io.StringIO(stdin)):
            code = run([*common, *arguments], self.gui)
        return Said(code, out.getvalue(), err.getvalue())

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json, check how it ended and return its document."""
        said = self.run(*arguments, "--json")
        assert said.code == code, f"exit code {said.code}: {said.err}{said.out}"
        return said.document
