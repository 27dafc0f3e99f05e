"""Bad files: refused or read rightly, the console alive, nothing fetched, nothing run (cases 1 to 19)."""

from __future__ import annotations

import random
import socket
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.importers import reader
from desktop.importers.reader import read_sources
from tests.unit.importers.files import change_part, write_xlsx
from tests.unit.importers.test_old_formats import CARDS, FIELDS, dbf_rows
from tests.unit.importers.test_web_and_xml import PAGE, ROWS
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

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
CUSTOMERS = [["客户名称", "城市", "金额"], *([f"公司{number}", "上海", number] for number in range(40))]
HONEST = {"damaged", "empty", "not_a_table", "dtd", "too_large", "encrypted", "encoding_unknown", "timeout"}


def write_xls(path: Path) -> Path:
    """Write an .xls of the customers."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("客户")
    for row, cells in enumerate(CUSTOMERS):
        for column, value in enumerate(cells):
            sheet.write(row, column, value)
    book.save(str(path))
    return path


def ods_rows() -> str:
    """Return the customers as the rows of an .ods."""
    return "".join(
        f"<table:table-row>{''.join(ods_cell(str(cell)) for cell in cells)}</table:table-row>"
        for cells in CUSTOMERS
    )


WRITERS: dict[str, Callable[[Path], Path]] = {
    "a.xlsx": lambda path: write_xlsx(path, {"客户": CUSTOMERS}),
    "b.xls": write_xls,
    "c.xlsb": lambda path: write_xlsb(path, [tuple(row) for row in CUSTOMERS]),  # type: ignore[misc]
    "d.ods": lambda path: write_ods(path, ods_content(ods_rows())),
    "e.dbf": lambda path: write_dbf(path, FIELDS[:-1], [row[:-1] for row in dbf_rows("gb18030", [1, 2])]),
    "f.vcf": lambda path: path.write_bytes(CARDS.encode()) and path,
    "g.xml": lambda path: path.write_bytes(xml_workbook({"客户": ROWS})) and path,
    "h.zip": lambda path: write_zip(path, {"客户.csv": b"name,city\n" + b"Acme,Shanghai\n" * 500}),
    "i.html": lambda path: path.write_bytes(PAGE.format(charset="utf-8").encode()) and path,
    "j.old": lambda path: path.write_bytes(biff_stream(4, [["name", "city"], ["Acme", "Shanghai"]])) and path,
}
WHOLE_OR_NOT = ("a.xlsx", "b.xls", "c.xlsb", "d.ods", "e.dbf", "g.xml", "h.zip")
"""Formats that tell where they end: cut short they are read whole or refused, never in part."""


class Listener:
    """A server on the loopback address that counts who calls."""

    def __init__(self) -> None:
        self.hits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/x"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.hits += 1
            caller.close()

    def close(self) -> None:
        """Stop listening, after whoever knocked was counted."""
        with socket.create_connection(self._socket.getsockname()) as own:
            assert own.recv(1) == b""
        self._socket.shutdown(socket.SHUT_RDWR) if sys.platform != "win32" else None
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A server that nothing may call."""
    server = Listener()
    yield server
    server.close()
    assert server.hits == 1, "somebody other than the fixture itself called"


def codes(folder: Path) -> dict[str, str]:
    """Return the refusal of every file of a folder, "read" where there is none."""
    result = read_sources([folder])
    found = {table.file: "read" for table in result.tables}
    return found | {item.file: item.code for item in result.refused}


def test_case_6_entities_that_grow_without_end(tmp_path: Path) -> None:
    laughs = b"<!DOCTYPE x [" + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(10)
    )
    quadratic = b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 100_000 + b'">'
    for number, dtd in enumerate((laughs, quadratic)):
        for part, mark in ((SHEET, b"<worksheet "), (STRINGS, b"<sst ")):
            path = write_xlsx(tmp_path / f"{number}{part[3:6]}.xlsx", {"客户": CUSTOMERS})
            change_part(path, part, lambda xml, mark=mark, dtd=dtd: xml.replace(mark, dtd + b"]>" + mark, 1))
        wide = xml_workbook({"客户": ROWS}).replace(b"<Workbook ", dtd + b"]><Workbook ")
        (tmp_path / f"{number}.xml").write_bytes(wide)
        content = ods_content(ods_rows()).replace(
            "<office:document-content", dtd.decode() + "]><office:document-content"
        )
        write_ods(tmp_path / f"{number}.ods", content)
    assert set(codes(tmp_path).values()) == {"dtd"}
    assert len(codes(tmp_path)) == 8


