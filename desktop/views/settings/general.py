"""Language, theme, and where this machine keeps things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from desktop.i18n import parse_language
from desktop.operations.rankings import name_in_rankings
from desktop.queries.metrics.colleagues import is_named
from desktop.settings import data_folder
from desktop.views.buttons import Segments, button
from desktop.views.labels import SectionLine
from desktop.views.sending import open_path
from desktop.views.settings.section import Section, form_row

if TYPE_CHECKING:
    from desktop.views.settings.page import SettingsPage

WIDTH = 760
NAMED, UNNAMED = "named", "unnamed"


class GeneralSection(Section):
    """This machine's preferences; they take effect at once."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        _, settings = self._, self.ctx.settings
        self.setMaximumWidth(WIDTH)
        self.column.addWidget(
            SectionLine(_("This machine"), _("takes effect at once; not shared with others"))
        )
        self.language = Segments([("zh_CN", "简体中文"), ("en", "English")], self.ctx.locale.language)
        self.language.chosen.connect(self._set_language)
        words = _("Texts, numbers (万/亿 or K/M) and what is sent to Excel.")
        self.column.addWidget(form_row(_("Language"), words, self.language))
        choices = [("system", _("Like Windows")), ("light", _("Light")), ("dark", _("Dark"))]
        self.theme = Segments(choices, settings.theme)
        self.theme.chosen.connect(self._set_theme)
        self.column.addWidget(form_row(_("Theme"), _("Colours of the whole window."), self.theme))
        reset = button(_("Reset"), self._reset_tables)
        words = _("Columns, widths and sorting go back to how they came.")
        self.column.addWidget(form_row(_("Tables"), words, reset))
        folder = button(_("Show in folder"), lambda: open_path(data_folder()), icon="folder")
        self.column.addWidget(form_row(_("Own files"), str(data_folder()), folder))
        self.column.addWidget(SectionLine(_("Myself"), _("kept in the database, for everybody's reports")))
        self.ranking = Segments([(NAMED, _("My name")), (UNNAMED, _("“Colleague N”"))], NAMED)
        self.ranking.chosen.connect(self._set_ranking)
        words = _(
            "What your peers read of you in rankings. Who leads you and who decides on pay see your name in Analyse; "
            "the reports Ranking and Beside the best peers never show it."
        )
        self.column.addWidget(form_row(_("In rankings"), words, self.ranking))
        self.column.addStretch(1)

    def reload(self) -> None:
        """Read what the person chose."""
        self.page.read(
            is_named,
            lambda named: self.ranking.set_current(NAMED if named else UNNAMED),
            key="ranking",
        )

    def _set_ranking(self, key: str) -> None:
        named = key == NAMED
        self.page.write(
            lambda work: name_in_rankings(work, named=named), lambda _none: None, topics=frozenset({"person"})
        )

    def _set_language(self, key: str) -> None:
        self.ctx.settings.language = parse_language(key)
        self._apply()

    def _set_theme(self, key: str) -> None:
        if key in ("system", "light", "dark"):
            self.ctx.settings.theme = key  # type: ignore[assignment]
            self._apply()

    def _apply(self) -> None:
        self.ctx.settings.save()
        QTimer.singleShot(0, self.ctx.window.apply_settings)

    def _reset_tables(self) -> None:
        self.ctx.settings.tables = {}
        self.ctx.settings.save()
        self.page.show_message("green", self._("The tables are as they came."))
