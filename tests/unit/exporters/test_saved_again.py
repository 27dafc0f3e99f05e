"""Saved again with the habits of Excel: every part is written in another way, and no cell says anything else (RPT-07)."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from io import BytesIO

import pytest

from desktop.exporters import large_book, plain_rows, stored
from desktop.exporters.large_book import LargeBook, compare_books
from desktop.exporters.large_seal import sealed_book
from desktop.exporters.signature import proof_of
from tests.unit.exporters.test_signature import KEYS, SEALED

_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
_CONTENT = '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/>'


class Excel:
    """Writes a workbook anew: one table of shared strings with phonetic hints, other styles, other numerals."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            self.parts = {name: parts.read(name).decode() for name in parts.namelist()}
        self.old = re.findall(r"<si>(.*?)</si>", self.parts.get("xl/sharedStrings.xml", ""), re.DOTALL)
        self.texts: dict[str, int] = {}

    def saved(self) -> bytes:
        """Return the workbook as it is saved again."""
        for name in [name for name in self.parts if name.startswith("xl/worksheets/sheet")]:
            self.parts[name] = _CELL.sub(self._cell, self.parts[name])
        items = "".join(self._item(text, at) for text, at in self.texts.items())
        self.parts["xl/sharedStrings.xml"] = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<sst xmlns='
            f'"http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="9">{items}</sst>'
        )
        self._styles()
        self.parts["xl/calcChain.xml"] = '<calcChain><c r="A1" i="1"/></calcChain>'
        types = self.parts["[Content_Types].xml"].replace("</Types>", f"{_CONTENT}</Types>")
        self.parts["[Content_Types].xml"] = re.sub(r'<Override PartName="/docProps/[^>]*>', "", types)
        self.parts["_rels/.rels"] = re.sub(
            r"<Relationship [^>]*docProps/[^>]*>", "", self.parts["_rels/.rels"]
        )
        stream = BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
            for name in sorted(self.parts, reverse=True):
                if not name.startswith("docProps/"):
                    package.writestr(name, self.parts[name])
        return stream.getvalue()

    def _cell(self, match: re.Match[str]) -> str:
        column, row, attributes, inner = match[1], match[2], match[3], match[4] or ""
        place = f'<c r="{column}{row}"'
        style = re.search(r' s="(\d+)"', attributes)
        look = f' s="{int(style[1]) + 1}"' if style else ' s="1"'
        kind = re.search(r' t="(\w+)"', attributes)
        value = re.search(r"<v>([^<]*)</v>", inner)
        if kind and kind[1] in ("s", "inlineStr"):
            text = self.old[int(value[1])] if value else re.sub(r"^<is>|</is>$", "", inner)
            return f'{place}{look} t="s"><v>{self.texts.setdefault(text, len(self.texts))}</v></c>'
        if not inner:
            return f"{place}{look}/>"
        if value and not kind:
            inner = inner.replace(value[0], f"<v>{_numeral(value[1])}</v>")
        return f"{place}{look}{kind[0] if kind else ''}>{inner}</c>"

    def _item(self, text: str, at: int) -> str:
        said = "".join(re.findall(r"<t[^>]*>([^<]*)</t>", text))
        spaced = f'<t xml:space="preserve">{said}</t>'
        if at % 3 == 0 and len(unescape(said)) == len(said) > 1:
            # Two runs of other looks.
            return f'<si><r><t xml:space="preserve">{said[:1]}</t></r><r><rPr><b/></rPr><t xml:space="preserve">{said[1:]}</t></r></si>'
        if at % 3 == 1:
            return f'<si>{spaced}<rPh sb="0" eb="1"><t>ピン</t></rPh><phoneticPr fontId="1"/></si>'
        return f"<si>{spaced}</si>"

    def _styles(self) -> None:
        """Every style has another number, and every number format of its own, too."""
        text = self.parts["xl/styles.xml"]
        text = re.sub(r"(<cellXfs[^>]*>)", r'\1<xf numFmtId="0"/>', text)
        self.parts["xl/styles.xml"] = re.sub(
            r'(numFmtId=")(1[6-9]\d)"', lambda one: f'{one[1]}{int(one[2]) + 40}"', text
        )


def _numeral(text: str) -> str:
    """Return a number as Excel writes it: up to seventeen digits, large and small ones with an exponent."""
    number = float(text)
    written = f"{number:.17g}" if number % 1 else text
    if number and (abs(number) < 0.1 or abs(number) >= 1e6):
        digits, _, power = f"{number:.16E}".partition("E")
        written = f"{digits.rstrip('0').rstrip('.')}E{int(power)}"
    return written


@pytest.mark.parametrize("large", [False, True])
def test_what_excel_saves_again_says_the_same(large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:
        monkeypatch.setattr(stored, "LARGE_SHEET", 0)
        monkeypatch.setattr(large_book, "LONGEST_ALIGNED", -1)
        monkeypatch.setattr(plain_rows, "PIECE", 2_000)
    again = Excel(SEALED).saved()
    assert again != SEALED
    result = compare_books(LargeBook(SEALED, "a"), LargeBook(again, "b"))
    assert result.differences == ()
    book, tall = sealed_book(again, "b")
    assert book.properties == {}
    proof = proof_of(book, KEYS, tall)
    assert proof is not None
    assert (proof.signed, proof.same, proof.changed) == (True, True, ())


def test_a_book_that_counts_its_days_from_1904_is_another_one() -> None:
    excel = Excel(SEALED)
    excel.parts["xl/workbook.xml"] = re.sub(
        r"<workbookPr", '<workbookPr date1904="1"', excel.parts["xl/workbook.xml"]
    )
    (found,) = compare_books(LargeBook(SEALED, "a"), LargeBook(excel.saved(), "b")).differences
    assert (found.approved, found.found) == ("1900", "1904")
