"""What scenarios of commands share."""

from __future__ import annotations

import pytest

from tests.databases import Place
from tests.scenarios.shell import Shell


@pytest.fixture
def shell(place: Place, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command line on the fresh database."""
    return Shell(place, capsys)
