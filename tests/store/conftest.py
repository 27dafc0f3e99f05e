"""Fixtures of the tests on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop.clock import FixedClock
from desktop.store.workspace import Workspace
from tests.conftest import NOW
from tests.databases import Host
from tests.maker import Maker
from tests.store.metric_firm import build_firm


@pytest.fixture
def firm(workspace: Workspace, make: Maker) -> Workspace:
    """A small firm at random, for figures."""
    return build_firm(workspace, make)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def standing_firm(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    """The same firm, made once, for tests that only read."""
    host: Host = request.getfixturevalue(f"{request.param}_host")
    place = host.fresh(tmp_path_factory.mktemp("firm"))
    workspace = place.open(clock=FixedClock(NOW))
    yield build_firm(workspace, Maker(workspace))
    host.drop(place)
