"""The Targets page, driven as a person drives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton
from sqlalchemy import func, select

from desktop.i18n import Language
from desktop.models.targets import WeeklyTarget
from desktop.periods import Period
from desktop.queries.sales_history import History
from desktop.queries.scope import Scope
from desktop.store.workspace import Workspace
from desktop.views.targets.editor import parse_amount
from desktop.views.targets.page import TargetsPage
from tests.maker import Maker
from tests.views.shown import MakePage

OpenPage = Callable[..., TargetsPage]


@pytest.fixture
def open_page(make_page: MakePage) -> OpenPage:
    def make(language: Language = "en", period: str = "2026-11") -> TargetsPage:
        page: TargetsPage = make_page(TargetsPage, language, scope=Scope(Period.parse(period)))
        page.ctx.tasks.changed.connect(lambda _topics: page.reload())
        return page

    return make


@pytest.fixture
def firm(sqlite_make: Maker) -> dict[str, int]:
    make = sqlite_make
    hq = make.unit("HQ", "hq")
    east = make.unit("East region", "region", hq)
    ann, bo = make.person("Ann", unit=east), make.person("Bo", unit=east)
    for month in (7, 8, 9, 10, 11):
        for day, amount in ((3, 20_000), (26, 80_000)):
            won = date(2026, month, day)
            if won < date(2026, 11, 18):
                make.deal(
                    "Pump",
                    owner=ann,
                    amount=amount,
                    path=[("Lead", won - timedelta(days=9)), ("Signed", won)],
                )
    make.target("2026-11", 300_000, unit=hq)
    make.target("2026-11", 200_000, unit=east)
    make.target("2026-11", 100_000, person=ann)
    make.target("2026-11", 60_000, person=bo)
    return {"hq": hq, "east": east, "ann": ann, "bo": bo}


def written(workspace: Workspace) -> int:
    return workspace.read(lambda work: work.session.scalar(select(func.count(WeeklyTarget.id)))) or 0


def test_the_tree_shows_who_carries_what_and_where_it_leaks(
    firm: dict[str, int], open_page: OpenPage
) -> None:
    page = open_page()
    rows = page.tree.rows()
    assert [(node.name, node.target, node.leak) for node in rows[:2]] == [
        ("HQ", 30_000_000, -10_000_000),
        ("East region", 20_000_000, -4_000_000),
    ]
    assert page.cascade.table()[1][0] == ["Target", 300.0]
    assert page.cascade.table()[1][-1] == ["Carried", 160.0]
    assert page.figures.figures[0].value == "300.0"


def test_choosing_a_person_shows_their_weeks_and_why(firm: dict[str, int], open_page: OpenPage) -> None:
    page = open_page()
    page.open(person_id=firm["ann"])
    weeks = page.weeks.table()[1]
    assert sum(week[2] for week in weeks) == pytest.approx(100.0)
    assert [week[1] for week in weeks] == [25.0] * 4
    assert weeks[0][3] == 20.0
    assert weeks[3][3] is None
    assert weeks[3][2] > 60
    parts = page.factors.table()[1]
    assert sum(part[2] for part in parts) == pytest.approx(1.0)


def test_accepting_writes_the_weeks_and_the_figures_say_so(
    firm: dict[str, int], open_page: OpenPage, sqlite_workspace: Workspace
) -> None:
    page = open_page()
    assert page.figures.figures[1].delta == "weeks of 0 of 2 people accepted"
    page.accept.click()
    assert written(sqlite_workspace) == 8
    assert page.figures.figures[1].delta == "weeks accepted"
    assert page.accept.isEnabled()


def test_a_target_is_set_in_the_inspector(
    firm: dict[str, int], open_page: OpenPage, sqlite_workspace: Workspace
) -> None:
    page = open_page()
    page.accept.click()
    page.open(person_id=firm["bo"])
    page.edit_target()
    assert page.inspector is not None
    field = page.inspector.findChild(QLineEdit)
    save = next(made for made in page.inspector.findChildren(QPushButton) if made.text() == "Save")
    field.setText("soon")
    save.click()
    assert len(page.strips.strips) == 2
    field.setText("10 万")
    save.click()
    assert page.inspector is None
    assert page.figures.figures[0].value == "100.0"
    assert written(sqlite_workspace) == 4  # Bo's weeks did not add up any more


def test_what_counts_as_sold_can_be_chosen(firm: dict[str, int], open_page: OpenPage) -> None:
    page = open_page()
    page.choose_history(History.ORDERS)
    assert page.weeks.table()[1][0][3] == 0.0
    page.choose_history(None)
    assert page.weeks.table()[1][0][3] == 20.0


def test_a_quarter_shows_the_last_month_of_it_that_has_begun(
    firm: dict[str, int], open_page: OpenPage
) -> None:
    page = open_page(period="2026-Q4")
    assert page.period.text == "2026-11"
    assert page.tree.rows()


def test_without_targets_the_page_says_how_they_come(sqlite_make: Maker, open_page: OpenPage) -> None:
    page = open_page("zh_CN")
    assert page.empty is not None
    assert page.content.isHidden()
    assert not page.accept.isEnabled()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.56", 123456),
        ("¥ 12", 1200),
        ("3.5万", 3_500_000),
        ("1 亿", 10_000_000_000),
        ("250 元", 25_000),
        ("", None),
        ("-1", None),
        ("NaN", None),
        ("1e40", None),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: int | None) -> None:
    assert parse_amount(text) == amount
