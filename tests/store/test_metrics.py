"""The metric layer against plain Python over the same records, on both databases, and against the tiles (RPT-01)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from statistics import median
from typing import Any

import pytest

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import Locale
from desktop.models.accounts import Account
from desktop.models.activities import Activity
from desktop.models.leads import Lead
from desktop.models.opportunities import Opportunity
from desktop.models.people import Person
from desktop.operations.metrics import change_metric
from desktop.periods import Period
from desktop.queries.calibration import calibration
from desktop.queries.customers import customer_figures
from desktop.queries.dashboards import figure_tile, tile_figures
from desktop.queries.funnel import funnel_steps, funnel_told
from desktop.queries.metrics.dictionary import metric_list
from desktop.queries.metrics.engine import Figures, Question, compute, one_figure
from desktop.queries.metrics.pivot import Pivot, Shape, pivot
from desktop.queries.morning import morning_figures
from desktop.queries.receivables import owed_by
from desktop.queries.sales_history import History
from desktop.queries.scope import Scope
from desktop.queries.silence import silence
from desktop.queries.targets import target_view
from desktop.queries.today import today_view
from desktop.store.workspace import Work, Workspace
from tests.databases import Place
from tests.maker import Maker
from tests.store.metric_firm import MONTH, YEAR, asked, records


def test_deals_by_industry_person_and_week_are_what_plain_python_finds(standing_firm: Workspace) -> None:
    accounts = {row.id: row for row in records(standing_firm, Account)}
    won: dict[Any, list[Any]] = defaultdict(list)
    closed: dict[Any, list[Any]] = defaultdict(list)
    for deal in records(standing_firm, Opportunity):
        if deal.closed_on and deal.closed_on in MONTH and deal.status in ("won", "lost"):
            industry = (accounts[deal.account_id].industry or "").strip() or None
            key = (industry, deal.owner_id)
            closed[key].append(deal)
            if deal.status == "won":
                won[key].append(deal)
    assert len(closed) > 5
    found = asked(
        standing_firm,
        "won_count",
        "won_amount",
        "win_rate",
        "median_cycle",
        "average_deal",
        by=("industry", "person"),
    )
    assert set(found.groups) == set(closed)
    for key, ended in closed.items():
        amounts = [deal.won_amount for deal in won[key] if deal.won_amount is not None]
        assert (found.value("won_count", key) or 0) == len(won[key])
        assert found.value("won_amount", key) == sum(amounts)
        rate = Fraction(len(won[key]), len(ended))
        assert found.value("win_rate", key) == Decimal(round(rate * 10**6)).scaleb(-6)
        cycles = [(deal.closed_on - deal.opened_on).days for deal in won[key]]
        assert (found.value("median_cycle", key) is None) == (not cycles)
        if cycles:
            assert float(found.value("median_cycle", key)) == median(cycles)  # type: ignore[arg-type]
        if amounts:
            assert found.value("average_deal", key) == round(Fraction(sum(amounts), len(amounts)))
    everything = [deal.won_amount or 0 for deals in won.values() for deal in deals]
    assert found.value("won_amount") == sum(everything)
    weekly = asked(standing_firm, "won_amount", by=("week",))
    for week in range(1, 5):
        inside = [
            deal.won_amount or 0
            for deals in won.values()
            for deal in deals
            if min((deal.closed_on.day - 1) // 7 + 1, 4) == week
        ]
        assert (weekly.value("won_amount", (f"2026-10 · {week}",)) or 0) == sum(inside)


def test_contacts_by_weekday_and_hour_are_in_business_time(standing_firm: Workspace) -> None:
    counts: dict[Any, int] = defaultdict(int)
    for item in records(standing_firm, Activity):
        local = item.occurred_at + timedelta(hours=8)
        if local.date() in MONTH:
            counts[local.weekday(), local.hour] += 1
    found = asked(standing_firm, "contacts", by=("weekday", "hour"))
    assert {group: found.value("contacts", group) for group in found.groups} == counts
    assert sum(counts.values()) == found.value("contacts")
    assert sum(counts.values()) > 20


def test_leads_are_judged_by_the_second(firm: Workspace, make: Maker) -> None:
    now = firm.clock.now()
    leads = [row for row in records(firm, Lead) if (row.created_at + timedelta(hours=8)).date() in MONTH]
    waits = [
        int(row.first_contact_at.timestamp()) - int(row.created_at.timestamp())
        for row in leads
        if row.first_contact_at
    ]
    late = [
        row
        for row in leads
        if not row.first_contact_at and (now - row.created_at).total_seconds() > 72 * 3600
    ]
    in_time = sum(wait <= 72 * 3600 for wait in waits)
    found = asked(firm, "leads", "lead_touch_72h", "lead_response_hours", "leads_untouched")
    share = Fraction(in_time, len(waits) + len(late))
    assert found.value("leads") == len(leads)
    assert found.value("lead_touch_72h") == Decimal(round(share * 10**6)).scaleb(-6)
    assert found.value("lead_response_hours") == Decimal(
        round(Fraction(median(map(Fraction, waits))) / 3600 * 10)
    ).scaleb(-1)
    assert found.value("leads_untouched") == len(leads) - len(waits)


@pytest.mark.parametrize("text", ["2026-09", "2026-10", "2026-11"])
def test_the_funnel_page_and_the_metric_layer_agree(standing_firm: Workspace, text: str) -> None:
    period = Period.parse(text)

    def both(work: Work) -> None:
        view = funnel_steps(work, period=period, as_of=min(work.today, period.ends))
        question = Question(
            (
                "funnel_open_count",
                "funnel_open_amount",
                "stage_entered",
                "stage_converted",
                "stage_median_days",
            ),
            period,
            ("stage",),
            filters=(("pipeline", (str(view.pipeline.id),)),),
        )
        found = compute(work, question)
        for step in view.steps:
            figures, group = step.figures, (step.stage.id,)
            mine = [found.value(key, group) or 0 for key in question.metrics[:4]]
            assert mine == [figures.count, figures.amount, figures.entered, figures.converted]
            days = found.value("stage_median_days", group)
            assert (None if days is None else float(days)) == figures.median_days
        of_all = {"period": period, "filters": question.filters}
        for key, told in (
            ("won_count", view.figures.won.count),
            ("won_amount", view.figures.won.amount),
            ("lost_amount", view.figures.lost.amount),
        ):
            assert one_figure(work, key, Question((), **of_all)) == told  # type: ignore[arg-type]
        stalled = view.figures.stalled
        mine_stalled = one_figure(work, "stalled_share", Question((), **of_all))  # type: ignore[arg-type]
        assert mine_stalled == Decimal(
            round(Fraction(stalled.numerator, stalled.denominator) * 10**6)
        ).scaleb(-6)
        assert view.figures.count > 5

    standing_firm.read(both)


def test_tiles_and_the_metric_layer_agree(standing_firm: Workspace) -> None:
    """Receivables, silence and the month's actual are what Collections, Customers and Targets show."""

    def both(work: Work) -> None:
        question = Question((), Period.month_of(work.today))
        owed = owed_by(work)
        assert owed.outstanding > owed.overdue > 0
        assert one_figure(work, "open_receivable", question) == owed.outstanding
        assert one_figure(work, "overdue_receivable", question) == owed.overdue
        silent = silence(work)
        assert one_figure(work, "silent_customers", question) == silent.count
        assert one_figure(work, "release_customers", question) == silent.release_count
        board = calibration(work, period=MONTH)
        of_month = compute(work, Question(("actual_won", "target_value"), MONTH, ("person",)))
        assert board.people
        for person in board.people:
            assert of_month.value("target_value", (person.person_id,)) == person.plan.target
            assert (of_month.value("actual_won", (person.person_id,)) or 0) == sum(person.actual)
        tree = target_view(work, period=MONTH)
        assert any(node.sold for node in tree.nodes)
        for node in tree.nodes:
            assert node.sold == sum(node.actual), node.name

    standing_firm.read(both)


