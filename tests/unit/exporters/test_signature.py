"""Seals: a workbook proves by itself, without any database, that its cells are those that were sealed."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from desktop.exporters.layouts import Column, Form, Formula, Kind, Layout, Line, Section, Sheet
from desktop.exporters.signature import (
    APPROVED,
    NUMBER,
    SEAL_SHEET,
    SNAPSHOT,
    Proof,
    Signer,
    key_id_of,
    proof_of,
    sealed,
)
from desktop.exporters.stored import Cell, read_book
from desktop.exporters.verify import compare
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import Locale
from desktop.letters import column_letters
from tests.unit.exporters.test_big_sheet import COLUMNS, frame

CHINESE = Locale("zh_CN")
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"plumbline-test-key-of-32-bytes!!")
PUBLIC = PRIVATE.public_key().public_bytes_raw()
KEYS = {key_id_of(PUBLIC): PUBLIC}
SIGNER = Signer(key_id_of(PUBLIC), PRIVATE.sign)


def a_layout() -> Layout:
    rows = frame(25).rows()
    totals = ["合计", None, 5, Formula("SUM({all3})", sum(row[3] or 0 for row in rows)), *[None] * 5]
    cover = Form(
        "封面", "报表", (Section("报表", (Line("编号", "R000001-ABCDEF01"), Line("行数", 25, Kind.INTEGER))),)
    )
    return Layout(
        "T",
        (cover, Sheet("数据", COLUMNS, rows, totals=totals, table="Ledger"), Sheet("空", (Column("x"),), [])),
        {NUMBER: "R000001-ABCDEF01", SNAPSHOT: "ab" * 32},
    )


def made(layout: Layout | None = None) -> bytes:
    plain = layout or a_layout()
    book = read_book(workbook_bytes(plain, CHINESE), "plain")
    return workbook_bytes(sealed(plain, book, "周总监 2026-11-18T01:00:00Z", SIGNER), CHINESE)


SEALED = made()


def proof(content: bytes, keys: dict[str, bytes] | None = None) -> Proof:
    found = proof_of(read_book(content, "found"), KEYS if keys is None else keys)
    assert found is not None
    return found


def test_a_sealed_workbook_proves_itself_and_is_the_same_every_time() -> None:
    assert made() == SEALED
    found = proof(SEALED)
    assert (found.known, found.signed, found.same, found.changed) == (True, True, True, ())
    assert (found.number, found.approved) == ("R000001-ABCDEF01", "周总监 2026-11-18T01:00:00Z")
    assert openpyxl.load_workbook(BytesIO(SEALED))[SEAL_SHEET].sheet_state == "veryHidden"


def test_a_workbook_without_a_seal_and_one_of_a_stranger_prove_nothing() -> None:
    assert proof_of(read_book(workbook_bytes(a_layout(), CHINESE), "plain"), KEYS) is None
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    found = proof(SEALED, {key_id_of(other): other})
    assert (found.known, found.signed) == (False, False)
    # A stranger's key under the name of ours: the signature does not fit.
    assert not proof(SEALED, {SIGNER.key_id: other}).signed


def patched(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                assert old in text
                text = text.replace(old, new, 1)
            target.writestr(name, text)
    return out.getvalue()


def test_forged_words_of_the_seal_are_noticed() -> None:
    for old, new in (
        (b"R000001-ABCDEF01", b"R000002-ABCDEF01"),
        (b"01:00:00Z", b"02:00:00Z"),
        (b"ab" * 32, b"cd" * 32),
    ):
        assert not proof(patched(SEALED, "docProps/custom.xml", old, new)).signed


def test_a_changed_result_of_a_formula_is_noticed() -> None:
    with zipfile.ZipFile(BytesIO(SEALED)) as parts:
        total = re.search(rb"<f>SUM[^<]*</f><v>([^<]*)</v>", parts.read("xl/worksheets/sheet2.xml"))
    assert total
    forged = patched(SEALED, "xl/worksheets/sheet2.xml", total[0], total[0].replace(total[1], b"1"))
    assert proof(forged).changed == (("数据", "D27"),)
    (found,) = compare(read_book(SEALED, "a"), read_book(forged, "b")).differences
    assert (found.cell, found.found) == ("D27", "1")


@given(st.randoms(use_true_random=False))
def test_one_changed_cell_is_named_and_no_other(chance: random.Random) -> None:
    book = read_book(SEALED, "found")
    name = chance.choice(["封面", "数据"])
    sheet = book.sheets[name]
    place = chance.choice(sorted(sheet.cells))
    kind, value = sheet.cells[place]
    step = chance.choice([0.01, 1, -1, 1000]) * chance.choice([1, 3])
    changes: list[Cell] = [
        ("s", f"{value} "),
        ("s", f"{value}1"),
        ("f", f"={value}"),
        ("n", 1.5),
        ("b", True),
    ]
    if kind == "n":
        changes = [("n", float(value) + step), ("s", str(value))]
    sheet.cells[place] = chance.choice(changes)
    found = proof_of(book, KEYS)
    assert found is not None
    assert found.signed
    assert found.changed == ((name, f"{column_letters(place[1])}{place[0]}"),)


@given(st.integers(2, 26), st.integers(1, 9))
def test_a_cell_taken_out_or_put_in_is_named(row: int, column: int) -> None:
    book = read_book(SEALED, "found")
    sheet = book.sheets["数据"]
    if sheet.cells.pop((row, column), None) is None:
        sheet.cells[row, column] = ("s", "x")
    found = proof_of(book, KEYS)
    assert found is not None
    assert found.changed == (("数据", f"{column_letters(column)}{row}"),)


def test_a_sheet_taken_out_or_put_in_is_named() -> None:
    for change in ("out", "in"):
        book = read_book(SEALED, "found")
        if change == "out":
            del book.sheets["空"]
        else:
            book.sheets["新"] = replace(book.sheets["空"], name="新")
        found = proof_of(book, KEYS)
        assert found is not None
        assert [sheet for sheet, _cells in found.changed] == ["空" if change == "out" else "新"]
    without = read_book(SEALED, "found")
    del without.sheets[SEAL_SHEET]
    bare = proof_of(without, KEYS)
    assert bare is not None
    assert not bare.signed


def resaved_by_libreoffice(content: bytes, folder: Path) -> bytes:
    source = folder / "in" / "book.xlsx"
    source.parent.mkdir()
    source.write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(folder),
    ]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=300)
    return (folder / "book.xlsx").read_bytes()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_a_workbook_that_libreoffice_saved_again_still_proves_itself(tmp_path: Path) -> None:
    again = resaved_by_libreoffice(SEALED, tmp_path)
    assert again != SEALED
    found = proof(again)
    assert found.changed == ()
    assert (found.signed, found.same) == (True, True)
    assert compare(read_book(SEALED, "a"), read_book(again, "b")).count == 0
    assert read_book(again, "b").properties[APPROVED].startswith("周总监")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_libreoffice_works_totals_out_to_our_values(tmp_path: Path) -> None:
    book = read_book(SEALED, "a")
    with zipfile.ZipFile(BytesIO(SEALED)) as parts:
        total = re.search(rb"<f>SUM[^<]*</f><v>[^<]*</v>", parts.read("xl/worksheets/sheet2.xml"))
    assert total
    # Without what we worked out, LibreOffice has to.
    bare = patched(SEALED, "xl/worksheets/sheet2.xml", total[0], total[0].partition(b"<v>")[0])
    again = read_book(resaved_by_libreoffice(bare, tmp_path), "b")
    ours, theirs = (one.sheets["数据"].results[27, 4] for one in (book, again))
    assert round(float(ours[1]), 6) == round(float(theirs[1]), 6) != 0
