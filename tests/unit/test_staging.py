"""Blocks pasted from spreadsheets: what a clipboard holds, and the file it becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import InvalidInput
from desktop.operations.staging import (
    best_block,
    block_of,
    block_of_html,
    first_row_is_header,
    load_block,
    save_block,
)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a\tb\r\n1\t2\r\n", [["a", "b"], ["1", "2"]]),
        ('a\t"two\nlines"\n1\t2\n', [["a", "two\nlines"], ["1", "2"]]),
        ('a\t"12"" pipe"\n', [["a", '12" pipe']]),
        ('"begun\ta\n1\t2', [['"begun', "a"], ["1", "2"]]),
        ("a\tb\n1", [["a", "b"], ["1", ""]]),
        ("one", [["one"]]),
        ("a\n\n\n", [["a"]]),
    ],
)
def test_tab_separated_text_is_taken_apart(text: str, cells: list[list[str]]) -> None:
    assert block_of(text) == cells


@pytest.mark.parametrize(
    ("markup", "cells"),
    [
        ("<table><tr><td>a</td><td>b</td></tr></table>", [["a", "b"]]),
        ("<table><tr><td>a<td>b<tr><td>c", [["a", "b"], ["c", ""]]),
        (
            "<table><tr><td rowspan=2>a<td colspan=2>b</tr><tr><td>c</td><td>d</td></tr></table>",
            [["a", "b", ""], ["", "c", "d"]],
        ),
        (
            '<table><td x:num="1234.5678">1,234.57</td><td x:num="0.5">50%</td></table>',
            [["1234.5678", "50%"]],
        ),
        (
            '<table><td x:num="45930">2025/9/30</td><td x:num="1.5E7">########</td></table>',
            [["2025/9/30", "1.5E7"]],
        ),
        ("<table><tr><td>a&amp;b<br>c&nbsp;d</td></tr></table>", [["a&b\nc d"]]),
        ("<table><tr><td>1</td></tr></table><table><tr><td>2</td></tr></table>", [["1"]]),
        ("<p>none</p>", []),
    ],
)
def test_the_clipboards_table_is_read(markup: str, cells: list[list[str]]) -> None:
    """Merged cells hold their text once; a cell's exact value counts, not its rounded text."""
    assert block_of_html(markup) == cells


def test_the_table_is_preferred_to_its_rounded_text() -> None:
    markup = '<html><table><tr><td x:num="3.14159">3.14</td><td>b</td></tr></table></html>'
    assert best_block("3.14\tb", markup) == [["3.14159", "b"]]
    assert best_block("a\tb", "<p>a b</p>") == [["a", "b"]]


@pytest.mark.parametrize(
    ("block", "is_header"),
    [
        ([["客户名称", "金额"], ["甲公司", "1200"]], True),
        ([["甲公司", "1200"], ["乙公司", "900"]], False),
        ([["Name", "Name"], ["a", "b"]], False),
        ([["Name"]], False),
        ([["Name", "2026-03-05"], ["a", "b"]], False),
    ],
)
def test_a_header_is_guessed(block: list[list[str]], is_header: bool) -> None:
    assert first_row_is_header(block) is is_header


def test_a_block_is_kept_as_a_file_and_opened_again(tmp_path: Path) -> None:
    block = [["客户名称", "备注"], ["甲公司", "第一行\n第二行"], ["乙,公司", '12" 管']]
    staged = save_block("粘贴: 10/11?", block, has_header=True, folder=tmp_path)
    assert staged.path.name == "粘贴 10 11.csv"
    assert load_block(staged.path) == block
    assert staged.path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_an_empty_block_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nothing in the table"):
        save_block("x", [["", " "]], has_header=False, folder=tmp_path)
