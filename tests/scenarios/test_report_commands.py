"""From the draft to finance's desk by commands: report, submit, approve, export, verify, handover."""

from __future__ import annotations

import hashlib
from pathlib import Path

import openpyxl
import pytest

from desktop.terms import PersonStatus, Role
from tests.databases import Place
from tests.drivers.command_line import CommandLine
from tests.maker import Maker


@pytest.fixture
def firm(make: Maker) -> Maker:
    make.person("周总监", Role.DIRECTOR, login="zhou")
    leaver = make.person("陈离", status=PersonStatus.DEPARTING)
    make.person("李接", login="li")
    account = make.account("甲公司", leaver, phone="+8613800138000")
    make.deal("锅炉", account, owner=leaver, amount="1234.50")
    contract = make.contract("C-1", account, "900", owner_id=leaver)
    make.payment_plan(contract, "900", make.days_ago(60))
    return make


class Office:
    """Two people at their command lines, on one database."""

    def __init__(self, place: Place) -> None:
        self.admin = CommandLine(place.where)
        self.zhou = CommandLine(place.where_for("zhou"))
        self.acting = ["--as", "zhou"] if place.is_sqlite else []


@pytest.fixture
def office(place: Place, firm: Maker) -> Office:
    return Office(place)


def test_a_command_that_is_tried_again_under_its_key_is_done_once(office: Office) -> None:
    first = office.admin.json("report", "funnel", "--period", "2026-11", "--once", "night of the 18th")
    again = office.admin.run("report", "funnel", "--period", "2026-11", "--once", "night of the 18th")
    assert (again.code, "already done" in again.err) == (3, True)
    other = office.admin.json("report", "funnel", "--period", "2026-11", "--once", "night of the 19th")
    assert other["report"] == first["report"] + 1


