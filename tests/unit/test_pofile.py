"""The reader of translation files agrees with Babel's, and says where a file is broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from desktop.pofile import Messages, read_messages
from desktop.resources import resource

CATALOGUES = sorted(resource("locale", "zh_CN").glob("*.po"))


def babel_messages(path: Path) -> Messages:
    """Return what Babel reads."""
    messages: Messages = {}
    with path.open("rb") as stream:
        for entry in read_po(stream, locale="zh_CN"):
            if not entry.id or not entry.string:
                continue
            key = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
            key = f"{entry.context}\x04{key}" if entry.context else key
            messages[key] = tuple(entry.string) if isinstance(entry.string, tuple | list) else entry.string
    return messages


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_it_reads_what_babel_reads(path: Path) -> None:
    """Every catalogue of the program, message for message."""
    assert read_messages(path) == babel_messages(path)


def test_the_format(tmp_path: Path) -> None:
    """Contexts, plurals, continued lines, escapes, comments, entries without a blank line between."""
    path = tmp_path / "a.po"
    path.write_text(
        '# comment\nmsgid ""\nmsgstr "header\\n"\n\n'
        'msgctxt "menu"\nmsgid "Open"\nmsgstr "打开"\n'
        'msgid "{n} row"\nmsgid_plural "{n} rows"\nmsgstr[0] "{n} 行"\n\n'
        '#~ msgid "Old"\n#~ msgstr "旧"\n\n'
        'msgid ""\n"a\\"b"\n"c\\n"\nmsgstr ""\n"甲\\"乙"\n"丙\\n"\n\n'
        'msgid "Not yet"\nmsgstr ""\n',
        encoding="utf-8",
    )
    assert read_messages(path) == {"menu\x04Open": "打开", "{n} row": ("{n} 行",), 'a"bc\n': '甲"乙丙\n'}
    assert read_messages(path) == babel_messages(path)


@pytest.mark.parametrize(
    ("text", "line"),
    [('"lost"', 1), ("nonsense", 1), ('msgid "a\nmsgstr "b"', 1), ('msgid "a"\nmsgstr b', 2)],
)
def test_a_broken_file_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    """What is wrong, in which line."""
    path = tmp_path / "broken.po"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"broken.po, line {line}:"):
        read_messages(path)
