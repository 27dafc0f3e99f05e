"""Reports made of metrics: every template fills, own analyses live like reports, differences add up (RPT-02, 10, 12)."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from desktop.clock import FixedClock
from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.exporters.document import Document, canonical_text, from_text, with_words
from desktop.i18n import Locale
from desktop.models.opportunities import Opportunity
from desktop.models.people import OrgUnit
from desktop.models.saved import SavedView
from desktop.operations.metrics import change_metric
from desktop.operations.reports import draft_report, refresh_report
from desktop.operations.saved_views import remove_view, save_view, share_view
from desktop.periods import Period
from desktop.queries.metrics.baseline import baseline
from desktop.queries.metrics.differ import Difference, since_frozen, why_different
from desktop.queries.metrics.dimensions import members
from desktop.queries.metrics.drill import records_behind
from desktop.queries.metrics.engine import Question, compute, compute_all, one_figure
from desktop.queries.report_parts import Asked
from desktop.queries.reports import TEMPLATES, rendered_report, report_view
from desktop.queries.saved_views import view_list
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker
from tests.store.metric_firm import MONTH, asked, records

CHINESE = Locale("zh_CN")
EXPECTED = (3145947363, Decimal("0.428571"), Decimal("7.5"), Decimal("0.500000"), 16491531, 37)
BY_INDUSTRY = {"metrics": ["won_amount", "win_rate"], "rows": "industry", "columns": None, "chart": "bar"}
OWN = {"funnel", "target_actual", "handover", "baseline"}


def test_every_template_fills_and_its_words_are_chinese(standing_firm: Workspace) -> None:
    """Totals of a sum are the sum of its rows, the frozen form is the same document, and no word stays English."""

    def each(work: Work) -> int:
        for template in TEMPLATES.values():
            if template.name in OWN:
                continue
            asked_for = Asked(MONTH, question=BY_INDUSTRY if template.needs_question else None)
            document = with_words(template.fill(work, asked_for), CHINESE)
            assert from_text(canonical_text(document)) == document
            assert {item.key for item in document.definitions} >= {item.key for item in document.controls}, (
                template.name
            )
            _words_are_chinese(document)
            _sums_agree(document)
        return len(TEMPLATES)

    assert standing_firm.read(each) >= 30


def test_what_is_asked_together_is_what_each_asks_alone(standing_firm: Workspace) -> None:
    """Figures of one scope come from one statement, split by all that any is split by: none of them changes."""
    one = Question(("stage_conversion", "win_rate"), MONTH, ("stage",))
    questions = [
        one,
        replace(one, metrics=("stage_median_days", "stage_drop_off", "won_amount"), by=("person", "month")),
        replace(one, metrics=("customers_contacted", "open_receivable"), by=("customer",)),
        replace(one, metrics=("customers_contacted", "contacts", "funnel_open_amount"), by=("person",)),
        replace(one, metrics=("stage_age_days", "funnel_open_count", "funnel_open_amount"), by=()),
    ]
    together = standing_firm.read(lambda work: compute_all(work, questions))
    for question, found in zip(questions, together, strict=True):
        alone = standing_firm.read(partial(compute, question=question))
        assert set(found.groups) == set(alone.groups)
        assert (found.currency, found.left_out) == (alone.currency, alone.left_out)
        for key in question.metrics:
            assert found.value(key) == alone.value(key)
            assert [found.value(key, group) for group in alone.groups] == [
                alone.value(key, group) for group in alone.groups
            ]


def _words_are_chinese(document: Document) -> None:
    words = dict(document.words)
    titles = [document.title, *(block.title for block in document.blocks)]
    titles += [field.title for block in document.blocks for field in block.fields]
    for title in titles:
        if title.isascii() and any(letter.isalpha() for letter in title):
            assert words[title] != title, f"{document.template}: {title}"


def _sums_agree(document: Document) -> None:
    for block in document.blocks:
        for index, field in enumerate(block.fields):
            if block.totals is None or field.kind not in ("money", "integer") or field.metric in UNLIKE_SUMS:
                continue
            assert block.totals[index] == sum(row[index] or 0 for row in block.rows), (block.key, field.key)


UNLIKE_SUMS = {"customers_contacted", "average_deal"}
"""A customer of two people counts once for both; a mean is no sum."""


def test_both_databases_say_the_same(standing_firm: Workspace) -> None:
    """Figures of the same records, taken on each database, have these values: a change of either would show."""
    found = asked(
        standing_firm,
        "won_amount",
        "win_rate",
        "median_cycle",
        "lead_touch_72h",
        "open_receivable",
        "contacts",
    )
    values = tuple(found.value(key) for key in found.question.metrics)
    assert values == EXPECTED


def test_an_own_analysis_is_a_report_like_any_other(firm: Workspace) -> None:
    made = firm.write(lambda work: draft_report(work, "pivot", Asked(MONTH, question=BY_INDUSTRY)))
    view = firm.read(lambda work: report_view(work, made.id))
    (block,) = view.document.blocks
    assert [field.key for field in block.fields] == ["row", "m0", "m1"]
    amount = asked(firm, "won_amount").value("won_amount")
    assert isinstance(amount, int)
    assert view.document.totals()["won_amount"] == f"{Decimal(amount) / 100:.2f}"
    again = firm.write(lambda work: refresh_report(work, made.id))
    assert again.rows == made.rows


@pytest.mark.parametrize("question", [{}, {"metrics": []}, {"metrics": ["won_count"], "chart": "pie"}])
def test_an_analysis_without_a_question_is_refused(workspace: Workspace, question: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="at least one figure"):
        workspace.write(lambda work: draft_report(work, "pivot", Asked(MONTH, question=question)))


def test_a_figure_leads_to_its_records(standing_firm: Workspace) -> None:
    """The records behind a cell are those that plain Python finds, and their amounts add up to the cell."""
    deals = [
        row for row in records(standing_firm, Opportunity) if row.status == "won" and row.closed_on in MONTH
    ]
    pumps = [deal for deal in deals if deal.product == "泵"]
    question = Question(("won_amount",), MONTH, ("product", "week"))
    weeks = {min((deal.closed_on.day - 1) // 7 + 1, 4) for deal in pumps}
    for week in weeks:
        inside = {deal.id: deal for deal in pumps if min((deal.closed_on.day - 1) // 7 + 1, 4) == week}
        found = standing_firm.read(
            partial(
                records_behind,
                question=question,
                groups=[("泵", f"2026-10 · {week}")],
                columns=("competitor",),
            )
        )
        assert {row.id: row.values[0] for row in found.rows} == {
            key: deal.competitor for key, deal in inside.items() if deal.won_amount is not None
        }
        assert sum(row.counts or 0 for row in found.rows) == sum(d.won_amount or 0 for d in inside.values())
        assert (found.kind, found.money, found.more) == ("opportunity", True, False)
    cut = standing_firm.read(partial(records_behind, question=question, limit=1))
    assert (len(cut.rows), cut.more) == (1, True)


def test_the_longest_silent_come_first(workspace: Workspace, make: Maker) -> None:
    """A large firm has more silent customers than a report lists."""
    person = make.person("江帆")
    for month in (3, 1, 4, 2):
        make.account(f"客户{month}", person, last_effective_at=datetime(2026, month, 5, 3, tzinfo=UTC))
    found = workspace.read(lambda work: TEMPLATES["silent_customers"].fill(work, Asked(MONTH)))
    (block,) = (block for block in found.blocks if block.key == "customers")
    assert [row[0][0] for row in block.rows] == ["客户1", "客户2", "客户3", "客户4"]


def _draft(
    firm: Workspace, template: str = "products", unit: int | None = None, period: Period = MONTH
) -> int:
    return firm.write(lambda work: draft_report(work, template, Asked(period, unit))).id


def _later(place: Place, firm: Workspace) -> Workspace:
    """The same database two hours later."""
    return place.open(clock=FixedClock(firm.clock.now() + timedelta(hours=2)))


def _why(firm: Workspace, first: int, second: int, *figures: str) -> Difference:
    pair = (figures[0], figures[-1]) if figures else None
    return firm.read(lambda work: why_different(work, first, second, pair))


def test_late_entries_and_changed_records_part_two_reports(place: Place, firm: Workspace) -> None:
    first = _draft(firm)
    later = _later(place, firm)
    sold = next(
        row
        for row in records(firm, Opportunity)
        if row.status == "won" and row.closed_on in MONTH and row.won_amount
    )
    Maker(later).deal("补录", amount="1234.56", path=[("Signed", date(2026, 10, 20))])

    def change(work: Work) -> None:
        deal = work.session.get(Opportunity, sold.id)
        assert deal is not None
        deal.won_amount = (deal.won_amount or 0) - 777
        deal.changed_at = work.now

    later.write(change)
    now = later.read(lambda work: since_frozen(work, first, "won_amount"))
    assert now.now == now.side.value + 123_456 - 777 == sum(row.counts or 0 for row in now.behind.rows)
    assert now.since == 2
    second = _draft(later)
    found = _why(firm, first, second, "won_amount")
    parts = {cause.key: cause.amount for cause in found.causes}
    assert parts == {"scope": 0, "period": 0, "definition": 0, "late": 123_456, "changed": -777}
    assert found.amount == 123_456 - 777 == sum(parts.values())
    assert {row.title for row in found.records} == {"补录", sold.name}
    back = _why(firm, second, first, "won_amount")
    assert {cause.key: -cause.amount for cause in back.causes} == parts


def test_scope_period_and_definition_part_two_reports(place: Place, firm: Workspace) -> None:
    """Everything differs at once: each part is what plain figures say, and they add up to the cent."""
    october, september = MONTH, Period.parse("2026-09")
    unit = firm.read(
        lambda work: work.session.execute(select(OrgUnit.id).where(OrgUnit.name == "上海")).scalar_one()
    )
    first = _draft(firm, unit=None, period=september)
    later = _later(place, firm)
    Maker(later).deal("补录", amount="50", path=[("Signed", date(2026, 9, 20))])
    later.write(
        lambda work: change_metric(
            work, "won_amount", seen=1, note="Large only", formula="sum(won.amount where amount >= 2000000)"
        )
    )
    second = _draft(later, unit=unit, period=october)
    found = _why(firm, first, second, "won_amount")

    def figure(version: int, unit: int | None, period: Period) -> Any:
        key = f"won_amount@{version}"
        return firm.read(lambda work: one_figure(work, key, Question((), period, (), unit)))

    old = figure(1, None, september)
    parts = {cause.key: cause.amount for cause in found.causes}
    assert parts["scope"] == figure(1, unit, september) - old
    assert parts["period"] == figure(1, unit, october) - figure(1, unit, september)
    assert parts["definition"] == figure(2, unit, october) - figure(1, unit, october)
    assert (parts["late"], parts["changed"]) == (5000, 0)
    assert sum(parts.values()) == found.amount == found.second.value - found.first.value
    rate = _why(firm, first, second, "win_rate")
    assert sum((cause.amount for cause in rate.causes), Decimal(0)) == rate.amount


def test_reports_of_different_kinds_are_compared_by_what_their_totals_mean(
    firm: Workspace, make: Maker
) -> None:
    funnel, target, products = _draft(firm, "funnel"), _draft(firm, "target_actual"), _draft(firm)
    assert _why(firm, funnel, products).amount == 0
    found = _why(firm, funnel, target, "won_amount", "actual")
    assert found.amount == sum(cause.amount for cause in found.causes)
    heat = _draft(firm, "heat_map")
    with pytest.raises(InvalidInput, match="no figure in common"):
        _why(firm, heat, _handover(firm, make))
    with pytest.raises(InvalidInput, match="can be compared"):
        _why(firm, funnel, target, "weather")


def _handover(firm: Workspace, make: Maker) -> int:
    leaver = make.person("离职")
    return firm.write(lambda work: draft_report(work, "handover", Asked(MONTH, person_id=leaver))).id


def test_who_sees_a_part_compares_no_reports(place: Place, firm: Workspace, make: Maker) -> None:
    one = _draft(firm)
    make.person("代表", login="daibiao")
    rep = place.open("daibiao", firm.clock)
    if firm.read(lambda work: work.connection.dialect.name) == "sqlite":
        assert rep.read(lambda work: why_different(work, one, one)).amount == 0
    else:
        with pytest.raises(NotAllowed):
            rep.read(lambda work: why_different(work, one, one))


def test_views_are_their_owners_and_shared_ones_everybodys(
    place: Place, workspace: Workspace, make: Maker
) -> None:
    make.person("甲", Role.DIRECTOR, login="jia")
    make.person("乙", login="yi")
    make.person("审", Role.AUDITOR, login="shen")
    jia, yi = place.open("jia", workspace.clock), place.open("yi", workspace.clock)
    kept = jia.write(lambda work: save_view(work, " 行业 ", BY_INDUSTRY))
    assert (kept.name, kept.shared, kept.mine) == ("行业", False, True)
    assert yi.read(view_list) == []
    shared = jia.write(lambda work: share_view(work, kept.id, kept.version, shared=True))
    (seen,) = yi.read(view_list)
    assert (seen.id, seen.mine, seen.owner, seen.metrics) == (
        kept.id,
        False,
        "甲",
        ("won_amount", "win_rate"),
    )
    for forbidden in (
        lambda work: share_view(work, kept.id, shared.version, shared=False),
        lambda work: remove_view(work, kept.id),
    ):
        with pytest.raises(NotAllowed):
            yi.write(forbidden)
    again = jia.write(lambda work: save_view(work, "行业", {**BY_INDUSTRY, "rows": "grade"}))
    assert (again.id, again.content["rows"], len(jia.read(view_list))) == (kept.id, "grade", 1)
    with pytest.raises(NotAllowed):
        place.open("shen", workspace.clock).write(lambda work: save_view(work, "x", BY_INDUSTRY))
    with pytest.raises(InvalidInput):
        jia.write(lambda work: save_view(work, " ", BY_INDUSTRY))
    with pytest.raises(NotFound):
        jia.write(lambda work: save_view(work, "falsch", {"metrics": ["nothing"]}))
    jia.write(lambda work: remove_view(work, kept.id))
    assert workspace.read(lambda work: work.rows(select(SavedView))) == []


def test_decisions_are_told_by_kind_in_words(firm: Workspace) -> None:
    named = firm.read(lambda work: members(work, "approval_kind", ["stage_override", None]))
    assert [member.name for member in named] == [("Stage override", "阶段调整"), ("(none)", "（未填）")]


def test_workbooks_have_the_charts_and_the_heat_of_the_screen(firm: Workspace) -> None:
    """A heat map is a colour scale over its columns; lines alone are a line chart; one figure is a bar chart."""
    for name, sheet, charts, heat in (
        ("heat_map", "跟进次数", 0, "B6:Y12"),
        ("target_deviation", "近十二个月", 1, ""),
        ("contacts", "跟进方式分布", 1, ""),
    ):
        made = _draft(firm, name)
        rendered = firm.read(partial(rendered_report, report_id=made, locale=CHINESE))
        again = firm.read(partial(rendered_report, report_id=made, locale=CHINESE))
        assert rendered.content == again.content
        page = openpyxl.load_workbook(BytesIO(rendered.content))[sheet]
        assert len(page._charts) == charts
        assert [str(found.sqref) for found in page.conditional_formatting] == ([heat] if heat else [])


def test_the_baseline_is_the_mean_of_the_best_fifth_of_peers_in_the_same_industry(
    workspace: Workspace, make: Maker
) -> None:
    """Ten people in one industry and two in another: each is compared with their own (RPT-08)."""
    counts = {}
    for number in range(12):
        industry = "化工" if number < 10 else "电力"
        person = make.person(f"人{number:02d}")
        customer = make.account(f"客{number}", person, industry=industry)
        make.account(f"另客{number}", person, industry=industry)
        for day in range(number + 1):
            make.activity(customer, on=date(2026, 10, 1 + day), owner=person)
        counts[person] = (industry, number + 1)
    found = workspace.read(lambda work: baseline(work, "effective_contacts", MONTH))
    for peer in found:
        industry, value = counts[peer.person_id]
        others = sorted((count for name, count in counts.values() if name == industry), reverse=True)
        best = others[: max(1, math.ceil(len(others) * 0.2))]
        assert (peer.industry, peer.value, peer.peers) == (industry, value, len(others))
        assert peer.baseline == Decimal(sum(best)) / len(best)
    assert len(found) == 12
    document = workspace.read(lambda work: TEMPLATES["baseline"].fill(work, Asked(MONTH)))
    assert {row[2] for row in document.blocks[0].rows} == set(range(1, 13))
    assert {row[4] for row in document.blocks[0].rows} == {Decimal("9.5"), Decimal("12.0")}