def test_case_7_external_entities_are_neither_read_nor_fetched(tmp_path: Path, listener: Listener) -> None:
    secret = tmp_path.parent / f"{tmp_path.name}-secret.txt"
    secret.write_text("绝密-top-secret", encoding="utf-8")
    for number, target in enumerate((secret.as_uri(), listener.url)):
        dtd = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{target}"> %p; <!ENTITY e SYSTEM "{target}">]>'.encode()
        for part in (SHEET, STRINGS, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"):
            path = write_xlsx(tmp_path / f"{number}{part.replace('/', '-')}.xlsx", {"客户": CUSTOMERS})
            change_part(
                path,
                part,
                lambda xml, dtd=dtd: xml.replace(b"?>", b"?>" + dtd, 1).replace("上海".encode(), b"&e;"),
            )
        text = (
            xml_workbook({"客户": ROWS})
            .replace(b"<Workbook ", dtd + b"<Workbook ")
            .replace("甲公司".encode(), b"&e;")
        )
        (tmp_path / f"{number}.xml").write_bytes(text)
        content = ods_content(ods_rows()).replace("?>", "?>" + dtd.decode(), 1).replace("上海", "&e;")
        write_ods(tmp_path / f"{number}.ods", content)
        page = dtd + PAGE.format(charset="utf-8").replace("丙", "&e;").encode()
        page += (
            f'<img src="{target}"><link rel=stylesheet href="{target}"><iframe src="{target}"></iframe>'
            f'<object data="{target}"></object><meta http-equiv=refresh content="0;url={target}">'
            f'<table><tr><td>客户<td><xi:include href="{target}"/></table>'
        ).encode()
        (tmp_path / f"{number}.xls").write_bytes(page)
        card = CARDS.replace(
            "END:VCARD", f"PHOTO;VALUE=uri:{target}\r\nSOUND;VALUE=uri:{target}\r\nEND:VCARD"
        )
        (tmp_path / f"{number}.vcf").write_bytes(card.encode())
    result = read_sources([tmp_path])
    assert {item.code for item in result.refused} == {"dtd"}
    assert len(result.refused) == 14
    assert {Path(table.file).suffix for table in result.tables} == {".xls", ".vcf"}
    shown = "".join(str(table.frame.rows()) + str(table.headers) for table in result.tables) + str(
        result.refused
    )
    assert "绝密" not in shown
    assert "top-secret" not in shown


def test_case_9_what_a_file_is_and_not_what_it_is_called(tmp_path: Path) -> None:
    for name, write in WRITERS.items():
        for ending in ("xlsx", "csv", "dat"):
            write(tmp_path / f"{name}.{ending}")
    (tmp_path / "gb.xlsx").write_bytes("客户名称,城市\n甲公司,上海\n".encode("gb18030"))
    (tmp_path / "gb.xls").write_bytes("客户名称\t城市\n甲公司\t上海\n".encode("gb18030"))
    found = codes(tmp_path)
    assert {name: code for name, code in found.items() if code != "read"} == {}


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_case_10_cut_short_at_every_64th(tmp_path: Path, name: str) -> None:
    whole = WRITERS[name](tmp_path / name)
    (expected,) = read_sources([whole]).tables
    content = whole.read_bytes()
    folder = tmp_path / "cut"
    folder.mkdir()
    for part in range(64):
        (folder / f"{part:02d}{whole.suffix}").write_bytes(content[: len(content) * part // 64])
    result = read_sources([folder])
    assert len({item.file for item in result.refused} | {table.file for table in result.tables}) >= 64
    assert {item.code for item in result.refused} <= HONEST - {"timeout"}
    assert sum(item.code == "empty" for item in result.refused) >= 1
    if name in WHOLE_OR_NOT:
        for table in result.tables:
            assert table.frame["row"].to_list() == expected.frame["row"].to_list(), table.file
    if name == "i.html":
        assert all("cut_short" in table.warnings for table in result.tables)


def test_case_11_a_broken_chain_of_sectors(tmp_path: Path) -> None:
    content = write_xls(tmp_path / "whole.xls").read_bytes()
    random_ = random.Random(11)
    folder = tmp_path / "broken"
    folder.mkdir()
    first_fat = int.from_bytes(content[76:80], "little")
    for number in range(40):
        broken = bytearray(content)
        for _ in range(3):
            place = 512 * (first_fat + 1) + 4 * random_.randrange(24)
            broken[place : place + 4] = random_.randrange(0, 40).to_bytes(4, "little")
        if number % 4 == 0:
            broken[30:34] = random_.randbytes(4)
        (folder / f"{number}.xls").write_bytes(bytes(broken))
    result = read_sources([folder])
    assert {item.code for item in result.refused} <= HONEST
    assert {table.frame.height for table in result.tables} <= {40}
    assert len({item.file for item in result.refused} | {table.file for table in result.tables}) == 40


def test_case_12_active_content_is_neither_run_nor_fetched_and_told(
    tmp_path: Path, listener: Listener
) -> None:
    path = write_xlsx(tmp_path / "a.xlsm", {"客户": CUSTOMERS})
    marker = tmp_path / "ran"
    dde = f'<c r="B2" t="str"><f>cmd|\'/c touch {marker}\'!A1</f><v>上海</v></c>'.encode()
    change_part(path, SHEET, lambda xml: xml.replace(b'<c r="B2" t="s"><v>4</v></c>', dde, 1))
    link = (
        '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><ddeLink '
        f'ddeService="cmd" ddeTopic="/c touch {marker}"/></externalLink>'
    ).encode()
    relation = f'<Relationship Id="rId1" Type="x/externalLinkPath" Target="{listener.url}" TargetMode="External"/>'.encode()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"Attribute VB_Name")
        archive.writestr("xl/macrosheets/sheet1.xml", b"<worksheet/>")
        archive.writestr("xl/embeddings/oleObject1.bin", b"MZ")
        archive.writestr("xl/externalLinks/externalLink1.xml", link)
        archive.writestr(
            "xl/externalLinks/_rels/externalLink1.xml.rels",
            b"<Relationships>" + relation + b"</Relationships>",
        )
    (table,) = read_sources([path]).tables
    assert table.frame["c1"].to_list() == ["上海"] * 40
    assert set(table.warnings) == {"macros", "external_links", "embedded_objects"}
    assert not marker.exists()


def test_case_13_forty_two_thousand_merged_ranges(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"客户": CUSTOMERS})
    areas = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (row, row) for row in range(100, 42_100))
    merged = b'<mergeCells count="42000">' + areas + b"</mergeCells>"
    change_part(path, SHEET, lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merged))
    (table,) = read_sources([path]).tables
    assert table.frame.height == 40


