"""Stage histories: every recorded change of stage becomes an event, and a second time changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from desktop.importers.tables import ConvertedTable
from desktop.models.opportunities import Opportunity, Stage, StageEvent
from desktop.operations.undo import undo_import
from desktop.store.workspace import Workspace
from tests.store.loading.hand_made import digest_of, load, table, totals


def deals(stage: str = "价格谈判") -> ConvertedTable:
    return table(
        "opportunity",
        [
            {
                "external_id": "SJ1",
                "name": "循环水泵改造",
                "stage": stage,
                "opened_on": date(2026, 8, 3),
                "stage_changed_at": datetime(2026, 10, 11, tzinfo=UTC),
            },
            {
                "external_id": "SJ2",
                "name": "阀门年度采购",
                "stage": "需求确认",
                "opened_on": date(2026, 9, 1),
            },
        ],
    )


def changes(*more: dict[str, Any]) -> ConvertedTable:
    steps = [
        ("SJ1", None, "需求确认", datetime(2026, 8, 3, tzinfo=UTC)),
        ("SJ1", "需求确认", "方案提交", datetime(2026, 9, 7, 16, 30, tzinfo=UTC)),
        ("SJ1", "方案提交", "价格谈判", datetime(2026, 10, 11, tzinfo=UTC)),
    ]
    rows = [
        {
            "opportunity_external_id": deal,
            "from_stage": before,
            "stage": after,
            "changed_at": at,
            "owner": "周婷",
        }
        for deal, before, after, at in steps
    ]
    return table("stage_change", [*rows, *more])


def events(workspace: Workspace) -> list[tuple[str, str, date, bool]]:
    statement = (
        select(Opportunity.external_id, Stage.name_zh, StageEvent.entered_on, StageEvent.inferred)
        .join(Opportunity, Opportunity.id == StageEvent.opportunity_id)
        .join(Stage, Stage.id == StageEvent.stage_id)
        .order_by(Opportunity.external_id, StageEvent.entered_on)
    )
    return workspace.read(lambda work: [tuple(row) for row in work.rows(statement)])


HISTORY = [
    ("SJ1", "需求确认", date(2026, 8, 3), False),
    ("SJ1", "方案提交", date(2026, 9, 8), False),
    ("SJ1", "价格谈判", date(2026, 10, 11), False),
]
OTHER = ("SJ2", "需求确认", date(2026, 9, 1), True)


def test_a_history_takes_the_place_of_the_inferred_event(workspace: Workspace) -> None:
    result = load(workspace, deals(), changes())
    assert result.entities["stage_change"]["created"] == 3
    assert events(workspace) == [*HISTORY, OTHER], "days are those of the business zone"


def test_the_table_order_does_not_matter(workspace: Workspace) -> None:
    load(workspace, changes(), deals())
    assert events(workspace) == [*HISTORY, OTHER]


def test_the_same_files_again_change_nothing(workspace: Workspace) -> None:
    load(workspace, deals(), changes())
    before = digest_of(workspace)
    assert totals(load(workspace, deals(), changes())) == (0, 0, 5, 0)
    assert digest_of(workspace) == before


def test_a_history_that_comes_later_keeps_what_was_known(workspace: Workspace) -> None:
    load(workspace, deals())
    load(workspace, changes())
    assert events(workspace) == [*HISTORY[:2], (*HISTORY[2][:3], True), OTHER]


def test_taking_a_later_history_back_leaves_what_was_there(workspace: Workspace) -> None:
    load(workspace, deals())
    before = digest_of(workspace)
    run = load(workspace, changes()).run
    assert run is not None
    undone = workspace.write(lambda work: undo_import(work, run))
    # Two events and the person who made them.
    assert (undone.reversed, undone.kept, undone.blocked) == (3, (), ())
    assert digest_of(workspace) == before


def test_taking_back_deals_takes_their_history_along(workspace: Workspace) -> None:
    before = digest_of(workspace)
    run = load(workspace, deals(), changes()).run
    assert run is not None
    undone = workspace.write(lambda work: undo_import(work, run))
    assert not undone.blocked
    assert events(workspace) == []
    assert digest_of(workspace) == before


def test_a_change_that_says_too_little_or_names_no_stage_is_left_out(workspace: Workspace) -> None:
    result = load(
        workspace,
        deals(),
        changes(
            {"opportunity_external_id": "SJ2", "stage": "方案提交"},
            {
                "opportunity_external_id": "SJ2",
                "stage": "登月",
                "changed_at": datetime(2026, 10, 1, tzinfo=UTC),
            },
            {
                "opportunity_name": "没有这个商机",
                "stage": "需求确认",
                "changed_at": datetime(2026, 10, 1, tzinfo=UTC),
            },
        ),
    )
    assert result.totals["rejected"] == 3
    codes = sorted(issue.code for issue in result.issues if issue.severity == "row")
    assert codes == ["key_missing", "key_missing", "stage_unknown"]
    assert events(workspace) == [*HISTORY, OTHER]