def test_a_changed_definition_changes_tiles_mail_and_dashboards(firm: Workspace) -> None:
    """What stands above Pipeline and Today, in the morning mail and on a dashboard is one definition (RPT-01)."""
    period = Period.parse("2026-11")

    def told(work: Work, key: str) -> list[Any]:
        view = funnel_steps(work, period=period)
        today = today_view(work, scope=Scope(period))
        mail = morning_figures(work, starts=period.starts, ends=work.today)
        (tile,) = tile_figures(work, [figure_tile(key)], period)
        assert isinstance(tile, Pivot)
        people = target_view(work, period=period, history=History.OPPORTUNITIES)
        above = {**_all(funnel_told(work, view)), **_all(today.told), **_all(people.told)}
        above |= _all(customer_figures(work, scope=Scope(period)))
        shown = {
            "won_count": mail.won,
            "won_amount": people.nodes[0].sold,
            "silent_customers": mail.silent,
            "accounts": above["accounts"],
        }
        return [above[key], shown[key], tile.value(key, None, None)]

    for key, formula in (
        ("won_count", "count(won where amount >= 100000000000)"),
        ("won_amount", "sum(won.amount where amount >= 100000000000)"),
        ("accounts", "count(account where has_owner = 7)"),
        ("silent_customers", "count(customer)"),
    ):
        before = firm.read(partial(told, key=key))
        firm.write(partial(change_metric, key=key, seen=1, note="Probe", formula=formula))
        after = firm.read(partial(told, key=key))
        assert len(set(before)) == len(set(after)) == 1, key
        assert before[0] != after[0], key


def _all(figures: Figures) -> dict[str, Any]:
    return {key: figures.value(key) for key in figures.question.metrics}


