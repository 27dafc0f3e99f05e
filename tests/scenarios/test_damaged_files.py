"""Whatever is in a file, it gets a verdict: tables, or a reason; nothing but the reading child ever dies.

Files of every format are made here, then bytes are turned over, cut off, doubled and blanked out. Sampled unless
PLUMBLINE_FULL=1 (`dev.py test --full`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import UserError
from desktop.importers.options import TableLayout
from desktop.importers.parts import find_tables
from desktop.importers.reader import read_sources
from desktop.importers.text import read_text
from tests.conftest import FULL
from tests.unit.importers.files import write_xlsx
from tests.unit.importers.test_layout import grid_of
from tests.unit.importers.writers import (
    biff_stream,
    ods_cell,
    ods_content,
    write_dbf,
    write_ods,
    write_xlsb,
    write_zip,
    xml_workbook,
)

VARIANTS = 240 if FULL else 8
"""Damaged copies of each format."""

HEADERS = ["客户名称", "城市", "手机", "金额(万元)", "创建时间"]
ROWS = [
    [f"测试{number}有限公司", "上海", f"138{number:08}", number * 1.5, f"2026-03-{number:02}"]
    for number in range(1, 12)
]


def text_bytes(separator: str, encoding: str) -> bytes:
    """Return the table as a text file."""
    return "\r\n".join(separator.join(map(str, row)) for row in [HEADERS, *ROWS]).encode(encoding)


def old_workbook() -> bytes:
    """Return the table as an .xls."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("客户")
    for index, row in enumerate([HEADERS, *ROWS]):
        for column, value in enumerate(row):
            sheet.write(index, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def seeds(folder: Path) -> dict[str, bytes]:
    """Return one sound file of every format, by its name."""

    def written(name: str, write: Callable[[Path], object]) -> bytes:
        write(folder / name)
        return (folder / name).read_bytes()

    table = [HEADERS, *ROWS]
    page = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in table)
    xml_rows = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in table
    )
    ods_rows = "".join(
        "<table:table-row>" + "".join(ods_cell(str(cell)) for cell in row) + "</table:table-row>"
        for row in table
    )
    cards = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{row[0]}\r\nTEL:{row[2]}\r\nEND:VCARD\r\n" for row in ROWS
    )
    dated = [[*row[:4], date(2026, 3, 5)] for row in ROWS]
    return {
        "comma.csv": text_bytes(",", "utf-8-sig"),
        "tab.tsv": text_bytes("\t", "utf-16"),
        "odd.txt": text_bytes("+|", "gb18030"),
        "new.xlsx": written("seed.xlsx", lambda path: write_xlsx(path, {"客户": [HEADERS, *dated]})),
        "old.xls": old_workbook(),
        "oldest.xls": biff_stream(3, [["a", "b"], *([f"x{number}", float(number)] for number in range(9))]),
        "binary.xlsb": written("seed.xlsb", lambda path: write_xlsb(path, table)),
        "open.ods": written("seed.ods", lambda path: write_ods(path, ods_content(ods_rows))),
        "page.xls": f"<html><meta charset=utf-8><table>{page}</table></html>".encode(),
        "xml.xls": xml_workbook({"客户": xml_rows}),
        "cards.vcf": cards.encode(),
        "base.dbf": written(
            "seed.dbf",
            lambda path: write_dbf(
                path,
                [("KHMC", "C", 30, 0), ("JE", "N", 12, 2)],
                [[str(row[0]).encode("gb18030"), str(row[3]).encode()] for row in ROWS],
            ),
        ),
        "many.zip": written("seed.zip", lambda path: write_zip(path, {"客户.csv": text_bytes(",", "utf-8")})),
    }


