"""A contract's draft from a Word template: names filled in, rows repeated, everything else as it was (APR-08)."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from desktop.errors import InvalidInput
from desktop.exporters.word_template import fill_document
from desktop.i18n import Locale
from desktop.operations.contract_draft import draft_document
from desktop.operations.contracts import ContractDraft, contract_of_quote
from desktop.operations.quotes import QuoteDraft, make_quote
from desktop.queries.quote_detail import LineDraft
from desktop.store.workspace import Workspace
from tests.maker import Maker

BODY = (
    '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="x" mc:Ignorable="w14"><w:body>'
    "<w:p><w:r><w:t>合同编号：{{number}}</w:t></w:r></w:p>"
    '<w:p><w:pPr><w:jc/></w:pPr><w:r><w:t>{{cus</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">tomer}} &amp; Co </w:t></w:r></w:p>'
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>产品</w:t></w:r></w:p></w:tc></w:tr>"
    "<w:tr><w:tc><w:p><w:r><w:t>{{line.name}}</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>{{ line.amount }}</w:t></w:r></w:p></w:tc></w:tr>"
    "</w:tbl><w:p><w:r><w:t>合计 {{amount}}</w:t></w:r></w:p></w:body></w:document>"
)


def document(body: str = BODY) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", body)
        package.writestr("word/media/seal.png", b"\x89PNG seal")
        package.writestr("word/styles.xml", "<w:styles>{{number}}</w:styles>")
    return made.getvalue()


def parts(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as package:
        return {name: package.read(name).decode("latin-1") for name in package.namelist()} | {
            "word/document.xml": package.read("word/document.xml").decode()
        }


def test_a_contract_is_drafted_and_the_rest_of_the_template_stays(
    sqlite_workspace: Workspace, sqlite_make: Maker
) -> None:
    account = sqlite_make.account("A<B & 恒泰")
    lines = (LineDraft("Pump", 2_000, 1_000_000_000), LineDraft("Valve", 1_000, 500_000_000))
    quote = sqlite_workspace.write(lambda work: make_quote(work, QuoteDraft(account, lines))).id
    contract = sqlite_workspace.write(
        lambda work: contract_of_quote(work, ContractDraft(quote, number="HT-1"))
    )
    template = document()
    made = sqlite_workspace.write(lambda work: draft_document(work, contract, template, Locale("zh_CN")))
    before, after = parts(template), parts(made)
    text = after.pop("word/document.xml")
    assert {name: before[name] for name in after} == after
    assert ">合同编号：HT-1<" in text
    assert ">A&lt;B &amp; 恒泰<" in text
    assert "> &amp; Co <" in text
    assert text.count("<w:tr>") == 3
    assert text.index("Pump") < text.index("2,000.00") < text.index("Valve") < text.index("500.00")
    assert "合计 2,500.00" in text
    assert "{{" not in text
    assert 'mc:Ignorable="w14"' in text
    again = sqlite_workspace.write(lambda work: draft_document(work, contract, template, Locale("zh_CN")))
    assert again == made


def workbook() -> bytes:
    made = BytesIO()
    book = xlsxwriter.Workbook(made)
    sheet = book.add_worksheet("Contract")
    book.define_name("customer", "=Contract!$B$1")
    book.define_name("合同金额", "=Contract!$B$2")
    sheet.write_row("A4", ["产品名称", "数量", "金额"])
    book.define_name("lines", "=Contract!$A$5:$C$5")
    book.close()
    return made.getvalue()


def test_a_workbook_is_a_template_too(sqlite_workspace: Workspace, sqlite_make: Maker) -> None:
    account = sqlite_make.account("恒泰")
    lines = (LineDraft("Pump", 2_500, 1_000_000_000), LineDraft("Valve", 1_000, 500_000_000))
    quote = sqlite_workspace.write(lambda work: make_quote(work, QuoteDraft(account, lines))).id
    contract = sqlite_workspace.write(lambda work: contract_of_quote(work, ContractDraft(quote)))
    made = sqlite_workspace.write(
        lambda work: draft_document(work, contract, workbook(), Locale("zh_CN"), "合同.xlsx")
    )
    sheet = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_name("Contract").to_python()
    assert [row[1] for row in sheet[:2]] == ["恒泰", 3000]
    assert [row[:3] for row in sheet[4:6]] == [["Pump", 2.5, 2500], ["Valve", 1, 500]]


def test_what_cannot_be_filled_is_said_before_anything_is_made() -> None:
    with pytest.raises(InvalidInput) as refused:
        fill_document(document(BODY.replace("{{amount}}", "{{price}}")), {"number": "1"}, [])
    assert refused.value.code == "template_names_unknown"
    assert "price" in refused.value.text(Locale("en"))
    for content in (b"no package", document("x").replace(b"word/document.xml", b"word/other_one.xml")):
        with pytest.raises(InvalidInput, match="no Word document"):
            fill_document(content, {}, [])