def test_every_definition_computes_over_nothing_and_over_something(standing_firm: Workspace) -> None:
    standing = (
        "customers",
        "silent",
        "completeness",
        "release",
        "high_risk",
        "no_contact",
        "stale",
        "open_rec",
        "accounts",
        "grade_a",
        "active",
        "unowned",
    )

    def each(work: Work) -> int:
        found = [item for item in metric_list(work) if item.formula]
        for definition in found:
            one_figure(work, definition.key, Question((), YEAR))
            empty = one_figure(work, definition.key, Question((), Period.parse("2001")))
            assert not empty or definition.key.startswith(standing), definition.key
        return len(found)

    assert standing_firm.read(each) >= 70


def test_each_split_adds_up_to_the_whole(standing_firm: Workspace) -> None:
    """Whatever dimension a sum is split by, and however rows are cut off, the total is the same to the cent."""
    whole = asked(standing_firm, "won_amount").value("won_amount")
    split = (
        "industry",
        "person",
        "unit",
        "source",
        "grade",
        "day",
        "quarter",
        "stage",
        "customer",
        "competitor",
    )
    for key in split:
        found = standing_firm.read(
            partial(pivot, question=Question(("won_amount",), MONTH), shape=Shape(key, "product", limit=3))
        )
        block = found.block("x", "x")
        assert block.totals is not None
        assert block.totals[-1] == whole
        assert sum(row[-1] or 0 for row in block.rows) == whole
        assert len(block.rows) <= 4


def test_scope_filters_and_currency_narrow_a_figure(firm: Workspace, make: Maker) -> None:
    people = {row.id: row.unit_id for row in records(firm, Person)}
    deals = [row for row in records(firm, Opportunity) if row.status == "won" and row.closed_on in MONTH]
    unit = next(unit for unit in people.values() if unit)
    inside = sum(deal.won_amount or 0 for deal in deals if people[deal.owner_id] == unit)
    assert asked(firm, "won_amount", unit_id=unit).value("won_amount") == inside
    pumps = sum(deal.won_amount or 0 for deal in deals if deal.product == "泵")
    assert asked(firm, "won_amount", filters=(("product", ("泵",)),)).value("won_amount") == pumps
    blank = sum(deal.won_amount or 0 for deal in deals if not deal.source)
    assert asked(firm, "won_amount", filters=(("source", ("",)),)).value("won_amount") == blank
    before = asked(firm, "won_amount", "won_count")
    sold = next(deal for deal in deals if deal.won_amount)

    def abroad(work: Work) -> None:
        deal = work.session.get(Opportunity, sold.id)
        assert deal is not None
        deal.currency = "EUR"

    firm.write(abroad)
    after = asked(firm, "won_amount", "won_count")
    assert after.value("won_amount") == before.value("won_amount") - sold.won_amount
    assert (after.value("won_count"), after.currency, after.left_out) == (before.value("won_count"), "CNY", 1)
    euros = asked(firm, "won_amount", currency="EUR")
    assert euros.value("won_amount") == sold.won_amount


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ({"keys": ("nothing",)}, "metric_unknown"),
        ({"keys": ("attainment_dispersion",)}, "metric_not_executable"),
        ({"keys": ("won_count",), "by": ("colour",)}, "dimension_unknown"),
        ({"keys": ("target_value",), "by": ("industry",)}, "figure_not_split"),
        ({"keys": ("open_receivable",), "by": ("month",)}, "figure_not_split"),
        ({"keys": ("won_count",), "filters": (("month", ("2026-01",)),)}, "filter_is_time"),
        ({"keys": ("won_count",), "filters": (("person", ("Wang",)),)}, "filter_invalid"),
    ],
)
def test_what_cannot_be_computed_is_said(workspace: Workspace, question: dict[str, Any], code: str) -> None:
    question = dict(question)
    keys = question.pop("keys")
    with pytest.raises((InvalidInput, NotFound)) as caught:
        asked(workspace, *keys, **question)
    assert caught.value.code == code


def test_what_cannot_be_split_is_said_by_its_name(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        asked(workspace, "open_receivable", by=("month",))
    assert caught.value.text() == "“Instalments still owed” cannot be split by “Month”."
    assert caught.value.text(Locale("zh_CN")) == "“未收分期”不能按“月份”拆分。"


def test_a_rep_gets_figures_of_what_they_see(place: Place, firm: Workspace, make: Maker) -> None:
    """Row-level security narrows the facts, not the layer: on PostgreSQL a rep's figure is of their records."""
    rep = make.person("代表", login="daibiao")
    make.deal(
        "自己的", make.account("自家", rep), owner=rep, amount="100", path=[("Signed", date(2026, 10, 9))]
    )
    mine = place.open("daibiao", firm.clock)
    value = mine.read(lambda work: one_figure(work, "won_amount", Question((), MONTH)))
    on_postgres = firm.read(lambda work: work.connection.dialect.name) == "postgresql"
    everything = asked(firm, "won_amount").value("won_amount")
    assert value == (10_000 if on_postgres else everything)
