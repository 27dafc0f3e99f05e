"""The end of a migration on its page: what the dry run shows, the commit that refuses, progress, and what follows."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import openpyxl
import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import select, update

from desktop.control import Control
from desktop.i18n import Locale
from desktop.models.accounts import Account
from desktop.operations.mapping_lines import table_lines
from desktop.settings import Settings
from desktop.store.workspace import Work, Workspace
from desktop.views.context import AppContext
from desktop.views.migrate.page import CHECK, REHEARSE, RESULT, REVIEW, MigratePage
from desktop.views.migrate.profiles_panel import ProfilesPanel
from desktop.views.migrate.undoing import Part
from desktop.views.tasks import Tasks
from tests.views.migrating import OpenPage, files, open_page

__all__ = ["files", "open_page"]


def names(workspace: Workspace) -> list[str]:
    found = workspace.read(lambda work: work.rows(select(Account.name).order_by(Account.external_id)))
    return [row.name for row in found]


def shown_rows(page: MigratePage) -> list[int]:
    model = page.bench.outcome.model
    return [model.row_at(i) for i in range(model.rowCount())]


@pytest.fixture
def imported(open_page: OpenPage, files: Path) -> MigratePage:
    page = open_page()
    page.dropped([str(files / "客户.csv")])
    page.go()
    page.go()
    assert page.steps.current == RESULT
    return page


def test_the_dry_run_shows_rows_by_what_becomes_of_them(imported: MigratePage, files: Path) -> None:
    page, path = imported, files / "客户.csv"
    path.write_text(
        "客户编号,客户名称,手机,客户级别,神秘列\n"
        "K1,甲公司,13800138000,A,x\nK2,乙公司,13900139000,A,y\n,,,C,z\nK9,新公司,13700137000,B,w\n",
        encoding="utf-8",
    )
    page.start_over()
    page.dropped([str(path)])
    page.go()
    assert page.steps.current == REHEARSE
    outcome = page.bench.outcome
    outcome.show_tab("created")
    assert shown_rows(page) == [5]
    outcome.show_tab("unchanged")
    assert shown_rows(page) == [2]
    outcome.show_tab("rejected")
    assert shown_rows(page) == [4]
    outcome.show_tab("updated")
    changes = {(line.record, line.field): (line.before, line.after) for line in outcome.differences.rows()}
    assert changes[("乙公司", "Grade (A, B, C)")] == ("B", "A")
    assert all(record == "乙公司" for record, _field in changes)
    outcome.show_tab("merges")
    assert outcome.merges.isVisibleTo(page)


def test_a_mapping_that_moved_since_the_dry_run_is_rehearsed_again(open_page: OpenPage, files: Path) -> None:
    page = open_page()
    page.dropped([str(files / "客户.csv")])
    page.go()
    assert page.session.rehearsed is not None
    page.deciding.set_field(4, "account.description")
    assert page.session.rehearsed is None
    assert page.steps.reached == REVIEW
    assert page.primary.text().strip() == "Dry run"


def test_a_database_that_moved_refuses_the_import(
    imported: MigratePage, files: Path, sqlite_workspace: Workspace
) -> None:
    page, path = imported, files / "客户.csv"
    path.write_text("客户编号,客户名称,手机\nK1,甲公司,13700137000\n", encoding="utf-8")
    page.start_over()
    page.dropped([str(path)])
    page.go()

    def elsewhere(work: Work) -> None:
        work.session.execute(
            update(Account).where(Account.external_id == "K1").values(mobile="+8613100131000")
        )

    sqlite_workspace.write(elsewhere)
    page.go()
    assert page.session.result is None
    assert page.session.rehearsed is None, "what was rehearsed no longer counts"
    assert ["changed since the dry run" in strip.accessibleName() for strip in page.strips.strips] == [True]
    page.go()
    page.go()
    assert page.session.result is not None


def test_a_file_that_moved_refuses_the_import(
    open_page: OpenPage, files: Path, sqlite_workspace: Workspace
) -> None:
    page = open_page()
    page.dropped([str(files / "客户.csv")])
    page.go()
    with (files / "客户.csv").open("a", encoding="utf-8") as stream:
        stream.write("K7,丙公司,,B,\n")
    page.go()
    assert page.session.result is None
    assert names(sqlite_workspace) == []
    assert any("客户.csv was changed" in strip.accessibleName() for strip in page.strips.strips)


def test_progress_goes_from_table_to_table(open_page: OpenPage, files: Path) -> None:
    page = open_page()
    page.dropped([str(files)])
    assert page.session.source is not None
    lines = table_lines(page.session.source, page.session.converted)
    running = page.running
    running.begin("importing", lines, lambda: None)
    running.end()
    states = lambda: {line.entity: line.state for line in running.table.rows()}  # noqa: E731
    assert states() == {"account": "waiting", "contact": "waiting"}
    running.show_progress(0, 5, "account")
    assert states() == {"account": "running", "contact": "waiting"}
    running.show_progress(3, 5, "contact")
    assert states() == {"account": "done", "contact": "running"}
    assert running.count.text() == "3 / 5"
    running.show_progress(3, None, "Looking for duplicates")
    assert running.count.text() == "Looking for duplicates"
    running.show_progress(5, 5, "")
    assert states() == {"account": "done", "contact": "done"}


def test_the_result_adds_up_and_has_its_certificate(imported: MigratePage, tmp_path: Path) -> None:
    page = imported
    (line,) = page.outcome_done.tables.rows()
    assert line.read == line.created + line.updated + line.unchanged + line.rejected
    assert (line.read, line.created, line.rejected) == (3, 2, 1)
    target = tmp_path / "certificate.xlsx"
    page.after.save_certificate(target)
    assert openpyxl.load_workbook(target, read_only=True).sheetnames
    assert page.strips.strips[-1].accessibleName().startswith("certificate.xlsx")
    assert page.session.undo() is False, "what was imported is not edited any more"


def test_rows_and_tables_are_taken_back_by_themselves(
    imported: MigratePage, sqlite_workspace: Workspace
) -> None:
    page = imported
    assert names(sqlite_workspace) == ["甲公司", "乙公司"]
    page.after.undo_rows(0, [3])
    assert page.inspector is not None
    page.after.undoing.take_back(1, Part("客户.csv", None, (3,)))
    assert names(sqlite_workspace) == ["甲公司"]
    page.after.undo_table(page.outcome_done.tables.rows()[0])
    page.after.undoing.take_back(1, Part("客户.csv", None))
    assert names(sqlite_workspace) == []


def test_a_mapping_is_kept_under_a_name_and_used_again(open_page: OpenPage, files: Path) -> None:
    page = open_page()
    page.dropped([str(files / "客户.csv")])
    page.show_step(CHECK)
    page.deciding.set_field(4, "account.description")
    page.deciding.profiles(page.intake.load_mapping, page.intake.save_mapping)
    panel = page.inspector
    assert isinstance(panel, ProfilesPanel)
    assert panel.keep is not None
    panel.name.setText("老系统客户")
    panel.keep.click()
    assert page.strips.strips[-1].accessibleName().startswith("老系统客户")
    page.deciding.set_field(4, None)
    page.deciding.profiles(page.intake.load_mapping, page.intake.save_mapping)
    panel = page.inspector
    assert isinstance(panel, ProfilesPanel)
    (use,) = panel.buttons
    use.click()
    assert page.session.source is not None
    mapping = page.session.source.mappings[0]
    assert mapping.profile == "老系统客户"
    assert mapping.columns[4].field == "account.description"


def test_what_runs_is_cancelled_and_leaves_everything_as_it_was(
    sqlite_workspace: Workspace, qtbot: QtBot, files: Path
) -> None:
    """With real threads: the running pane comes up, its button stops the work, the page is usable again."""
    ctx = AppContext(
        sqlite_workspace, Locale("en"), Settings(), Tasks(sqlite_workspace), now=sqlite_workspace.clock.now
    )
    page = MigratePage(ctx)
    qtbot.addWidget(page)
    page.show()
    page.dropped([str(files)])
    qtbot.waitUntil(lambda: page.session.state is not None and page.session.task is None, timeout=60_000)
    state, never = page.session.state, Event()

    def job(control: Control) -> None:
        control.report(1, 5, "account")
        while not never.wait(0.01):
            control.check()

    page.session.run(job, lambda _none: None, "importing", "Import")
    assert not page.primary.isEnabled()
    qtbot.waitUntil(lambda: page.running.isVisibleTo(page), timeout=60_000)
    qtbot.waitUntil(lambda: page.running.count.text() == "1 / 5", timeout=60_000)
    page.running.cancel.click()
    qtbot.waitUntil(lambda: page.session.task is None, timeout=60_000)
    assert page.primary.isEnabled()
    assert page.session.state is state
    assert page.bench.isVisibleTo(page)
    assert names(sqlite_workspace) == []
    ctx.tasks.stop()
