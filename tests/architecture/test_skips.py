"""A test may be left out only for a reason that is written down."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.conftest import unexpected_skips


def skipped(reason: str) -> SimpleNamespace:
    return SimpleNamespace(longrepr=("tests/test_x.py", 1, f"Skipped: {reason}"))


@pytest.mark.parametrize(
    "reason", ["no shared data folder beside the project", "no LibreOffice on this machine"]
)
def test_a_known_reason_passes(reason: str) -> None:
    assert unexpected_skips([skipped(reason)]) == []


def test_any_other_reason_fails_the_run() -> None:
    reports = [skipped("flaky"), skipped("no shared data folder beside the project"), skipped("flaky")]
    assert unexpected_skips(reports) == ["flaky"]