def damaged(content: bytes, rng: Random) -> bytes:
    """Return a copy with a few bytes changed, a piece cut off, doubled, blanked or put in."""
    data = bytearray(content)
    kind = rng.randrange(6)
    at, size = rng.randrange(len(data)), rng.randrange(1, 1 + len(data) // 4)
    if kind == 0:
        for _ in range(rng.randrange(1, 9)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del data[at:]
    elif kind == 2:
        data[at:at] = data[at : at + size]
    elif kind == 3:
        data[at : at + size] = bytes(len(data[at : at + size]))
    elif kind == 4:
        data[at:at] = rng.randbytes(rng.randrange(1, 200))
    else:
        data[at : at + 4] = rng.choice(
            (b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b'"<&>', b"\xff\xfe\xfd\xfc")
        )
    return bytes(data)


def damaged_inside(content: bytes, rng: Random) -> bytes:
    """Return a container one of whose parts is damaged while the container itself is sound."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        parts = [name for name in source.namelist() if source.getinfo(name).file_size]
        chosen = rng.choice(parts)
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, damaged(part, rng) if name == chosen else part)
    return out.getvalue()


@pytest.mark.parametrize("seed", range(4 if FULL else 1))
def test_every_damaged_file_gets_a_verdict(tmp_path: Path, seed: int) -> None:
    folder, made = tmp_path / "files", tmp_path / "made"
    folder.mkdir()
    made.mkdir()
    for name, content in seeds(made).items():
        (folder / f"sound-{name}").write_bytes(content)
        rng = Random(f"{name} {seed}")
        for number in range(VARIANTS):
            inside = content.startswith(b"PK") and number % 2
            copy = damaged_inside(content, rng) if inside else damaged(content, rng)
            (folder / f"{number:03}-{name}").write_bytes(copy)
    result = read_sources([folder])
    told = {item.file.split("/")[0] for item in (*result.tables, *result.refused)}
    assert told == {path.name for path in folder.iterdir()}
    assert not [item.file for item in result.refused if item.file.startswith("sound-")]
    assert {item.code for item in result.refused} <= {
        "changed", "damaged", "dtd", "empty", "encoding_unknown", "encrypted", "not_a_table", "password_wrong",
        "too_large", "unreadable", "timeout",
    }  # fmt: skip
    assert all(item.message and item.remedy for item in result.refused)


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        [*HEADERS, "合计", "小计", "万元", "%", "备注：", "第 1 页 共 2 页", "#", "---", "2026年3月"]
    ),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.dates(min_value=date(1990, 1, 1)),
    st.booleans(),
)
GRIDS = st.lists(st.lists(CELLS, max_size=9), min_size=1, max_size=30)
AREAS = st.lists(st.tuples(*[st.integers(0, 12)] * 4), max_size=4)
ROW = st.one_of(st.none(), st.integers(1, 40))
LAYOUTS = st.builds(
    TableLayout,
    st.one_of(st.none(), st.lists(st.integers(1, 40), max_size=3).map(tuple)),
    ROW,
    ROW,
    st.one_of(st.none(), st.integers(0, 12)),
    st.one_of(st.none(), st.integers(0, 12)),
    st.frozensets(st.integers(1, 40), max_size=3),
    st.frozensets(st.integers(1, 40), max_size=3),
)


@given(GRIDS, AREAS, st.dictionaries(st.integers(0, 3), LAYOUTS, max_size=2))
def test_any_grid_is_laid_out_and_no_row_is_told_twice(
    rows: list[list[object]], areas: list[tuple[int, int, int, int]], layouts: dict[int, TableLayout]
) -> None:
    merged = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in areas]
    width = max(map(len, rows))
    if not width:
        return
    for table in find_tables(grid_of(rows, merged), layouts).values():
        data = table.frame["row"].to_list()
        assert data == sorted(set(data))
        assert table.frame.width == len(table.headers) + 1 == len(table.kinds) + 1
        left = [row.row for row in table.left_out_rows if row.reason not in ("title", "beside")]
        assert not set(left) & set(data)
        assert all(1 <= row <= len(rows) for row in [*data, *left])
        assert table.first_column + len(table.headers) <= width


def told_or_read(path: Path) -> bool:
    """Return whether a text file is read, or refused with a reason; anything else is raised."""
    try:
        grid, encoding = read_text(path)
    except UserError as told:
        return bool(told.code and told.remedy)
    find_tables(grid)
    return bool(encoding)


@given(st.text(max_size=400), st.sampled_from(["utf-8", "gb18030", "utf-16", "big5", "cp1252", "cp932"]))
def test_any_text_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(text.encode(encoding, "ignore"))
    assert told_or_read(path)


@given(st.binary(max_size=600))
def test_any_bytes_are_read_as_text_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(content)
    assert told_or_read(path)
