"""The funnel on a database: stages, scope, time travel, and the list behind every number."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, true, update

from desktop.errors import NotFound
from desktop.models.opportunities import Stage
from desktop.periods import Period
from desktop.queries.deal_detail import deal_detail
from desktop.queries.deals import DealRow, DealState, deal_count, deal_rows, limits, state_of
from desktop.queries.funnel import FunnelView, funnel_steps
from desktop.queries.pipelines import pipeline_list, pipeline_named, stage_list
from desktop.queries.rows import Condition, RowRequest, Sort
from desktop.store.workspace import Work, Workspace
from desktop.terms import DealStatus, StageKind
from tests.maker import Maker

TODAY = date(2026, 11, 18)


@pytest.fixture
def firm(make: Maker) -> dict[str, int]:
    """Two teams with deals in every situation, on the general pipeline."""
    north, south = make.unit("North"), make.unit("South")
    ann, bo = make.person("Ann", unit=north), make.person("Bo", unit=south)
    pump = make.account("Pump works", grade="A")
    make.deal(
        "Valves",
        pump,
        owner=ann,
        amount=100,
        path=[("Lead", date(2026, 9, 1)), ("Proposal", date(2026, 9, 21)), ("Quotation", date(2026, 10, 25))],
        next_step="Call the director",
    )
    make.deal("Pumps", pump, owner=ann, amount=40, path=[("Lead", date(2026, 11, 15))])
    make.deal(
        "Filters",
        owner=bo,
        amount=300,
        path=[("Lead", date(2026, 9, 5)), ("Proposal", date(2026, 11, 8))],
    )
    make.deal(
        "Boiler",
        owner=bo,
        amount=700,
        path=[("Lead", date(2026, 8, 1)), ("Quotation", date(2026, 9, 1)), ("Signed", date(2026, 11, 3))],
    )
    make.deal("Crane", owner=ann, amount=900, path=[("Lead", date(2026, 8, 1)), ("Lost", date(2026, 10, 20))])
    make.deal("Old press", owner=bo, amount=5, stage="Proposal", opened=date(2026, 6, 1))
    return {"north": north, "south": south, "ann": ann, "bo": bo}


def by_stage(view: FunnelView) -> dict[str, tuple[int, int]]:
    return {step.stage.name: (step.figures.count, step.figures.amount) for step in view.steps}


def listed(workspace: Workspace, view: FunnelView, **filters: Condition) -> list[str]:
    request = RowRequest(sort=Sort("name"), filters=filters)
    rows: tuple[DealRow, ...] = workspace.read(
        lambda work: deal_rows(work, pipeline_id=view.pipeline.id, as_of=view.as_of, request=request)
    )
    return [row.name for row in rows]


def test_the_funnel_of_today(workspace: Workspace, firm: dict[str, int]) -> None:
    view = workspace.read(funnel_steps)
    assert view.pipeline.name == "General"
    assert by_stage(view) == {
        "Lead": (1, 4000),
        "First visit": (0, 0),
        "Proposal": (2, 30500),
        "Quotation": (1, 10000),
    }
    lead = view.steps[0].figures
    assert (lead.entered, lead.converted, lead.dropped) == (5, 3, 1)
    assert (view.figures.won.count, view.figures.won.amount) == (1, 70000)
    assert view.figures.win_rate.value == 0.5
    assert view.figures.stalled.numerator == 2
    assert view.has_history
    assert "win_rate 1" in view.metric_version


def test_a_scope_narrows_the_funnel_to_its_people(workspace: Workspace, firm: dict[str, int]) -> None:
    view = workspace.read(lambda work: funnel_steps(work, unit_id=firm["south"]))
    assert by_stage(view)["Proposal"] == (2, 30500)
    assert by_stage(view)["Quotation"] == (0, 0)
    assert (view.figures.won.count, view.figures.lost.count) == (1, 0)


def test_a_period_narrows_movements_and_not_what_stands(workspace: Workspace, firm: dict[str, int]) -> None:
    view = workspace.read(lambda work: funnel_steps(work, period=Period.parse("2026-11")))
    assert by_stage(view)["Proposal"] == (2, 30500)
    assert [step.figures.entered for step in view.steps] == [1, 0, 1, 0]
    assert (view.figures.won.count, view.figures.lost.count) == (1, 0)


def test_deals_that_cannot_matter_are_not_fetched_and_change_nothing(
    workspace: Workspace, firm: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    months = [Period.parse(f"2026-{month:02}") for month in range(6, 13)]

    def each(work: Work) -> list[FunnelView]:
        """Today's standing of each month, and that on its last day, as reports have it."""
        days = [min(work.today, month.ends) for month in months]
        return [
            funnel_steps(work, period=month, as_of=day)
            for month, last in zip(months, days, strict=True)
            for day in (None, last)
        ]

    narrow = workspace.read(each)
    monkeypatch.setattr("desktop.queries.funnel._counts", lambda since, ended: true())
    assert narrow == workspace.read(each)
    assert sum(step.figures.entered for view in narrow for step in view.steps) > 5