def test_case_14_flipped_bytes_end_no_process_but_the_child(tmp_path: Path) -> None:
    random_ = random.Random(14)
    folder = tmp_path / "flipped"
    folder.mkdir()
    for name, write in WRITERS.items():
        content = write(tmp_path / name).read_bytes()
        for number in range(8):
            flipped = bytearray(content)
            for _ in range(1 + number * 3):
                flipped[random_.randrange(len(flipped))] = random_.randrange(256)
            if number % 3 == 2:
                at = random_.randrange(len(flipped))
                flipped[at:at] = random_.randbytes(random_.randrange(200))
            (folder / f"{number}-{name}").write_bytes(bytes(flipped))
    result = read_sources([folder])
    named = {item.file for item in result.refused} | {table.file for table in result.tables}
    assert {file.split("/")[0] for file in named} == {path.name for path in folder.iterdir()}
    assert {item.code for item in result.refused} <= HONEST | {"name_unsafe"}


def test_case_17_names_that_no_file_should_have(tmp_path: Path) -> None:
    good = "客户名称,城市\n甲公司,上海\n".encode()
    names = [
        "CON.csv",
        "aux",
        "a:b.csv",
        f"{'长' * 300}.csv",
        "x\u202egpj.csv",
        "..\\..\\x.csv",
        "a\x07b.csv",
        " . /b.csv",
    ]
    write_zip(tmp_path / "a.zip", dict.fromkeys(names, good))
    before = {path for path in tmp_path.parent.iterdir() if path != tmp_path}
    result = read_sources([tmp_path / "a.zip"])
    assert len(result.tables) + len(result.refused) == len(names)
    assert {item.code for item in result.refused} == {"name_unsafe"}
    assert {"a.zip/CON.csv", "a.zip/aux", f"a.zip/{'长' * 300}.csv"} <= {
        table.file for table in result.tables
    }
    assert {path for path in tmp_path.parent.iterdir() if path != tmp_path} == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_case_18_no_office_program_is_ever_started() -> None:
    root = Path(reader.__file__).parents[1]
    sources = [path.read_text(encoding="utf-8") for path in root.rglob("*.py")]
    assert len(sources) > 100
    assert not any(word in source for source in sources for word in ("soffice", "win32com", "Dispatch("))


def test_case_19_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"客户": CUSTOMERS})
    script = tmp_path / "child.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        "import desktop.importers.child as child, desktop.importers.formats as formats\n"
        "plain = formats.read_grids\n"
        "def read(path, *rest):\n"
        "    yield from plain(path, *rest)\n"
        "    path.write_bytes(path.read_bytes() + b' ')\n"
        "formats.read_grids = read\n"
        "sys.exit(child.run(Path(sys.argv[1]), Path(sys.argv[2])))\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(reader, "child_command", lambda: [sys.executable, str(script)])
    result = read_sources([path])
    assert result.tables == []
    assert [item.code for item in result.refused] == ["changed"]
