"""A lost race, field by field: what was there, what I typed, what somebody else saved first (security 36)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.errors import StaleRecord
from desktop.views import icons
from desktop.views.ages import changed_by
from desktop.views.buttons import button, hairline
from desktop.views.labels import label
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.views.editing import Edit, EditedField, Values

COLUMN = 150
WIDTH = 760


class ConflictDialog(QDialog):
    """Fields that one of us changed are taken by themselves; of those that both changed, the person chooses."""

    def __init__(
        self,
        edit: Edit,
        mine: Values,
        error: StaleRecord,
        send: Callable[[Mapping[str, Any]], None],
    ) -> None:
        from desktop.views.editing import overlapping

        super().__init__(edit.page)
        self._edit, self._mine, self._error, self._send = edit, mine, error, send
        self._ = edit.page._
        self.theirs = error.stored
        self.overlap = overlapping(edit.was, mine, self.theirs)
        self.choices: dict[str, QButtonGroup] = {}
        self.setWindowTitle(self._("Changed by somebody else"))
        self.setMinimumWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(
            label(
                self._("“{record}” was changed meanwhile").format(record=edit.title), "inspector", wrap=True
            )
        )
        column.addWidget(Advice("amber", changed_by(edit.page.locale_, error), self._explanation()))
        self.rows = [field for field in edit.fields if self._differs(field)]
        column.addWidget(self._table())
        column.addStretch(1)
        column.addLayout(self._buttons())
        self._decided()

    def _differs(self, field: EditedField) -> bool:
        was = self._edit.was.get(field.name)
        mine = self._mine.get(field.name, was)
        return bool(mine != was or self.theirs.get(field.name, was) != was)

    def _explanation(self) -> str:
        _ = self._
        if self._edit.act:
            return _("Nothing was overwritten. Look at what changed before you go on.")
        if self.overlap:
            return _("Nothing was overwritten. You both changed the same; choose what is kept.")
        return _("Nothing was overwritten. Your changes and theirs do not overlap: both can be kept.")

    # what stands there

    def _table(self) -> QWidget:
        _ = self._
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        heads = [_("Field"), _("It was"), _("Theirs"), *([] if self._edit.act else [_("Yours"), _("Kept")])]
        for at, words in enumerate(heads):
            grid.addWidget(label(words, "caption_strong"), 0, at)
            grid.setColumnStretch(at, 1)
        grid.addWidget(hairline(strong=True), 1, 0, 1, len(heads))
        for number, field in enumerate(self.rows):
            self._row(grid, 2 + 2 * number, field)
            grid.addWidget(hairline(), 3 + 2 * number, 0, 1, len(heads))
        return box

    def _row(self, grid: QGridLayout, at: int, field: EditedField) -> None:
        was = self._edit.was.get(field.name)
        theirs, mine = self.theirs.get(field.name, was), self._mine.get(field.name, was)
        shown = [
            label(field.caption, "strong", wrap=True),
            self._value(field, was, "secondary"),
            self._value(field, theirs, "strong" if theirs != was else "secondary"),
        ]
        if not self._edit.act:
            shown.append(self._value(field, mine, "strong" if mine != was else "secondary"))
        for across, widget in enumerate(shown):
            grid.addWidget(widget, at, across, Qt.AlignmentFlag.AlignTop)
        if not self._edit.act:
            grid.addWidget(self._kept(field, was, theirs, mine), at, 4, Qt.AlignmentFlag.AlignTop)

    def _value(self, field: EditedField, value: Any, look: str) -> QWidget:
        words = field.text(value) if value not in (None, "", ()) else self._("(empty)")
        made = label(words, look, wrap=True, selectable=True)
        made.setMinimumWidth(COLUMN // 2)
        made.setMaximumWidth(2 * COLUMN)
        return made

    def _kept(self, field: EditedField, was: Any, theirs: Any, mine: Any) -> QWidget:
        _ = self._
        if field.name not in self.overlap:
            words = _("both the same") if mine == theirs else _("yours") if mine != was else _("theirs")
            return label(words, "green_small")
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        group = QButtonGroup(box)
        for number, words in enumerate((_("theirs"), _("yours"))):
            choice = button(words, look="choice")
            choice.setCheckable(True)
            choice.setAccessibleName(f"{field.caption}: {words}")
            choice.toggled.connect(partial(_tick, choice))
            _tick(choice, False)
            group.addButton(choice, number)
            column.addWidget(choice)
        group.idClicked.connect(lambda _number: self._decided())
        self.choices[field.name] = group
        return box

    # deciding

    def _buttons(self) -> QHBoxLayout:
        _ = self._
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(button(_("Keep theirs"), self.keep_theirs))
        row.addStretch(1)
        row.addWidget(button(_("Back to the form") if not self._edit.act else _("Cancel"), self.reject))
        words = self._edit.act or (_("Save as chosen") if self.overlap else _("Take both"))
        self.take = button(words, self.take_both, look="primary")
        row.addWidget(self.take)
        return row

    def choose(self, name: str, *, mine: bool) -> None:
        """Choose which value of an overlapping field is kept."""
        self.choices[name].button(int(mine)).setChecked(True)
        self._decided()

    def _decided(self) -> None:
        self.take.setEnabled(all(group.checkedId() >= 0 for group in self.choices.values()))

    def take_both(self) -> None:
        """Save both people's changes, of overlapping fields what was chosen."""
        from desktop.views.editing import merged

        if not self.take.isEnabled():
            return
        chosen = {name: group.checkedId() == 1 for name, group in self.choices.items()}
        self.accept()
        self._send(merged(self._edit.was, self._mine, self.theirs, chosen))

    def keep_theirs(self) -> None:
        """Give up what was typed, and show what is stored now."""
        self.accept()
        page = self._edit.page
        page.close_inspector()
        page.begin_reading()
        page.reload()


def _tick(choice: QPushButton, chosen: bool) -> None:
    """Show by a shape, and not by colour alone, which one is chosen."""
    choice.setIcon(icons.icon("check" if chosen else "circle", "accent_t" if chosen else "t3"))
