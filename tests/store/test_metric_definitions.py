"""Versions of metric definitions: from a day on, on record, never one that cannot be computed (RPT-01)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from desktop.analytics.formula import parse
from desktop.errors import InvalidInput, NotAllowed, NotFound
from desktop.models.audit import AuditEntry
from desktop.models.opportunities import Opportunity
from desktop.operations.metrics import change_metric
from desktop.queries.metrics.dictionary import metric_history, metric_list, metric_named
from desktop.queries.metrics.dimensions import DIMENSIONS
from desktop.store.workspace import Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker
from tests.store.metric_firm import MONTH, asked, records


def test_a_new_version_counts_from_its_day_and_is_on_record(firm: Workspace, make: Maker) -> None:
    before = asked(firm, "won_amount").value("won_amount")
    made = firm.write(
        lambda work: change_metric(
            work,
            "won_amount",
            seen=1,
            note="Only large ones",
            formula="sum(won.amount where amount >= 5000000)",
        )
    )
    assert (made.number, made.note, made.label_zh) == (2, "Only large ones", "赢单金额")
    after = asked(firm, "won_amount")
    deals = [row for row in records(firm, Opportunity) if row.status == "won" and row.closed_on in MONTH]
    assert after.value("won_amount") == sum(d.won_amount for d in deals if (d.won_amount or 0) >= 500_000_000)
    assert after.definition("won_amount").number == 2
    assert asked(firm, "won_amount@1").value("won_amount@1") == before != after.value("won_amount")
    history = firm.read(lambda work: metric_history(work, "won_amount"))
    assert [(item.number, item.changed_by is None) for item in history] == [(2, False), (1, True)]
    entry = firm.read(
        lambda work: work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "change_metric")
        ).one()
    )
    assert entry.subject == "metric"
    later = firm.write(
        lambda work: change_metric(
            work,
            "won_amount",
            seen=2,
            note="Back",
            formula="sum(won.amount)",
            effective_from=date(2027, 1, 1),
        )
    )
    assert later.number == 3
    assert firm.read(lambda work: metric_named(work, "won_amount")).number == 2


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"formula": "sum(won.nothing)"}, "fact_column_unknown"),
    ({"formula": "sum(dreams.amount)"}, "facts_unknown"),
    ({"formula": "sum(won.amount"}, "formula_unreadable"),
    ({"formula": "count(won where amount > threshold('no.such'))"}, "threshold_unknown"),
    ({"formula": "count(won where cycle_days > 1.5)"}, "formula_number"),
    ({}, "metric_same"),
    ({"label_en": "Won", "note": " "}, "metric_note_missing"),
    ({"label_en": "Won", "effective_from": date(2026, 1, 1)}, "metric_in_past"),
    ({"label_en": "Won", "seen": 4}, "metric_changed"),
    ({"owner": "king"}, "metric_owner_unknown"),
    ({"label_zh": " "}, "metric_blank"),
]


def test_a_definition_that_cannot_stand_is_refused(workspace: Workspace) -> None:
    for given, code in REFUSED:
        with pytest.raises((InvalidInput, NotFound)) as caught:
            workspace.write(partial(change_metric, key="won_count", **{"seen": 1, "note": "Why", **given}))
        assert caught.value.code == code
    assert len(workspace.read(lambda work: metric_history(work, "won_count"))) == 1


def test_who_does_not_configure_does_not_define(place: Place, workspace: Workspace, make: Maker) -> None:
    make.person("林", Role.FINANCE, login="lin")
    lin = place.open("lin", workspace.clock)
    with pytest.raises(NotAllowed):
        lin.write(lambda work: change_metric(work, "won_count", seen=1, note="Why", label_en="Mine"))


def test_every_formula_of_the_dictionary_reads_and_every_definition_has_an_owner(
    workspace: Workspace,
) -> None:
    found = workspace.read(metric_list)
    assert len(found) >= 70
    for definition in found:
        assert definition.owner in {role.value for role in Role}
        assert definition.definition_en
        assert definition.definition_zh
        if definition.formula:
            parse(definition.formula)
    assert {"year", "region", "unit", "product", "person", "stage", "industry", "source"} <= set(DIMENSIONS)
