"""Web pages under the name of a spreadsheet, as web systems export them: every <table> as a grid.

The page is never fetched from, run or built as a tree: text and tags go by once. Marks that Excel
puts in are understood: `mso-number-format`, `x:num`, `x:err`, hidden rows and the sheet's name.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

from desktop.importers.building import MAX_COLUMNS, GridBuilder
from desktop.importers.decoding import Progress, blocks_of_text, document_encoding, no_progress
from desktop.importers.grid import ERROR, NUMBER, TEXT, Grid, number_text

_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:.-]*+)((?:=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*+["'])|[^>=])*+)>""")
_LOOSE_TAG = re.compile(r"<(/?)([a-zA-Z][\w:.-]*+)([^>]*+)>")
_SIMPLE_CELL = re.compile(
    r"""<(t[dhDH])((?:=\s*+"[^"<>]*+"|=\s*+'[^'<>]*+'|=(?!\s*+["'])|[^<>=])*+)>([^<]*+)</\1>\s*+"""
)
"""What nearly all of a large page is made of, taken in one step."""

_MARKED = re.compile(r"span|x:", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z_:][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_SHEET_NAME = re.compile(r"<x:Name>\s*([^<]{1,200}?)\s*</x:Name>", re.IGNORECASE)
_NUMERIC = re.compile(r"[-+(]?\s*[¥￥$€£]?\s*[-+]?[\d,.\s\u00a0]+%?\s*\)?")
_BLANKS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
_BLOCK = "\x1f"
_LONGEST_TAG = 1 << 14
_MAX_ODDITIES = 1_000
_MAX_ASIDE = 1 << 16
_RAW = {"script": "</script", "style": "</style", "xml": "</xml", "noframes": "</noframes"}
"""Elements whose content is not text of the page, and what ends each."""
_BREAKS = frozenset({"br", "p", "div", "li"})
_MAX_DEPTH = 40
_MAX_TABLES = 2_000


@dataclass(frozen=True)
class PageTable:
    """One table of a page: its cells and what Excel or a caption calls it."""

    name: str | None
    grid: Grid


@dataclass
class _Table:
    builder: GridBuilder = field(default_factory=GridBuilder)
    row: int = -1
    column: int = 0
    spans: dict[int, int] = field(default_factory=dict)
    cell: list[str] | None = None
    marks: dict[str, str] = field(default_factory=dict)
    caption: str = ""


def read_page(path: Path, progress: Progress = no_progress) -> tuple[list[PageTable], str]:
    """Return the tables of a web page and its encoding; raise InvalidInput if one is too large."""
    codec, errors = document_encoding(path)
    page = _Page()
    for block in blocks_of_text(path, codec, errors, progress):
        page.feed(block)
    page.close()
    return page.result(), codec


class _Page:
    """The state between two blocks of a page's text."""

    def __init__(self) -> None:
        self._rest = ""
        self._ended = False
        self._until = ""
        self._aside = ""
        self._oddities = 0
        self._open: list[_Table] = []
        self._done: list[_Table] = []
        self._names: list[str] = []
        self._caption: list[str] | None = None

    def feed(self, text: str) -> None:
        """Take the next block of text."""
        text = self._rest + text
        at = 0
        while at < len(text):
            if self._until:
                end = self._skipped(text, at)
                if end is None:
                    self._rest = text[max(at, len(text) - len(self._until)) :]
                    return
                at = end
                continue
            tag = text.find("<", at)
            if tag < 0:
                self._text(text[at:])
                break
            if tag > at:
                self._text(text[at:tag])
            at = tag
            after = self._markup(text, at)
            if after is None:
                self._rest = text[at:]
                return
            at = after
        self._rest = ""

    def close(self) -> None:
        """Take what is left when the page ends, and end what was left open."""
        self._ended = True
        self.feed("")
        for table in self._open:
            table.builder.warnings.append("cut_short")
        while self._open:
            self._end_table()

    def result(self) -> list[PageTable]:
        """Return the tables that hold anything, a head that stands in a table of its own put on its body."""
        found: list[PageTable] = []
        tables = [table for table in self._done if table.builder.height]
        for number, table in enumerate(tables, start=1):
            name = table.caption or (self._names[0] if self._names and number == 1 else "")
            if not name and len(tables) > 1:
                name = str(number)
            grid = table.builder.finish()
            if found and _is_head_of(found[-1].grid, grid):
                found[-1] = PageTable(found[-1].name, _stacked(found[-1].grid, grid))
            else:
                found.append(PageTable(name[:200] or None, grid))
        return found

    def _skipped(self, text: str, at: int) -> int | None:
        """Return where a comment, script or style ends, or None if not in this block."""
        found = re.compile(re.escape(self._until), re.IGNORECASE).search(text, at)
        if len(self._aside) < _MAX_ASIDE:
            self._aside += text[at : found.start()] if found else text[at : -len(self._until)]
        if found is None:
            return None
        if len(self._names) < _MAX_TABLES:
            self._names += _SHEET_NAME.findall(self._aside)
        self._until = self._aside = ""
        return found.end()

    def _markup(self, text: str, at: int) -> int | None:
        """Deal with what begins with "<"; return where it ends, or None if it goes on in the next block."""
        following = text[at + 1 : at + 2]
        whole = self._ended or len(text) - at > _LONGEST_TAG
        if following == "!" and (text.startswith("<!--", at) or (len(text) - at < 4 and not whole)):
            if len(text) - at < 4:
                return None
            self._until = "-->"
            return at + 4
        if following in ("!", "?"):
            end = text.find(">", at)
            return end + 1 if end >= 0 else at + 2 if whole else None
        if following and not (following == "/" or (following.isascii() and following.isalpha())):
            self._text("<")
            return at + 1
        if following and following in "tT" and self._open and self._caption is None:
            simple = _SIMPLE_CELL.match(text, at, at + _LONGEST_TAG)
            if simple is not None:
                self._start_cell(self._open[-1], simple[2])
                self._text(simple[3])
                self._end_cell(self._open[-1])
                return simple.end()
        match = _TAG.match(text, at, at + _LONGEST_TAG) if self._oddities < _MAX_ODDITIES else None
        if match is None and not whole:
            return None
        if match is None:
            # A quotation mark that is never closed, or an attribute as long as a picture.
            self._oddities += 1
            match = _LOOSE_TAG.match(text, at, at + _LONGEST_TAG)
        if match is None:
            self._until = ">"
            return at + 1
        name = match[2].lower()
        if match[1]:
            self._end(name)
        else:
            self._start(name, match[3])
            if name in _RAW and not match[3].endswith("/"):
                self._until = _RAW[name]
        return match.end()

    def _text(self, text: str) -> None:
        if self._caption is not None:
            self._caption.append(text)
        elif self._open and (cell := self._open[-1].cell) is not None:
            cell.append(_BLANKS.sub(" ", text))

    def _start(self, name: str, attributes: str) -> None:
        if name == "table":
            self._start_table()
            return
        if not self._open:
            return
        table = self._open[-1]
        if name == "tr":
            self._start_row(table, attributes)
        elif name in ("td", "th"):
            self._start_cell(table, attributes)
        elif name == "caption":
            self._caption = []
        elif name in _BREAKS and table.cell is not None:
            table.cell.append("\n" if name == "br" else _BLOCK)

    def _end(self, name: str) -> None:
        if not self._open:
            return
        table = self._open[-1]
        if name == "table":
            self._end_table()
        elif name in ("td", "th", "tr"):
            self._end_cell(table)
        elif name == "caption" and self._caption is not None:
            table.caption = " ".join(html.unescape("".join(self._caption)).split())
            self._caption = None
        elif name in ("p", "div", "li") and table.cell is not None:
            table.cell.append(_BLOCK)

    def _start_table(self) -> None:
        if len(self._open) < _MAX_DEPTH and len(self._done) < _MAX_TABLES:
            self._open.append(_Table())
            # Tables stand in the order in which they begin, an outer one before its inner ones.
            self._done.append(self._open[-1])

    def _end_table(self) -> None:
        self._caption = None
        self._end_cell(self._open[-1])
        self._open.pop()

    def _start_row(self, table: _Table, attributes: str) -> None:
        self._end_cell(table)
        table.row += 1
        table.column = 0
        table.spans = {column: left - 1 for column, left in table.spans.items() if left > 1}
        if attributes and "none" in attributes and _is_hidden(attributes):
            table.builder.hidden_rows.add(table.row)

    def _start_cell(self, table: _Table, attributes: str) -> None:
        self._end_cell(table)
        if table.row < 0:
            self._start_row(table, "")
        table.cell = []
        table.marks = _attributes(attributes) if attributes and _MARKED.search(attributes) else {}

    def _end_cell(self, table: _Table) -> None:
        if table.cell is None:
            return
        content, table.cell = "".join(table.cell), None
        marks = table.marks
        while table.spans.get(table.column):
            table.column += 1
        across = _span(marks.get("colspan"), MAX_COLUMNS - table.column)
        down = _span(marks.get("rowspan"), 65_536)
        if "&" in content:
            content = html.unescape(content)
        text, kind = _cell(_plain(content), marks)
        table.builder.put(table.row, table.column, text, kind)
        if text and (across > 1 or down > 1):
            table.builder.merge(table.row, table.column, table.row + down - 1, table.column + across - 1)
        if down > 1:
            table.spans.update(dict.fromkeys(range(table.column, table.column + across), down))
        table.column += across


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }


