"""Whoever chose so is "Colleague N" for peers, and has a name for who leads them or decides on pay (RPT-09)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from desktop.errors import UserError
from desktop.operations.rankings import name_in_rankings
from desktop.periods import Period
from desktop.queries.metrics.colleagues import is_named
from desktop.queries.metrics.engine import Question
from desktop.queries.metrics.pivot import TABLE, Shape, pivot
from desktop.queries.report_metrics import metric_document
from desktop.queries.report_parts import Asked
from desktop.queries.report_templates.people import TEMPLATES
from desktop.store.workspace import Work
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker

JOBS = (
    ("rank_north", "North boss", Role.CITY_MANAGER, "north"),
    ("rank_south", "South boss", Role.CITY_MANAGER, "south"),
    ("rank_region", "Region boss", Role.REGIONAL_MANAGER, "south"),
    ("rank_director", "Director", Role.DIRECTOR, None),
    ("rank_finance", "Finance", Role.FINANCE, None),
    ("rank_ops", "Ops", Role.SALES_OPS, None),
    ("rank_auditor", "Auditor", Role.AUDITOR, None),
)


@pytest.fixture
def firm(place: Place) -> Place:
    """Two cities of a region; Ann of the north chose not to be named, Bob of the north and Cid of the south did not."""
    make = Maker(place.open())
    region = make.unit("East", "region")
    units = {name: make.unit(name, "city", parent=region) for name in ("north", "south")}
    for login, name, role, unit in JOBS:
        make.person(name, role, login=login, unit=units[unit] if unit else None)
    for name, unit in (("Ann", "north"), ("Bob", "north"), ("Cid", "south")):
        owner = make.person(name, login=f"rank_{name.lower()}", unit=units[unit])
        make.account(f"Customer of {name}", owner)
    place.open("rank_ann").write(lambda work: name_in_rankings(work, named=False))
    return place


def ranking(work: Work) -> set[str]:
    question = Question(("customers",), Period.month_of(work.today))
    return {line.name[0] for line in pivot(work, question, Shape("person", None, chart=TABLE)).rows}


def test_peers_read_of_a_colleague_and_who_leads_or_pays_reads_the_name(firm: Place) -> None:
    read = {login: firm.open(login).read(ranking) for login, *_rest in JOBS}
    named = {login for login, names in read.items() if "Ann" in names}
    assert named == {"rank_north", "rank_director", "rank_finance", "rank_ops"}
    # The regional manager looks at the whole region and leads the south of it: Ann is a figure there, not a name.
    assert read["rank_region"] == {"Colleague 1", "Bob", "Cid"}
    assert "Colleague 1" in read["rank_auditor"]
    assert "Ann" in firm.open("rank_ann").read(ranking)


def test_what_is_passed_around_names_her_before_nobody(firm: Place) -> None:
    template = next(one for one in TEMPLATES if one.name == "ranking")

    def people(work: Work) -> str:
        return repr(metric_document(work, Asked(Period.month_of(work.today)), template))

    for login in ("rank_director", "rank_ann"):
        assert "'Ann'" not in firm.open(login).read(people)


def test_it_is_her_own_choice_and_she_takes_it_back(firm: Place) -> None:
    ann = firm.open("rank_ann")
    assert not ann.read(is_named)
    ann.write(lambda work: name_in_rankings(work, named=True))
    assert ann.read(is_named)
    assert "Ann" in firm.open("rank_region").read(ranking)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_nobody_chooses_for_somebody_else(firm: Place) -> None:
    steal = text("UPDATE person SET unnamed = NOT coalesce(unnamed, false) WHERE name = 'Ann'")
    for login in ("rank_bob", "rank_north", "rank_director", "rank_ops", "admin"):
        with pytest.raises(UserError):
            firm.open(login).write(lambda work: work.session.execute(steal))
    assert not firm.open("rank_ann").read(is_named)
