"""An import that is told to stop stops at the next thing it does, whichever phase that is, and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.control import Control
from desktop.errors import Cancelled
from desktop.operations.imports import migrate_plan
from desktop.operations.migration import make_plan, read_and_map
from desktop.store.workspace import Workspace
from tests.conftest import FULL
from tests.store.loading.hand_made import digest_of


class StopsAt(Control):
    """Is cancelled when it is asked for the n-th time."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.cancel()
        super().check()


def test_stopped_at_every_place_where_it_may_stop(workspace: Workspace, folder: Path) -> None:
    plan = make_plan(read_and_map([folder]))
    before = digest_of(workspace)
    asked = StopsAt(0)
    workspace.rehearse(lambda work: None, asked)
    bare = -asked.left
    counting = StopsAt(0)
    migrate_plan(workspace, plan, dry_run=True, control=counting)
    places = -counting.left
    assert places > bare + 10, "an import asks between its phases whether it may go on"
    for number in range(1, places + 1, 1 if FULL else 7):
        with pytest.raises(Cancelled):
            migrate_plan(workspace, plan, control=StopsAt(number))
        assert digest_of(workspace) == before
    assert migrate_plan(workspace, plan).totals["created"] == 5


def test_reading_and_converting_stop_too(folder: Path) -> None:
    with pytest.raises(Cancelled):
        read_and_map([folder], control=StopsAt(2))
    source = read_and_map([folder])
    with pytest.raises(Cancelled):
        make_plan(source, StopsAt(2))
