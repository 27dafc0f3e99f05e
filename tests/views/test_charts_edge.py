"""Charts with the figures that break charts: nothing, all the same, one, negative."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.i18n import ENGLISH
from desktop.views.charts.base import Chart
from desktop.views.charts.funnel import FunnelChart, FunnelStage
from desktop.views.charts.waterfall import Step, WaterfallChart
from desktop.views.charts.weeks import WeekBar, WeeksChart


def painted(qtbot: QtBot, chart: Chart) -> int:
    page = QWidget()
    QVBoxLayout(page).addWidget(chart)
    qtbot.addWidget(page)
    page.resize(600, 240)
    page.show()
    chart.grab()
    return len(chart.marks)


@pytest.mark.parametrize("values", [[0.0, 0.0], [160.0, 160.0], [5.0], [-3.0, -3.0], [1e9, 1e-9]])
def test_a_waterfall_of_totals_alone(qtbot: QtBot, values: list[float]) -> None:
    chart = WaterfallChart(ENGLISH, "cascade")
    chart.set_steps([Step("total", value, is_total=True) for value in values])
    assert painted(qtbot, chart) == len(values)


def test_a_waterfall_that_gains_and_loses(qtbot: QtBot) -> None:
    chart = WaterfallChart(ENGLISH, "cascade")
    steps = [Step("a", 10, is_total=True), Step("b", 4), Step("c", -14), Step("d", 0, is_total=True)]
    chart.set_steps(steps)
    assert painted(qtbot, chart) == 4


@pytest.mark.parametrize("actual", [None, 0.0, -5.0, 1e12])
def test_weeks_without_targets_or_sales(qtbot: QtBot, actual: float | None) -> None:
    chart = WeeksChart(ENGLISH, "weeks")
    chart.set_weeks([WeekBar(f"W{n}", actual, 0.0, 0.0, running=n == 2) for n in range(1, 5)])
    assert painted(qtbot, chart) == 4


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0, 0.0], [1.0, 1e9]])
def test_a_funnel_without_height(qtbot: QtBot, values: list[float]) -> None:
    chart = FunnelChart(ENGLISH, "funnel")
    chart.set_stages([FunnelStage(f"S{i}", value, str(value), record=i) for i, value in enumerate(values)])
    assert painted(qtbot, chart) == len(values)
