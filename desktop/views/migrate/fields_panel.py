"""The fields a column can go to: typed for, double-clicked, dragged onto a column; or a new one made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLineEdit, QListWidget, QListWidgetItem

from desktop.i18n import N_, Locale
from desktop.operations.mapping_lines import ColumnLine, FieldChoice, entity_name
from desktop.views import theme
from desktop.views.buttons import button
from desktop.views.inspector import Inspector
from desktop.views.labels import label

MIME = "application/x-plumbline-field"
TYPES = {
    "text": N_("Text"),
    "choice": N_("One of a list"),
    "integer": N_("Whole number"),
    "number": N_("Decimal number"),
    "money": N_("Amount"),
    "date": N_("Day"),
    "datetime": N_("Time"),
    "boolean": N_("Yes or no"),
    "list": N_("Several words"),
}
_NAME = Qt.ItemDataRole.UserRole


class FieldList(QListWidget):
    """A list of fields whose lines can be dragged."""

    def __init__(self, chosen: Callable[[str], object]) -> None:
        super().__init__()
        self.setObjectName("choices")
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setUniformItemSizes(False)
        self._chosen = chosen
        self.itemActivated.connect(self._activated)

    def _activated(self, item: QListWidgetItem) -> None:
        if name := item.data(_NAME):
            self._chosen(str(name))

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        data = QMimeData()
        names = [str(item.data(_NAME)) for item in items if item.data(_NAME)]
        if names:
            data.setData(MIME, names[0].encode())
            data.setText(names[0])
        return data


class FieldsPanel(Inspector):
    """Search field, list of fields by kind of record, and a line for a new field of one's own."""

    def __init__(
        self,
        locale: Locale,
        choices: Sequence[FieldChoice],
        own: str,
        line: ColumnLine | None,
        taken: frozenset[str],
        choose: Callable[[str], object],
        make: Callable[[str, str], object],
    ) -> None:
        _ = locale._
        told = line.header if line else _("Drag a field onto a column")
        super().__init__(locale, _("Fields"), told)
        self.line = line
        self._choices, self._own, self._taken = list(choices), own, taken
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Type to find a field"))
        self.search.setAccessibleName(_("Type to find a field"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._fill())
        self.search.returnPressed.connect(self._first)
        self.add(self.search)
        self.list = FieldList(choose)
        self.list.setAccessibleName(_("Fields"))
        self.list.setMinimumHeight(280)
        self._choose = choose
        self.add(self.list)
        column = self.add_section(_("A field of your own"))
        self.name = QLineEdit(line.header if line else "")
        self.name.setPlaceholderText(_("Name of the new field"))
        self.name.setAccessibleName(_("Name of the new field"))
        self.type = QComboBox()
        self.type.setAccessibleName(_("Type of the new field"))
        for key, words in TYPES.items():
            self.type.addItem(_(words), key)
        self.make = button(_("Make it and map the column"), self._make, small=True)
        self._make_field = make
        for widget in (self.name, self.type, self.make):
            column.addWidget(widget)
            widget.setEnabled(line is not None)
        if line is None:
            column.addWidget(label(_("Choose a column first."), "caption"))
        self._fill()

    def _fill(self) -> None:
        chinese = self._locale.is_chinese
        words = self.search.text().strip().casefold()
        self.list.clear()
        entity = ""
        for choice in self._choices:
            text = choice.label(chinese=chinese)
            both = f"{choice.label_en} {choice.label_zh} {choice.field}".casefold()
            if words and words not in both:
                continue
            if choice.entity != entity:
                entity = choice.entity
                head = QListWidgetItem(entity_name(entity, self._locale))
                head.setFlags(Qt.ItemFlag.NoItemFlags)
                head.setFont(theme.font(12, bold=True))
                self.list.addItem(head)
            item = QListWidgetItem(f"   {text}")
            item.setData(_NAME, choice.field)
            item.setToolTip(choice.field)
            if choice.field in self._taken:
                item.setForeground(theme.color("dis"))
            self.list.addItem(item)

    def _first(self) -> None:
        """Take the first field that was found (Enter)."""
        for at in range(self.list.count()):
            if name := self.list.item(at).data(_NAME):
                self._choose(str(name))
                return

    def _make(self) -> None:
        if self.name.text().strip():
            self._make_field(self.name.text().strip(), str(self.type.currentData()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
            return
        super().keyPressEvent(event)
