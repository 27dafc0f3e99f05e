"""An example of a migration, for the pictures of the user guide: the demo firm's old files, rehearsed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.operations.import_results import ImportResult
from desktop.operations.imports import import_plan
from desktop.operations.migration import Source, convert_all, plan_of, read_and_map
from desktop.store.workspace import Work

if TYPE_CHECKING:
    from desktop.importers.tables import ConvertedTable

SCALE = 0.05


@dataclass(frozen=True)
class Example:
    """Files that were read and converted."""

    source: Source
    converted: list[ConvertedTable | None]

    def rehearsal(self) -> Callable[[Work], ImportResult]:
        """Return the operation that imports them, to be rehearsed."""
        plan = plan_of(self.source, self.converted)
        return lambda work: import_plan(work, plan, rehearsal=True, propose=True)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="plumbline-example-")


@cache
def example_migration() -> Example:
    """Write the fictitious firm's files at a twentieth of their size, and read them; once per process."""
    from desktop.demo.files import write_legacy_files
    from desktop.demo.generate import generate_firm

    folder = Path(_folder().name)
    write_legacy_files(generate_firm(SCALE), folder, SCALE)
    source = read_and_map([folder])
    return Example(source, convert_all(source))