@pytest.mark.parametrize("days_back", [0, 10, 24, 30, 60, 78, 200])
def test_every_number_can_be_clicked_down_to_its_deals(
    workspace: Workspace, firm: dict[str, int], days_back: int
) -> None:
    day = TODAY - timedelta(days=days_back)
    for unit in (None, firm["north"]):
        view = workspace.read(lambda work, unit=unit: funnel_steps(work, as_of=day, unit_id=unit))
        for step in view.steps:
            stage = step.stage.id
            found = workspace.read(
                lambda work, unit=unit, stage=stage, view=view: deal_rows(
                    work, pipeline_id=view.pipeline.id, as_of=day, unit_id=unit, stage_id=stage
                )
            )
            assert len(found) == step.figures.count
            assert sum(row.amount or 0 for row in found) == step.figures.amount
            assert sum((row.days or 0) > 14 for row in found) == step.figures.ages.stalled
            counted = workspace.read(
                lambda work, unit=unit, stage=stage, view=view: deal_count(
                    work, pipeline_id=view.pipeline.id, as_of=day, unit_id=unit, stage_id=stage
                )
            )
            assert counted == (step.figures.count, step.figures.amount)


def test_the_list_is_sorted_filtered_and_cut_by_the_database(
    workspace: Workspace, firm: dict[str, int]
) -> None:
    view = workspace.read(funnel_steps)
    assert listed(workspace, view) == ["Filters", "Old press", "Pumps", "Valves"]
    contains, least = (lambda text: Condition("contains", text)), (lambda n: Condition(">=", n))
    assert listed(workspace, view, name=contains("PUMP")) == ["Pumps", "Valves"]  # Valves by its account
    assert listed(workspace, view, owner=contains("bo")) == ["Filters", "Old press"]
    assert listed(workspace, view, next_step=contains("director")) == ["Valves"]
    assert listed(workspace, view, amount=least(10000)) == ["Filters", "Valves"]
    assert listed(workspace, view, name=contains("%")) == []
    for text in ("propos", "方案"):
        assert listed(workspace, view, stage=contains(text)) == ["Filters", "Old press"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (Condition(">=", 24), ["Old press", "Valves"]),
        (Condition(">", 24), ["Old press"]),
        (Condition("<", 10), ["Pumps"]),
        (Condition("<=", 10), ["Filters", "Pumps"]),
        (Condition("=", 10), ["Filters"]),
        (Condition("!=", 10), ["Old press", "Pumps", "Valves"]),
        (Condition("between", 3, 24), ["Filters", "Pumps", "Valves"]),
        (Condition("blank"), []),
        (Condition("filled"), ["Filters", "Old press", "Pumps", "Valves"]),
        (Condition(">=", 10**9), []),
    ],
)
def test_days_of_stay_are_filtered_as_dates(
    workspace: Workspace, firm: dict[str, int], condition: Condition, names: list[str]
) -> None:
    view = workspace.read(funnel_steps)
    assert listed(workspace, view, days=condition) == names


