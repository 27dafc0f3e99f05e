"""What the demo firm does with finance and by the clock: a sheet there and back, a template, a week of scheduled reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.i18n import Locale
from desktop.terms import ScheduleKind

if TYPE_CHECKING:
    from desktop.store.workspace import Work, Workspace

SENT = "sent"
LATE = (timedelta(minutes=2), timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=47))
"""How late somebody looked at the clock on the last four working days before the demo's morning."""
DAYS_BEFORE = (6, 5, 2, 1)
ANSWERED, OPEN = 24, 4
"""Contracts that finance has settled, and that it has looked at and left open."""
TEMPLATE = "财务月度漏斗"
CELLS = (
    ("报表编号", "报表编号"),
    ("期间", "期间"),
    ("审批人", "审批人"),
    ("在手商机（个）", "在手商机"),
    ("在手金额（元）", "在手金额"),
    ("赢单金额（元）", "赢单金额"),
    ("赢单率", "赢单率"),
)
"""What finance's workbook asks for: its own words, and the name of the cell beside."""


def settle(finance: Workspace, folder: Path, locale: Locale) -> int:
    """Write the settlement sheet, fill in some of its rows as finance would, take it over; return the rows."""
    from desktop.operations.settlements import apply_returned, write_settlement_sheet
    from desktop.queries.settlement_files import SentBack, read_returned

    path = folder / f"{locale._('Settlement sheet')} 2026-11.xlsx"
    finance.write(lambda work: write_settlement_sheet(work, path=path, locale=locale))
    returned = read_returned(path)

    def answered(number: int, row: SentBack) -> SentBack:
        if number >= ANSWERED + OPEN:
            return row
        done = number < ANSWERED
        words = {
            "invoice_number": f"2611{number + 1:08d}",
            "received": row.shown["paid"],
            "settled": "是" if done else "否",
            "remark": None if done else "尾款待客户确认",
        }
        return replace(row, cells={**row.cells, **words})

    filled = replace(returned, rows=tuple(answered(*each) for each in enumerate(returned.rows)))
    return finance.write(lambda work: apply_returned(work, filled)).changed


def keep_finance_template(finance: Workspace, folder: Path) -> Path:
    """Make a workbook such as finance has, and keep it."""
    from desktop.demo.sheets import Sheet, write_workbook
    from desktop.operations.templates import keep_template

    path = folder / f"{TEMPLATE}.xlsx"
    sheet = Sheet("漏斗", ("项目", "数值"), [(words, "—") for words, _name in CELLS], (TEMPLATE,))
    first = 3
    names = {name: f"'漏斗'!$B${first + number}" for number, (_words, name) in enumerate(CELLS)}
    write_workbook(path, [sheet], names)
    content = path.read_bytes()
    finance.write(
        lambda work: keep_template(work, name=TEMPLATE, file_name=path.name, content=content, report="funnel")
    )
    return path


def schedule_reports(operations: Workspace, folder: Path) -> int:
    """Let reports go out by the clock, and look at it as on the last working days; return how many runs there were."""
    from desktop.jobs.runner import Runner
    from desktop.operations.schedules import Wish, add_schedule
    from desktop.queries.people import people
    from desktop.terms import Role

    target = folder / SENT
    target.mkdir(parents=True, exist_ok=True)
    nine = operations.clock.now().replace(hour=1, minute=0)  # 9 o'clock in Shanghai

    def plan(work: Work) -> None:
        leaders = [row.id for row in people(work) if row.role is Role.DIRECTOR]
        add_schedule(work, Wish(ScheduleKind.MORNING_MAIL, "九点早报", people=leaders))
        add_schedule(work, Wish(ScheduleKind.MONDAY_PACK, "周一报表包", people=leaders, folder=str(target)))

    def plan_more(work: Work) -> None:
        add_schedule(work, Wish(ScheduleKind.HEALTH_DAILY, "客户健康日报", at="08:50", folder=str(target)))
        add_schedule(work, Wish(ScheduleKind.STRATEGY_PACK, "周度策略会材料", folder=str(target)))

    _at(operations, nine - timedelta(days=DAYS_BEFORE[0], hours=1)).write(plan)
    acted = 0
    for days, late in zip(DAYS_BEFORE, LATE, strict=True):
        acted += len(Runner(_at(operations, nine - timedelta(days=days) + late)).tick().acted)
    operations.write(plan_more)  # not due yet
    return acted


def _at(workspace: Workspace, moment: datetime) -> Workspace:
    from desktop.clock import FixedClock
    from desktop.store.workspace import Workspace as Made

    return Made(workspace.engine, workspace.actor, FixedClock(moment), workspace.zone)
