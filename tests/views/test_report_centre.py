"""The report centre: figures are chosen, seen, drilled into, kept, made a report; two reports are compared."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton

from desktop.operations.reports import draft_report
from desktop.periods import Period
from desktop.queries.metrics.dictionary import metric_named
from desktop.queries.metrics.pivot import HEAT, LINE, Shape
from desktop.queries.report_metrics import OwnQuestion
from desktop.queries.report_parts import Asked
from desktop.queries.reports import report_list
from desktop.queries.saved_views import view_list
from desktop.store.workspace import Workspace
from desktop.views.empty import EmptyState
from desktop.views.main_window import MainWindow
from desktop.views.reports.page import ANALYSE, COMPARE, LIST, ReportsPage
from desktop.views.settings.metrics import MetricSection
from desktop.views.settings.page import SettingsPage
from tests.maker import Maker
from tests.views.shown import MakeWindow

MONTH = Period.parse("2026-10")


@pytest.fixture
def window(make_window: MakeWindow, sqlite_make: Maker) -> MainWindow:
    person = sqlite_make.person("林一")
    customers = [
        sqlite_make.account(f"客户{n}", person, industry=name) for n, name in enumerate(("化工", "电力"))
    ]
    for number, amount in enumerate(("100", "250.50", "40")):
        day = date(2026, 10, 3 + number)
        sqlite_make.deal(
            f"单{number}", customers[number % 2], owner=person, amount=amount, path=[("Signed", day)]
        )
    sqlite_make.activity(customers[0], on=date(2026, 10, 6), owner=person)
    made = make_window("zh_CN")
    made.ctx.scope.set(period=MONTH)
    return made


def _page(window: MainWindow, mode: str) -> ReportsPage:
    window.navigate("reports", mode=mode)
    page = window.page
    assert isinstance(page, ReportsPage)
    return page


def _cells(page: ReportsPage) -> list[list[str]]:
    assert page.analyse is not None
    table = page.analyse._table
    assert table is not None
    model = table.model
    return [
        [str(model.data(model.index(row, column)) or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_figures_are_chosen_seen_and_drilled_into(window: MainWindow) -> None:
    page = _page(window, ANALYSE)
    pane = page.analyse
    assert pane is not None
    assert not page.content.isVisible()
    assert _cells(page) == [["电力", "250.50"], ["化工", "140.00"], ["合计", "390.50"]]
    assert pane.chart.isVisible()
    assert [bar[0] for bar in pane.chart.table()[1]] == ["电力", "化工"]
    pane._drill(1)
    panel = page.inspector
    assert panel is not None
    assert panel.accessibleName() == "化工"
    pane.show_question(OwnQuestion(("won_amount", "win_rate"), Shape("month", None, chart=LINE)))
    assert _cells(page)[0] == ["2026-10", "390.50", "100.0%"]
    pane.show_question(OwnQuestion(("contacts",), Shape("weekday", "hour", chart=HEAT)))
    assert len(_cells(page)) == 8
    assert pane.chart.table()[1][1][11] == 1.0  # Tuesday, 10 o'clock


def test_a_filter_offers_the_values_that_occur(window: MainWindow) -> None:
    pane = _page(window, ANALYSE).analyse
    assert pane is not None
    pane.filter_by.setCurrentIndex(pane.filter_by.findData("industry"))
    assert [pane.filter_value.itemText(at) for at in range(pane.filter_value.count())] == [
        "—",
        "化工",
        "电力",
    ]
    pane.filter_value.setCurrentIndex(1)
    assert pane.question().filters == (("industry", ("化工",)),)
    assert _cells(pane.page)[-1] == ["合计", "140.00"]


def test_a_view_is_kept_shared_opened_and_made_a_report(
    window: MainWindow, sqlite_workspace: Workspace
) -> None:
    page = _page(window, ANALYSE)
    pane = page.analyse
    assert pane is not None
    pane.show_question(OwnQuestion(("won_count",), Shape("person")))
    pane.save_as("人员赢单")
    pane.toggle_shared()
    (view,) = sqlite_workspace.read(view_list)
    assert (view.name, view.shared, view.content["rows"]) == ("人员赢单", True, "person")
    pane.show_question(OwnQuestion(("won_amount",), Shape("industry")))
    pane.views.setCurrentIndex(0)
    pane.views.setCurrentIndex(1)
    assert pane.question().metrics == ("won_count",)
    pane.make_report()
    (row,) = sqlite_workspace.read(report_list)
    assert (row.template, row.totals["won_count"], page.mode.current()) == ("pivot", 3, LIST)
    page.show_mode(ANALYSE)
    pane.remove_current()
    assert sqlite_workspace.read(view_list) == []


def test_two_reports_are_compared(window: MainWindow, sqlite_workspace: Workspace) -> None:
    for text in ("2026-09", "2026-10"):
        asked = Asked(Period.parse(text))
        sqlite_workspace.write(partial(draft_report, template="products", asked=asked))
    page = _page(window, COMPARE)
    pane = page.compare
    assert pane is not None
    parts = {row.name: row.amount for row in pane.parts.rows()}
    assert (parts["期间与截至日"], parts["差额"]) == ("390.50", "390.50")
    assert len(parts) == 6
    page.show_mode(LIST)
    assert page.content.isVisible()


def test_a_definition_gets_its_next_version_in_the_settings(
    window: MainWindow, sqlite_workspace: Workspace
) -> None:
    window.navigate("settings", section="metrics")
    page = window.page
    assert isinstance(page, SettingsPage)
    section = page.sections["metrics"]
    assert isinstance(section, MetricSection)
    assert section.table.select("won_amount")
    assert page.inspector is not None
    note, formula = section.fields["note"], section.fields["formula"]
    assert isinstance(note, QLineEdit)
    assert isinstance(formula, QPlainTextEdit)
    note.setText("只算大单")
    formula.setPlainText("sum(won.amount where amount >= 100)")
    newest = sqlite_workspace.read(lambda work: metric_named(work, "won_amount"))
    section.change(newest)
    made = sqlite_workspace.read(lambda work: metric_named(work, "won_amount"))
    assert (made.number, made.note) == (2, "只算大单")
    assert _cells(_page(window, ANALYSE))[-1] == ["合计", "350.50"]


def test_only_what_a_figure_can_be_split_by_is_offered(window: MainWindow) -> None:
    """Another figure takes what does not fit out of the choices; what was chosen gives way."""
    page = _page(window, ANALYSE)
    pane = page.analyse
    assert pane is not None
    pane.rows.setCurrentIndex(pane.rows.findData("loss_reason"))
    pane.figure.setCurrentIndex(pane.figure.findData("target_value"))
    assert pane.rows.findData("loss_reason") < 0
    assert pane.rows.currentData() == "person"
    assert page.strips.strips == []
    pane.figure.setCurrentIndex(pane.figure.findData("won_amount"))
    assert pane.rows.findData("loss_reason") > 0
    assert pane.rows.findData("ticket_type") < 0


def test_a_period_without_figures_says_so_and_leads_to_others(window: MainWindow) -> None:
    page = _page(window, ANALYSE)
    window.ctx.scope.set(period=Period.parse("2026-09"))
    page.reload()
    assert page.analyse is not None
    assert page.analyse._table is not None
    (panel,) = page.analyse._table.findChildren(EmptyState)
    assert not panel.isHidden()
    assert "2026 年 9 月没有可统计的数据" in panel.accessibleName()
    first, second = panel.findChildren(QPushButton)
    assert (first.text(), second.text()) == ("2026 年", "2025 年")
    first.click()
    page.reload()
    assert _cells(page)[-1] == ["合计", "390.50"]
