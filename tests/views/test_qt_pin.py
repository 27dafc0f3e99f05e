"""The installed Qt binding keeps count of None: one that does not ends the program after a while."""

from __future__ import annotations

import sys

import pytest
from PySide6 import __version__
from PySide6.QtCore import QObject

CALLS = 3000


def test_the_binding_is_one_that_was_measured() -> None:
    major, minor = (int(part) for part in __version__.split(".")[:2])
    assert (6, 10) <= (major, minor) < (6, 12)


@pytest.mark.parametrize(
    "call", [lambda thing: thing.setObjectName("a"), lambda thing: thing.blockSignals(False)]
)
def test_a_call_without_a_result_costs_no_reference(call: object) -> None:
    assert callable(call)
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        call(thing)
    assert abs(sys.getrefcount(None) - before) < CALLS // 10
