"""The common options are taken wherever they stand."""

from __future__ import annotations

import pytest

from desktop.cli.options import Common, Misused, split_common


@pytest.mark.parametrize(
    "line",
    [
        "--database a.db --as li --json --lang en user list",
        "user list --database a.db --as li --json --lang en",
        "--database=a.db user --as=li list --json --lang=en",
    ],
)
def test_before_and_after_the_command(line: str) -> None:
    assert split_common(line.split()) == (Common("a.db", "li", True, "en"), ["user", "list"])


def test_nothing_is_taken_after_a_double_dash() -> None:
    assert split_common(["mapping", "--", "--json"]) == (Common(), ["mapping", "--", "--json"])


def test_other_options_are_left_alone() -> None:
    rest = ["handover", "李雷", "--to", "韩梅梅", "--xlsx", "a.xlsx"]
    assert split_common(rest) == (Common(), rest)


@pytest.mark.parametrize(
    "line",
    [
        "user list --database",
        "--as --json user list",
        "--database= check",
        "--lang fr check",
        "--json=yes check",
        "--database postgresql://server/team --as li check",
        "--as li check --database=postgresql+psycopg://server/team",
    ],
)
def test_wrong_usage(line: str) -> None:
    with pytest.raises(Misused):
        split_common(line.split())
