"""How the sheets of a workbook go onto A4: upright or lying, whole in width while they stay readable, else on pages side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

UPRIGHT, LYING = 698, 1053
"""Pixels between the margins of an upright page and of one that lies, printed as large as on the screen."""
TALL_LYING = 650
READABLE = 0.65
"""Texts have 10 points: 6.5 are the least that is printed; a wider sheet has pages side by side."""
BESIDE = 520
"""Pixels of a table beside which a chart still has its place."""
CHART, CHART_BESIDE, TALLEST_CHART = 760, 640, 560
_GAP, _ROW, _HEAD = 64, 20, 110


def pixels(width: float) -> int:
    """Return how wide a column of so many digits is; 0 for a hidden one."""
    return round(width * 7 + 5) if width else 0


def set_up(sheet: Any) -> None:
    """Set a sheet up for A4; margins leave room for its title above and page numbers below."""
    sheet.set_paper(9)
    sheet.set_margins(left=0.45, right=0.45, top=0.8, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)


def fit(sheet: Any, widths: Sequence[float], *, chart: bool) -> None:
    """Fit columns onto the page; what would get too small goes over pages that begin with the first column again."""
    wide = sum(map(pixels, widths))
    if chart and wide <= BESIDE:
        wide += _GAP + CHART_BESIDE
    if chart or wide > UPRIGHT:
        sheet.set_landscape()
    pages = pages_wide(widths) if wide * READABLE > LYING else 1
    if pages > 1:
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_columns(0)
        sheet.print_across()


def pages_wide(widths: Sequence[float]) -> int:
    """Return over how many pages columns go that stay readable; each page begins with the first column."""
    first, *others = map(pixels, widths)
    return max(1, ceil(sum(others) / (LYING / READABLE - first)))


def chart_size(widths: Sequence[float], wanted: int) -> tuple[int, int, bool]:
    """Return width and height of a chart in pixels, and whether it stands beside its table instead of below."""
    beside = sum(map(pixels, widths)) <= BESIDE
    return (CHART_BESIDE if beside else CHART), min(wanted, TALLEST_CHART), beside


def keep_whole(sheet: Any, widths: Sequence[float], row: int, height: int) -> None:
    """Begin a page with a chart that stands below its table, where it would be cut; `row` is where it begins."""
    wide = sum(map(pixels, widths))
    if wide * READABLE > LYING:
        return
    # Some programs make columns wider, for want of the font that they are measured in.
    scale = min(0.85, LYING / max(wide, CHART) * 0.85)
    page = TALL_LYING / scale
    if (_HEAD + row * _ROW) % page + height > page:
        # A sheet that is fitted to a width ignores breaks, so this one is printed at the scale that fits.
        sheet.set_print_scale(int(scale * 100))
        sheet.set_h_pagebreaks([row])
