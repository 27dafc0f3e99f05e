"""Looking through a table for what is wrong, and mending it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.operations.migration import Source, convert_all, read_and_map
from desktop.operations.remedies import EFFECTS, REMEDIES, remedy_of
from desktop.operations.review import (
    ANY,
    ROWS,
    Place,
    Problems,
    find_problems,
    mend,
    mended_of,
    position_of,
    select_rows,
    shown_table,
    skip,
    skipped_of,
)

TEXT = (
    "客户编号,客户名称,手机,建档日期\n"
    "K1,甲公司,13800138000,2026-01-02\n"
    "K2,乙公司,12,2026-01-03\n"
    ",,13900139000,2026-01-04\n"
    "K4,丁公司,12,昨天\n"
    "K5,戊公司,77,2026-01-06\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "客户.csv"
    path.write_text(TEXT, encoding="utf-8")
    return read_and_map([path])


def problems(source: Source) -> Problems:
    return find_problems(source.mappings[0], convert_all(source)[0])


def test_faults_are_found_by_row_cell_and_kind(source: Source) -> None:
    found = problems(source)
    assert {(kind.code, kind.column, kind.count) for kind in found.kinds} == {
        ("phone_invalid", "手机", 3),
        ("key_missing", None, 1),
        ("date_invalid", "建档日期", 1),
    }
    assert found.kinds[0].code == "key_missing", "what rejects rows comes first"
    assert {column: issue.code for column, issue in found.at_row(5).items()} == {
        2: "phone_invalid",
        3: "date_invalid",
    }
    assert found.at_row(2) == {}
    assert found.rows(("phone_invalid", "手机")) == [3, 5, 6]
    assert found.rows(severity=ROWS) == [4]
    assert found.alike(("phone_invalid", "手机")) == {"12": 2, "77": 1}


def test_the_next_and_the_previous_fault(source: Source) -> None:
    found = problems(source)
    walked = []
    place: Place | None = Place(0, -2)
    while place is not None and (place := found.next(place)) is not None:
        walked.append((place.row, place.column))
    assert walked == [(3, 2), (4, -1), (5, 2), (5, 3), (6, 2)]
    assert found.next(Place(5, 2), forward=False) == Place(4, -1)
    assert found.next(Place(3, 2), kind=("date_invalid", "建档日期")) == Place(5, 3)
    assert found.next(Place(6, 2)) is None
    assert found.next(Place(3, 2), forward=False, severity=ANY) is None


def test_rows_are_found_by_text_and_by_fault(source: Source) -> None:
    table = source.mappings[0].table
    assert select_rows(table, text="公司").to_list() == [0, 1, 3, 4]
    assert select_rows(table, text="丁").to_list() == [3]
    assert select_rows(table, rows=[3, 6]).to_list() == [1, 4]
    assert select_rows(table, text="戊", rows=[3, 6]).to_list() == [4]
    assert select_rows(table).to_list() == [0, 1, 2, 3, 4]
    assert position_of(table, 4) == 2
    assert position_of(table, 99) is None


def test_cells_are_mended_and_only_their_table_is_checked_again(source: Source) -> None:
    before = convert_all(source)
    changes = [(Place(3, 2), "13700137000"), (Place(2, 2), "13800138000"), (Place(99, 0), "x")]
    mended = mend(source, 0, changes)
    assert mended_of(mended, 0) == {(3, 2)}, "a cell that says so already is not corrected"
    assert mended.mappings[0].table.frame["c2"].to_list()[1] == "13700137000"
    assert source.mappings[0].table.frame["c2"].to_list()[1] == "12"
    assert problems(mended).rows(("phone_invalid", "手机")) == [5, 6]
    assert convert_all(source, before)[0] is before[0]
    assert mend(mended, 0, [(Place(3, 2), "12")]).fixes == (), "the file's own text needs no correction"


def test_rows_that_are_left_out_stay_in_sight(source: Source) -> None:
    out = skip(mend(source, 0, [(Place(3, 2), "13700137000")]), 0, [4, 5], out=True)
    assert skipped_of(out, 0) == {4, 5}
    assert out.mappings[0].table.frame["row"].to_list() == [2, 3, 6]
    shown = shown_table(out, 0)
    assert shown.frame["row"].to_list() == [2, 3, 4, 5, 6]
    assert shown.frame["c2"].to_list()[1] == "13700137000"
    again = skip(out, 0, [5], out=False)
    assert again.mappings[0].table.frame["row"].to_list() == [2, 3, 5, 6]


def test_every_fault_says_what_it_does_and_what_to_do(source: Source) -> None:
    for kind in problems(source).kinds:
        assert remedy_of(kind.example)
        assert kind.severity in EFFECTS
    assert all(text.endswith(".") for text in REMEDIES.values())
