"""The rows under a table's head: merged texts repeated, and what is no data told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from desktop.importers.grid import BLANK, BOOLEAN, DATE, ERROR, NUMBER, TEXT, Grid

NUMBER_LIKE = re.compile(r"[-+(]?[¥￥$€]?[-+]?[\d,，]*\.?\d+\s*[)%％]?(?:[eE][-+]?\d+)?")
UNIT_CELL = re.compile(
    r"[(（\[]?\s*(?:万元|亿元|千元|元|%|％|个|台|件|人|期|次|家|条|笔|天|日|月|年|万|亿|吨|kg|km|m|小时|分钟|秒|usd|rmb|cny|—|-|/|yyyy-mm-dd|单位[:：].{1,4})\s*[)）\]]?",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:\S{0,12}[-_\s]?)?(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计)(?:[(（]\S{1,8}[)）])?(?:\s*\d+\s*(?:条|行|家|个|笔|份))?\s*[:：]?|"
    r"(?:grand\s+|sub-?\s*)?totals?\s*[:：]?(?:\s*\(\d+.*\))?|(?:.{1,30}\s)(?:sub-?)?total\s*[:：]?|总和|汇总|承前页|过次页|接上页|上页结转|转下页",
    re.IGNORECASE,
)
_TOTAL_WORD = (
    r"(?i)(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|总和|汇总|total|承前页|过次页|接上页|上页结转|转下页)"
)
_PAGE = re.compile(
    r"[-—\s]*第?\s*\d+\s*(?:页|/)\s*[,，/、]?\s*(?:共?\s*\d+\s*页?)?[-—\s]*|page\s*\d+(?:\s*(?:of|/)\s*\d+)?|(?:续表|接下页|（续）|\(续\))",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(（\[【](?![\d.,\s¥￥$-]+[)）])[^()（）\[\]]{1,40}[)）\]】]")
_RULE = re.compile(r"[-=+|_*─━═\s]{3,}")
_FOOTER = re.compile(
    r"\s*(?:制表|制单|填表|填报|审核|审批|复核|主管|负责人签字|打印|导出|备注|注|说明|附注|以上|数据来源|来源|签字|日期|单位|note|notes|source|generated|"
    r"printed|prepared|exported|confidential|report)\s*(?:人|时间|日期|于|by|on|at|\d)?\s*[:：]",
    re.IGNORECASE,
)


_FEW_ROWS = 200_000


def fill_down(frame: pl.DataFrame, kinds: list[pl.Series], grid: Grid, start: int) -> pl.DataFrame:
    """Repeat texts and dates merged over several rows; amounts stay with their first row, or sums would swell."""
    changes: dict[int, list[tuple[int, int]]] = {}
    for first_row, first, last_row, last in grid.merged:
        if first_row >= start and last_row > first_row and last < frame.width and first == last:
            changes.setdefault(first, []).append((first_row - start, last_row - start))
    for column, areas in changes.items():
        values = frame.get_column(f"c{column}").to_list()
        codes = kinds[column].to_list()
        for first_row, last_row in areas:
            if first_row < len(values) and codes[first_row] in (TEXT, DATE) and values[first_row] is not None:
                for row in range(first_row + 1, min(last_row, len(values) - 1) + 1):
                    if codes[row] == BLANK:
                        values[row], codes[row] = values[first_row], codes[first_row]
        frame = frame.with_columns(pl.Series(f"c{column}", values, dtype=pl.String))
        kinds[column] = pl.Series(codes, dtype=pl.UInt8)
    return frame


def is_unit_row(cells: Sequence[str | None]) -> bool:
    """Whether a row under the header holds nothing but units, or remarks in brackets about each column."""
    filled = [cell for cell in cells if cell is not None]
    words = [cell for cell in filled if not re.fullmatch(r"[-—/]", cell)]
    if not words:
        return False
    if all(UNIT_CELL.fullmatch(cell) for cell in filled):
        return True
    return len(words) > 1 and all(_IN_BRACKETS.fullmatch(cell) for cell in words)


def is_remark(cell: str) -> bool:
    """Whether a cell begins a remark or a signature and names no column: 制表人：, 说明："""
    return cell.endswith((":", "：")) or _FOOTER.match(cell) is not None


def is_total(cell: str) -> bool:
    """Whether a cell says that its row sums up others: 小计, 合计, Total."""
    return _TOTAL.fullmatch(cell) is not None


def total_rows(frame: pl.DataFrame, kinds: list[pl.Series], width: int) -> set[int]:
    """Return the rows that sum up others: a total's word in any cell, and figures or nothing beside it."""
    reach = width if frame.height <= _FEW_ROWS else min(width, 12)
    look = [pl.col(f"c{i}").str.contains(_TOTAL_WORD).fill_null(False) for i in range(reach)]
    candidates = frame.select(pl.any_horizontal(look).alias("t"))["t"].arg_true().to_list()
    found: set[int] = set()
    for index in candidates:
        cells = [(i, cell) for i, cell in enumerate(frame.row(index)[:width]) if cell is not None]
        words = [i for i, cell in cells if _TOTAL.fullmatch(cell)]
        if not words:
            continue
        said = {cell for _, cell in cells if _TOTAL.fullmatch(cell)}
        others = [(i, cell) for i, cell in cells if cell not in said]
        # A sum that was never calculated, or that fails, is a figure too.
        figures = sum(
            kinds[i][index] in (NUMBER, ERROR) or bool(NUMBER_LIKE.fullmatch(cell)) for i, cell in others
        )
        # The group's own name may stand before the word: 华东区 │ 小计 │ 12 │ 3400.
        named = sum(i < words[0] for i, _ in others) if words[0] < 4 else 0
        if figures * 2 >= len(others) - min(named, 2):
            found.add(index)
    return found


