"""Today, Customers and Settings as a person uses them."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtWidgets import QInputDialog, QPushButton

from desktop.i18n import Locale
from desktop.operations.reports import submit_report
from desktop.queries.custom_fields import CustomFact
from desktop.queries.metrics.colleagues import is_named
from desktop.queries.rows import Condition
from desktop.store.rules import threshold
from desktop.store.workspace import Workspace
from desktop.views.customers.page import CustomersPage
from desktop.views.customers.panel import CustomerPanel, own_fact_text
from desktop.views.page import Page
from desktop.views.settings.calendar import CalendarSection
from desktop.views.settings.database import DatabaseSection
from desktop.views.settings.fields import FieldSection
from desktop.views.settings.general import NAMED, UNNAMED, GeneralSection
from desktop.views.settings.page import SettingsPage
from desktop.views.settings.thresholds import ThresholdSection
from desktop.views.strips import Advice
from desktop.views.today.page import TodayPage
from tests.maker import Maker
from tests.views.shown import MakeWindow, shown


def busy_firm(make: Maker) -> dict[str, int]:
    """A silent customer, a stuck deal and a person behind plan."""
    li = make.person("Li", unit=make.unit("East"))
    acme, bolt = make.account("Acme", li, grade="A"), make.account("Bolt", li)
    make.activity(acme, on=make.days_ago(50), owner=li)
    make.activity(bolt, on=make.days_ago(1), owner=li)
    deal = make.deal("Boiler", bolt, owner=li, amount="80000", path=[("Quotation", make.days_ago(20))])
    make.target("2026-11", "100000", person=li)
    return {"li": li, "acme": acme, "bolt": bolt, "deal": deal}


def test_today_says_whom_to_help(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """Three kinds of lines in one list, and each figure narrows it to its own."""
    busy_firm(sqlite_make)
    window = make_window()
    window.navigate("today")
    page = shown(window, TodayPage)
    assert {row.kind: row.name for row in page.table.rows()} == {
        "silent": "Acme",
        "stuck": "Boiler",
        "behind": "Li",
    }
    figures = {figure.caption: figure for figure in page.figures.figures}
    assert figures["Silent customers"].value == "1"
    assert figures["Stuck deals"].value == "100.0"
    click = figures["Stuck deals"].clicked
    assert click is not None
    click()
    assert [row.name for row in page.table.rows()] == ["Boiler"]
    assert window.rail.items["today"].accessibleName() == "Today 3"


def test_a_line_goes_to_its_record(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """Enter on a silent customer opens the customer."""
    ids = busy_firm(sqlite_make)
    window = make_window()
    window.navigate("today")
    page = shown(window, TodayPage)
    page.go_to(next(item for item in page.items if item.kind == "silent"))
    panel = shown(window, CustomersPage).inspector
    assert isinstance(panel, CustomerPanel)
    assert panel._view.id == ids["acme"]


def test_an_empty_start_page_teaches(make_window: MakeWindow) -> None:
    """Two ways in: migrate, or the demo firm."""
    window = make_window()
    asked: list[Page] = []
    window.ctx.load_demo = asked.append
    window.navigate("today")
    page = shown(window, TodayPage)
    assert page._empty is not None
    assert page._stack.currentWidget() is page._empty
    from PySide6.QtWidgets import QPushButton

    buttons = {button.text(): button for button in page._empty.findChildren(QPushButton)}
    buttons["Load the demo firm"].click()
    assert asked == [page]


def test_an_approval_is_decided_in_place(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """A second person approves from the start page; one's own submission cannot be approved."""
    from desktop.operations.reports import draft_report
    from desktop.periods import Period
    from desktop.queries.report_parts import Asked

    busy_firm(sqlite_make)
    workspace = sqlite_make.workspace
    asked = Asked(Period.parse("2026-10"))
    draft = workspace.write(lambda work: draft_report(work, "funnel", asked))
    workspace.write(lambda work: submit_report(work, draft.id))
    window = make_window()
    window.navigate("today")
    page = shown(window, TodayPage)
    (card,) = page.approvals.cards
    assert not card.approve.isEnabled()
    assert page.waiting.explanation.text() == "0 requests"
    assert "second person" in card._note.text()


