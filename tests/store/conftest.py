"""Fixtures of the tests on both databases."""

from __future__ import annotations

import pytest

from desktop.store.workspace import Workspace
from tests.maker import Maker
from tests.store.metric_firm import build_firm


@pytest.fixture
def firm(workspace: Workspace, make: Maker) -> Workspace:
    """A small firm at random, for figures."""
    return build_firm(workspace, make)
