"""dBASE tables, cards of contacts, archives, the oldest workbooks: what a legacy system leaves behind (IMP-01)."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from desktop.importers.mapping import suggest_all
from desktop.importers.reader import read_sources
from tests.unit.importers.files import write_xlsx
from tests.unit.importers.test_reader import CUSTOMERS, only, refusal
from tests.unit.importers.writers import biff_stream, write_dbf, write_dbt, write_fpt, write_zip

FIELDS = [
    ("客户名称", "C", 20, 0),
    ("手机", "C", 11, 0),
    ("金额", "N", 12, 2),
    ("日期", "D", 8, 0),
    ("有效", "L", 1, 0),
    ("备注", "M", 10, 0),
]


def dbf_rows(encoding: str, places: list[int]) -> list[list[bytes]]:
    return [
        [
            "甲公司".encode(encoding),
            b"01380013800",
            b"     1234.50",
            b"20260305",
            b"T",
            str(places[0]).encode(),
        ],
        ["乙公司".encode(encoding), b"13900139000", b"************", b"        ", b"?", b""],
        ["丙公司".encode(encoding), b"", b"   -7", b"20261399", b"F", str(places[1]).encode()],
    ]


@pytest.mark.parametrize(
    ("version", "code_page", "encoding"),
    [(0x83, 0, "gb18030"), (0x8B, 0x4D, "gb18030"), (0xF5, 0x7A, "gb18030"), (0x83, 0x57, "gb18030")],
)
def test_a_dbase_table_with_its_memos(tmp_path: Path, version: int, code_page: int, encoding: str) -> None:
    texts = [text.encode(encoding) for text in ("第一行\r\n第二行", "上海" * 400)]
    if version == 0xF5:
        places = write_fpt(tmp_path / "KH.FPT", texts)
    else:
        places = write_dbt(tmp_path / "KH.dbt", texts, four=version == 0x8B)
    path = write_dbf(
        tmp_path / "kh.dbf",
        FIELDS,
        dbf_rows(encoding, places),
        version=version,
        code_page=code_page,
        deleted=[1],
        encoding=encoding,
    )
    table = only(path)
    assert table.headers == ("客户名称", "手机", "金额", "日期", "有效", "备注")
    assert table.header_rows == (1,)
    assert table.frame.rows() == [
        (2, "甲公司", "01380013800", "1234.5", "2026-03-05", "TRUE", "第一行\n第二行"),
        (4, "丙公司", None, "-7", "20261399", "FALSE", "上海" * 400),
    ]
    assert table.encoding == encoding
    assert table.warnings == ("deleted_records",)
    assert table.kinds[2].number == 2


def test_a_dbase_table_without_its_memo_file_says_so_and_a_short_one_is_refused(tmp_path: Path) -> None:
    path = write_dbf(tmp_path / "kh.dbf", FIELDS, dbf_rows("gb18030", [1, 2]), version=0x83)
    table = only(path)
    assert table.warnings == ("memo_missing",)
    assert table.frame["c2"].to_list() == ["1234.5", "#NUM!", "-7"]
    path.write_bytes(path.read_bytes()[:-40])
    assert refusal(path) == "damaged"


def test_the_binary_fields_of_visual_foxpro(tmp_path: Path) -> None:
    fields = [
        ("NAME", "C", 10, 0),
        ("COUNT", "I", 4, 0),
        ("PRICE", "Y", 8, 4),
        ("AT", "T", 8, 0),
        ("RATE", "B", 8, 2),
    ]
    then = struct.pack("<ii", 2461105, (10 * 3600 + 20 * 60) * 1000)
    rows = [
        [b"Acme", struct.pack("<i", -7), struct.pack("<q", -12_345_600), then, struct.pack("<d", 0.1)],
        [b"Bolt", struct.pack("<i", 0), struct.pack("<q", 10_000), bytes(8), struct.pack("<d", 2.0)],
    ]
    table = only(write_dbf(tmp_path / "a.dbf", fields, rows, version=0x30, code_page=0x03))
    assert table.frame.rows() == [
        (2, "Acme", "-7", "-1234.56", "2026-03-05T10:20:00", "0.1"),
        (3, "Bolt", "0", "1", None, "2"),
    ]


CARDS = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    "N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=C8=FD;;;\r\n"
    "ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=94=B2=E5=85=AC=\r\n=E5=8F=B8;=E9=94=80=E5=94=AE=E9=83=A8\r\n"
    "TEL;CELL;VOICE:13800138000\r\nTEL;WORK;FAX:021-5555 1234\r\nTEL;WORK:021-55551235\r\n"
    "PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/\r\n AAAA\r\n\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Li Si\r\nitem1.EMAIL;TYPE=INTERNET:li@example.com\r\n"
    "NOTE:first\\nsecond\\, and a fol\r\n ded line\r\nADR;TYPE=WORK:;;1 Main St;Shanghai;SH;200000;China\r\nEND:VCARD\r\n"
    'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:王五\r\nTEL;VALUE=uri;TYPE="voice,cell":tel:+86-13900139000\r\n'
    "BDAY:19800322\r\nGENDER:F\r\nX-WECHAT:wangwu\r\nEND:VCARD\r\n"
)


def test_cards_of_every_version_become_one_table_of_contacts(tmp_path: Path) -> None:
    (tmp_path / "contacts.vcf").write_bytes(CARDS.encode())
    table = only(tmp_path / "contacts.vcf")
    rows = [dict(zip(table.headers, row[1:], strict=True)) for row in table.frame.rows()]
    assert [row["姓名"] for row in rows] == ["张三", "Li Si", "王五"]
    assert rows[0]["客户名称"] == "甲公司"
    assert rows[0]["部门"] == "销售部"
    assert (rows[0]["手机"], rows[0]["电话"], rows[0]["传真"]) == (
        "13800138000",
        "021-55551235",
        "021-5555 1234",
    )
    assert rows[1]["备注"] == "first\nsecond, and a folded line"
    assert (rows[1]["地址"], rows[1]["城市"], rows[1]["邮编"]) == ("1 Main St", "Shanghai", "200000")
    assert (rows[2]["手机"], rows[2]["生日"], rows[2]["性别"]) == ("+86-13900139000", "1980-03-22", "女")
    (mapping,) = suggest_all([table])
    assert mapping.entity == "contact"
    fields = {column.header: column.field for column in mapping.columns}
    assert fields["姓名"] == "contact.name"
    assert fields["客户名称"] == "contact.account_name"
    assert fields["手机"] == "contact.mobile"
    assert fields["邮箱"] == "contact.email"


def test_a_card_cut_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_bytes(CARDS.encode()[:-60])
    assert refusal(tmp_path / "a.vcf") == "damaged"


def test_an_archive_is_read_through_with_its_folders_names_and_memos(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "b.xlsx", {"客户": CUSTOMERS}).read_bytes()
    places = write_fpt(tmp_path / "kh.fpt", [b"x", "备注".encode("gbk")])
    write_dbf(tmp_path / "kh.dbf", FIELDS, dbf_rows("gbk", places), version=0xF5, code_page=0x7A)
    inner = write_zip(
        tmp_path / "inner.zip", {"c.csv": "客户名称,城市\n丁公司,上海\n".encode("gbk")}
    ).read_bytes()
    third = write_zip(tmp_path / "third.zip", {"inner.zip": inner}).read_bytes()
    folder = tmp_path / "given"
    folder.mkdir()
    write_zip(
        folder / "旧系统.zip",
        {
            "导出/客户.xlsx": book,
            "导出/kh.dbf": (tmp_path / "kh.dbf").read_bytes(),
            "导出/kh.fpt": (tmp_path / "kh.fpt").read_bytes(),
            "nested.zip": inner,
            "deep.zip": third,
            "说明.pdf": b"%PDF-1.4",
            "__MACOSX/._客户.xlsx": b"junk",
            "~$客户.xlsx": b"junk",
        },
    )
    result = read_sources([folder])
    assert {table.file: table.frame.height for table in result.tables} == {
        "旧系统.zip/导出/客户.xlsx": 2,
        "旧系统.zip/导出/kh.dbf": 3,
        "旧系统.zip/nested.zip/c.csv": 1,
    }
    memos = next(table for table in result.tables if table.file.endswith("kh.dbf"))
    assert memos.frame["c5"].to_list() == ["x", None, "备注"]
    assert {item.file: item.code for item in result.refused} == {
        "旧系统.zip/deep.zip/inner.zip": "not_a_table",
        "旧系统.zip/说明.pdf": "not_a_table",
    }
    assert len({table.fingerprint for table in result.tables}) == 3
    assert len({table.archive for table in result.tables}) == 1


def test_gbk_names_in_an_archive(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"客户名单.csv": "客户名称,城市\n甲,上海\n".encode()}, names="gbk")
    assert only(path).file == "a.zip/客户名单.csv"


def test_names_that_lead_out_of_an_archive_are_refused_and_write_nothing_there(tmp_path: Path) -> None:
    good = "客户名称,城市\n甲公司,上海\n".encode()
    path = tmp_path / "box" / "a.zip"
    path.parent.mkdir()
    write_zip(
        path,
        {"../../evil.csv": good, "/abs.csv": good, "C:\\x.csv": good, "ok.csv": good, "x\u202egpj.csv": good},
    )
    before = sorted(p.name for p in tmp_path.rglob("*"))
    result = read_sources([path])
    assert [table.file for table in result.tables] == ["a.zip/ok.csv"]
    assert {item.code for item in result.refused} == {"name_unsafe"}
    assert len(result.refused) == 4
    assert all(item.file.startswith("a.zip/") and ".." not in item.file for item in result.refused)
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_an_archive_with_a_nameless_or_misplaced_file_keeps_the_others(tmp_path: Path) -> None:
    good = "客户名称,城市\n甲公司,上海\n".encode()
    path = write_zip(tmp_path / "a.zip", {"a.csv": good, "b.csv": good, "c.csv": good})
    raw = bytearray(path.read_bytes())
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    raw[second + 42 : second + 46] = b"\x00\x00\x00\xf0"
    path.write_bytes(bytes(raw))
    result = read_sources([path])
    assert [table.file for table in result.tables] == ["a.zip/a.csv", "a.zip/c.csv"]
    assert [(item.file, item.code) for item in result.refused] == [("a.zip/b.csv", "damaged")]


def test_an_archive_bomb_is_refused(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as stream,
    ):
        for _ in range(450):
            stream.write(bytes(1_000_000))
    assert refusal(tmp_path / "bomb.zip") == "too_large"
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(2_100):
            archive.writestr(f"{number}.csv", "a")
    assert refusal(tmp_path / "many.zip") == "too_large"


@pytest.mark.parametrize("version", [2, 3, 4])
def test_workbooks_of_excel_2_to_4(tmp_path: Path, version: int) -> None:
    rows: list[list[str | float | None]] = [
        ["客户名称", "金额", "城市"],
        ["甲公司", 1.5, "上海"],
        ["乙公司", 7, None],
    ]
    (tmp_path / "old.xls").write_bytes(biff_stream(version, rows))
    table = only(tmp_path / "old.xls")
    assert table.headers == ("客户名称", "金额", "城市")
    assert table.frame.rows() == [(2, "甲公司", "1.5", "上海"), (3, "乙公司", "7", None)]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.numbers", {"Index/Document.iwa": b"x"}, "Numbers"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("a.xls", b"\xff\xd8\xff\xe0" + bytes(99), "picture"),
        ("a.docx", {"word/document.xml": b"<w/>"}, "text document"),
        ("a.pptx", {"ppt/presentation.xml": b"<p/>"}, "presentation"),
        ("a.mdb", b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(99), "Access"),
        ("a.rar", b"Rar!\x1a\x07\x00" + bytes(99), "packed"),
        ("a.csv", b"\x1f\x8b\x08" + bytes(99), "packed"),
        ("a.exe", b"MZ" + bytes(99), "program"),
        ("a.xml", b'<?xml version="1.0"?><orders><order/></orders>', "XML"),
        ("a.eml", b"Received: from x\nMIME-Version: 1.0\nContent-Type: text/plain\n\nHello", "e-mail"),
    ],
)
def test_what_holds_no_table_is_called_by_its_name(
    tmp_path: Path, name: str, content: bytes | dict[str, bytes], word: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write_zip(path, content)
    (told,) = read_sources([path]).refused
    assert told.code == "not_a_table"
    assert word in told.message
    assert told.remedy
