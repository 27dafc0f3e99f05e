"""The records of a cluster side by side: which one stays, and whose value is kept field by field."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.queries.duplicates import ComparedField, Comparison, Member, field_label, held_words
from desktop.views.buttons import button, hairline
from desktop.views.chips import Tag
from desktop.views.labels import ElidedLabel, label
from desktop.views.page import clear_layout

_FIELD = 116
_MEMBER = 190


class Choice(QPushButton):
    """A value that can be chosen; too long ones end in … and show whole on hover."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.whole = text
        self.setProperty("role", "choice")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{name}: {text}")
        self.setToolTip(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(self.width() - 22, 40)
        self.setText(self.fontMetrics().elidedText(self.whole, Qt.TextElideMode.ElideRight, room))


class ComparePanel(QWidget):
    """See the module. `merge` says that the person wants it, `apart` that these are not the same."""

    merge = Signal()
    apart = Signal()

    def __init__(self, locale: Locale) -> None:
        super().__init__()
        self.locale_ = locale
        self.comparison: Comparison | None = None
        self.survivor = 0
        self._chosen: dict[str, int] = {}
        self._keeps: dict[int, Choice] = {}
        self._values: dict[str, dict[int, Choice]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(hairline())
        self._reasons = QHBoxLayout()
        self._reasons.setSpacing(6)
        column.addLayout(self._reasons)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        column.addWidget(self._area, 1)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._sentence = ElidedLabel("", "explain")
        row.addWidget(self._sentence, 1)
        self.apart_button = button(self.locale_._("Not the same"), self.apart.emit)
        self.merge_button = button(self.locale_._("Merge"), self.merge.emit, look="primary")
        row.addWidget(self.apart_button)
        row.addWidget(self.merge_button)
        return row

    # content

    def show_comparison(self, comparison: Comparison, why: tuple[str, ...]) -> None:
        """Show the records of a cluster, the fullest of them to stay."""
        self.comparison = comparison
        self._chosen = {}
        clear_layout(self._reasons)
        self._reasons.addWidget(label(self.locale_._("Why"), "caption"))
        for reason in why[:5]:
            self._reasons.addWidget(Tag(self.locale_._(reason)))
        self._reasons.addStretch(1)
        ids = [member.id for member in comparison.members]
        filled = [sum(field.values[at] is not None for field in comparison.fields) for at in range(len(ids))]
        self._area.setWidget(self._grid(comparison))
        self.keep(ids[filled.index(max(filled))] if ids else 0)
        self.merge_button.setEnabled(len(ids) > 1)

    def _grid(self, comparison: Comparison) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 8, 8)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, _FIELD)
        grid.addWidget(label(self.locale_._("Stays"), "caption"), 0, 0, Qt.AlignmentFlag.AlignTop)
        self._keeps, self._values = {}, {}
        for at, member in enumerate(comparison.members, 1):
            grid.setColumnMinimumWidth(at, _MEMBER)
            grid.setColumnStretch(at, 1)
            grid.addWidget(self._head(member, comparison.counts[at - 1]), 0, at)
        grid.addWidget(hairline(), 1, 0, 1, len(comparison.members) + 1)
        row = 2
        for field in (one for one in comparison.fields if one.differs):
            self._field_row(grid, row, field, comparison)
            row += 1
        same = [field for field in comparison.fields if not field.differs]
        if same:
            grid.addWidget(label(self.locale_._("Same in all"), "caption"), row, 0, Qt.AlignmentFlag.AlignTop)
            told = "   ".join(f"{self._name(field)}: {field.values[0]}" for field in same)
            grid.addWidget(label(told, "explain", wrap=True), row, 1, 1, len(comparison.members))
            row += 1
        grid.setRowStretch(row, 1)
        return box

    def _head(self, member: Member, counts: dict[str, int]) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        keep = Choice(member.name, self.locale_._("Stays"))
        keep.clicked.connect(lambda _checked=False, one=member.id: self.keep(one))
        self._keeps[member.id] = keep
        column.addWidget(keep)
        held = held_words(counts, self.locale_)
        about = " · ".join(part for part in (member.owner or self.locale_._("no owner"), held) if part)
        column.addWidget(ElidedLabel(f"  {about}", "explain"))
        return box

    def _field_row(self, grid: QGridLayout, row: int, field: ComparedField, comparison: Comparison) -> None:
        name = self._name(field)
        grid.addWidget(ElidedLabel(name, "caption"), row, 0)
        self._values[field.name] = {}
        for at, (member, value) in enumerate(zip(comparison.members, field.values, strict=True), 1):
            choice = Choice(value if value is not None else "—", name)
            choice.setEnabled(value is not None)
            choice.clicked.connect(
                lambda _checked=False, one=member.id, key=field.name: self.choose(key, one)
            )
            self._values[field.name][member.id] = choice
            grid.addWidget(choice, row, at)

    def _name(self, field: ComparedField) -> str:
        entity = self.comparison.entity if self.comparison else "account"
        return field_label(entity, field.name, self.locale_)

    # choosing

    def keep(self, record: int) -> None:
        """Let another record stay; fields that nobody chose follow it."""
        self.survivor = record
        for one, choice in self._keeps.items():
            choice.setChecked(one == record)
        for field in self._values:
            self._mark(field)
        others = len(self._keeps) - 1
        name = (
            next((m.name for m in self.comparison.members if m.id == record), "") if self.comparison else ""
        )
        words = self.locale_.ngettext("{n} record goes into {name}.", "{n} records go into {name}.", others)
        self._sentence.setText(words.format(n=others, name=name))

    def choose(self, field: str, record: int) -> None:
        """Keep one record's value of a field."""
        self._chosen[field] = record
        self._mark(field)

    def _mark(self, field: str) -> None:
        kept = self._kept(field)
        for one, choice in self._values[field].items():
            choice.setChecked(one == kept)

    def _kept(self, field: str) -> int | None:
        if field in self._chosen:
            return self._chosen[field]
        filled = [one for one, choice in self._values[field].items() if choice.isEnabled()]
        return self.survivor if self.survivor in filled else next(iter(filled), None)

    @property
    def choices(self) -> dict[str, int]:
        """Whose value is kept, for every field that differs."""
        found = {field: self._kept(field) for field in self._values}
        return {field: record for field, record in found.items() if record is not None}
