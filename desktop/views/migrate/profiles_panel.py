"""The mappings that are remembered here, for everybody: use one on the current table, keep this one, carry them as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtWidgets import QLineEdit

from desktop.i18n import Locale
from desktop.operations.mapping_lines import entity_name
from desktop.queries.imports import ProfileLine
from desktop.views.buttons import button
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import label

MOST = 30


@dataclass(frozen=True)
class ProfileActs:
    """What the panel can do; with `use` and `keep` None there is no table to do it with."""

    use: Callable[[ProfileLine], object] | None
    keep: Callable[[str], object] | None
    load: Callable[[], object]
    save: Callable[[], object]


class ProfilesPanel(Inspector):
    """A line per mapping with a button, a name for the current one, and the files."""

    def __init__(self, locale: Locale, lines: Sequence[ProfileLine], name: str, acts: ProfileActs) -> None:
        _ = locale._
        super().__init__(locale, _("Mappings"), _("remembered for everybody on this database"))
        self.buttons = []
        if acts.keep is not None:
            keep = acts.keep
            column = self.add_section(_("Keep the mapping of this table"))
            self.name = QLineEdit(name)
            self.name.setAccessibleName(_("Name of the mapping"))
            self.name.setPlaceholderText(_("Name of the mapping"))
            self.keep = button(_("Keep"), lambda: keep(self.name.text()), look="tinted", small=True)
            self.name.returnPressed.connect(self.keep.click)
            column.addWidget(self.name)
            column.addWidget(self.keep)
        column = self.add_section(_("Use on this table"), locale.integer(len(lines)))
        if not lines:
            column.addWidget(label(_("None yet: every import remembers its mappings."), "caption", wrap=True))
        for line in lines[:MOST]:
            columns = locale.plural("{n} column", "{n} columns", line.columns)
            kind = entity_name(line.entity, locale)
            column.addWidget(Line(line.name, right=f"{kind} · {columns}"))
            if acts.use is not None:
                use = button(_("Use"), partial(acts.use, line), small=True)
                use.setAccessibleName(f"{_('Use')} {line.name}")
                self.buttons.append(use)
                column.addWidget(use)
        self.set_actions(None, [(_("From a file…"), acts.load), (_("To a file…"), acts.save)])
