"""The window: pages, shortcuts, scope, palette, languages and themes without a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from desktop.i18n import Locale
from desktop.periods import Period
from desktop.settings import ColumnLayout, Settings, load
from desktop.views import theme
from desktop.views.bug_dialog import BugDialog
from desktop.views.context import AppContext
from desktop.views.figures import Figure, FigureStrip, FigureTile
from desktop.views.main_window import MainWindow
from desktop.views.pictures import PictureSet, cut_off, untranslated
from desktop.views.registry import PAGES, available_pages, page_spec
from tests.maker import Maker
from tests.views.shown import MakeWindow


def activate(qtbot: QtBot, window: MainWindow) -> None:
    """Give the window the keyboard: shortcuts belong to the active one."""
    with qtbot.waitActive(window):
        window.activateWindow()


def test_every_page_of_the_registry_opens(make_window: MakeWindow) -> None:
    """Each one builds on an empty database, in the reader's language, with nothing cut off."""
    window = make_window("zh_CN")
    for spec in available_pages():
        window.navigate(spec.key)
        assert window.current_key == spec.key
        assert window.page is not None
        assert window.rail.items[spec.key].isChecked()
        assert cut_off(window.page) == []
        assert untranslated(window, window.ctx.locale) == []


def test_the_keys_of_pages_are_unique() -> None:
    """Rail, palette and settings know pages by their key."""
    keys = [spec.key for spec in PAGES]
    assert len(keys) == len(set(keys))


