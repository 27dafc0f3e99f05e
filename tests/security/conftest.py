"""What attacks on a real database share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import PostgresHost
from tests.security.lab import Lab, lab
from tests.security.stage import staged


@pytest.fixture(scope="module")
def stage(postgres_host: PostgresHost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The staged firm in a database of this module's own."""
    place = postgres_host.fresh(tmp_path_factory.mktemp("stage"))
    with lab(place, staged()[0]) as made:
        yield made
    postgres_host.drop(place)
