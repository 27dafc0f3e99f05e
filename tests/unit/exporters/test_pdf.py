"""Papers as PDF: every letter is drawn, also Chinese ones, and nothing of a record is read as markup."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from desktop.exporters import fonts
from desktop.exporters.pages import Figure, Figures, PageTable, Paper, Points
from desktop.exporters.pdf import pdf_bytes

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def paper(title: str, name: str = "杭州明远机械有限公司") -> Paper:
    return Paper(
        title,
        "11 月 18 日 星期三",
        (
            Figures((Figure("关键动作", "75%", "3 / 4", "amber"), Figure("差距", "−12", "", "red"))),
            Points("今日优先行动", ((f"联系 {name}", "<b>45</b> & 天"),), boxes=True),
            PageTable("计划", ("客户", "金额"), [(name, "12.0 万")], (3, 1), (1,), "没有"),
            PageTable("空", ("客户",), [], (1,), (), "没有计划"),
        ),
        "数据截至",
        NOW,
    )


def text_of(content: bytes, folder: Path) -> str | None:
    """What a PDF program reads; None where there is none on this machine."""
    if shutil.which("pdftotext") is None:
        return None
    (folder / "paper.pdf").write_bytes(content)
    done = subprocess.run(
        ["pdftotext", "-layout", folder / "paper.pdf", "-"], capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode()


def test_papers_made_one_after_the_other_each_have_their_own_letters(tmp_path: Path) -> None:
    made = [pdf_bytes([paper(title)])[0] for title in ("个人改进日报", "客户健康", "周度策略会材料")]
    for title, content in zip(("个人改进日报", "客户健康", "周度策略会材料"), made, strict=True):
        assert content.startswith(b"%PDF-")
        text = text_of(content, tmp_path)
        assert text is None or title in text
    cut = [frozenset(re.findall(rb"[A-Z]{6}\+(Paper\w+)", content)) for content in made]
    if fonts.system_fonts() is not None:
        assert all(cut)
        assert len({name for names in cut for name in names}) == sum(map(len, cut))


def test_equal_papers_give_equal_bytes_and_many_share_one_font() -> None:
    assert pdf_bytes([paper("日报")]) == pdf_bytes([paper("日报")])
    one, other = pdf_bytes([paper("日报"), paper("日报", "上海启帆贸易有限公司")])
    assert one != other
    assert set(re.findall(rb"\+(Paper\w+)", one)) == set(re.findall(rb"\+(Paper\w+)", other))


def test_nothing_of_a_record_is_markup(tmp_path: Path) -> None:
    evil = '<font size="99">x</font><para>&amp; <a href="http://x.example">'
    content = pdf_bytes([paper("日报", evil)])[0]
    assert b"/URI" not in content
    text = text_of(content, tmp_path)
    assert text is None or "<font" in text


def test_without_a_font_of_its_own_a_machine_names_one_that_all_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.exporters.pdf.system_fonts", lambda: None)
    assert fonts.FALLBACK.encode() in pdf_bytes([paper("日报")])[0]


def test_a_font_is_cut_to_what_is_needed() -> None:
    found = fonts.system_fonts()
    if found is None:
        pytest.skip("no font with Chinese letters on this machine")
    from fontTools.ttLib import TTFont

    content = fonts.subset(found[0], "准绳 Plumbline 日报", "PaperTest")
    font = TTFont(BytesIO(content))
    assert {ord(letter) for letter in "准绳日报Plumbline"} <= set(font.getBestCmap())
    assert "glyf" in font
    assert len(content) < 60_000
