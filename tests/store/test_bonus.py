"""The quarterly bonus: 40 % hangs on process figures, each with its counts (PRF-03)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from desktop.errors import InvalidInput
from desktop.i18n import Locale
from desktop.operations.bonus import write_bonus_sheet
from desktop.periods import Period
from desktop.queries.bonus import bonus_lines
from desktop.store.workspace import Workspace
from tests.maker import Maker

QUARTER = Period.parse("2026-Q4")


@pytest.fixture
def firm(make: Maker) -> Maker:
    seller = make.person("李销售")
    make.person("无事")
    full = make.account(
        "甲公司",
        seller,
        credit_code="X1",
        industry="机械",
        grade="A",
        source="展会",
        province="浙江省",
        city="杭州市",
    )
    bare = make.account("乙公司", seller)
    make.activity(full, owner=seller, on=date(2026, 10, 5), next_action="报价")
    make.activity(full, owner=seller, on=date(2026, 11, 5))
    make.activity(bare, owner=seller, type="note", on=date(2026, 11, 6))
    make.activity(bare, owner=seller, on=date(2026, 9, 30))
    make.deal("大单", full, owner=seller, amount="600", path=[("Signed", date(2026, 10, 20))])
    make.deal("旧单", full, owner=seller, amount="900", path=[("Signed", date(2026, 9, 20))])
    for month in ("2026-10", "2026-11", "2026-12", "2026-09"):
        make.target(month, "500", person=seller, metric="sales")
        make.target(month, "30", person=seller, metric="visits")
    return make


def test_the_bonus_is_counted_from_what_is_recorded(workspace: Workspace, firm: Maker) -> None:
    lines = workspace.read(lambda work: bonus_lines(work, QUARTER))
    assert [line.name for line in lines] == ["李销售"]
    line = lines[0]
    counts = {key: (rate.part, rate.whole) for key, rate in line.rates.items()}
    assert counts == {"effective": (2, 3), "next_step": (1, 3), "reached": (1, 2), "complete": (6, 12)}
    assert line.score == Fraction(1, 2)
    assert (line.weight, line.process_part) == (Decimal("0.4"), Fraction(1, 5))
    assert (line.target, line.won, line.attainment) == (150_000, 60_000, Fraction(2, 5))


def test_the_sheet_leaves_hrs_columns_open(workspace: Workspace, firm: Maker, tmp_path: Path) -> None:
    file = tmp_path / "奖金.xlsx"
    sent = workspace.write(
        lambda work: write_bonus_sheet(work, path=file, quarter=QUARTER, locale=Locale("zh_CN"))
    )
    assert sent.rows == 1
    sheet = openpyxl.load_workbook(file).worksheets[0]
    head = next(row for row in range(1, 12) if sheet.cell(row, 6).value == "过程得分")
    values = [sheet.cell(head + 1, column).value for column in range(1, 15)]
    assert values[0] == "李销售"
    assert values[5:8] == [0.5, 0.4, 0.2]
    assert values[8:] == [1500, 600, 0.4, None, None, None]
    locked = [sheet.cell(head + 1, column).protection.locked for column in (1, 12, 13, 14)]
    assert locked == [True, False, False, False]


def test_only_quarters_have_a_bonus(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        workspace.read(lambda work: bonus_lines(work, Period.parse("2026-10")))
