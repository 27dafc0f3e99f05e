"""Who was faster, when, and with what: told to those who see the record, whoever may read the audit trail."""

from __future__ import annotations

import pytest

from desktop.clock import FixedClock
from desktop.errors import NotAllowed, StaleRecord
from desktop.models.accounts import Account
from desktop.operations.custom_fields import add_custom_field, rename_custom_field, retire_custom_field
from desktop.operations.targets import set_target
from desktop.periods import Period
from desktop.queries.custom_fields import custom_fields
from desktop.store.stale import last_editor, locked
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.conftest import NOW
from tests.databases import Place
from tests.maker import Maker

MONTH = Period.parse("2026-11")


def test_a_lost_race_is_told_field_by_field(
    place: Place, workspace: Workspace, make: Maker, clock: FixedClock
) -> None:
    """Sales operations may not read the audit trail, and still learn who changed the field first."""
    make.person("Lin", Role.SALES_OPS, login="stale.lin")
    number = workspace.write(lambda work: add_custom_field(work, "account", "颜色", "text"))
    lin = place.open("stale.lin", clock)
    (row,) = lin.read(custom_fields)
    seen = {"label_zh": row.label_zh, "label_en": row.label_en, "options": row.options, "active": True}
    workspace.write(lambda work: rename_custom_field(work, number, row.version, label_zh="箱色"))
    with pytest.raises(StaleRecord) as told:
        lin.write(
            lambda work: rename_custom_field(
                work, number, row.version, label_zh="柜色", label_en="C", seen=seen
            )
        )
    error = told.value
    assert error.differences == {"label_zh": ("颜色", "箱色"), "label_en": ("颜色", "箱色")}
    assert error.stored == {"label_zh": "箱色", "label_en": "箱色", "options": (), "active": True}
    assert error.version == row.version + 1
    assert error.changed_by == "admin"
    assert error.changed_at is not None
    with pytest.raises(StaleRecord):
        lin.write(lambda work: retire_custom_field(work, number, row.version))
    (now,) = lin.read(custom_fields)
    assert (now.label_zh, now.active) == ("箱色", True)


def test_a_target_that_was_set_meanwhile_is_not_set_again_unseen(workspace: Workspace, make: Maker) -> None:
    """Also where there was none before."""
    person = make.person("Ann")

    def put(value: int, seen: int | None) -> int:
        return workspace.write(
            lambda work: set_target(work, period=MONTH, value=value, person_id=person, seen={"value": seen})
        )

    put(100_00, None)
    for started_from in (None, 90_00):
        with pytest.raises(StaleRecord) as told:
            put(200_00, started_from)
        assert told.value.stored == {"value": 100_00}
        assert told.value.differences == {"value": (started_from, 100_00)}
    put(200_00, 100_00)


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_who_changed_what_one_does_not_see_is_not_told(
    place: Place, workspace: Workspace, make: Maker, clock: FixedClock
) -> None:
    """The function crosses the scopes of its caller for records of theirs alone."""
    ann = make.person("Ann", login="stale.ann")
    make.person("Bob", login="stale.bob")
    target = workspace.write(lambda work: set_target(work, period=MONTH, value=100_00, person_id=ann))
    for login, editor in (("stale.ann", "admin"), ("stale.bob", None)):
        rep = place.open(login, clock)
        assert rep.read(lambda work: last_editor(work, "target", target, NOW))[0] == editor


@pytest.mark.postgres
@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_what_one_sees_and_does_not_edit_is_not_said_to_have_been_changed(
    place: Place, workspace: Workspace, make: Maker, clock: FixedClock
) -> None:
    """A regional manager looks at the whole region and edits what is under their own unit."""
    region = make.unit("North", "region")
    own, other = make.unit("Own", "city", region), make.unit("Other", "city", region)
    make.person("Lead", Role.REGIONAL_MANAGER, login="stale.lead", unit=own)
    number = make.account("Customer", make.person("Rep", unit=other))
    lead = place.open("stale.lead", clock)

    def rename(work: Work) -> None:
        work.session.get_one(Account, number).name = "Another"

    for change in (rename, lambda work: locked(work, Account, number)):
        with pytest.raises(NotAllowed) as refused:
            lead.write(change)
        assert refused.value.code == "not_yours"

    def meanwhile(work: Work) -> None:
        record = work.session.get_one(Account, number)
        workspace.write(rename)
        record.name = "Mine"

    with pytest.raises(StaleRecord):
        place.open(clock=clock).write(meanwhile)
