"""What is said of a command that was written wrongly: in the reader's language, in words that are not a library's."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from desktop.cli.main import run

NO_WINDOW: Any = None


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (["decide"], "ID… is missing.", "缺少 ID…。"),
        (["approvals", "abc"], "ID has to be a whole number.", "ID 应为整数。"),
        (["ask", "x", "--deal", "abc"], "--deal has to be a whole number.", "--deal 应为整数。"),
        (["define", "x"], "--note is missing.", "缺少 --note。"),
        (["nonsense"], "There is no command “nonsense”.", "没有命令“nonsense”。"),
        (["metrics", "--nonsense"], "There is no option --nonsense.", "没有选项 --nonsense。"),
        (
            ["assign", "abc", "1", "--to", "x"],
            "KIND has to be one of: account, contact, lead, opportunity, quote, contract, task.",
            "KIND 应为以下之一：account, contact, lead, opportunity, quote, contract, task。",
        ),
        (["quote", "discount", "1", "abc"], "“abc” is no percentage.", "“abc”不是百分比。"),
    ],
)
def test_a_wrong_command_is_told_in_plain_words(
    tmp_path: Path, words: list[str], english: str, chinese: str
) -> None:
    for language, expected in (("en", english), ("zh_CN", chinese)):
        with redirect_stderr(io.StringIO()) as said:
            code = run([*words, "--lang", language, "--database", str(tmp_path / "a.db")], NO_WINDOW)
        assert code in (2, 3)
        assert said.getvalue().splitlines()[0] == expected
