"""The Duplicates page as a person uses it: look, choose, merge, undo, tell apart."""

from __future__ import annotations

import pytest

from desktop.models.accounts import Account
from desktop.store.workspace import Workspace
from desktop.views.duplicates.page import DuplicatesPage
from desktop.views.main_window import MainWindow
from tests.maker import Maker
from tests.views.shown import MakeWindow


def page_of(window: MainWindow) -> DuplicatesPage:
    window.navigate("duplicates")
    assert isinstance(window.page, DuplicatesPage)
    return window.page


@pytest.fixture
def twins(sqlite_make: Maker) -> tuple[int, int]:
    make = sqlite_make
    ann, bob = make.person("Ann"), make.person("Bob")
    one = make.account("杭州恒泰科技有限公司", ann, grade="B", phone="+8657188001234")
    two = make.account("恒泰科技（杭州）有限责任公司", bob, grade="A")
    make.deal("泵一", one, owner=ann, amount=100)
    make.deal("泵二", two, owner=bob, amount=200)
    make.account("西藏利阳科技有限公司", ann)
    make.account("西藏俪阳科技有限公司", ann)
    return one, two


def grade(workspace: Workspace, record: int) -> str | None:
    found = workspace.read(lambda work: work.session.get(Account, record))
    return found.grade if found else None


def test_sure_and_doubtful_groups_stand_apart(make_window: MakeWindow, twins: tuple[int, int]) -> None:
    page = page_of(make_window())
    assert [{member.id for member in row.members} for row in page.clusters.rows()] == [set(twins)]
    assert {figure.caption: figure.value for figure in page.figures.figures}["Pursued twice"] == "1"
    page.open(part="unsure")
    assert [len(row.members) for row in page.clusters.rows()] == [2]
    page.open(part="collisions")
    assert page.collisions.rows()[0].kind == "pursued"


def test_merge_by_field_and_undo_it(
    make_window: MakeWindow, sqlite_workspace: Workspace, twins: tuple[int, int]
) -> None:
    one, two = twins
    page = page_of(make_window())
    compare = page.compare
    assert compare.survivor == one
    assert compare.choices["grade"] == one
    compare.choose("grade", two)
    compare.merge_button.click()
    assert grade(sqlite_workspace, one) == "A"
    assert grade(sqlite_workspace, two) is None
    assert not [row for row in page.clusters.rows() if {m.id for m in row.members} & set(twins)]
    page.open(part="merged")
    (line,) = page.merges.rows()
    page.merges.selected.emit(line)
    page.split_button.click()
    assert (grade(sqlite_workspace, one), grade(sqlite_workspace, two)) == ("B", "A")


def test_the_other_record_may_stay(
    make_window: MakeWindow, sqlite_workspace: Workspace, twins: tuple[int, int]
) -> None:
    one, two = twins
    page = page_of(make_window())
    page.compare.keep(two)
    assert page.compare.choices["grade"] == two
    assert page.compare.choices["phone"] == one
    page.merge()
    assert grade(sqlite_workspace, two) == "A"
    assert grade(sqlite_workspace, one) is None


def test_not_the_same_is_remembered(make_window: MakeWindow, twins: tuple[int, int]) -> None:
    page = page_of(make_window())
    page.compare.apart_button.click()
    page.reload()
    assert not [row for row in page.clusters.rows() if {m.id for m in row.members} == set(twins)]


def test_all_sure_ones_at_once(make_window: MakeWindow, twins: tuple[int, int]) -> None:
    page = page_of(make_window())
    page.merge_all.click()
    page.open(part="merged")
    assert len(page.merges.rows()) == 1
    assert not page.merge_all.isEnabled()


def test_an_empty_database_is_taught(make_window: MakeWindow) -> None:
    page = page_of(make_window("zh_CN"))
    assert page.empty.isVisible()
    assert not page.content.isVisible()