@pytest.mark.parametrize(
    ("states", "names"),
    [
        ((DealState.STUCK,), ["Old press", "Valves"]),
        ((DealState.WATCH,), ["Filters"]),
        ((DealState.NORMAL,), ["Pumps"]),
        ((DealState.NORMAL, DealState.WATCH), ["Filters", "Pumps"]),
        ((), []),
    ],
)
def test_the_state_in_the_list_is_the_state_filtered_by(
    workspace: Workspace, firm: dict[str, int], states: tuple[DealState, ...], names: list[str]
) -> None:
    view = workspace.read(funnel_steps)
    assert listed(workspace, view, state=Condition("in", values=states)) == names
    rows = workspace.read(lambda work: deal_rows(work, pipeline_id=view.pipeline.id))
    assert sorted(row.name for row in rows if row.state in states) == names


def test_the_list_comes_in_slices(workspace: Workspace, firm: dict[str, int]) -> None:
    view = workspace.read(funnel_steps)
    longest = workspace.read(
        lambda work: deal_rows(work, pipeline_id=view.pipeline.id, request=RowRequest(offset=1, limit=2))
    )
    assert [(row.name, row.days) for row in longest] == [("Valves", 24), ("Filters", 10)]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(
    "sort",
    [
        "name",
        "account",
        "stage",
        "amount",
        "days",
        "state",
        "next_step",
        "owner",
        "probability",
        "expected_close_on",
    ],
)
def test_every_column_sorts_with_the_unknown_last(
    workspace: Workspace, firm: dict[str, int], sort: str, descending: bool
) -> None:
    pipeline = workspace.read(pipeline_list)[0].id
    rows = workspace.read(
        lambda work: deal_rows(work, pipeline_id=pipeline, request=RowRequest(sort=Sort(sort, descending)))
    )
    assert len(rows) == 4
    values = [row.days if sort == "state" else getattr(row, sort) for row in rows]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known))
    if sort != "stage":
        assert known == sorted(known, reverse=descending)


def test_a_deal_without_any_date_stands_today_and_is_undated_before(
    workspace: Workspace, make: Maker
) -> None:
    number = make.deal("Nameless", stage="Lead")

    def forget(work: object) -> None:
        from desktop.models.opportunities import Opportunity, StageEvent

        work.session.execute(update(Opportunity).values(opened_on=None, stage_changed_at=None))  # type: ignore[attr-defined]
        work.session.execute(update(StageEvent).values(entered_on=None, entered_at=None))  # type: ignore[attr-defined]

    workspace.write(forget)
    now = workspace.read(funnel_steps)
    assert by_stage(now)["Lead"][0] == 1
    assert now.steps[0].figures.ages.unknown == 1
    past = workspace.read(lambda work: funnel_steps(work, as_of=date(2026, 10, 1)))
    assert past.figures.undated == (number,)
    assert past.figures.count == 0
    assert listed(workspace, now, state=Condition("in", values=(DealState.UNKNOWN,))) == ["Nameless"]
    assert listed(workspace, past) == []


def test_other_currencies_are_counted_and_never_added(workspace: Workspace, make: Maker) -> None:
    for amount in (10, 20):
        make.deal(f"Yuan {amount}", amount=amount, stage="Lead")
    number = make.deal("Dollar", amount=1000, stage="Lead")

    def pay_in_dollars(work: object) -> None:
        from desktop.models.opportunities import Opportunity

        work.session.get(Opportunity, number).currency = "USD"  # type: ignore[attr-defined]

    workspace.write(pay_in_dollars)
    view = workspace.read(funnel_steps)
    assert by_stage(view)["Lead"] == (3, 3000)
    assert (view.currency, view.left_out) == ("CNY", 1)


