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
    r"(?:\S{0,12}[-_\s]?)?(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计)(?:\s*\d+\s*(?:条|行|家|个|笔|份))?\s*[:：]?|"
    r"(?:grand\s+|sub-?\s*)?totals?\s*[:：]?(?:\s*\(\d+.*\))?|总和|汇总",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"\s*(?:制表|制单|填表|填报|审核|审批|复核|主管|负责人签字|打印|导出|备注|注|说明|附注|以上|数据来源|来源|签字|日期|单位|note|notes|source|generated|"
    r"printed|prepared|exported|confidential|report)\s*(?:人|时间|日期|于|by|on|at|\d)?\s*[:：]",
    re.IGNORECASE,
)


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
    filled = [cell for cell in cells if cell is not None]
    words = [cell for cell in filled if not re.fullmatch(r"[-—/]", cell)]
    return bool(words) and all(UNIT_CELL.fullmatch(cell) for cell in filled)


def total_rows(frame: pl.DataFrame, kinds: list[pl.Series], width: int) -> set[int]:
    """Return the rows that sum up others: a total's word among the first cells, and figures beside it."""
    pattern = r"(?i)(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|总和|汇总|total)"
    look = [pl.col(f"c{i}").str.contains(pattern).fill_null(False) for i in range(min(width, 6))]
    candidates = frame.select(pl.any_horizontal(look).alias("t"))["t"].arg_true().to_list()
    found: set[int] = set()
    for index in candidates:
        cells = [(i, cell) for i, cell in enumerate(frame.row(index)[:width]) if cell is not None]
        words = [i for i, cell in cells[:3] if i < 6 and _TOTAL.fullmatch(cell)]
        if not words:
            continue
        others = [
            (i, cell)
            for i, cell in cells
            if i not in words and cell not in {c for _, c in cells if _TOTAL.fullmatch(c)}
        ]
        # A sum that was never calculated, or that fails, is a figure too.
        figures = sum(
            kinds[i][index] in (NUMBER, ERROR) or bool(NUMBER_LIKE.fullmatch(cell)) for i, cell in others
        )
        if figures * 2 >= len(others):
            found.add(index)
    return found


def repeated_heads(frame: pl.DataFrame, headers: list[str], parts: list[str]) -> set[int]:
    """Return the rows that repeat the header, as page breaks of a print-out do."""
    named = [i for i, part in enumerate(parts) if part]
    if len(named) < 2:
        return set()
    same = [(pl.col(f"c{i}") == parts[i]) | (pl.col(f"c{i}") == headers[i]) for i in named[:12]]
    return set(frame.select(pl.all_horizontal(same).fill_null(False).alias("s"))["s"].arg_true().to_list())


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
        nameless = bool(always) and cells[always[0]] is None
        if filled[index] == 0:
            found.update(pending)
            pending = []
        elif _FOOTER.match(texts[0]) or len(texts[0]) > 60 or nameless:
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
    return found


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
