"""Makes the workbook of a customer list that both sides read: typed cells, and the dirt of daily use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from desktop.demo.sheets import Cell
from desktop.demo.words import (
    FIRST_SYLLABLES,
    LEGAL_FORMS,
    ROADS,
    SECOND_SYLLABLES,
    SOURCES,
    TOWNS,
    TRADES,
    ZONES,
)

HEADERS = (
    "客户编号",
    "客户名称",
    "客户来源",
    "客户行业",
    "客户级别",
    "手机",
    "电话",
    "邮箱",
    "网址",
    "省份",
    "城市",
    "区县",
    "详细地址",
    "员工人数",
    "年营收",
    "成立日期",
    "负责人",
    "创建时间",
    "下次联系时间",
    "备注",
)
OWNERS = tuple(f"销售{number:02d}" for number in range(1, 41))


def rows(count: int) -> Iterator[tuple[Cell, ...]]:
    """Yield `count` customers; about one in fifty has a padded name, a short phone or an unreadable number."""
    rng = Random(count)
    provinces = list(TOWNS)
    for number in range(1, count + 1):
        province = rng.choice(provinces)
        town = rng.choice(TOWNS[province])
        trade, industry = rng.choice(TRADES)
        name = f"{town}{rng.choice(FIRST_SYLLABLES)}{rng.choice(SECOND_SYLLABLES)}{trade}{number}{rng.choice(LEGAL_FORMS)}"
        dirt = rng.random()
        founded = date(1990, 1, 1) + timedelta(days=rng.randrange(12_000))
        created = datetime(2023, 1, 1) + timedelta(minutes=rng.randrange(1_900_000))
        yield (
            f"KH{number:07d}",
            f" {name} " if dirt < 0.01 else name,
            rng.choice(SOURCES),
            industry,
            rng.choice("ABC"),
            f"138{number % 100_000_000:08d}" if dirt < 0.99 else "1380000",
            f"0571-8{number % 10_000_000:07d}",
            f"c{number}@kehu.example.com",
            f"https://c{number}.example.com",
            province,
            town,
            rng.choice(ZONES),
            f"{rng.choice(ROADS)}{rng.randrange(1, 999)}号",
            rng.randrange(5, 5000),
            rng.randrange(100, 90_000) * 10_000 if dirt < 0.985 else "约两千万",
            founded,
            rng.choice(OWNERS),
            created,
            created + timedelta(days=rng.randrange(5, 90)) if dirt < 0.7 else None,
            "虚构客户",
        )


def a_quarter_later(count: int) -> Iterator[tuple[Cell, ...]]:
    """Yield the same customers as the old system exports them later: of every fourth, four cells are others."""
    rng = Random(-count)
    for number, row in enumerate(rows(count)):
        if number % 4:
            yield row
            continue
        cells = list(row)
        cells[HEADERS.index("客户级别")] = rng.choice("ABCD")
        cells[HEADERS.index("详细地址")] = f"{rng.choice(ROADS)}{rng.randrange(1, 999)}号"
        cells[HEADERS.index("员工人数")] = rng.randrange(5, 5000)
        cells[HEADERS.index("下次联系时间")] = datetime(2027, 1, 1) + timedelta(days=rng.randrange(90))
        yield tuple(cells)


def make(path: Path, count: int, *, later: bool = False) -> None:
    """Write the workbook of `count` rows and twenty columns, with shared strings as Excel saves them."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("客户")
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        sheet.write_row(0, 0, HEADERS)
        for line, row in enumerate(a_quarter_later(count) if later else rows(count), start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(line, column, value, formats[type(value)])
                elif value is not None:
                    sheet.write_number(line, column, value)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), later=len(sys.argv) > 3)