def repeated_heads(frame: pl.DataFrame, headers: list[str], parts: list[str]) -> set[int]:
    """Return the rows that repeat the header, as page breaks of a print-out do."""
    named = [i for i, part in enumerate(parts) if part]
    if len(named) < 2:
        return set()
    same = [(pl.col(f"c{i}") == parts[i]) | (pl.col(f"c{i}") == headers[i]) for i in named[:12]]
    return set(frame.select(pl.all_horizontal(same).fill_null(False).alias("s"))["s"].arg_true().to_list())


def page_breaks(
    frame: pl.DataFrame, heads: set[int], filled: pl.Series, above: Sequence[str], width: int
) -> set[int]:
    """Return the lines between two printed pages: page numbers, and the titles repeated over the repeated head."""
    titles = {text for text in above if text}
    found: set[int] = set()
    for head in heads:
        index = head - 1
        while index >= 0 and head - index <= 12:
            cells = [cell for cell in frame.row(index)[:width] if cell is not None]
            text = " ".join(cells)
            lone = len(cells) <= max(1, width // 4) and width > 2
            known = text in titles or _PAGE.fullmatch(text) or _FOOTER.match(text)
            if cells and not known and not (lone and index + 1 in found | {head}):
                break
            if cells:
                found.add(index)
            index -= 1
    paged = [pl.col(f"c{i}").str.contains(r"(?i)页|page").fill_null(False) for i in range(min(width, 12))]
    candidates = frame.select(pl.any_horizontal(paged).alias("p"))["p"] & (filled <= 2)
    for index in candidates.arg_true().to_list():
        cells = [cell for cell in frame.row(index)[:width] if cell is not None]
        if width > 2 and _PAGE.fullmatch(" ".join(cells)):
            found.add(index)
    return found


def group_titles(frame: pl.DataFrame, filled: pl.Series, grid: Grid, start: int, width: int) -> set[int]:
    """Return the lines in which one text, merged over most of the width, heads a group of rows."""
    found: set[int] = set()
    for first_row, first, last_row, last in grid.merged:
        index = first_row - start
        across = first_row == last_row and last - first + 1 >= max(3, width * 0.5)
        if across and 0 <= index < frame.height and filled[index] == 1:
            found.add(index)
    return found


def comment_rows(frame: pl.DataFrame, filled: pl.Series, width: int) -> set[int]:
    """Return comment lines (# …) and ruling lines (-----) among rows of cells."""
    if width < 2:
        return set()
    signs = frame.select(
        pl.coalesce("c0", "c1")
        .str.contains(r"^(?:#|//|--|==|\+-|\*\*|[-=_─━═]{3})")
        .fill_null(False)
        .alias("s")
    )["s"]
    found: set[int] = set()
    for index in signs.arg_true().to_list():
        cells = [cell for cell in frame.row(index)[:width] if cell is not None]
        if (all(_RULE.fullmatch(cell) for cell in cells) and (len(cells) == 1 or len(cells[0]) > 2)) or (
            cells[0].startswith(("#", "//")) and filled[index] <= max(1, width // 3)
        ):
            found.add(index)
    return found


def footer_rows(frame: pl.DataFrame, kinds: list[pl.Series], filled: pl.Series, width: int) -> set[int]:
    """Return the lines under the table: one or two cells, after a gap, like a signature, or where figures belong."""
    found: set[int] = set()
    usual = filled.filter(filled > 0).quantile(0.75)
    if width < 3 or usual is None or usual < 3:
        return found
    always, typed = _steady_columns(frame, kinds, filled)
    index = len(filled) - 1
    pending: list[int] = []
    while index >= 0 and len(found) + len(pending) < 60:
        if filled[index] > max(2, usual * 0.34):
            break
        cells = frame.row(index)[:width]
        texts = [cell for cell in cells if cell is not None]
        nameless = bool(always) and cells[always[0]] is None and not _fits(kinds, typed, texts, index)
        if filled[index] == 0:
            found.update(pending)
            pending = []
        elif _FOOTER.match(texts[0]) or _PAGE.fullmatch(" ".join(texts)) or len(texts[0]) > 60 or nameless:
            found.update((*pending, index))
            pending = []
        elif len(typed) > 1 and all(kinds[i][index] in (BLANK, TEXT) for i in typed):
            # A name without its figures may be a record: left out only among lines that are none.
            if index + 1 in found and index + 2 in found:
                found.add(index)
            else:
                pending.append(index)
        else:
            break
        index -= 1
    return set() if len(found) >= int((filled > 0).sum()) else found


def closing_remarks(frame: pl.DataFrame, filled: pl.Series, width: int) -> set[int]:
    """Return the lines under the last gap where they begin as a remark does and fill no row: 说明： 1、… 2、…"""
    gaps = (filled == 0).arg_true()
    if width < 3 or not len(gaps):
        return set()
    first = int(gaps[-1]) + 1
    if first >= frame.height or not (filled.slice(first) < filled.head(first).max()).all():
        return set()
    cells = [cell for cell in frame.row(first)[:width] if cell is not None]
    return set(range(first, frame.height)) if cells and is_remark(cells[0]) else set()


def _fits(kinds: list[pl.Series], typed: list[int], texts: list[str], index: int) -> bool:
    """Whether a row without its name is a record all the same: a text, and figures where figures belong."""
    figures = any(kinds[i][index] in (NUMBER, DATE, BOOLEAN) for i in typed)
    return figures and not all(NUMBER_LIKE.fullmatch(text) for text in texts)


def _steady_columns(
    frame: pl.DataFrame, kinds: list[pl.Series], filled: pl.Series
) -> tuple[list[int], list[int]]:
    """Return the columns that every full row fills, and those that hold figures in nearly all of them."""
    usual = filled > filled.max() * 0.5  # type: ignore[operator]
    rows = int(usual.sum())
    if rows < 3:
        return [], []
    always = [i for i, kind in enumerate(kinds) if int(((kind != BLANK) & usual).sum()) == rows]
    typed = [
        i
        for i, kind in enumerate(kinds)
        if int((kind.is_in([NUMBER, DATE, BOOLEAN]) & usual).sum()) >= rows * 0.9
    ]
    return always, typed
