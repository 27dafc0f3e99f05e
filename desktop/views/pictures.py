"""Pictures of every page, for eyes and for the user guide, with the checks a machine can make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QRect
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget

from desktop.i18n import Locale
from desktop.views import theme
from desktop.views.context import AppContext
from desktop.views.labels import ElidedLabel
from desktop.views.main_window import MainWindow
from desktop.views.registry import available_pages
from desktop.views.tables import DataTable

SIZES = ((1366, 768), (1920, 1080))
THEMES: tuple[theme.Mode, ...] = ("light", "dark")
BRAND = "Plumbline"
"""Stands under 准绳 in the rail, in every language."""
ROWS_LOOKED_AT = 60
LEAST_COLOURS = 24
"""A page with fewer different colours (antialiasing counts) shows nothing."""


class PictureSet:
    """Draws pages one by one into `folder`; `problems` names what is blank, cut off or untranslated."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self._app, self._folder = app, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.files: list[Path] = []
        self.problems: list[str] = []

    def take(self, ctx: AppContext, *, one_each: bool = False) -> None:
        """Draw every page in one language, in both themes and sizes, or once (light and large)."""
        ctx.tasks.bug.connect(self._bug)
        for mode in THEMES[:1] if one_each else THEMES:
            theme.apply(self._app, mode)
            for width, height in SIZES[-1:] if one_each else SIZES:
                window = MainWindow(ctx)
                window.resize(width, height)
                window.show()
                window.top.scope.load()
                for spec in available_pages():
                    window.navigate(spec.key)
                    show = getattr(window.page, "show_example", None)
                    if callable(show):
                        show()
                    kind = f"{ctx.locale.language}_{mode}_{width}x{height}"
                    self._one(window, f"{spec.key}_{kind}", ctx.locale)
                    if (width, height) == SIZES[0] and not one_each:
                        for state, show_state in self._states(window):
                            box = show_state()
                            self._one(window, f"{spec.key}-{state}_{kind}", ctx.locale, box)
                    if (width, height) == SIZES[0] and not one_each and spec.key == "today":
                        for state, show_state in window.live.picture_states():
                            show_state()
                            self._one(window, f"{spec.key}-{state}_{kind}", ctx.locale)
                        window.connection_strip.clear()
                        window.live.reload(spec.key)
                window.close()
                window.deleteLater()
                self._settle()

    def _states(self, window: MainWindow) -> list[tuple[str, Callable[[], object]]]:
        """Return what else of a page is worth a picture: its `picture_states`, on the small screen.

        A state that returns a dialog is a picture of that dialog.
        """
        states = getattr(window.page, "picture_states", None)
        return list(states()) if callable(states) else []

    def _bug(self, error: BaseException, what: str) -> None:
        self.problems.append(f"{what}: {type(error).__name__}: {error}")

    def _settle(self) -> None:
        for _round in range(4):
            self._app.processEvents()
            self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _one(self, window: MainWindow, name: str, locale: Locale, box: object = None) -> None:
        if isinstance(box, QDialog):
            self._dialog(box, name, locale)
            return
        self._settle()
        picture = window.grab().toImage()
        path = self._folder / f"{name}.png"
        if not picture.save(str(path)):
            self.problems.append(f"{name}: not written")
            return
        self.files.append(path)
        page = window.page
        if page is None:
            self.problems.append(f"{name}: no page")
            return
        problems = [
            *blank(picture, QRect(page.mapTo(window, page.rect().topLeft()), page.size())),
            *cut_off(page),
        ]
        problems += untranslated(window, locale)
        self.problems += [f"{name}: {problem}" for problem in problems]

    def _dialog(self, box: QDialog, name: str, locale: Locale) -> None:
        box.show()
        self._settle()
        path = self._folder / f"{name}.png"
        if box.grab().toImage().save(str(path)):
            self.files.append(path)
        self.problems += [f"{name}: {problem}" for problem in (*cut_off(box), *untranslated(box, locale))]
        box.close()


def blank(picture: QImage, area: QRect) -> list[str]:
    """Return a complaint if a part of a picture shows next to nothing."""
    colours = {
        picture.pixel(x, y)
        for x in range(area.left(), min(area.right(), picture.width()), 7)
        for y in range(area.top(), min(area.bottom(), picture.height()), 5)
    }
    return [] if len(colours) >= LEAST_COLOURS else [f"blank ({len(colours)} colours)"]


def cut_off(page: QWidget) -> list[str]:
    """Return the labels and buttons whose words do not fit, and the widgets outside their page."""
    found = []
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, ElidedLabel):
            continue
        if (
            isinstance(widget, QLabel)
            and widget.text()
            and not widget.wordWrap()
            and "<" not in widget.text()
        ):
            need = QFontMetrics(widget.font()).horizontalAdvance(widget.text())
            if need > widget.width() + 2:
                found.append(f"cut off: “{widget.text()}”")
        elif isinstance(widget, QAbstractButton) and widget.text():
            need = QFontMetrics(widget.font()).horizontalAdvance(widget.text())
            if need > widget.width() + 1:
                found.append(f"cut off: “{widget.text()}”")
    return found


def untranslated(window: QWidget, locale: Locale) -> list[str]:
    """Return texts of the window that are English source words although the reader reads Chinese."""
    if not locale.is_chinese:
        return []
    from desktop.i18n import known_messages

    english = known_messages(locale.language)
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton):
            continue
        text = widget.text().strip()
        if text != BRAND and english.get(text, text) != text:
            found.append(f"untranslated: “{text}”")
    for table in window.findChildren(DataTable):
        if table.isVisible():
            cells = {text for text in _cells(table) if english.get(text, text) != text}
            found += [f"untranslated cell: “{text}”" for text in sorted(cells)]
    return found


def _cells(table: DataTable) -> set[str]:
    model = table.model
    return {
        str(model.data(model.index(row, column)) or "")
        for row in range(min(ROWS_LOOKED_AT, model.rowCount()))
        for column in range(model.columnCount())
    }
