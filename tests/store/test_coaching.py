"""Coaching notes go down the line: read by whom they are for and by who leads them, by no peer, and never changed (PER-02)."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from desktop.errors import InvalidInput, NotAllowed, UserError
from desktop.models.accounts import Account
from desktop.models.audit import AuditEntry
from desktop.models.coaching import CoachingNote
from desktop.models.people import Person
from desktop.operations.coaching import coach
from desktop.operations.duplicates import merge_records
from desktop.operations.erasure import erase_person
from desktop.queries.account_detail import account_view
from desktop.queries.coaching import coaching_notes
from desktop.queries.deal_detail import deal_detail
from desktop.queries.person_data import person_data
from desktop.store.workspace import Work
from desktop.terms import PersonStatus, Role
from tests.databases import Place
from tests.maker import Maker

NOTE = "报价前先确认决策人；下次带技术同事一起去"
READERS = {"coach_ann", "coach_boss", "coach_region", "coach_director", "coach_ops", "admin"}


class Firm:
    """Ann and a peer in one city of a region, who leads them, and the jobs that look at everything."""

    def __init__(self, place: Place) -> None:
        self.place, self.admin = place, place.open()
        make = Maker(self.admin)
        region = make.unit("East", "region")
        city, other = make.unit("North", "city", parent=region), make.unit("South", "city", parent=region)
        self.ann = make.person("Ann", login="coach_ann", unit=city)
        self.bob = make.person("Bob", login="coach_bob", unit=city)
        make.person("Boss", Role.CITY_MANAGER, login="coach_boss", unit=city)
        make.person("South boss", Role.CITY_MANAGER, login="coach_south", unit=other)
        make.person("Region", Role.REGIONAL_MANAGER, login="coach_region", unit=region)
        for name, role in (
            ("director", Role.DIRECTOR),
            ("ops", Role.SALES_OPS),
            ("finance", Role.FINANCE),
            ("auditor", Role.AUDITOR),
        ):
            make.person(name.title(), role, login=f"coach_{name}")
        self.customer = make.account("Pump works", self.ann)
        self.deal = make.deal(
            "Valves", self.customer, owner=self.ann, amount=100, path=[("Lead", date(2026, 9, 1))]
        )

    def coach(self, who: str = "coach_boss", person: int | None = None, note: str = NOTE) -> int:
        about = self.ann if person is None else person
        return self.place.open(who).write(lambda work: coach(work, about, note, deal_id=self.deal))

    def readers(self) -> set[str]:
        people = READERS | {"coach_bob", "coach_south", "coach_finance", "coach_auditor"}
        return {login for login in people if self.place.open(login).read(coaching_notes)}


@pytest.fixture
def firm(place: Place) -> Firm:
    return Firm(place)


def test_the_person_and_their_line_read_it_and_no_peer(firm: Firm) -> None:
    number = firm.coach()
    assert firm.readers() == READERS
    ann = firm.place.open("coach_ann")
    (line,) = ann.read(lambda work: deal_detail(work, deal_id=firm.deal)).coaching.notes
    assert (line.person, line.by, line.note, line.customer, line.deal) == (
        "Ann",
        "Boss",
        NOTE,
        "Pump works",
        "Valves",
    )
    beside = ann.read(lambda work: account_view(work, firm.customer)).coaching
    assert ([one.id for one in beside.notes], beside.person_id) == ([number], None)
    boss = firm.place.open("coach_boss")
    assert boss.read(lambda work: account_view(work, firm.customer)).coaching.person_id == firm.ann
    told = firm.admin.read(
        lambda work: work.rows(select(AuditEntry.subject_id).where(AuditEntry.action == "coach"))
    )
    assert [row.subject_id for row in told] == [firm.ann]


def test_only_who_leads_somebody_coaches_them(firm: Firm) -> None:
    for login in ("coach_ann", "coach_bob", "coach_south", "coach_ops", "coach_finance", "coach_auditor"):
        with pytest.raises(NotAllowed):
            firm.coach(login)
    boss = firm.admin.read(
        lambda work: work.session.scalars(select(Person.id).where(Person.name == "Boss")).one()
    )
    with pytest.raises(NotAllowed):
        firm.coach("coach_boss", person=boss)
    with pytest.raises(InvalidInput):
        firm.coach(note="  ")
    for login in ("coach_region", "coach_director", "admin"):
        firm.coach(login)
    assert len(firm.admin.read(coaching_notes)) == 3


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_the_database_itself_keeps_notes_as_they_were_written(firm: Firm) -> None:
    number = firm.coach()
    rewrite = text("UPDATE coaching_note SET note = 'other' WHERE id = :id")
    remove = text("DELETE FROM coaching_note WHERE id = :id")
    forge = text(
        "INSERT INTO coaching_note (person_id, by_id, note, at) SELECT :person, id, 'forged', now()"
        " FROM person WHERE login = :by"
    )
    for login in ("coach_ann", "coach_boss", "coach_director", "coach_finance"):
        desk = firm.place.open(login)
        for statement in (rewrite, remove):
            with pytest.raises(UserError):
                desk.write(lambda work, one=statement: work.session.execute(one, {"id": number}))  # type: ignore[misc]
    for login, by, person in (
        ("coach_boss", "coach_director", firm.ann),
        ("coach_south", "coach_south", firm.ann),
        ("coach_bob", "coach_bob", firm.ann),
    ):
        with pytest.raises(UserError):
            firm.place.open(login).write(
                lambda work, by=by, person=person: work.session.execute(forge, {"by": by, "person": person})  # type: ignore[misc]
            )
    (kept,) = firm.admin.read(coaching_notes)
    assert (kept.note, kept.by) == (NOTE, "Boss")


def test_a_note_goes_along_when_customers_are_merged_and_goes_when_its_person_is_erased(firm: Firm) -> None:
    firm.coach()
    twin = Maker(firm.admin).account("Pump works Ltd", firm.ann)
    ops = firm.place.open("coach_ops")
    ops.write(lambda work: merge_records(work, "account", twin, [firm.customer]))
    (line,) = ops.read(lambda work: coaching_notes(work, account_id=twin))
    assert line.note == NOTE

    def leave(work: Work) -> None:
        person = work.session.get_one(Person, firm.ann)
        person.can_sign_in, person.status = False, PersonStatus.LEFT.value

    firm.admin.write(leave)
    key = f"person:{firm.ann}"
    told = firm.admin.read(lambda work: person_data(work, key)).mentions
    assert [(one.table, one.text) for one in told if one.table == "coaching_note"] == [
        ("coaching_note", NOTE)
    ]
    done = firm.admin.write(lambda work: erase_person(work, key))
    assert done.cells["coaching_note"] == 1
    assert firm.admin.read(lambda work: work.session.scalars(select(CoachingNote.id)).all()) == []
    assert firm.admin.read(lambda work: work.session.get_one(Account, twin).name) == "Pump works Ltd"
