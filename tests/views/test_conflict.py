"""Two editors of one record: the second sees what differs, and decides; nothing is overwritten (security 36)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from desktop.operations.custom_fields import add_custom_field, rename_custom_field
from desktop.operations.settings import add_calendar_event, change_calendar_event, set_threshold
from desktop.operations.targets import set_target
from desktop.periods import Period
from desktop.queries.settings import event_rows
from desktop.store.workspace import Workspace
from desktop.terms import CalendarKind
from desktop.views.conflict import ConflictDialog
from desktop.views.editing import merged, overlapping
from desktop.views.main_window import MainWindow
from desktop.views.pictures import cut_off, untranslated
from desktop.views.settings.calendar import CalendarSection
from desktop.views.targets.editor import target_edit
from tests.conftest import NOW
from tests.maker import Maker
from tests.views.shown import MakeWindow

TODAY = date(2026, 11, 18)


def section_of(window: MainWindow, key: str) -> Any:
    """Return a section of the Settings page, shown."""
    window.navigate("settings", section=key)
    return window.pages["settings"].sections[key]  # type: ignore[attr-defined]


def dialog(window: MainWindow) -> ConflictDialog:
    """Return the one dialog that is open on the shown page."""
    assert window.page is not None
    (found,) = [box for box in window.page.findChildren(ConflictDialog) if box.isVisible()]
    return found


@pytest.fixture
def event(sqlite_workspace: Workspace) -> int:
    """A calendar event."""
    return sqlite_workspace.write(
        lambda work: add_calendar_event(
            work, name="Fair", kind=CalendarKind.OTHER, starts_on=TODAY, ends_on=TODAY, factor="0.9"
        )
    )


def elsewhere(workspace: Workspace, event: int, **changed: Any) -> None:
    """Change the event from another console."""
    (row,) = [row for row in workspace.read(event_rows) if row.id == event]
    values = {
        "name": row.name,
        "kind": row.kind,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "region": row.region or "",
        "factor": "" if row.factor is None else str(row.factor),
    }
    workspace.write(lambda work: change_calendar_event(work, event, row.version, **(values | changed)))


def stored(workspace: Workspace) -> tuple[Any, ...]:
    """Return what the one event holds."""
    (row,) = workspace.read(event_rows)
    return row.name, row.ends_on, row.region, row.factor


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_changes_that_do_not_overlap_are_kept_together(
    make_window: MakeWindow, sqlite_workspace: Workspace, event: int, language: str
) -> None:
    """I changed the region, she the last day: both are kept, on request, in one save."""
    window = make_window(language)
    section: CalendarSection = section_of(window, "calendar")
    section.show_event(section.table.rows()[0])
    section.region.setText("North")
    elsewhere(sqlite_workspace, event, ends_on=TODAY + timedelta(days=2))
    section.change(section.table.rows()[0])
    box = dialog(window)
    assert box.overlap == set()
    assert [field.name for field in box.rows] == ["ends_on", "region"]
    assert any("admin" in label.text() for label in box.findChildren(QLabel))
    assert cut_off(box) == []
    assert untranslated(box, window.ctx.locale) == []
    assert stored(sqlite_workspace) == ("Fair", TODAY + timedelta(days=2), None, 0.9)
    assert section.region.text() == "North"
    box.take_both()
    assert stored(sqlite_workspace) == ("Fair", TODAY + timedelta(days=2), "North", 0.9)


def test_of_what_both_changed_the_person_chooses(
    make_window: MakeWindow, sqlite_workspace: Workspace, event: int
) -> None:
    """Nothing is saved before every overlapping field is decided; a third editor is noticed as well."""
    window = make_window()
    section: CalendarSection = section_of(window, "calendar")
    row = section.table.rows()[0]
    section.show_event(row)
    section.name.setText("Canton fair")
    section.factor.setText("0.8")
    elsewhere(sqlite_workspace, event, name="Spring fair", factor="0.85")
    section.change(row)
    box = dialog(window)
    assert box.overlap == {"name", "factor"}
    box.take_both()
    assert stored(sqlite_workspace)[0] == "Spring fair"
    box.choose("name", mine=True)
    assert not box.take.isEnabled()
    box.choose("factor", mine=False)
    elsewhere(sqlite_workspace, event, region="South")
    box.take_both()
    assert stored(sqlite_workspace) == ("Spring fair", TODAY, "South", 0.85)
    dialog(window).take_both()
    assert stored(sqlite_workspace) == ("Canton fair", TODAY, "South", 0.85)


def test_theirs_can_be_kept_and_the_form_given_back(
    make_window: MakeWindow, sqlite_workspace: Workspace, event: int
) -> None:
    """Going back leaves the form as it was typed; keeping theirs closes it. Neither writes anything."""
    window = make_window()
    section: CalendarSection = section_of(window, "calendar")
    row = section.table.rows()[0]
    section.show_event(row)
    section.name.setText("Canton fair")
    elsewhere(sqlite_workspace, event, name="Spring fair")
    section.change(row)
    dialog(window).reject()
    assert section.name.text() == "Canton fair"
    section.change(row)
    dialog(window).keep_theirs()
    assert window.page is not None
    assert window.page.inspector is None
    assert section.table.rows()[0].name == stored(sqlite_workspace)[0] == "Spring fair"


def test_removing_what_was_changed_shows_the_change_first(
    make_window: MakeWindow, sqlite_workspace: Workspace, event: int
) -> None:
    """An act upon a record that is another one by now is done only after a look at it."""
    window = make_window()
    section: CalendarSection = section_of(window, "calendar")
    row = section.table.rows()[0]
    elsewhere(sqlite_workspace, event, region="South")
    section.remove(row)
    assert stored(sqlite_workspace)[2] == "South"
    dialog(window).take_both()
    assert sqlite_workspace.read(event_rows) == []


def test_every_form_that_edits_a_record_shows_a_lost_race(
    make_window: MakeWindow, sqlite_workspace: Workspace, sqlite_make: Maker
) -> None:
    """Own fields, thresholds and targets: the stored value stays until the person has seen it."""
    number = sqlite_workspace.write(lambda work: add_custom_field(work, "account", "颜色", "text"))
    person = sqlite_make.person("ann")
    month = Period.parse("2026-11")
    window = make_window()

    fields = section_of(window, "fields")
    row = fields.table.rows()[0]
    fields.show_field(row)
    fields.label_en.setText("Colour")
    sqlite_workspace.write(
        lambda work: rename_custom_field(work, number, row.version, label_zh="箱色", label_en=row.label_en)
    )
    fields.rename(row)
    dialog(window).take_both()
    assert (fields.table.rows()[0].label_zh, fields.table.rows()[0].label_en) == ("箱色", "Colour")

    thresholds = section_of(window, "thresholds")
    line = next(one for one in thresholds.table.rows() if one.id == "silent.remind_days")
    thresholds.show_line(line)
    thresholds.value.setText("21")
    sqlite_workspace.write(lambda work: set_threshold(work, line.id, "25", TODAY))
    thresholds.change(line.row)
    box = dialog(window)
    assert box.theirs == {"value": 25}
    box.choose("value", mine=True)
    box.take_both()
    assert next(one for one in thresholds.table.rows() if one.id == line.id).row.value == 21

    sqlite_workspace.write(lambda work: set_target(work, period=month, value=100_00, person_id=person))
    window.navigate("targets")
    page: Any = window.page
    node = page._view.node(f"person:{person}")
    sqlite_workspace.write(lambda work: set_target(work, period=month, value=300_00, person_id=person))
    target_edit(page, page._view.run, node, lambda _target: None).send({"value": 200_00})
    assert dialog(window).theirs == {"value": 300_00}
    dialog(window).keep_theirs()
    assert page._view.node(f"person:{person}").target == 300_00


def test_what_is_merged_and_what_overlaps() -> None:
    """A field that only one changed is theirs or mine; one that both changed alike is no conflict."""
    was = {"a": 1, "b": 1, "c": 1, "d": 1}
    mine = {"a": 2, "b": 1, "c": 2, "d": 2}
    theirs = {"a": 1, "b": 3, "c": 2, "d": 3}
    assert overlapping(was, mine, theirs) == {"d"}
    assert merged(was, mine, theirs, {"d": True}) == {"a": 2, "b": 3, "c": 2, "d": 2}
    assert merged(was, mine, theirs, {"d": False}) == {"a": 2, "b": 3, "c": 2, "d": 3}
    assert NOW.date() == TODAY
