"""The Migrate page, driven as a person drives it: drop, look, rehearse, import, take back."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from desktop.models.accounts import Account, Contact
from desktop.store.workspace import Workspace
from desktop.terms import RunState
from desktop.views.migrate.page import CHECK, CHOOSE, REHEARSE, RESULT, REVIEW, MigratePage
from desktop.views.tables import ProblemRow
from tests.views.migrating import OpenPage, files, open_page

__all__ = ["files", "open_page"]


def count(workspace: Workspace, model: type[Account] | type[Contact]) -> int:
    statement = select(func.count()).select_from(model)
    return int(workspace.read(lambda work: work.rows(statement))[0][0])


def figures(page: MigratePage) -> list[str]:
    return [figure.value for figure in page.figures.figures]


def choose(page: MigratePage, name: str) -> None:
    line = next(line for line in page.bench.sources.table.rows() if line.name == name)
    page.show_table(line)


def test_an_empty_page_teaches(open_page: OpenPage) -> None:
    page = open_page()
    assert page.steps.current == CHOOSE
    assert not page.primary.isVisibleTo(page)
    assert "Drop your old files here" in page.start.words.accessibleName()
    assert not page.start.runs.isVisibleTo(page)


def test_dropped_files_show_what_every_column_means(open_page: OpenPage, files: Path) -> None:
    page = open_page()
    page.dropped([str(files)])
    assert page.steps.current == CHECK
    assert {line.name: line.entity for line in page.bench.sources.table.rows()} == {
        "客户.csv": "account",
        "联系人.csv": "contact",
    }
    choose(page, "客户.csv")
    mapped = {line.header: line.field for line in page.bench.mapping.table.rows()}
    assert mapped["客户名称"] == "account.name"
    assert mapped["神秘列"] is None
    problems = [
        row
        for row in map(page.bench.mapping.table.model.row, range(page.bench.mapping.table.model.rowCount()))
        if isinstance(row, ProblemRow)
    ]
    assert [(row.status, row.count) for row in problems] == [("amber", "1 cell")]
    assert [kind.code for kind in page.bench.review.model.problems.kinds] == []
    page.show_step(REVIEW)
    assert {kind.code for kind in page.bench.review.model.problems.kinds} == {"phone_invalid", "key_missing"}


def test_a_column_is_mapped_by_hand_and_remembered(
    open_page: OpenPage, files: Path, sqlite_workspace: Workspace
) -> None:
    page = open_page()
    page.dropped([str(files)])
    choose(page, "客户.csv")
    column = next(line for line in page.bench.mapping.table.rows() if line.header == "神秘列")
    page.deciding.set_field(column.id, "account.description")
    page.session.rehearse()
    assert count(sqlite_workspace, Account) == 0
    page.session.import_all()
    found = sqlite_workspace.read(
        lambda work: work.rows(select(Account.description).order_by(Account.external_id))
    )
    assert [row.description for row in found] == ["x", "y"]
    again = open_page()
    again.dropped([str(files)])
    choose(again, "客户.csv")
    column = next(line for line in again.bench.mapping.table.rows() if line.header == "神秘列")
    assert (column.field, column.reason) == ("account.description", "profile")


def test_dry_run_import_and_undo(open_page: OpenPage, files: Path, sqlite_workspace: Workspace) -> None:
    page = open_page()
    page.dropped([str(files)])
    page.go()
    assert page.steps.current == REHEARSE
    assert page.session.rehearsed is not None
    assert page.session.rehearsed.totals == {
        "read": 5,
        "created": 4,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    assert count(sqlite_workspace, Account) == 0
    page.go()
    assert page.steps.current == RESULT
    assert figures(page) == ["5", "4", "0", "0", "1"]
    assert (count(sqlite_workspace, Account), count(sqlite_workspace, Contact)) == (2, 2)
    assert all(check.is_explained for check in page.certificate.checks)
    page.reload()
    assert [run.totals["created"] for run in page.outcome_done.runs.rows()] == [4]
    page.after.preview_undo()
    assert page.inspector is not None
    assert count(sqlite_workspace, Account) == 2
    page.after.undoing.take_back(page.runs[0].run)
    page.start_over()
    assert [run.state for run in page.start.runs.rows()] == [RunState.UNDONE]
    assert (count(sqlite_workspace, Account), count(sqlite_workspace, Contact)) == (0, 0)


def test_rejected_rows_are_saved_to_be_mended(open_page: OpenPage, files: Path, tmp_path: Path) -> None:
    page = open_page("zh_CN")
    page.dropped([str(files)])
    page.session.rehearse()
    target = tmp_path / "rejected.xlsx"
    page.after.save_errors(target)
    assert target.is_file()
    assert page.strips.strips


def test_a_table_can_be_left_out_or_named(open_page: OpenPage, files: Path) -> None:
    page = open_page()
    page.dropped([str(files)])
    choose(page, "联系人.csv")
    page.deciding.set_entity(None)
    assert [line.status for line in page.bench.sources.table.rows() if line.name == "联系人.csv"] == [
        "unknown"
    ]
    page.deciding.set_entity("lead")
    line = next(line for line in page.bench.sources.table.rows() if line.name == "联系人.csv")
    assert line.entity == "lead"
    page.start_over()
    assert page.steps.current == CHOOSE
