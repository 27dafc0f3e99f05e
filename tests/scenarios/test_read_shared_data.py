"""Real files, read and mapped with nothing by hand; the folder of real files may be missing."""

from __future__ import annotations

import json

import polars as pl
import pytest

from desktop.importers.mapping import suggest_all
from desktop.importers.preflight import Preflight, preflight
from desktop.importers.reader import find_files, read_sources
from desktop.importers.sheets import read_workbook
from desktop.importers.tables import ConvertedTable, TableMapping
from desktop.importers.values import convert
from tests.conftest import SHARED_DATA

pytestmark = pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="no shared data folder beside the project")


def mapped(folder: str) -> dict[str, TableMapping]:
    """Read and map one folder; file name → mapping."""
    result = read_sources([SHARED_DATA / folder])
    assert result.refused == []
    return {mapping.table.file: mapping for mapping in suggest_all(result.tables)}


def fields(mapping: TableMapping) -> dict[str, str]:
    """Return header → field without the entity."""
    return {column.header: column.field.split(".", 1)[1] for column in mapping.columns if column.field}


def rows(table: ConvertedTable) -> pl.DataFrame:
    """Return the main entity's frame."""
    found = table.of(table.main_entity)
    assert found is not None
    return found.frame


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, object]]:
    """Return the known totals of the files."""
    document: dict[str, dict[str, object]] = json.loads(
        (SHARED_DATA / "_truth" / "crm_totals.json").read_text(encoding="utf-8")
    )
    return document


def test_a_salesforce_export_is_mapped_and_its_figures_are_kept(truth: dict[str, dict[str, object]]) -> None:
    known = truth["salesforce-devorg-export"]
    mappings = mapped("crm/salesforce-devorg-export")
    assert {file: mapping.entity for file, mapping in mappings.items()} == {
        "Account.csv": "account",
        "Contact.csv": "contact",
        "Opportunity.csv": "opportunity",
    }
    assert {mapping.source_system for mapping in mappings.values()} == {"salesforce"}
    accounts, contacts, deals = (
        convert(mappings[f"{name}.csv"]) for name in ("Account", "Contact", "Opportunity")
    )
    assert (accounts.read, contacts.read, deals.read) == (
        known["accounts"],
        known["contacts"],
        known["opportunities"],
    )
    frame = rows(deals)
    assert frame["amount"].sum() == int(str(known["amount_sum"])) * 100
    won = frame.filter(pl.col("stage") == "Closed Won")
    assert won["amount"].sum() == int(str(known["closed_won_amount"])) * 100
    assert dict(frame["stage"].value_counts().iter_rows()) == known["stages"]
    assert frame["expected_close_on"].null_count() == 0
    orphans = frame.filter(~pl.col("account_external_id").is_in(rows(accounts)["external_id"].to_list()))
    assert orphans.height == known["orphans"]
    assert all(issue.severity != "row" for table in (accounts, contacts, deals) for issue in table.issues)


def test_the_salesforce_names_that_matter_are_mapped() -> None:
    mappings = mapped("crm/salesforce-devorg-export")
    account, contact, deal = (
        fields(mappings[f"{name}.csv"]) for name in ("Account", "Contact", "Opportunity")
    )
    assert account["Id"] == "external_id"
    assert account["BillingCity"] == "city"
    assert account["NumberOfEmployees"] == "employees"
    assert account["OwnerId"] == "owner"
    assert "BillingAddress" not in account
    assert contact["AccountId"] == "account_external_id"
    assert contact["MobilePhone"] == "mobile"
    assert contact["MailingCity"] == "city"
    assert contact["Birthdate"] == "birthday"
    assert deal["StageName"] == "stage"
    assert deal["CloseDate"] == "expected_close_on"
    assert deal["MainCompetitors__c"] == "competitor"
    assert "ExpectedRevenue" not in deal
    assert "IsDeleted" not in {**account, **contact, **deal}


