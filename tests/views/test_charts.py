"""Charts: every mark knows its record, by mouse and by keyboard, and the numbers can be copied."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.i18n import Locale
from desktop.views.charts.base import Chart, ticks
from desktop.views.charts.funnel import FunnelChart, FunnelStage
from desktop.views.charts.lines import CumulativeChart, DayPoint
from desktop.views.charts.ring import Ring
from desktop.views.charts.waterfall import Step, WaterfallChart
from desktop.views.charts.weeks import WeekBar, WeeksChart

LOCALE = Locale("en")
FIRST = date(2026, 11, 1)


def weeks() -> Chart:
    """Four weeks, the third still running."""
    chart = WeeksChart(LOCALE, "Weeks")
    chart.set_weeks(
        [
            WeekBar("1", 548, 529, 750, record="w1"),
            WeekBar("2", 641, 667, 750, record="w2"),
            WeekBar("3", 412, 773, 750, running=True, record="w3"),
            WeekBar("4", None, 947, 750, record="w4"),
        ]
    )
    return chart


def funnel() -> Chart:
    """Three stages."""
    chart = FunnelChart(LOCALE, "Funnel")
    chart.set_stages(
        [
            FunnelStage("Lead", 148, "148", "48 K", "−38%", "lost 56", ages=(60, 13, 13), record=1),
            FunnelStage("Offer", 92, "92", "34 K", "−45%", "lost 41", True, (30, 15, 7), record=2),
            FunnelStage("Won", 51, "51", record=3),
        ]
    )
    chart.select(2)
    return chart


def waterfall() -> Chart:
    """A target that leaks."""
    chart = WaterfallChart(LOCALE, "Cascade")
    chart.set_steps(
        [
            Step("Region", 3000, is_total=True, record="r"),
            Step("Cities", -415, record="c"),
            Step("Reps", 2585, is_total=True, record="p"),
        ]
    )
    return chart


def lines() -> Chart:
    """Half a month against its target."""
    chart = CumulativeChart(LOCALE, "Month")
    days = [FIRST + timedelta(days=i) for i in range(30)]
    chart.set_points(
        [
            DayPoint(day, 10.0 * (i + 1), 9.0 * (i + 1) if i < 18 else None, record=day)
            for i, day in enumerate(days)
        ],
        days[17],
    )
    return chart


CHARTS: list[tuple[Callable[[], Chart], list[Any]]] = [
    (weeks, ["w1", "w2", "w3", "w4"]),
    (funnel, [1, 2, 3]),
    (waterfall, ["r", "c", "p"]),
    (lines, [FIRST + timedelta(days=i) for i in range(30)]),
]


def show(qtbot: QtBot, make: Callable[[], Chart]) -> Chart:
    """Paint a chart once."""
    chart = make()
    qtbot.addWidget(chart)
    chart.resize(640, 260)
    chart.show()
    chart.grab()
    return chart


@pytest.mark.usefixtures("themed")
@pytest.mark.parametrize(("make", "records"), CHARTS, ids=lambda item: getattr(item, "__name__", ""))
def test_every_mark_knows_its_record(qtbot: QtBot, make: Callable[[], Chart], records: list[Any]) -> None:
    """A click in the middle of a mark goes to its record; the tool tip names it."""
    chart = show(qtbot, make)
    assert [mark.record for mark in chart.marks] == records
    assert all(mark.tip for mark in chart.marks)
    for mark in chart.marks:
        with qtbot.waitSignal(chart.clicked) as told:
            qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=mark.area.center().toPoint())
        assert told.args == [mark.record]


@pytest.mark.usefixtures("themed")
@pytest.mark.parametrize(("make", "records"), CHARTS, ids=lambda item: getattr(item, "__name__", ""))
def test_charts_work_by_keyboard_and_copy(
    qtbot: QtBot, make: Callable[[], Chart], records: list[Any]
) -> None:
    """Arrows walk the marks, Enter goes there; the numbers paste into Excel."""
    chart = show(qtbot, make)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    with qtbot.waitSignal(chart.clicked) as told:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert told.args == [records[1]]
    assert chart.accessibleDescription() == chart.marks[1].tip
    chart.copy_data()
    lines = QGuiApplication.clipboard().mimeData().text().splitlines()
    assert len(lines) == len(records) + 1
    titles, rows = chart.table()
    assert all(len(row) == len(titles) for row in rows)


@pytest.mark.usefixtures("themed")
@pytest.mark.parametrize("make", [WeeksChart, FunnelChart, WaterfallChart, CumulativeChart])
def test_a_chart_without_data_paints_nothing_and_does_not_fail(
    qtbot: QtBot, make: Callable[[Locale, str], Chart]
) -> None:
    """Before the first answer there are no marks."""
    chart = show(qtbot, lambda: make(LOCALE, "Empty"))
    assert chart.marks == []
    assert chart.table()[1] == []


@pytest.mark.parametrize(
    ("top", "expected"),
    [(1004, [0, 500, 1000]), (3, [0, 1, 2, 3]), (0, [0, 1]), (0.09, [0, 0.025, 0.05, 0.075])],
)
def test_ticks_are_round_and_few(top: float, expected: list[float]) -> None:
    """Round steps from zero, at most four of them."""
    found = ticks(top)
    assert found == pytest.approx(expected)


@pytest.mark.usefixtures("themed")
def test_a_ring_says_its_words(qtbot: QtBot) -> None:
    """Arcs per check, words in the middle."""
    ring = Ring(44)
    qtbot.addWidget(ring)
    ring.set_checks(["green", "red"], "1/2")
    ring.grab()
    assert ring.accessibleName() == "1/2"