def test_alt_and_a_number_goes_to_a_page(qtbot: QtBot, make_window: MakeWindow) -> None:
    """Alt+2 is the second page of the rail."""
    window = make_window()
    window.navigate("today")
    activate(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.current_key == available_pages()[1].key


def test_escape_closes_the_inspector(qtbot: QtBot, make_window: MakeWindow, sqlite_make: Maker) -> None:
    """Esc closes what is open beside the page."""
    account = sqlite_make.account("Acme")
    window = make_window()
    window.navigate("customers", account_id=account)
    assert window.page is not None
    assert window.page.inspector is not None
    activate(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.page.inspector is None


def test_the_language_changes_without_a_restart(make_window: MakeWindow) -> None:
    """Rail and page are rebuilt in the other language, and the page stays."""
    window = make_window("en")
    window.navigate("settings")
    window.ctx.settings.language = "zh_CN"
    window.apply_settings()
    assert window.current_key == "settings"
    assert window.rail.items["today"].text() == "今日"
    window.ctx.settings.language = "en"
    window.apply_settings()
    assert window.rail.items["today"].text() == "Today"


def test_the_theme_changes_without_a_restart(make_window: MakeWindow) -> None:
    """Dark colours are in force at once."""
    window = make_window()
    window.navigate("today")
    window.ctx.settings.theme = "dark"
    window.apply_settings()
    assert theme.is_dark()
    assert window.palette().window().color() == theme.color("sheet")


def test_the_palette_finds_pages_and_customers(
    qtbot: QtBot, make_window: MakeWindow, sqlite_make: Maker
) -> None:
    """Typing narrows to what fits; Enter goes there."""
    sqlite_make.account("Zeppelin works")
    window = make_window()
    window.navigate("today")
    window.open_palette()
    palette = window.palette_box
    palette.edit.setText("cust")
    assert palette.entries[0].text == "Customers"
    palette.edit.setText("zepp")
    palette.search()
    assert [entry.text for entry in palette.entries] == ["Zeppelin works"]
    qtbot.keyClick(palette.edit, Qt.Key.Key_Return)
    assert window.current_key == "customers"
    assert window.page is not None
    assert window.page.inspector is not None


def test_the_face_in_the_corner_goes_to_who_works_here(qtbot: QtBot, make_window: MakeWindow) -> None:
    """The avatar is a button to the section with the person."""
    window = make_window()
    window.navigate("today")
    qtbot.mouseClick(window.top.avatar, Qt.MouseButton.LeftButton)
    assert window.current_key == "settings"
    assert getattr(window.page, "current", "") == "database"


def test_the_scope_reaches_the_page_and_is_remembered(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """A change of the period is kept in the settings and reloads the page."""
    window = make_window()
    window.navigate("today")
    window.ctx.scope.set(period=Period.parse("2026-10"))
    assert window.ctx.settings.scope_period == "2026-10"
    assert window.top.scope.period.accessibleName() == "Period: October 2026"


def test_any_period_can_be_chosen(make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old data is looked at by quarter, by year, or by what is typed; what is no period is asked for again."""
    scope = make_window().top.scope
    menu = QMenu()
    scope._fill_periods(menu)
    quarters, years = [inner for inner in menu.findChildren(QMenu) if inner.title()]
    assert [action.text() for action in quarters.actions()][:2] == ["Q4 2026", "Q3 2026"]
    oldest = years.actions()[-1]
    oldest.trigger()
    assert (oldest.text(), scope._ctx.scope.period.text) == ("Year 2015", "2015")
    typed, asked = iter([("2009-Q9", True), ("2009-q3", True)]), []

    def answer(_parent: object, _title: str, words: str, text: str) -> tuple[str, bool]:
        asked.append(words)
        return next(typed)

    monkeypatch.setattr(QInputDialog, "getText", answer)
    scope.ask_period()
    assert "“2009-Q9” is not a period." in asked[1]
    assert scope.period.accessibleName() == "Period: Q3 2009"


def test_the_newest_success_takes_the_place_of_the_one_before(make_window: MakeWindow) -> None:
    window = make_window()
    window.navigate("reports")
    page = window.page
    assert page is not None
    for status, words in (("green", "Saved."), ("amber", "Mind this."), ("green", "Shared.")):
        page.show_message(status, words)
    assert [strip.sentence for strip in page.strips.strips] == ["Mind this.", "Shared."]


def test_a_unit_that_is_gone_leaves_the_scope(make_window: MakeWindow) -> None:
    """A remembered unit that does not exist any more gives way to the whole firm."""
    window = make_window()
    window.ctx.scope.set(unit_id=404)
    window.top.scope.load()
    assert window.ctx.scope.value.unit_id is None


def test_a_commit_reloads_the_page(make_window: MakeWindow, sqlite_make: Maker) -> None:
    """What a page shows follows a commit that names one of its topics."""
    window = make_window()
    window.navigate("customers")
    sqlite_make.account("Acme")
    window.ctx.tasks.changed.emit(frozenset({"account"}))
    assert window.page is not None
    assert [row.name for row in window.page.tables[0].rows()] == ["Acme"]


def test_a_bug_is_shown_with_details_to_copy(qtbot: QtBot) -> None:
    """The dialog copies versions, task and traceback."""
    try:
        raise RuntimeError("broken pump")
    except RuntimeError as error:
        dialog = BugDialog(Locale("en"), error, "Pumping")
    qtbot.addWidget(dialog)
    dialog.copy()
    copied = QGuiApplication.clipboard().text()
    assert "broken pump" in copied
    assert "Pumping" in copied
    assert "test_window.py" in copied


def test_a_figure_can_be_clicked_and_reached_by_keyboard(qtbot: QtBot, ctx: AppContext) -> None:
    """Every number goes to its records, by mouse and by Enter."""
    clicks: list[str] = []
    strip = FigureStrip(ctx.locale)
    qtbot.addWidget(strip)
    strip.set(
        [Figure("funnel_open_count", "Deals", "12", "pcs", "2 more", clicked=lambda: clicks.append("go"))]
    )
    (tile,) = strip.findChildren(FigureTile)
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    qtbot.keyClick(tile, Qt.Key.Key_Return)
    assert clicks == ["go", "go"]
    assert tile.accessibleName() == "Deals: 12 pcs. 2 more"


def test_pictures_are_taken_of_every_page(
    qtbot: QtBot, ctx: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One picture per page, size and theme."""
    from PySide6.QtWidgets import QApplication

    from desktop.views import pictures

    monkeypatch.setattr(pictures, "SIZES", ((1366, 768),))
    monkeypatch.setattr(pictures, "THEMES", ("light",))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = PictureSet(app, tmp_path)
    made.take(ctx)
    wanted = {f"{spec.key}_en_light_1366x768.png" for spec in available_pages()}
    assert wanted <= {path.name for path in made.files}
    assert all(path.stat().st_size > 5_000 for path in made.files)


def test_a_page_that_fails_is_a_flaw_of_its_picture(
    ctx: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug while a picture is taken is reported, not only a blank or cut-off page."""
    from PySide6.QtWidgets import QApplication

    from desktop.views import pictures

    def broken(*_: object, **__: object) -> None:
        raise KeyError("words")

    monkeypatch.setattr(pictures, "available_pages", lambda: [page_spec("customers")])
    monkeypatch.setattr("desktop.views.customers.page.customer_figures", broken)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = PictureSet(app, tmp_path)
    made.take(ctx, one_each=True)
    assert any("KeyError" in problem for problem in made.problems)


def test_settings_survive_and_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    """What is remembered comes back; nonsense falls back to defaults and is kept for a look."""
    path = tmp_path / "settings.json"
    kept = Settings(path=path, language="en", theme="dark", scope_unit=7)
    kept.keep_layout("deals", ColumnLayout(["a"], {"a": 90}, "a", True))
    again = load(path)
    assert (again.language, again.theme, again.scope_unit) == ("en", "dark", 7)
    assert again.layout("deals") == ColumnLayout(["a"], {"a": 90}, "a", True)
    path.write_text(
        '{"language": 3, "theme": "pink", "recent_files": "x", "tables": {"t": 1}}', encoding="utf-8"
    )
    assert load(path) == Settings(path=path)
    path.write_text("{broken", encoding="utf-8")
    assert load(path) == Settings(path=path)
    assert (tmp_path / "settings.broken.json").is_file()