def test_files_of_one_export_join_and_strangers_are_not_taken_for_something() -> None:
    mappings = mapped("crm/salesforce-fsc-workshop")
    assert {file: mapping.entity for file, mapping in mappings.items()} == {
        "Account.csv": "account",
        "AccountContactRelation.csv": None,
        "Branch__c.csv": None,
        "Campaign.csv": "campaign",
        "CampaignMember.csv": None,
        "Case.csv": "ticket",
        "Contact.csv": "contact",
        "Lead.csv": "lead",
        "Opportunity.csv": "opportunity",
        "Task.csv": "activity",
    }
    accounts = set(rows(convert(mappings["Account.csv"]))["external_id"].to_list())
    for file in ("Contact.csv", "Opportunity.csv"):
        joined = rows(convert(mappings[file]))["account_external_id"].drop_nulls()
        assert len(joined) > 0
        assert set(joined.to_list()) <= accounts
    assert {
        issue.severity
        for file in mappings
        if mappings[file].entity
        for issue in convert(mappings[file]).issues
    } <= {"cell", "note"}


def test_one_sheet_in_four_formats_reads_the_same() -> None:
    folder = SHARED_DATA / "spreadsheets" / "python-calamine"
    texts = set()
    for suffix in ("xlsx", "xls", "xlsb", "ods"):
        path = folder / f"base.{suffix}"
        found = preflight(path) if suffix != "xls" else Preflight()
        grid = next(iter(read_workbook(path, suffix, found))).grid.trimmed()
        texts.add(str([column.to_list() for column in grid.columns]))
    assert len(texts) == 1


def test_junk_above_and_below_a_table_is_left_out() -> None:
    result = read_sources(
        [SHARED_DATA / "spreadsheets" / "readxl-extdata" / f"deaths.{suffix}" for suffix in ("xls", "xlsx")]
    )
    for table in result.tables:
        assert table.header_rows == (5,)
        assert table.headers == ("Name", "Profession", "Age", "Has kids", "Date of birth", "Date of death")
        assert table.frame["row"].to_list() == list(range(6, 16))
        assert table.left_out.note == 4


@pytest.mark.parametrize(
    ("path", "encoding", "header_row"),
    [
        ("csv/zh-bank-statements/example-alipay-records.csv", "gb18030", 25),
        ("csv/gbk-tiny/gbk.csv", "gb18030", 1),
        ("crm/salesforce-dataloader/accountData.csv", "cp1252", 1),
        ("derived/zh_company_pairs_dev.gb18030.csv", "gb18030", 1),
        ("csv/frictionless/latin1.csv", "cp1252", 1),
        ("csv/phpspreadsheet-csv/premiere.utf32le.csv", "utf-32-le", 1),
    ],
)
def test_encodings_and_preambles_of_real_files(path: str, encoding: str, header_row: int) -> None:
    result = read_sources([SHARED_DATA / path])
    assert [(table.encoding, table.header_rows) for table in result.tables] == [(encoding, (header_row,))]


def test_locked_files_are_said_to_be_locked() -> None:
    folder = SHARED_DATA / "spreadsheets"
    files = [
        *(folder / "excelize" / f"encrypt{kind}.xlsx" for kind in ("AES", "SHA1", "SHA512")),
        *(folder / "python-calamine" / f"password.{suffix}" for suffix in ("xls", "xlsx", "xlsb", "ods")),
        folder / "msoffcrypto" / "xor_password_123456789012345.xls",
        folder / "roo" / "encrypted-letmein.ods",
    ]
    result = read_sources(files)
    assert result.tables == []
    assert {item.code for item in result.refused} == {"encrypted"}
    assert len(result.refused) == len(files)


def test_every_file_gets_a_verdict() -> None:
    """A sample of all files: each comes out as tables or with a reason, and nothing is taken for sales data by mistake."""
    files = [file.path for file in find_files([SHARED_DATA]) if "LICENCES" not in file.name][::5]
    result = read_sources(files)
    named = {item.file for item in result.tables} | {item.file for item in result.refused}
    assert named == {path.name for path in files}
    assert all(item.message and item.code for item in result.refused)
    assert all(item.code != "timeout" for item in result.refused)
    for mapping in suggest_all(result.tables):
        if mapping.entity:
            assert convert(mapping).read == mapping.table.frame.height
