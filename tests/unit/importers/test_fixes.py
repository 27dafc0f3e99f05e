"""Cells corrected and rows left out before an import: applied where they fit, reported where they do not."""

from __future__ import annotations

from pathlib import Path

from desktop.importers.fixes import CellFix, Fix, RowSkip, fix_from_json, fixed, with_fix, without
from desktop.importers.tables import SourceTable
from desktop.operations.mapping_lines import keeping
from desktop.operations.migration import convert_all, make_plan, read_and_map
from tests.unit.importers.files import table

HEADERS = ("合同编号", "客户名称", "合同金额")
ROWS = [("HT-1", "甲公司", "100"), ("HT-2", "乙公司", "详见附件"), ("HT-3", "丙公司", None)]


def ledger() -> SourceTable:
    return table(HEADERS, ROWS)


def cell(source: SourceTable, row: int, column: int, before: str | None, after: str | None) -> CellFix:
    return CellFix(source.file, source.sheet, source.part, row, column, before, after)


def test_cells_are_corrected_and_rows_left_out() -> None:
    source = ledger()
    first = source.frame["row"][0]
    fixes: list[Fix] = [
        cell(source, first + 1, 2, "详见附件", "300"),
        cell(source, first + 2, 2, None, "5"),
        cell(source, first, 1, "甲公司", None),
        RowSkip(source.file, source.sheet, source.part, first),
    ]
    found, stale = fixed(source, fixes)
    assert stale == []
    assert found.frame.rows() == [(first + 1, "HT-2", "乙公司", "300"), (first + 2, "HT-3", "丙公司", "5")]
    assert source.frame.height == 3


def test_a_fix_whose_cell_says_something_else_is_reported_and_not_applied() -> None:
    source = ledger()
    first = source.frame["row"][0]
    fixes: list[Fix] = [
        cell(source, first + 1, 2, "详见合同", "300"),
        cell(source, 99, 2, "1", "2"),
        cell(source, first, 9, "1", "2"),
        RowSkip(source.file, source.sheet, source.part, 99),
    ]
    found, stale = fixed(source, fixes)
    assert found.frame.equals(source.frame)
    assert {(one.why, one.found) for one in stale} == {
        ("cell", "详见附件"),
        ("row", None),
        ("column", None),
    }
    assert len(stale) == 4


def test_a_cell_keeps_what_its_file_says_however_often_it_is_corrected() -> None:
    source = ledger()
    once = with_fix((), [cell(source, 2, 2, "详见附件", "300")])
    twice = with_fix(once, [cell(source, 2, 2, "300", "400")])
    assert [(fix.before, fix.after) for fix in twice if isinstance(fix, CellFix)] == [("详见附件", "400")]
    assert with_fix(twice, [cell(source, 2, 2, "400", "详见附件")]) == ()
    assert without(twice, once) == ()


def test_fixes_are_written_and_read() -> None:
    source = ledger()
    for fix in (cell(source, 2, 2, None, "3"), RowSkip(source.file, "表", 1, 7)):
        assert fix_from_json(fix.to_json()) == fix


def write(path: Path, amount: str = "详见附件") -> Path:
    path.write_text(
        f"合同编号,客户名称,合同金额\nHT-1,甲公司,100\nHT-2,乙公司,{amount}\nHT-3,丙公司,1\n",
        encoding="utf-8",
    )
    return path


def test_a_source_is_converted_again_only_where_it_was_corrected(tmp_path: Path) -> None:
    write(tmp_path / "a.csv")
    write(tmp_path / "b.csv")
    source = read_and_map([tmp_path])
    before = convert_all(source)
    mended = source.fixed(CellFix("a.csv", None, 0, 3, 2, "详见附件", "300"), RowSkip("a.csv", None, 0, 4))
    after = convert_all(mended, before)
    assert after[1] is before[1]
    assert before[0] is not None
    assert after[0] is not None
    assert (before[0].read, after[0].read) == (3, 3)
    assert [(issue.row, issue.code) for issue in after[0].issues] == [(4, "left_out")]
    assert [issue.row for issue in before[0].issues] == [3]
    assert mended.original(0).frame["c2"].to_list() == ["100", "详见附件", "1"]
    assert make_plan(mended).fixes == mended.fixes
    again = mended.unfixed(*mended.fixes)
    assert again.mappings[0].table.frame.equals(source.mappings[0].table.frame)
    assert again.originals == {}


def test_files_that_changed_since_keep_the_fixes_that_still_stand(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    fixes = (
        CellFix("a.csv", None, 0, 3, 2, "详见附件", "300"),
        CellFix("a.csv", None, 0, 2, 2, "100", "101"),
    )
    source = read_and_map([path]).fixed(*fixes)
    write(path, "250")
    late = keeping(read_and_map([path]), source)
    assert [(one.fix.row, one.why, one.found) for one in late.stale] == [(3, "cell", "250")]
    assert late.mappings[0].table.frame["c2"].to_list() == ["101", "250", "1"]
    assert late.applied == fixes[1:]
    # one that is withdrawn is not reported any more
    assert late.unfixed(fixes[0]).stale == ()
