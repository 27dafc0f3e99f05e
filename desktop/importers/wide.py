"""Target sheets with one column per month: 姓名 | 1月 | 2月 ... (TGT-01)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from desktop.importers.months import period_of, year_in
from desktop.importers.tables import ColumnMapping, SourceTable
from desktop.importers.vocabulary import fields_called, normal

_TARGET_WORDS = re.compile(r"目标|指标|任务|考核|计划|target|quota|goal|plan|achievement", re.IGNORECASE)
_OWNER_WORDS = re.compile(
    r"对象|姓名|销售|业务员|人员|部门|负责人|区域|大区|团队|单位|分公司|办事处|省区|城市|owner|name|rep|person|team|unit|region",
    re.IGNORECASE,
)


def year_of(table: SourceTable) -> int | None:
    return year_in(table.title, table.sheet or "", PurePosixPath(table.file).stem)


def wide_target(table: SourceTable) -> tuple[ColumnMapping, ...] | None:
    """Return the mapping of a sheet with one column per month (姓名 | 1月 | 2月 ...), or None."""
    year_at, year = _year_column(table)
    year = year or (None if year_at is not None else year_of(table))
    leaves = [header.split("/")[-1] if len(table.header_rows) > 1 else header for header in table.headers]
    periods = [
        period_of(header, year) or (period_of(leaf, year) if leaf != header else None)
        for header, leaf in zip(table.headers, leaves, strict=True)
    ]
    months = [period for period in periods if period]
    if len(months) < 3 or len(set(months)) < len(months):
        return None
    words = " ".join([PurePosixPath(table.file).stem, table.sheet or "", table.title[:200], *table.headers])
    if not _TARGET_WORDS.search(words):
        return None
    mapped: list[ColumnMapping] = []
    owner = _owner_column(table, periods)
    if owner is None:
        return None
    for index, header in enumerate(table.headers):
        period = periods[index]
        if period:
            sure = 0.95 if not period.startswith("--") or year_at is not None else 0.6
            mapped.append(ColumnMapping(index, header, "target.value", sure, "period", period))
        elif index == year_at and year is None:
            mapped.append(ColumnMapping(index, header, "target.period", 0.95, "synonym"))
        elif index == owner:
            mapped.append(ColumnMapping(index, header, "target.owner", 0.95, "synonym"))
        elif "target.metric" in fields_called(normal(header)):
            mapped.append(ColumnMapping(index, header, "target.metric", 0.95, "synonym"))
        else:
            mapped.append(ColumnMapping(index, header, None, 0.0, ""))
    return tuple(mapped)


def _year_column(table: SourceTable) -> tuple[int | None, int | None]:
    """Return the column of years, and its year if it is the same in every row."""
    for index, header in enumerate(table.headers):
        if normal(header) in ("年份", "年度", "年", "year", "fiscalyear", "财年"):
            years = (
                table.frame[f"c{index}"]
                .drop_nulls()
                .str.extract(r"^(20\d\d)年?(?:度)?$", 1)
                .unique()
                .to_list()
            )
            if years and None not in years:
                return index, int(years[0]) if len(years) == 1 else None
    return None, None


def _owner_column(table: SourceTable, periods: Sequence[str | None]) -> int | None:
    """Return the column of people or units: the one called so that names people, else the first."""
    found = [
        index
        for index, header in enumerate(table.headers)
        if not periods[index] and _OWNER_WORDS.search(header) and table.kinds[index].text > 0
    ]
    people = [
        i
        for i in found
        if re.search(r"姓名|人员|业务员|负责人|销售代表|销售员|name|rep|person", table.headers[i], re.I)
    ]
    return people[0] if people else found[0] if found else None
