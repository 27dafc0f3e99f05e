"""The life of a report: frozen at submission, decided by a second person, exported as approved (APR-06, RPT-07)."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from desktop.errors import InvalidInput, NotAllowed, NotFound, StaleRecord, UserError
from desktop.exporters.document import digest
from desktop.i18n import Locale
from desktop.models.approvals import ApprovalRequest
from desktop.models.audit import AuditEntry
from desktop.models.reports import Report, ReportFile, Snapshot
from desktop.operations.approvals import approve_report, reject_report, withdraw_report
from desktop.operations.reports import (
    draft_report,
    export_report,
    refresh_report,
    register_export,
    submit_report,
)
from desktop.periods import Period
from desktop.queries.approvals import approval_history, approval_inbox
from desktop.queries.report_parts import Asked
from desktop.queries.reports import (
    ReportRow,
    rendered_report,
    report_list,
    report_view,
)
from desktop.queries.verification import Verification, verify_workbook
from desktop.store.workspace import Work, Workspace
from desktop.terms import ReportState, Role, Verdict
from tests.databases import Place, unguarded
from tests.maker import Maker

MONTH = Period.parse("2026-11")
OWN_KINDS = ("funnel", "target_actual", "handover")
CHINESE, ENGLISH = Locale("zh_CN"), Locale("en")


@dataclass
class Desk:
    """Three people at one database, and what they do with reports."""

    admin: Workspace
    director: Workspace
    rep: Workspace
    rep_id: int

    def draft(self, template: str = "funnel") -> ReportRow:
        asked = Asked(MONTH, person_id=self.rep_id if template == "handover" else None)
        return self.admin.write(lambda work: draft_report(work, template, asked))

    def submitted(self, template: str = "funnel") -> ReportRow:
        drafted = self.draft(template)
        return self.admin.write(lambda work: submit_report(work, drafted.id, drafted.version))

    def approved(self, template: str = "funnel") -> ReportRow:
        waiting = self.submitted(template)
        return self.director.write(lambda work: approve_report(work, waiting.id, waiting.version))

    def exported(self, folder: Path, template: str = "funnel") -> Path:
        row = self.approved(template)
        path = folder / f"{template}.xlsx"
        export_report(self.admin, row.id, path, CHINESE)
        return path

    def verify(self, path: Path) -> Verification:
        return self.admin.read(lambda work: verify_workbook(work, path.read_bytes(), path.name))

    def count(self, record: type) -> int:
        return self.admin.read(
            lambda work: work.session.execute(select(func.count()).select_from(record)).scalar_one()
        )


@pytest.fixture
def desk(place: Place, workspace: Workspace, make: Maker) -> Desk:
    make.person("周总监", Role.DIRECTOR, login="zhou")
    rep = make.person("吴代表", Role.REP, login="wu")
    account = make.account("=HYPERLINK(1)公司", rep, phone="+8613800138000")
    make.contact("张", account)
    make.deal("锅炉", account, owner=rep, amount="71781937.49")
    make.deal("泵", account, owner=rep, amount="0.01", path=[("Signed", make.days_ago(2))])
    make.target("2026-11", "1000000.01", person=rep)
    clock = workspace.clock
    return Desk(workspace, place.open("zhou", clock), place.open("wu", clock), rep)


@pytest.mark.parametrize("template", [*OWN_KINDS, "stage_ageing", "ranking", "data_quality"])
def test_a_report_lives_from_draft_to_a_genuine_workbook(desk: Desk, tmp_path: Path, template: str) -> None:
    row = desk.draft(template)
    assert (row.state, row.rows > 0, len(row.hash)) == (ReportState.DRAFT, True, 64)
    desk.admin.write(lambda work: submit_report(work, row.id))
    desk.director.write(lambda work: approve_report(work, row.id))
    path = tmp_path / "out.xlsx"
    rendered = export_report(desk.admin, row.id, path, CHINESE)
    assert path.read_bytes() == rendered.content
    result = desk.verify(path)
    assert (result.verdict, result.approved_by) == (Verdict.GENUINE, ("周总监",))
    assert desk.admin.read(report_list)[0].state == ReportState.EXPORTED
    actions = desk.admin.read(
        lambda work: work.session.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars().all()
    )
    life = ["draft_report", "submit_report", "approve_report", "export_report"]
    assert [action for action in actions if action in life] == life


def test_the_workbook_is_the_snapshot_not_a_fresh_query(desk: Desk, make: Maker, tmp_path: Path) -> None:
    row = desk.submitted()
    make.deal("later", None, amount="5")
    desk.director.write(lambda work: approve_report(work, row.id))
    path = tmp_path / "a.xlsx"
    export_report(desk.admin, row.id, path, CHINESE)
    sheet = openpyxl.load_workbook(path, data_only=True)["阶段"]
    totals = [list(line) for line in sheet.iter_rows(values_only=True) if line[0] == "合计"]
    assert [line[1:3] for line in totals] == [[1, 71781937.49]]
    assert desk.admin.read(lambda work: report_view(work, row.id)).row.hash == row.hash


def test_two_readers_find_the_figures_of_the_database_to_the_cent(desk: Desk, tmp_path: Path) -> None:
    path = desk.exported(tmp_path, "handover")
    theirs = openpyxl.load_workbook(path)["客户"]
    first = next(row for row in theirs.iter_rows(values_only=True) if row[0] == "=HYPERLINK(1)公司")
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("客户").to_python()
    second = next(row for row in rows if row[0] == "=HYPERLINK(1)公司")
    assert first[3] == second[3] == "138****8000"
    assert first[5] == second[5] == 71781937.49
    formulas = [
        str(cell.value)
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.rows
        for cell in row
        if cell.data_type == "f"
    ]
    # The only ones are our own sums and differences; no text of a record ever is one.
    assert formulas
    assert not [
        text
        for text in formulas
        if not re.fullmatch(r"=SUM\([A-Z]+\d+:[A-Z]+\d+\)|=[A-Z]+\d+-[A-Z]+\d+", text)
    ]


def test_exporting_twice_gives_the_same_bytes_and_registers_them_once(desk: Desk, tmp_path: Path) -> None:
    first = desk.exported(tmp_path)
    row = desk.admin.read(report_list)[0]
    again = tmp_path / "again.xlsx"
    export_report(desk.director, row.id, again, CHINESE)
    assert first.read_bytes() == again.read_bytes()
    assert desk.count(ReportFile) == 1
    export_report(desk.director, row.id, again, ENGLISH)
    assert desk.count(ReportFile) == 2
    assert desk.verify(again).verdict == Verdict.GENUINE


def test_resaved_altered_renumbered_and_unknown_are_told_apart(desk: Desk, tmp_path: Path) -> None:
    path = desk.exported(tmp_path)
    number = desk.admin.read(report_list)[0].number

    def saved(change: Callable[[openpyxl.Workbook], object]) -> Verification:
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(tmp_path / "changed.xlsx")
        return desk.verify(tmp_path / "changed.xlsx")

    again = saved(lambda book: None)
    assert (again.verdict, again.report, again.differences) == (Verdict.RESAVED, number, ())
    altered = saved(lambda book: book.worksheets[1].__setitem__("C6", 1))
    assert altered.verdict == Verdict.ALTERED
    assert [(item.sheet, item.cell, item.found) for item in altered.differences] == [("阶段", "C6", "1")]

    def hide_number(book: openpyxl.Workbook) -> None:
        del book.custom_doc_props["Plumbline report"]
        book.worksheets[1]["C6"] = 1

    assert saved(hide_number).verdict == Verdict.ALTERED
    other = openpyxl.Workbook()
    other.save(tmp_path / "other.xlsx")
    assert desk.verify(tmp_path / "other.xlsx").verdict == Verdict.UNKNOWN
    with pytest.raises(InvalidInput, match=r"notes\.txt"):
        desk.admin.read(lambda work: verify_workbook(work, b"hello", "notes.txt"))


def test_nobody_approves_what_they_submitted(desk: Desk) -> None:
    row = desk.submitted()
    with pytest.raises(NotAllowed) as refused:
        desk.admin.write(lambda work: approve_report(work, row.id))
    assert refused.value.code == "own_submission"
    assert desk.admin.read(report_list)[0].state == ReportState.SUBMITTED


def test_a_rep_approves_nothing(desk: Desk) -> None:
    row = desk.submitted()
    # The team database does not even show a rep what somebody above them made.
    with pytest.raises(NotAllowed if desk.admin.is_sqlite else NotFound) as refused:
        desk.rep.write(lambda work: approve_report(work, row.id))
    assert refused.value.code == ("not_an_approver" if desk.admin.is_sqlite else "report_unknown")


def test_the_database_itself_refuses_the_same_person_twice(desk: Desk) -> None:
    row = desk.submitted()

    def force(work: Work) -> None:
        work.session.execute(
            update(Report).where(Report.id == row.id).values(approved_by_id=Report.submitted_by_id)
        )

    with pytest.raises((IntegrityError, UserError)):
        desk.admin.write(force)


def test_a_rejection_needs_a_reason_and_leads_back_to_a_draft(desk: Desk) -> None:
    row = desk.submitted()
    with pytest.raises(InvalidInput, match="reason"):
        desk.director.write(lambda work: reject_report(work, row.id, "  "))
    rejected = desk.director.write(lambda work: reject_report(work, row.id, "口径不对"))
    assert (rejected.state, rejected.reject_reason) == (ReportState.REJECTED, "口径不对")
    again = desk.admin.write(lambda work: refresh_report(work, row.id))
    assert again.state == ReportState.DRAFT
    assert desk.count(Snapshot) == 2
    desk.admin.write(lambda work: submit_report(work, row.id))
    desk.director.write(lambda work: approve_report(work, row.id))
    assert [item.state for item in desk.admin.read(approval_history)] == ["approved", "rejected"]


@pytest.mark.parametrize(
    "act",
    [
        lambda work, row: submit_report(work, row.id),
        lambda work, row: refresh_report(work, row.id),
        lambda work, row: withdraw_report(work, row.id),
        lambda work, row: reject_report(work, row.id, "zu spät"),
        lambda work, row: approve_report(work, row.id),
    ],
)
def test_an_approved_report_takes_no_other_step(desk: Desk, act: Callable[[Work, ReportRow], object]) -> None:
    row = desk.approved()
    with pytest.raises(InvalidInput) as refused:
        desk.director.write(lambda work: act(work, row))
    assert refused.value.code == "report_state"


def test_a_waiting_report_keeps_the_figures_that_will_be_approved(desk: Desk) -> None:
    row = desk.submitted()
    with pytest.raises(InvalidInput) as refused:
        desk.admin.write(lambda work: refresh_report(work, row.id))
    assert refused.value.code == "report_state"
    approved = desk.director.write(lambda work: approve_report(work, row.id))
    assert (approved.hash, desk.count(Snapshot)) == (row.hash, 1)


def test_only_approved_reports_are_exported(desk: Desk, tmp_path: Path) -> None:
    row = desk.submitted()
    with pytest.raises(InvalidInput, match="waiting"):
        export_report(desk.admin, row.id, tmp_path / "a.xlsx", CHINESE)
    with pytest.raises(InvalidInput, match="waiting"):
        desk.admin.write(lambda work: register_export(work, rendered_report(work, row.id, CHINESE)))
    assert not list(tmp_path.glob("*.xlsx*"))
    with pytest.raises(NotFound):
        export_report(desk.admin, 999, tmp_path / "a.xlsx", CHINESE)


def test_an_old_version_is_told_and_changes_nothing(desk: Desk) -> None:
    row = desk.draft()
    desk.admin.write(lambda work: refresh_report(work, row.id))
    with pytest.raises(StaleRecord):
        desk.admin.write(lambda work: submit_report(work, row.id, row.version))
    assert desk.admin.read(report_list)[0].state == ReportState.DRAFT


def test_two_approvers_at_once_make_one_approval(desk: Desk, place: Place, make: Maker) -> None:
    make.person("郑财务", Role.FINANCE, login="zheng")
    second = place.open("zheng", desk.admin.clock)
    row = desk.submitted()
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(workspace: Workspace) -> None:
        barrier.wait(10)
        try:
            workspace.write(lambda work: approve_report(work, row.id, row.version))
            outcomes.append("approved")
        except (StaleRecord, InvalidInput) as told:
            outcomes.append(told.code)

    threads = [threading.Thread(target=decide, args=(who,)) for who in (desk.director, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[0] == "approved"
    assert sorted(outcomes)[1] in ("report_changed", "stale_record")
    approvals = desk.admin.read(
        lambda work: work.session.execute(
            select(func.count()).where(AuditEntry.action == "approve_report")
        ).scalar_one()
    )
    assert approvals == 1


def test_the_inbox_says_who_may_decide_and_why_not(desk: Desk) -> None:
    desk.submitted()
    assert [item.why_not for item in desk.director.read(approval_inbox)] == [""]
    assert "second person" in desk.admin.read(approval_inbox)[0].why_not
    if desk.admin.is_sqlite:
        assert "role" in desk.rep.read(approval_inbox)[0].why_not
    else:
        assert desk.rep.read(approval_inbox) == []  # the team database shows a rep their own alone
    seen = [who.read(approval_inbox) for who in (desk.director, desk.admin, desk.rep)]
    counts = [sum(not item.why_not for item in items) for items in seen]
    assert counts == [1, 0, 0]


def test_the_submitter_can_take_it_back(desk: Desk) -> None:
    row = desk.submitted()
    with pytest.raises(NotAllowed):
        desk.director.write(lambda work: withdraw_report(work, row.id))
    assert desk.admin.write(lambda work: withdraw_report(work, row.id)).state == ReportState.DRAFT
    assert desk.admin.read(approval_inbox) == []
    assert desk.count(ApprovalRequest) == 1


def test_a_snapshot_that_was_tampered_with_is_noticed(desk: Desk) -> None:
    row = desk.draft()
    view = desk.admin.read(lambda work: report_view(work, row.id))
    assert view.sound
    assert view.document.as_of == date(2026, 11, 18)

    def tamper(work: Work) -> str:
        text = work.session.execute(select(Snapshot.document)).scalar_one()
        assert digest(text) == row.hash
        work.session.execute(update(Snapshot).values(document=text.replace("7178193749", "1")))
        return text

    with pytest.raises(NotAllowed):
        desk.admin.write(tamper)
    unguarded(desk.admin).write(tamper)
    assert not desk.admin.read(lambda work: report_view(work, row.id)).sound


def test_a_handover_report_needs_its_person_and_an_unknown_template_is_named(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="person"):
        desk.admin.write(lambda work: draft_report(work, "handover", Asked(MONTH)))
    with pytest.raises(NotFound, match="target_actual"):
        desk.admin.write(lambda work: draft_report(work, "sales", Asked(MONTH)))
    assert desk.admin.read(report_list) == []


def test_sheets_are_in_the_readers_language(desk: Desk, tmp_path: Path) -> None:
    row = desk.approved("target_actual")
    names = {}
    for locale in (CHINESE, ENGLISH):
        content = desk.admin.read(lambda work, locale=locale: rendered_report(work, row.id, locale)).content
        names[locale.language] = openpyxl.load_workbook(BytesIO(content)).sheetnames
    assert names == {
        "zh_CN": ["封面", "人员", "各周", "台账核对", "指标定义", "数据来源"],
        "en": ["Cover", "People", "Weeks", "Ledger check", "Definitions", "Origins"],
    }
