"""The exact normalised name: what makes two names the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.analytics.names import name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江苏中圣（集团）有限公司", "江苏中圣(集团)有限公司"),
        ("江苏 中圣【集团】有限公司 ", "江苏中圣〔集团〕有限公司"),
        ("ＡＢＣ　Ｃｏ．", "abc co."),
        ("Acme\u200b  Inc\u00a0", "ACME inc"),
        ("甲 ABC 公司", "甲ABC公司"),
        ("Straße", "STRASSE"),
    ],
)
def test_spelling_does_not_matter(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("江苏中圣有限公司", "江苏中圣股份有限公司"),
        ("Acme Inc", "AcmeInc"),
        ("甲公司1", "甲公司2"),
        ("張三", "张三"),
    ],
)
def test_every_other_character_does(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text())
def test_a_key_has_no_spaces_at_its_ends_and_no_capitals(text: str) -> None:
    key = name_key(text)
    assert key == key.strip()
    assert not any("A" <= letter <= "Z" for letter in key)