def _is_hidden(attributes: str) -> bool:
    style = _attributes(attributes).get("style", "")
    return "display:none" in "".join(style.split()).lower()


def _span(text: str | None, most: int) -> int:
    if not text or not text.strip().isdigit():
        return 1
    return max(1, min(int(text.strip()[:7]), most))


def _plain(content: str) -> str:
    """Return a cell's text as a browser shows it: a new line where a paragraph or a line break says so."""
    if _BLOCK in content:
        content = re.sub(f"[ {_BLOCK}]*{_BLOCK}[ {_BLOCK}]*", _BLOCK, content).strip(f" {_BLOCK}")
        content = content.replace(_BLOCK, "\n")
    return re.sub(r" *\n *", "\n", content) if "\n" in content else content


def _cell(text: str, marks: dict[str, str]) -> tuple[str | None, int]:
    """Return a cell's canonical text and kind; what Excel kept beside the text counts before it."""
    if error := marks.get("x:err"):
        return error, ERROR
    number = marks.get("x:num")
    if number and _NUMERIC.fullmatch(text.strip()):
        try:
            return number_text(float(number)), NUMBER
        except (ValueError, OverflowError):
            return text, TEXT
    return text, TEXT


def _is_head_of(head: Grid, body: Grid) -> bool:
    """Whether a table of one or two rows only names the columns of the one after it, as grids on the web do."""
    if head.height > 2 or head.width < 2 or head.width != body.width or body.height < 1:
        return False
    cells = [cell for row in head.head(2) for cell in row if cell]
    return len(cells) >= head.width and not any(re.search(r"\d{3,}", cell) for cell in cells)


def _stacked(head: Grid, body: Grid) -> Grid:
    import polars as pl

    down = head.height
    return Grid(
        [pl.concat(pair) for pair in zip(head.columns, body.columns, strict=True)],
        [pl.concat(pair) for pair in zip(head.kinds, body.kinds, strict=True)],
        [*head.merged, *((a + down, b, c + down, d) for a, b, c, d in body.merged)],
        [*head.warnings, *body.warnings],
        head.hidden_rows | {row + down for row in body.hidden_rows},
    )