def test_a_report_goes_from_draft_to_finance_by_commands(office: Office, tmp_path: Path) -> None:
    draft = office.admin.json("report", "funnel", "--period", "2026-11")
    assert (draft["state"], draft["name"], draft["period"]) == ("draft", "funnel", "2026-11")
    assert draft["totals"]["open_amount"] == "1234.50"
    number = str(draft["report"])
    assert office.admin.json("submit", number)["state"] == "submitted"
    own = office.admin.run("approve", number)
    assert (own.code, "second person" in own.err) == (3, True)
    approved = office.zhou.json("approve", number, *office.acting)
    assert (approved["state"], approved["hash"]) == ("approved", draft["hash"])
    file = tmp_path / "给财务.xlsx"
    exported = office.admin.json("export", number, "--out", str(file))
    assert exported["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (exported["state"], exported["file"]) == ("exported", file.as_posix())
    verdict = office.admin.json("verify", str(file))
    assert (verdict["verdict"], verdict["approved_by"]) == ("genuine", ["周总监"])
    assert verdict["approved_at"].endswith("+00:00")

    book = openpyxl.load_workbook(file)
    book.save(tmp_path / "resaved.xlsx")
    assert office.admin.json("verify", str(tmp_path / "resaved.xlsx"))["verdict"] == "resaved"
    book.worksheets[1]["C6"] = 9999
    book.save(tmp_path / "altered.xlsx")
    altered = office.admin.json("verify", str(tmp_path / "altered.xlsx"), code=4)
    assert altered["verdict"] == "altered"
    assert [(item["cell"], item["found"]) for item in altered["differences"]] == [("C6", "9999")]
    said = office.admin.run("verify", str(tmp_path / "altered.xlsx"), "--lang", "zh_CN")
    assert "内容被改动" in said.out
    assert "C6" in said.out


def test_what_is_not_approved_is_not_exported(office: Office, tmp_path: Path) -> None:
    number = str(office.admin.json("report", "target_actual", "--period", "2026-11")["report"])
    said = office.admin.run("export", number, "--out", str(tmp_path / "a.xlsx"))
    assert (said.code, (tmp_path / "a.xlsx").exists()) == (3, False)
    office.admin.json("submit", number)
    assert office.zhou.run("reject", number, *office.acting).code == 3
    rejected = office.zhou.json("reject", number, "--reason", "数据不全", *office.acting)
    assert rejected["state"] == "rejected"


def test_the_templates_are_listed_in_both_languages(office: Office) -> None:
    found = {row["name"]: (row["title_en"], row["title_zh"]) for row in office.admin.json("reports")}
    assert found["handover"] == ("Handover checklist", "客户交接清单")
    assert found["heat_map"] == ("Interaction heat map", "互动热力图")
    assert len(found) >= 30
    assert all(english != chinese for english, chinese in found.values())


def test_handover_lists_what_the_leaver_holds_and_writes_it(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "交接.xlsx"
    document = office.admin.json("handover", "陈离", "--to", "li", "--xlsx", str(file))
    assert (document["from"], document["to"]) == ("陈离", "李接")
    assert (document["accounts"], document["open_opportunities"]) == (1, 1)
    items = {item["kind"]: item for item in document["items"]}
    assert items["opportunity"]["amount"] == "1234.50"
    assert items["receivable"]["dark"] == ["overdue"]
    assert items["account"]["dark"] == ["no_activity_90_days", "single_contact"]
    complete = sum(not item["dark"] for item in document["items"])
    assert document["completeness"] == pytest.approx(complete / len(document["items"]), abs=1e-4)
    cover = [str(cell.value) for row in openpyxl.load_workbook(file).worksheets[0].rows for cell in row]
    assert {"Not approved", "陈离", "李接"} <= set(cover)
    assert office.admin.json("verify", str(file), code=4)["verdict"] == "unknown"


def test_a_handover_is_applied_and_taken_back_by_command(office: Office) -> None:
    done = office.admin.json("handover", "陈离", "--to", "li", "--apply")
    assert done["moved"] == {"account": 1, "opportunity": 1, "contract": 1}
    assert office.admin.json("handover", "陈离")["accounts"] == 0
    back = office.admin.json("handover", "--undo", str(done["handover"]))
    assert back == {"handover": done["handover"], "reversed": 3, "kept": [], "blocked": []}
    assert office.admin.json("handover", "陈离")["accounts"] == 1
    assert office.admin.run("handover", "--undo", str(done["handover"])).code == 3
    for wrong in (["handover"], ["handover", "陈离", "--apply"], ["handover", "陈离", "--undo", "1"]):
        assert office.admin.run(*wrong).code == 2


def test_an_ambiguous_or_unknown_person_is_named(office: Office, firm: Maker) -> None:
    firm.person("陈离")
    said = office.admin.run("handover", "陈离")
    assert (said.code, "2 people" in said.err) == (3, True)
    assert office.admin.run("handover", "无此人").code == 3
    assert office.admin.run("report", "handover").code == 3
    assert office.admin.run("report", "nonsense").code == 3
    assert office.admin.run("verify", "missing.xlsx").code == 3
    assert office.admin.run("export", "1").code == 2


def test_a_dashboard_is_made_shown_and_removed_by_commands(office: Office) -> None:
    office.admin.json("figures", "won_amount", "--by", "industry", "--save", "行业")
    (view,) = office.admin.json("views")
    tiles = ["--tile", "funnel_open_amount", "--tile", f"view:{view['view']}"]
    (made,) = office.admin.json("dashboards", "--new", "周会", *tiles, "--share")
    assert (made["name"], made["shared"], len(made["tiles"])) == ("周会", True, 2)
    number = str(made["dashboard"])
    figure, split = office.admin.json("dashboards", number, "--period", "2026-11")
    assert figure["total"] == [{"metric": "funnel_open_amount", "column": None, "value": "1234.50"}]
    assert (split["name"], split["rows"]) == ("行业", [])
    for wrong in (["--new", "x", "--tile", "view:abc"], ["--remove", str(view["view"])]):
        assert office.admin.run("dashboards", *wrong).code == 3, wrong
    unasked = office.admin.run("report", "pivot")
    assert (unasked.code, "--view" in unasked.err) == (3, True)
    assert office.admin.json("dashboards", "--remove", number) == []
