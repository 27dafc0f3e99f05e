"""Chinese is the first language: every text has it, with the same placeholders, once."""

from __future__ import annotations

import pytest

from desktop.i18n import Locale
from tests.architecture.catalogue import conflicting, entries, messages, missing, obsolete, placeholders


def test_the_source_marks_its_texts() -> None:
    assert len(messages()) > 300


def test_every_text_has_chinese() -> None:
    assert {message: messages()[message] for message in missing()} == {}


def test_no_translation_outlives_its_text() -> None:
    assert [f"{entry.file}: {entry.message}" for entry in obsolete()] == []


def test_no_two_catalogues_disagree() -> None:
    assert conflicting() == {}


def test_placeholders_agree() -> None:
    wrong = [
        f"{entry.file}: {entry.message} → {entry.translation}"
        for entry in entries()
        if placeholders(entry.message) != placeholders(entry.translation)
    ]
    assert wrong == []


def test_punctuation_is_chinese() -> None:
    """A Chinese sentence takes full-width commas and stops."""
    wrong = [
        f"{entry.file}: {entry.translation}"
        for entry in entries()
        for before, mark, after in zip(
            entry.translation, entry.translation[1:], [*entry.translation[2:], ""], strict=False
        )
        if mark in ",;!?" and is_han(before) and (is_han(after) or after == " ")
    ]
    assert wrong == []


def is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


@pytest.mark.parametrize("message", ["Sales rep", "Nobody here has the login “{login}”."])
def test_the_locale_finds_what_the_catalogue_says(message: str) -> None:
    assert any(is_han(character) for character in Locale("zh_CN")._(message))
    assert Locale("en")._(message) == message
