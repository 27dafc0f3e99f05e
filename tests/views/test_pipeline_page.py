"""The Pipeline page, driven as a person drives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QLabel, QPushButton
from sqlalchemy import select

from desktop.models.activities import Todo
from desktop.queries.coaching import coaching_notes
from desktop.store.workspace import Workspace
from desktop.views.coaching import CoachPanel
from desktop.views.pipeline.page import ALL, AMOUNT, PERIOD, PipelinePage
from desktop.views.todos import PlanPanel, SettlePanel
from tests.maker import Maker
from tests.views.shown import MakePage

OpenPage = Callable[..., PipelinePage]


@pytest.fixture
def open_page(make_page: MakePage) -> OpenPage:
    return partial(make_page, PipelinePage)


@pytest.fixture
def firm(sqlite_make: Maker) -> Maker:
    make = sqlite_make
    ann = make.person("Ann", unit=make.unit("North"))
    pump = make.account("Pump works", grade="A")
    make.deal(
        "Valves",
        pump,
        owner=ann,
        amount=100,
        path=[("Lead", date(2026, 9, 1)), ("Quotation", date(2026, 10, 20))],
    )
    make.deal("Filters", pump, owner=ann, amount=300, path=[("Lead", date(2026, 11, 16))])
    make.deal("Crane", amount=50, path=[("Lead", date(2026, 11, 1)), ("Lost", date(2026, 11, 3))])
    make.activity(pump, owner=ann, on=date(2026, 11, 10), subject="Seen the plant")
    return make


def names(page: PipelinePage) -> list[str]:
    return [row.name for row in page.table.rows()]


def texts(page: PipelinePage) -> list[str]:
    return [figure.value for figure in page.figures.figures]


def press(page: PipelinePage, words: str) -> None:
    assert page.inspector is not None
    next(made for made in page.inspector.findChildren(QPushButton) if made.text() == words).click()


def test_the_funnel_its_figures_and_its_list(firm: Maker, open_page: OpenPage) -> None:
    page = open_page()
    assert texts(page)[0] == "2"
    assert texts(page)[3] == "0.0"
    assert names(page) == ["Valves", "Filters"]
    titles, rows = page.chart.table()
    assert "Stage" in titles
    assert [row[0] for row in rows] == ["Lead", "First visit", "Proposal", "Quotation", "Won"]
    assert rows[0][1] == 3.0


def test_a_click_on_a_stage_narrows_the_list_and_another_opens_it_again(
    firm: Maker, open_page: OpenPage
) -> None:
    page = open_page()
    page.chart.grab()
    mark = next(mark for mark in page.chart.marks if mark.tip.startswith("Quotation"))
    page.chart.clicked.emit(mark.record)
    assert names(page) == ["Valves"]
    assert not page.clear.isHidden()
    page.chart.clicked.emit(mark.record)
    assert names(page) == ["Valves", "Filters"]


def test_filters_are_asked_of_the_database(firm: Maker, open_page: OpenPage) -> None:
    page = open_page()
    page.table.set_filter("state", "stuck")
    assert names(page) == ["Valves"]
    page.table.clear_filters()
    page.table.set_filter("days", "< 10")
    assert names(page) == ["Filters"]
    page.table.clear_filters()
    page.table.set_filter("stage", "lead")
    assert names(page) == ["Filters"]


def test_time_travel_shows_the_funnel_of_that_day(firm: Maker, open_page: OpenPage) -> None:
    page = open_page()
    page.open(as_of=date(2026, 11, 2))
    assert texts(page)[0] == "2"
    assert sorted(names(page)) == ["Crane", "Valves"]
    page.toggle_travel()
    assert sorted(names(page)) == ["Filters", "Valves"]


def test_the_window_and_the_measure_can_be_chosen(firm: Maker, open_page: OpenPage) -> None:
    page = open_page()
    heights = []
    for key in (PERIOD, ALL):
        page.window_choice.set_current(key)
        page.reload()
        heights.append(page.chart.table()[1][0][1])
    assert heights == [2.0, 3.0]
    page.measure.set_current(AMOUNT)
    page.measure.chosen.emit(AMOUNT)
    assert page.chart.table()[1][0][1] == 45000.0


def test_the_inspector_of_a_stuck_deal_gives_its_owner_a_task_once(
    firm: Maker, open_page: OpenPage, sqlite_workspace: Workspace
) -> None:
    page = open_page()
    page.table.select_first()
    press(page, "Arrange a senior visit")
    press(page, "Arrange a senior visit")
    tasks = sqlite_workspace.read(lambda work: list(work.session.scalars(select(Todo))))
    assert [(task.kind, task.title, task.due_on) for task in tasks] == [
        ("senior_visit", "Arrange a senior visit: Valves", date(2026, 11, 21))
    ]
    assert len(page.strips.strips) == 2


def test_a_next_action_is_planned_and_settled_beside_the_deal(
    firm: Maker, open_page: OpenPage, sqlite_workspace: Workspace
) -> None:
    page = open_page("zh_CN")
    page.table.select_first()
    press(page, "安排…")
    planning = page.inspector
    assert isinstance(planning, PlanPanel)
    planning.send()
    assert isinstance(page.inspector, PlanPanel)  # Without what is done it is refused, and the form stays.
    planning.what.setText("拜访厂长")
    planning.send()
    press(page, "处理…")
    settling = page.inspector
    assert isinstance(settling, SettlePanel)
    assert settling.open_part.isHidden()
    settling.state.setCurrentIndex(1)
    assert settling.over_part.isHidden()
    settling.day.setDate(QDate(2026, 12, 1))
    settling.send()
    press(page, "处理…")
    settling = page.inspector
    assert isinstance(settling, SettlePanel)
    assert settling.todo.due_on == date(2026, 12, 1)
    settling.note.setText("样品认可")
    settling.send()
    (todo,) = sqlite_workspace.read(lambda work: list(work.session.scalars(select(Todo))))
    assert (todo.title, todo.state, todo.note) == ("拜访厂长", "done", "样品认可")


def test_a_coaching_note_is_written_beside_the_deal(
    firm: Maker, open_page: OpenPage, sqlite_workspace: Workspace
) -> None:
    page = open_page("zh_CN")
    page.table.select_first()
    press(page, "填写…")
    panel = page.inspector
    assert isinstance(panel, CoachPanel)
    panel.send()
    assert page.inspector is panel  # Without words it is refused, and the form stays.
    panel.note.setPlainText("先确认决策人")
    panel.send()
    assert page.inspector is not None
    words = [each.text() for each in page.inspector.findChildren(QLabel)]
    assert "先确认决策人" in words
    (note,) = sqlite_workspace.read(coaching_notes)
    assert (note.person, note.deal, note.customer) == ("Ann", "Valves", "Pump works")


def test_the_funnel_folds_away_for_a_small_screen(firm: Maker, open_page: OpenPage) -> None:
    page = open_page()
    page.toggle_chart()
    assert page.chart.isHidden()
    page.toggle_chart()
    assert not page.chart.isHidden()


def test_without_deals_the_page_says_what_it_will_show(sqlite_make: Maker, open_page: OpenPage) -> None:
    page = open_page("zh_CN")
    assert not page.empty.isHidden()
    assert page.content.isHidden()


def test_the_page_speaks_chinese(firm: Maker, open_page: OpenPage) -> None:
    page = open_page("zh_CN")
    assert page.figures.figures[0].caption == "在手商机"
    assert page.chart.table()[1][0][0] == "线索"