def test_the_detail_of_a_deal_tells_its_way(workspace: Workspace, firm: dict[str, int]) -> None:
    view = workspace.read(funnel_steps)
    (row,) = workspace.read(
        lambda work: deal_rows(
            work,
            pipeline_id=view.pipeline.id,
            request=RowRequest(filters={"name": Condition("contains", "valves")}),
        )
    )
    detail = workspace.read(lambda work: deal_detail(work, deal_id=row.id))
    assert [(stay.stage, stay.days) for stay in detail.stays] == [
        ("Lead", 20),
        ("Proposal", 34),
        ("Quotation", 24),
    ]
    assert (detail.state, detail.days, detail.limit_days) == (DealState.STUCK, 24, 15)
    assert detail.usual_days == 63.0  # Boiler, which was won
    assert [other.name for other in detail.others] == ["Pumps"]
    assert (detail.account, detail.grade, detail.status) == ("Pump works", "A", DealStatus.OPEN)
    assert detail.weighted == 7000
    with pytest.raises(NotFound):
        workspace.read(lambda work: deal_detail(work, deal_id=10**6))


def test_pipelines_are_found_in_either_language(workspace: Workspace) -> None:
    number = workspace.read(lambda work: pipeline_named(work, "General"))
    for text in ("通用销售管道", "general", str(number)):
        assert workspace.read(lambda work, text=text: pipeline_named(work, text)) == number
    assert [stage.position for stage in workspace.read(lambda work: stage_list(work, number))] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    with pytest.raises(NotFound, match="General"):
        workspace.read(lambda work: pipeline_named(work, "Nowhere"))
    with pytest.raises(NotFound):
        workspace.read(lambda work: funnel_steps(work, pipeline_id=10**6))


@pytest.mark.parametrize(
    ("days", "limit", "state"),
    [
        (None, 7, DealState.UNKNOWN),
        (7, 7, DealState.NORMAL),
        (8, 7, DealState.WATCH),
        (14, 7, DealState.WATCH),
        (15, 7, DealState.STUCK),
        (15, 15, DealState.WATCH),
        (16, 15, DealState.STUCK),
        (14, None, DealState.NORMAL),
        (99, None, DealState.WATCH),
    ],
)
def test_a_stay_is_judged_by_the_stages_limit(days: int | None, limit: int | None, state: DealState) -> None:
    assert state_of(days, limit, 14) is state
    assert limits(None, 14) == (14, None)


@pytest.mark.parametrize(
    ("preset", "stages", "weights"),
    [
        ("general", "线索 初访 方案 报价 签约", None),
        ("weighted", "线索 商机 方案 报价 签约", [10, 20, 30, 25, 15]),
        ("manufacturing", "需求确认 方案提交 价格谈判 合同审批 赢单", None),
        (
            "project_to_cash",
            "线索 方案 签约 UAT测试完成 客户签字验收 财务开票中 待回款 银行到账确认",
            None,
        ),
        ("store", "客户到店 需求诊断 方案演示 当场签约", None),
    ],
)
def test_the_five_presets_are_there(
    workspace: Workspace, preset: str, stages: str, weights: list[int] | None
) -> None:
    number = workspace.read(lambda work: pipeline_named(work, preset))
    found = workspace.read(lambda work: stage_list(work, number))
    assert " ".join(stage.name_zh or "" for stage in found if stage.kind is not StageKind.LOST) == stages
    if weights:
        kept = workspace.read(
            lambda work: work.rows(
                select(Stage.weight).where(Stage.pipeline_id == number).order_by(Stage.position)
            )
        )
        assert [row.weight for row in kept if row.weight is not None] == weights


def test_weighting_takes_the_deals_own_probability_first(workspace: Workspace, make: Maker) -> None:
    make.deal("By stage", amount=100, stage="Lead")  # 10 %
    make.deal("By itself", amount=100, stage="Lead", probability=5000)
    assert workspace.read(funnel_steps).weighted == 6000


def test_without_any_probability_nothing_is_weighted(workspace: Workspace, make: Maker) -> None:
    make.deal("Open", amount=100, stage="Lead")
    workspace.write(lambda work: work.session.execute(update(Stage).values(probability=None)))
    assert workspace.read(funnel_steps).weighted is None
