"""Column headers that name a month, as wide target sheets have them (TGT-11)."""

from __future__ import annotations

import re
import unicodedata

_CHINESE = {
    "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十一": 11, "十二": 12,
}  # fmt: skip
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = re.compile(
    r"(?:fy)?(20\d\d|19\d\d)\s*[-/.年]?\s*(1[0-2]|0?[1-9])\s*月?(?:份)?(?:[-/.]?0?1日?)?(?:t?00:00(?::00)?)?"
)
_COMPACT = re.compile(r"(20\d\d)(0[1-9]|1[0-2])")
_MONTH = re.compile(r"(1[0-2]|0?[1-9])\s*月(?:份)?|m(1[0-2]|0?[1-9])")
_HAN_MONTH = re.compile(r"(十[一二]|[一二三四五六七八九十])月(?:份)?")
_ENGLISH_MONTH = re.compile(rf"({'|'.join(_ENGLISH)})[a-z]*\.?(?:[\s\-/']*(20\d\d|\d\d))?")
_QUARTER = re.compile(r"(20\d\d)?\s*[-年/]?\s*(?:q([1-4])|第?([一二三四1-4])季度?)")
_TAIL = re.compile(
    r"(?:[/\-_ ]*(?:目标|指标|任务|计划|target|quota|plan|金额|业绩|销售额|销售目标|业绩目标|任务额|回款目标))+$"
)
_OTHER = re.compile(r"实际|完成|达成|actual|累计|同比|环比|差额|achieved|率", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def period_of(header: str, year: int | None = None) -> str | None:
    """Return the period a header names: 2026-03 or 2026-Q1; without its year, that of `year` or "--03"."""
    text = unicodedata.normalize("NFKC", header).strip().casefold()
    if _OTHER.search(text):
        return None
    text = re.sub(r"[(\[].*?[)\]]", "", text)
    text = _TAIL.sub("", text).strip(" /-_")
    if match := _FULL.fullmatch(text) or _COMPACT.fullmatch(text):
        return f"{match[1]}-{int(match[2]):02d}"
    month, own_year = _month_alone(text)
    if month is not None:
        known = own_year or year
        return f"{known}-{month:02d}" if known else f"--{month:02d}"
    if match := _QUARTER.fullmatch(text):
        quarter = int(match[2]) if match[2] else _CHINESE.get(match[3]) or int(match[3])
        known = int(match[1]) if match[1] else year
        return f"{known}-Q{quarter}" if known else f"--Q{quarter}"
    return None


def _month_alone(text: str) -> tuple[int | None, int | None]:
    if match := _MONTH.fullmatch(text):
        return int(match[1] or match[2]), None
    if match := _HAN_MONTH.fullmatch(text):
        return _CHINESE[match[1]], None
    if match := _ENGLISH_MONTH.fullmatch(text):
        year = int(match[2]) if match[2] else None
        return _ENGLISH.index(match[1]) + 1, year + 2000 if year is not None and year < 100 else year
    return None, None


def year_in(*texts: str) -> int | None:
    """Return the first year that any of the texts (title, sheet name, file name) tells."""
    for text in texts:
        if match := _YEAR.search(unicodedata.normalize("NFKC", text)):
            return int(match[1])
    return None