def test_customers_filter_in_the_database(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """A figure narrows the table to what it counted; the section says how many."""
    busy_firm(sqlite_make)
    window = make_window()
    window.navigate("customers")
    page = shown(window, CustomersPage)
    figure = next(figure for figure in page.figures.figures if figure.caption.startswith("Spoken"))
    assert figure.value == "50.0"
    assert figure.clicked is not None
    figure.clicked()
    assert page.filters == {"silent_days": Condition("<", 30)}
    assert [row.name for row in page.table.rows()] == ["Bolt"]
    assert page.section.explanation.text() == "1 customer"


def test_a_refusal_is_recorded_seen_and_lifted(
    make_window: MakeWindow, sqlite_make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = sqlite_make.account("Acme", sqlite_make.person("Li"))
    window = make_window()
    window.navigate("customers", account_id=acme)
    page = shown(window, CustomersPage)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_asked: ("budget frozen until Q3", True))
    page.ask_refusal(acme)
    panel = page.inspector
    assert isinstance(panel, CustomerPanel)
    told = [advice.accessibleName() for advice in panel.findChildren(Advice)]
    (said,) = [words for words in told if "purchasing window" in words]
    assert "budget frozen until Q3" in said
    assert "2027-02-18" in said
    (lift,) = [each for each in panel.findChildren(QPushButton) if each.text() == "Lift…"]
    lift.click()
    assert isinstance(page.inspector, CustomerPanel)
    assert page.inspector._view.refused_until is None


def test_customer_360_keeps_its_tab(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """The tab chosen for one customer is shown for the next."""
    ids = busy_firm(sqlite_make)
    window = make_window("zh_CN")
    window.navigate("customers", account_id=ids["acme"])
    page = shown(window, CustomersPage)
    page._remember_tab("deals")
    for tab in ("timeline", "deals", "papers", "archive"):
        panel = page.inspector
        assert isinstance(panel, CustomerPanel)
        panel.show_tab(tab)
    page.open(account_id=ids["bolt"])
    panel = page.inspector
    assert isinstance(panel, CustomerPanel)
    assert panel._view.name == "Bolt"
    assert page._tab == "deals"


def test_ones_name_in_rankings_is_ones_own_choice(
    make_window: MakeWindow, sqlite_make: Maker, sqlite_workspace: Workspace
) -> None:
    window = make_window()
    window.navigate("settings")
    section = shown(window, SettingsPage).shown()
    assert isinstance(section, GeneralSection)
    assert section.ranking.current() == NAMED
    section.ranking.chosen.emit(UNNAMED)
    assert not sqlite_workspace.read(is_named)
    section.reload()
    assert section.ranking.current() == UNNAMED


def test_a_threshold_is_changed_from_a_day_on(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """Typed, confirmed, in force; a value that is none is a strip and changes nothing."""
    window = make_window()
    window.navigate("settings", section="thresholds")
    page = shown(window, SettingsPage)
    section = page.sections["thresholds"]
    assert isinstance(section, ThresholdSection)
    assert section.table.select("silent.remind_days")
    assert section.value is not None
    row = next(line.row for line in section.table.rows() if line.id == "silent.remind_days")
    section.value.setText("soon")
    section.change(row)
    assert "soon" in page.strips.strips[0].accessibleName()
    section.value.setText("21")
    section.change(row)
    assert sqlite_make.workspace.read(lambda work: threshold(work, "silent.remind_days")) == 21
    assert section.table.rows()[0].id.startswith("silent.")


def test_an_event_is_removed_and_put_back(make_window: MakeWindow) -> None:
    """Removing offers its undo."""
    window = make_window()
    window.navigate("settings", section="calendar")
    page = shown(window, SettingsPage)
    section = page.sections["calendar"]
    assert isinstance(section, CalendarSection)
    section.new_event()
    section.name.setText("Pump fair")
    section.factor.setText("0.8")
    section.add()
    (row,) = section.table.rows()
    assert (row.name, row.factor, row.starts_on) == ("Pump fair", 0.8, date(2026, 11, 18))
    section.remove(row)
    assert section.table.rows() == []
    section._put_back(row)
    assert [row.name for row in section.table.rows()] == ["Pump fair"]


def test_an_own_field_is_added_renamed_and_retired(make_window: MakeWindow) -> None:
    """The form's words reach the database, and a name that is taken is a strip."""
    window = make_window()
    window.navigate("settings", section="fields")
    page = shown(window, SettingsPage)
    section = page.sections["fields"]
    assert isinstance(section, FieldSection)
    section.new_field()
    section.label_zh.setText("包装颜色")
    section.label_en.setText("Pack colour")
    section.kind.setCurrentIndex(section.kind.findData("choice"))
    section.options.setText("红，蓝")
    section.add()
    (row,) = section.table.rows()
    assert (row.entity, row.label_en, row.type, row.options) == (
        "account",
        "Pack colour",
        "choice",
        ("红", "蓝"),
    )
    section.new_field()
    section.label_zh.setText("包装颜色")
    section.add()
    assert "包装颜色" in page.strips.strips[0].accessibleName()
    section.show_field(row)
    section.label_en.setText("Box colour")
    section.rename(row)
    (row,) = section.table.rows()
    assert (row.label_en, row.label_zh) == ("Box colour", "包装颜色")
    section.retire(row, active=False)
    assert [one.active for one in section.table.rows()] == [False]


def test_a_customer_s_archive_shows_own_fields() -> None:
    """Every kind of value is readable, in the reader's language."""
    facts = [
        CustomFact("Colour", "颜色", "choice", "红"),
        CustomFact("Chain", "连锁", "boolean", True),
        CustomFact("Rent", "租金", "money", 1_200_000),
        CustomFact("Area", "面积", "number", 88.5),
        CustomFact("Opened", "开业", "date", date(2024, 5, 6)),
        CustomFact("Brands", "品牌", "list", ("青啤", "雪花")),
    ]
    told = [own_fact_text(Locale("en"), fact) for fact in facts]
    assert told == ["红", "yes", Locale("en").money_short(1_200_000), "88.5", "2024-05-06", "青啤, 雪花"]


def test_the_embedded_database_switches_persons(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """On SQLite the page says that identity is not proved, and hands the choice to the console."""
    from desktop.terms import Role

    sqlite_make.person("Chen", Role.DIRECTOR, login="chen")
    window = make_window()
    switched: list[tuple[str, str | None]] = []
    window.ctx.switch_database = lambda where, login: switched.append((where, login))
    window.ctx.settings.last_database = "here.db"
    window.navigate("settings", section="database")
    section = shown(window, SettingsPage).sections["database"]
    assert isinstance(section, DatabaseSection)
    assert section.person.count() == 2
    section._switch_person(section.person.findData("chen"))
    assert switched == [("here.db", "chen")]


def test_sections_list_what_there_is(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """People, pipelines, metrics and calendar fill their tables."""
    busy_firm(sqlite_make)
    window = make_window("zh_CN")
    window.navigate("settings")
    page = shown(window, SettingsPage)
    for key, least in (("people", 2), ("pipelines", 10), ("metrics", 10), ("thresholds", 90)):
        page.show_section(key)
        table = page.tables[-1]
        assert len(table.rows()) >= least
