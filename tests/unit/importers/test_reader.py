"""Files of every kind become tables, and bad files become clear refusals (security, bad files)."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest

from desktop.control import Control
from desktop.errors import Cancelled, InvalidInput
from desktop.importers import reader
from desktop.importers.grid import NO_VALUE
from desktop.importers.reader import find_files, read_sources
from desktop.importers.tables import SourceTable
from tests.unit.importers.files import change_part, write_xlsx

CUSTOMERS = [
    ["客户名称", "手机", "创建时间", "金额"],
    ["甲公司", 13800138000, date(2026, 3, 5), 1.5],
    ["乙公司", None, None, 7],
]
SHEET = "xl/worksheets/sheet1.xml"


def only(path: Path) -> SourceTable:
    """Read a file that must give one table."""
    result = read_sources([path])
    assert result.refused == []
    assert len(result.tables) == 1
    return result.tables[0]


def refusal(path: Path) -> str:
    """Read a file that must be refused, and return the code."""
    result = read_sources([path])
    assert result.tables == []
    assert len(result.refused) == 1
    assert result.refused[0].file == path.name
    assert result.refused[0].message
    assert result.refused[0].remedy
    return result.refused[0].code


def test_a_workbook_becomes_canonical_text_with_the_rows_that_excel_shows(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "客户.xlsx",
        {
            "客户": [
                ["客户名称", "手机", "创建时间", "金额", "备注", "时长"],
                ["甲公司", 13800138000, date(2026, 3, 5), 0.1, True, time(10, 20)],
                [],
                ["  ", None, datetime(2026, 3, 5, 10, 20), 1e-7, "　乙　", None],
            ]
        },
    )
    table = only(path)
    assert table.sheet == "客户"
    assert table.header_rows == (1,)
    assert table.frame["row"].to_list() == [2, 4]
    assert table.frame.row(0) == (2, "甲公司", "13800138000", "2026-03-05", "0.1", "TRUE", "10:20:00")
    assert table.frame.row(1) == (4, None, None, "2026-03-05T10:20:00", "0.0000001", "乙", None)
    assert table.left_out.blank == 1
    assert table.kinds[1].number == 1
    assert table.kinds[2].date == 2
    assert table.encoding is None


def test_an_old_workbook_with_merged_heads_units_and_totals(tmp_path: Path) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("台账")
    sheet.write_merge(0, 0, 0, 3, "2026年合同台账")
    sheet.write_merge(1, 2, 0, 0, "序号")
    sheet.write_merge(1, 1, 1, 3, "合同")
    for column, text in enumerate(("编号", "客户名称", "金额"), start=1):
        sheet.write(2, column, text)
    sheet.write(3, 3, "万元")
    for row, cells in enumerate(((1, "HT1", "甲公司", 10), (2, "HT2", "乙公司", 20)), start=4):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    sheet.write(6, 0, "合计")
    sheet.write(6, 3, 30)
    sheet.write(8, 0, "制表人：财务部")
    book.save(str(tmp_path / "ledger.xls"))

    table = only(tmp_path / "ledger.xls")

    assert table.header_rows == (2, 3)
    assert table.headers == ("序号", "合同/编号", "合同/客户名称", "合同/金额(万元)")
    assert table.title == "2026年合同台账"
    assert table.frame["row"].to_list() == [5, 6]
    assert table.left_out == (1, 1, 2)


ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "gb18030",
    "gbk",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
)


def test_text_in_any_encoding_and_with_any_separator(tmp_path: Path) -> None:
    for encoding in ENCODINGS:
        for index, separator in enumerate(",;\t|"):
            lines = [
                separator.join(row)
                for row in (
                    ["客户名称", "城市", "备注"],
                    ["甲公司", "上海", '"第一行\r\n第二行"'],
                    ["乙公司", "苏州", ""],
                )
            ]
            (tmp_path / f"{encoding}{index}.csv").write_bytes("\r\n".join(lines).encode(encoding))
    result = read_sources([tmp_path])
    assert result.refused == []
    assert len(result.tables) == 4 * len(ENCODINGS)
    for table in result.tables:
        assert table.headers == ("客户名称", "城市", "备注"), table.file
        assert table.frame.rows() == [
            (2, "甲公司", "上海", "第一行\r\n第二行"),
            (3, "乙公司", "苏州", None),
        ]


def test_hidden_sheets_are_read_and_empty_ones_are_not_a_fault(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"))
    book.add_worksheet("空")
    sheet = book.add_worksheet("客户")
    for index, row in enumerate((["客户名称", "城市"], ["甲公司", "上海"])):
        sheet.write_row(index, 0, row)
    sheet.hide()
    book.get_worksheet_by_name("空").activate()
    book.close()
    table = only(tmp_path / "b.xlsx")
    assert table.sheet == "客户"
    assert "hidden_sheet" in table.warnings


@pytest.mark.parametrize("dimension", [b"A1", b"A1:XFD1048576", b"B2:B2"])
def test_a_wrong_dimension_loses_no_row(tmp_path: Path, dimension: bytes) -> None:
    path = write_xlsx(tmp_path / "d.xlsx", {"客户": CUSTOMERS})
    change_part(
        path,
        SHEET,
        lambda xml: xml.replace(b'<dimension ref="A1:D3"/>', b'<dimension ref="' + dimension + b'"/>'),
    )
    assert only(path).frame.height == 2


def test_error_cells_and_formulas_without_value_are_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "e.xlsx", {"客户": CUSTOMERS})
    error = b'<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    change_part(
        path,
        SHEET,
        lambda xml: xml.replace(b'<c r="D2"><v>1.5</v></c>', error).replace(
            b'<c r="D3"><v>7</v></c>', b'<c r="D3"><f>A1</f></c>'
        ),
    )
    table = only(path)
    assert table.frame["c3"].to_list() == ["#DIV/0!", NO_VALUE]
    assert table.kinds[3].error == 2


def test_content_counts_and_not_the_name(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "a.xlsx", {"客户": CUSTOMERS})
    renamed = tmp_path / "a.csv"
    renamed.write_bytes(book.read_bytes())
    assert only(renamed).frame.height == 2
    text = tmp_path / "b.xlsx"
    text.write_bytes("客户名称,城市\n甲公司,上海\n".encode("gb18030"))
    assert only(text).encoding == "gb18030"


def test_a_password_is_said_to_be_one(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    book = write_xlsx(tmp_path / "plain.xlsx", {"客户": CUSTOMERS})
    for name, password in (("secret.xlsx", "geheim"), ("readonly.xlsx", "VelvetSweatshop")):
        locked = io.BytesIO()
        OOXMLFile(io.BytesIO(book.read_bytes())).encrypt(password, locked)
        (tmp_path / name).write_bytes(locked.getvalue())
    assert refusal(tmp_path / "secret.xlsx") == "encrypted"
    assert only(tmp_path / "readonly.xlsx").frame.height == 2


def test_a_file_cut_short_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "whole.xlsx", {"客户": CUSTOMERS}).read_bytes()
    folder = tmp_path / "cut"
    folder.mkdir()
    for part in range(64):
        (folder / f"{part:02d}.xlsx").write_bytes(whole[: len(whole) * part // 64])
    result = read_sources([folder])
    assert result.tables == []
    assert len(result.refused) == 64
    assert {item.code for item in result.refused} <= {"damaged", "empty", "not_a_table"}


def test_bombs_and_forgeries_end_in_a_refusal_and_the_rest_is_read(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "good.xlsx", {"客户": CUSTOMERS})
    content = good.read_bytes()

    def bad(name: str, part: str, old: bytes, new: bytes) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        change_part(path, part, lambda xml: xml.replace(old, new))

    bad("corner.xlsx", SHEET, b'r="D3"', b'r="XFD1048576"')
    bad("forged.xlsx", "xl/sharedStrings.xml", b'uniqueCount="', b'uniqueCount="4000000000')
    bad("dtd.xlsx", "xl/sharedStrings.xml", b"<sst ", b'<!DOCTYPE x [<!ENTITY a "b">]><sst ')
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(good) as source:
            for name in source.namelist():
                if name != SHEET:
                    archive.writestr(name, source.read(name))
        with archive.open(SHEET, "w", force_zip64=True) as stream:
            stream.write(b"<worksheet><sheetData>")
            for _ in range(400):
                stream.write(b" " * 1_000_000)
    result = read_sources([tmp_path])
    assert [table.file for table in result.tables] == ["good.xlsx"]
    assert {item.file: item.code for item in result.refused} == {
        "bomb.xlsx": "too_large",
        "corner.xlsx": "too_large",
        "dtd.xlsx": "dtd",
        "forged.xlsx": "damaged",
    }


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    for name, content, code in (
        ("none.xlsx", b"", "empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(200), "not_a_table"),
        ("page.pdf", b"%PDF-1.7 ...", "not_a_table"),
        ("numbers.csv", b"1,2,3\n", "not_a_table"),
    ):
        (tmp_path / name).write_bytes(content)
        assert refusal(tmp_path / name) == code
    assert refusal(write_xlsx(tmp_path / "title.xlsx", {"A": [["销售报表"]], "B": []})) in (
        "not_a_table",
        "empty",
    )


def test_a_crashing_child_costs_one_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.csv").write_text("客户名称,城市\n甲,上海\n", encoding="utf-8")
    import sys

    script = tmp_path.parent / f"{tmp_path.name}-child.py"
    script.write_text(
        "import sys, os\n"
        "from pathlib import Path\n"
        "import desktop.importers.child as child\n"
        "plain = child.read_file\n"
        "def read(path, name, out, index, *more):\n"
        "    if name == 'b.csv':\n"
        "        os.abort()\n"
        "    return plain(path, name, out, index, *more)\n"
        "child.read_file = read\n"
        "sys.exit(child.run(Path(sys.argv[1]), Path(sys.argv[2])))\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(reader, "child_command", lambda: [sys.executable, str(script)])
    result = read_sources([tmp_path])
    assert [table.file for table in result.tables] == ["a.csv", "c.csv"]
    assert [(item.file, item.code) for item in result.refused] == [("b.csv", "damaged")]


def test_a_hanging_child_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    (tmp_path / "a.csv").write_text("客户名称\n甲\n", encoding="utf-8")
    monkeypatch.setattr(reader, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(
        reader,
        "child_command",
        lambda: [
            sys.executable,
            "-c",
            "import sys; print('start 0', flush=True); sys.stdin = open('/dev/zero'); [None for _ in iter(int, 1)]",
        ],
    )
    assert refusal(tmp_path / "a.csv") == "timeout"


def test_cancelling_ends_the_child(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("客户名称,城市\n甲,上海\n", encoding="utf-8")
    control = Control(on_progress=lambda done, total, what: control.cancel())
    with pytest.raises(Cancelled):
        read_sources([tmp_path], control)


def test_folders_are_searched_and_office_leftovers_passed_over(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.csv", "sub/a.csv", "~$b.xlsx", ".hidden", "Thumbs.db", "sub/a.fpt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [file.name for file in find_files([tmp_path])] == ["b.csv", "sub/a.csv", "sub/a.fpt"]
    for name in ("sub/A.dbf", "old.db", "old.db-wal"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [file.name for file in find_files([tmp_path])] == ["b.csv", "old.db", "sub/A.dbf", "sub/a.csv"]
    with pytest.raises(InvalidInput, match="There is no file"):
        find_files([tmp_path / "missing"])


def test_a_large_sheet_is_read_as_a_small_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.importers import sheets
    from desktop.importers.preflight import preflight

    path = write_xlsx(
        tmp_path / "l.xlsx",
        {
            "客户": [
                ["客户名称", "手机", "时间", "勾", "数", "合并"],
                [],
                ["甲", 13800138000, date(2026, 3, 5), True, 0.1, "x"],
                ["乙", 1.5, datetime(2026, 3, 5, 10, 20), False, 123456789012345, None],
                [" 丙　", None, time(10, 20), None, -7, None],
            ]
        },
        merged={"客户": ["F3:F5"]},
    )
    change_part(
        path,
        SHEET,
        lambda xml: xml.replace(b"<v>-7</v>", b"").replace(b"<v>0.1</v>", b"<f>1/3</f><v>0.1</v>"),
    )
    found = preflight(path)
    grids = []
    for limit in (10**12, 0):
        monkeypatch.setattr(sheets, "LARGE_BYTES", limit)
        grids.append(next(iter(sheets.read_workbook(path, "xlsx", found))).grid)
    slow, fast = grids
    assert [column.to_list() for column in fast.columns] == [column.to_list() for column in slow.columns]
    assert fast.columns[2].to_list() == ["时间", None, "2026-03-05", "2026-03-05T10:20:00", "10:20:00"]
    assert fast.merged == slow.merged == [(2, 5, 4, 5)]
