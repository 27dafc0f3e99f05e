"""The generator: the same seed gives the same firm, and the planted truth is the truth of its rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import openpyxl
import phonenumbers
import pytest
from python_calamine import CalamineWorkbook

from desktop.demo.calendar import DEMO_START
from desktop.demo.files import BAD_AMOUNTS, write_legacy_files
from desktop.demo.firm import Firm
from desktop.demo.generate import generate_firm
from desktop.demo.sheets import Sheet, write_workbook
from desktop.demo.words import NOTICE, RHYTHM, STAGES, WON
from desktop.letters import column_letters, column_number
from desktop.terms import PersonStatus

SMALL = 0.05


@pytest.fixture(scope="module")
def firm() -> Firm:
    return generate_firm(SMALL)


@pytest.fixture(scope="module")
def legacy(firm: Firm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("legacy")
    write_legacy_files(firm, folder, SMALL)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_same_scale_gives_the_same_files(legacy: Path, tmp_path: Path) -> None:
    write_legacy_files(generate_firm(SMALL), tmp_path, SMALL)
    assert _hashes(tmp_path) == _hashes(legacy)


def test_another_seed_gives_another_firm(firm: Firm) -> None:
    assert generate_firm(SMALL, seed=7).customers[0].name != firm.customers[0].name


@pytest.mark.parametrize("scale", [0.0, 1.5])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        generate_firm(scale)


def test_sizes_follow_the_scale(firm: Firm) -> None:
    assert len(firm.people) == 60
    assert len(firm.reps()) == 39
    assert (len(firm.customers), len(firm.deals), len(firm.notes)) == (150, 450, 6000)


def test_names_that_are_keys_are_unique(firm: Firm) -> None:
    for names in (
        [customer.name for customer in firm.customers],
        [deal.name for deal in firm.deals],
        [deal.number for deal in firm.deals],
        [person.name for person in firm.people],
        [contract.number for contract in firm.contracts],
        [quote.number for quote in firm.quotes],
        [receipt.number for receipt in firm.receipts],
    ):
        assert len(set(names)) == len(names)


def test_every_owner_is_one_of_the_people(firm: Firm) -> None:
    people = {person.name for person in firm.people}
    assert {deal.owner for deal in firm.deals} <= people
    assert {note.owner for note in firm.notes} <= people


def test_stages_come_in_order_and_closed_deals_lie_in_the_past(firm: Firm) -> None:
    order = {stage: index for index, stage in enumerate(STAGES)}
    for deal in firm.deals:
        days = [day for _, day in deal.stage_days]
        assert days == sorted(days), deal.name
        stages = [order[stage] for stage, _ in deal.stage_days if stage in order]
        assert stages == list(range(len(stages)))
        assert deal.stage_days[-1][0] == deal.stage
        assert days[-1] < firm.today
        assert (deal.closed_on is None) == (deal.status == "open")
        assert deal.closed_on is None or deal.closed_on >= DEMO_START


def test_the_money_of_a_contract_is_split_to_the_fen(firm: Firm) -> None:
    due: Counter[str] = Counter()
    for part in firm.plan:
        due[part.contract] += part.amount
    assert due == Counter({contract.number: contract.amount for contract in firm.contracts})
    assert firm.truth.payment_amount == sum(part.amount for part in firm.plan if part.paid)


def test_the_planted_rhythm_is_in_the_money() -> None:
    realised = generate_firm(2 * SMALL).truth.rhythm_realised
    for region, planted in RHYTHM.items():
        assert abs(sum(realised[region]) - 1) < 0.001
        for share, percent in zip(realised[region], planted, strict=True):
            assert abs(share - percent / 100) < 0.06, region


def test_silent_customers_are_silent_and_other_key_accounts_are_not(firm: Firm) -> None:
    silent = set(firm.truth.silent_top)
    assert silent
    for customer in firm.customers:
        if customer.grade != "A":
            continue
        assert customer.last_contact is not None
        days = (firm.today - customer.last_contact.date()).days
        assert (days >= 45) == (customer.name in silent), customer.name


def test_the_leaver_has_a_book_to_hand_over(firm: Firm) -> None:
    truth = firm.truth
    assert truth.leaver_accounts >= 3
    assert truth.leaver_open_deals >= 1
    assert truth.leaver_receivable >= truth.leaver_overdue > 0
    assert next(p for p in firm.people if p.name == truth.leaver).status != PersonStatus.ACTIVE


def test_twins_are_spelt_differently(firm: Firm) -> None:
    assert firm.truth.duplicate_pairs
    assert all(original != twin for original, twin in firm.truth.duplicate_pairs)


def test_phones_are_valid_and_of_the_fictitious_kind(firm: Firm) -> None:
    for customer in firm.customers:
        assert customer.mobile[3:7] == "0000"
        for number in (customer.mobile, customer.phone):
            assert phonenumbers.is_valid_number(phonenumbers.parse(number, "CN")), number


def test_won_money_by_person_adds_up(firm: Firm) -> None:
    won = [deal for deal in firm.deals if deal.status == WON]
    assert sum(firm.truth.won_by_person.values()) == firm.truth.won_amount == sum(d.amount for d in won)


def test_the_old_crm_writes_a_merged_title_and_starred_headers(legacy: Path) -> None:
    book = openpyxl.load_workbook(legacy / "悟空CRM_客户.xlsx")
    sheet = book.active
    assert sheet is not None
    assert sheet["A1"].value == "客户导入模板(*)为必填项"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:P1"]
    assert sheet["A2"].value == "客户名称(*)"
    assert isinstance(sheet["C4"].value, str), "a phone number is text"


def test_the_ledger_has_two_merged_header_rows_subtotals_and_a_total(firm: Firm, legacy: Path) -> None:
    book = CalamineWorkbook.from_path(str(legacy / "回款台账.xls"))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[2][3] == "回款信息"
    assert rows[3][3:8] == ["回款编号", "期数", "回款日期", "回款金额", "回款方式"]
    assert any(str(row[0]).endswith("小计") for row in rows)
    assert rows[-1][0] == "合计"
    assert round(float(str(rows[-1][6])) * 100) == firm.truth.payment_amount
    numbered = [row for row in rows if str(row[3]).startswith("HK")]
    assert len(numbered) == firm.truth.payments + BAD_AMOUNTS


def test_the_daily_reports_are_not_unicode_and_have_line_breaks_in_cells(legacy: Path) -> None:
    raw = (legacy / "销售日报_2025.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    text = raw.decode("gb18030")
    assert text.startswith("销售日报系统")
    assert "。\n" in text
    later = (legacy / "销售日报_2026上半年.csv").read_bytes().decode("gbk")
    assert later.splitlines()[0].count(";") == 8


def test_every_firm_wide_file_says_that_its_names_are_fictitious(legacy: Path) -> None:
    book = openpyxl.load_workbook(legacy / "2026年销售目标.xlsx", read_only=True)
    assert NOTICE in str(book["个人目标"]["A2"].value)
    customers = openpyxl.load_workbook(legacy / "悟空CRM_客户.xlsx", read_only=True).active
    assert customers is not None
    notes = {row[7] for row in customers.iter_rows(min_row=3, values_only=True)}
    assert notes == {"虚构的演示客户"}


@pytest.mark.parametrize(("index", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_column_letters(index: int, letters: str) -> None:
    assert (column_letters(index), column_number(letters)) == (letters, index)


def test_markup_in_a_cell_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_workbook(path, [Sheet("a", ("<b>", "&"), [("=1+1", "  x\ny ")])])
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["<b>", "&"]
    assert [cell.value for cell in sheet[2]] == ["=1+1", "  x\ny "]
    assert sheet["A2"].data_type == "s"
