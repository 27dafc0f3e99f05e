"""The native charts of a workbook draw what the Reports page draws of the same frozen report (issue 5, point 6)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries
from pytestqt.qtbot import QtBot
from python_calamine import CalamineWorkbook

from desktop.exporters.document import Block, Document, canonical_text, from_text, with_words
from desktop.exporters.layouts import Layout
from desktop.exporters.report_book import Seal, report_layout
from desktop.exporters.workbook import workbook_bytes
from desktop.i18n import Language, Locale
from desktop.queries.report_parts import Asked
from desktop.queries.reports import TEMPLATES
from desktop.queries.scope import Scope
from desktop.settings import Settings
from desktop.store.workspace import Work, Workspace
from desktop.views.context import AppContext, Connection
from desktop.views.frozen import CHART, FrozenPreview
from desktop.views.reports.page import ReportsPage
from desktop.views.tasks import Tasks
from tests.maker import Maker
from tests.store.metric_firm import MONTH, build_firm

Case = tuple[str, Document, Block]
CHINESE = Locale("zh_CN")
QUESTIONS: dict[str, dict[str, Any]] = {
    "bars": {"metrics": ["won_amount"], "rows": "industry", "chart": "bar"},
    "beside": {"metrics": ["won_amount"], "rows": "person", "columns": "industry", "chart": "bar"},
    "lines": {"metrics": ["won_amount", "lost_amount"], "rows": "person", "chart": "line"},
    "heat": {"metrics": ["contacts"], "rows": "weekday", "columns": "hour", "chart": "heat"},
}
LEAST = 20
"""So many kinds of reports have a chart of this firm's figures."""


def frozen(work: Work) -> dict[str, Document]:
    """Return every kind of report that has a chart, as it is frozen."""
    found = {
        name: template.fill(work, Asked(MONTH))
        for name, template in TEMPLATES.items()
        if not template.needs_person and not template.needs_question
    }
    for name, question in QUESTIONS.items():
        found[f"pivot {name}"] = TEMPLATES["pivot"].fill(work, Asked(MONTH, question=question))
    return {
        name: from_text(canonical_text(with_words(document, CHINESE)))
        for name, document in found.items()
        if any(block.picture for block in document.blocks)
    }


def cells(grid: list[list[Any]], area: str) -> list[Any]:
    """Return what stands in an area of one row or one column."""
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    return [grid[row - 1][col - 1] for row in range(top, bottom + 1) for col in range(left, right + 1)]


def drawn_by_workbook(sheet: Any, grid: list[list[Any]]) -> tuple[list[str], list[tuple[str, list[Any]]]]:
    """Return labels and series of a sheet's chart or heat map: references by one reader, cells by another."""
    if not sheet._charts:
        (shaded,) = (str(one.sqref) for one in sheet.conditional_formatting)
        left, top, right, bottom = range_boundaries(shaded)
        names = [grid[top - 2][col - 1] for col in range(left, right + 1)]
        columns = [
            [grid[row - 1][col - 1] for row in range(top, bottom + 1)] for col in range(left, right + 1)
        ]
        return [grid[row - 1][0] for row in range(top, bottom + 1)], list(zip(names, columns, strict=True))
    (chart,) = sheet._charts
    labels: list[str] = []
    series = []
    for one in (single for part in chart._charts for single in part.series):
        references = (one.cat.strRef or one.cat.numRef).f, one.val.numRef.f
        assert {name.rpartition("!")[0].strip("'") for name in references} == {sheet.title}
        labels, values = (cells(grid, name.rpartition("!")[2]) for name in references)
        series.append((one.tx.v, values))
    return labels, series


def pictures(documents: dict[str, Document], locale: Locale) -> tuple[list[Case], Layout]:
    """Return each table with a chart, and one workbook of the sheets on which reports have them."""
    cases, sheets = [], []
    for name, document in documents.items():
        seal = Seal("R000001-00000000", "approved", "0" * 64, "Ann", document.taken_at)
        layout = report_layout(document, seal, locale)
        for block, sheet in zip(document.blocks, layout.sheets[1:], strict=False):
            if block.picture:
                cases.append((name, document, block))
                sheets.append(sheet)
    return cases, Layout("Charts", tuple(sheets))


def context(workspace: Workspace, language: Language) -> AppContext:
    """Return what a page gets, in a language."""
    return AppContext(
        workspace,
        Locale(language),
        Settings(),
        Tasks(workspace, inline=True),
        connection=Connection(person_id=workspace.actor.person_id, person=workspace.actor.name),
        scope=Scope(MONTH),
        now=workspace.clock.now,
    )


def test_every_chart_of_a_workbook_is_that_of_the_screen(
    qtbot: QtBot, themed: None, sqlite_workspace: Workspace, sqlite_make: Maker
) -> None:
    documents = build_firm(sqlite_workspace, sqlite_make).read(frozen)
    assert len(documents) >= LEAST
    languages: tuple[Language, ...] = ("zh_CN", "en")
    for language in languages:
        page = ReportsPage(context(sqlite_workspace, language))
        qtbot.addWidget(page)
        preview = page.preview
        preview.form.set_current(CHART)
        cases, layout = pictures(documents, Locale(language))
        content = workbook_bytes(layout, Locale(language))
        sheets = openpyxl.load_workbook(BytesIO(content)).worksheets
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        shown = None
        for number, (name, document, block) in enumerate(cases):
            if document is not shown:
                preview.show_document("", document)
                shown = document
            preview.show_block(block.key)
            grid = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
            compare(preview, *drawn_by_workbook(sheets[number], grid), f"{name} {block.key} {language}")


def compare(
    preview: FrozenPreview, labels: list[str], series: list[tuple[str, list[Any]]], where: str
) -> None:
    """Hold a chart of a workbook to the one that the page draws."""
    heads, rows = preview.chart.table()
    assert [row[0] for row in rows] == [str(label) for label in labels], where
    assert len(heads) == len(series) + 1, where
    for at, (title, values) in enumerate(series, 1):
        # The workbook says the unit, too.
        assert title.startswith(heads[at]), where
        found = [None if value == "" else round(value, 9) for value in values]
        assert [None if row[at] is None else round(row[at], 9) for row in rows] == found, where
