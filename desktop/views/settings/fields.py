"""The firm's own fields: added, renamed, retired and taken back into use (CUS-05)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QComboBox, QLineEdit

from desktop.i18n import N_
from desktop.operations.custom_fields import add_custom_field, rename_custom_field, retire_custom_field
from desktop.operations.mapping_lines import entity_choices
from desktop.queries.custom_fields import CustomFieldRow, custom_fields
from desktop.views.buttons import button
from desktop.views.cells import LabelCell, NumberCell, TextCell
from desktop.views.cells_rich import ChipCell
from desktop.views.columns import Column
from desktop.views.editing import Edit, EditedField, Values
from desktop.views.inspector import Inspector
from desktop.views.labels import SectionLine, label
from desktop.views.settings.section import Section
from desktop.views.tables import DataTable

if TYPE_CHECKING:
    from desktop.store.workspace import Work
    from desktop.views.settings.page import SettingsPage

TOPICS = frozenset({"custom_field"})
KINDS = {
    "text": N_("Text"),
    "integer": N_("Whole number"),
    "number": N_("Decimal number"),
    "money": N_("Amount"),
    "date": N_("Day"),
    "datetime": N_("Time"),
    "boolean": N_("Yes or no"),
    "choice": N_("One of a list"),
    "list": N_("Several words"),
}
IN_USE = {True: ("green", N_("In use")), False: ("grey", N_("Retired"))}


class FieldSection(Section):
    """The list of custom fields; whatever is done to them is audited, and no value is lost by it."""

    def __init__(self, page: SettingsPage) -> None:
        super().__init__(page)
        name = "label_zh" if page.ctx.locale.is_chinese else "label_en"
        columns = (
            Column(name, N_("Field"), TextCell(), width=180, stretch=1.6),
            Column("entity", N_("Record"), LabelCell(dict(entity_choices())), width=120, stretch=0.6),
            Column("type", N_("Kind"), LabelCell(KINDS, "t2"), width=120),
            Column("values", N_("Filled in"), NumberCell(), width=96),
            Column("active", N_("Use"), ChipCell(IN_USE), width=110),  # type: ignore[arg-type]
        )
        self.line = SectionLine(self._("Own fields"))
        self.table = DataTable(page, "settings.fields", columns, filters=True, title=self._("Own fields"))
        self.table.selected.connect(self.show_field)
        self.table.set_empty(
            self._("No field of your own yet. Add one here, or keep a column of an import as one.")
        )
        self.line.add(button(self._("Add field"), self.new_field, look="tinted", icon="add", small=True))
        self.column.addWidget(self.line)
        self.column.addWidget(self.table, 1)

    def reload(self) -> None:
        self.page.read(custom_fields, self._show, key="custom_fields")

    def _show(self, rows: list[CustomFieldRow]) -> None:
        words = self.ctx.locale.plural(
            "{n} field; columns without a field can become one on the Migrate page",
            "{n} fields; columns without a field can become one on the Migrate page",
            len(rows),
        )
        self.line.set(explanation=words)
        self.table.set_rows(rows)

    def _form(self, panel: Inspector, row: CustomFieldRow | None) -> None:
        """Put the inputs of a field into a panel; record and kind are decided once."""
        _ = self._
        self.label_zh, self.label_en = QLineEdit(), QLineEdit()
        self.options = QLineEdit(", ".join(row.options) if row else "")
        self.entity, self.kind = QComboBox(), QComboBox()
        for name, text in entity_choices():
            self.entity.addItem(_(text), name)
        self.entity.setCurrentIndex(self.entity.findData("account"))
        for key, text in KINDS.items():
            self.kind.addItem(_(text), key)
        if row:
            self.label_zh.setText(row.label_zh)
            self.label_en.setText(row.label_en)
        once = () if row else ((_("Record"), self.entity), (_("Kind"), self.kind))
        names = ((_("Name in Chinese"), self.label_zh), (_("Name in English"), self.label_en))
        choices = () if row and row.type != "choice" else ((_("Choices, separated by commas"), self.options),)
        for caption, widget in (*once, *names, *choices):
            widget.setAccessibleName(caption)
            panel.body.addWidget(label(caption, "caption"))
            panel.body.addWidget(widget)

    def _choices(self) -> list[str]:
        text = self.options.text().replace("，", ",").replace("、", ",")
        return [part.strip() for part in text.split(",") if part.strip()]

    def new_field(self) -> None:
        """Open the inspector with an empty form."""
        panel = Inspector(self.ctx.locale, self._("New field"))
        self._form(panel, None)
        panel.set_actions((self._("Add field"), self.add))
        self.page.show_inspector(panel)
        self.label_zh.setFocus()

    def add(self) -> None:
        """Add the field of the form."""
        entity, kind = str(self.entity.currentData()), str(self.kind.currentData())
        chinese, english, options = self.label_zh.text(), self.label_en.text(), self._choices()

        def done(_field: int) -> None:
            self.page.close_inspector()
            text = self._("The field can be mapped and is shown from now on.")
            self.page.show_message("green", text, place=chinese or english)

        self.page.write(
            lambda work: add_custom_field(work, entity, chinese, kind, label_en=english, options=options),
            done,
            topics=TOPICS,
            key=("add_custom_field", entity, kind, chinese, english, options),
        )

    def show_field(self, row: CustomFieldRow) -> None:
        """Open the inspector on a field, to rename it or to retire it."""
        panel = Inspector(
            self.ctx.locale, row.label(chinese=self.ctx.locale.is_chinese), self._(KINDS[row.type])
        )
        self._form(panel, row)
        other = self._("Take into use again") if not row.active else self._("Retire")
        panel.set_actions(
            (self._("Rename"), lambda: self.rename(row)),
            [(other, lambda: self.retire(row, active=not row.active))],
        )
        self.page.show_inspector(panel)

    def rename(self, row: CustomFieldRow) -> None:
        """Give a field the names of the form."""
        chinese, english, options = self.label_zh.text(), self.label_en.text(), self._choices()

        def done(_result: None) -> None:
            self.page.close_inspector()
            self.page.show_message("green", self._("The field has its new name."), place=chinese or english)

        self.edit(row, done).send({"label_zh": chinese, "label_en": english, "options": tuple(options)})

    def edit(self, row: CustomFieldRow, done: Callable[[Any], None], act: str = "") -> Edit:
        """Return the change of a field: of its names and choices, or with `act` of whether it is in use."""
        _ = self._
        was = {
            "label_zh": row.label_zh,
            "label_en": row.label_en,
            "options": row.options,
            "active": row.active,
        }

        def save(values: Values, version: int, seen: Values) -> Callable[[Work], None]:
            if act:
                return lambda work: retire_custom_field(
                    work, row.id, version, active=not row.active, seen=seen
                )
            return lambda work: rename_custom_field(
                work,
                row.id,
                version,
                label_zh=values["label_zh"],
                label_en=values["label_en"],
                options=values["options"],
                seen=seen,
            )

        return Edit(
            self.page,
            row.label(chinese=self.ctx.locale.is_chinese),
            was,
            row.version,
            [
                EditedField("label_zh", _("Name in Chinese")),
                EditedField("label_en", _("Name in English")),
                EditedField("options", _("Choices, separated by commas"), ", ".join),
                EditedField("active", _("Use"), lambda active: _(IN_USE[bool(active)][1])),
            ],
            save,
            done,
            TOPICS,
            act,
        )

    def retire(self, row: CustomFieldRow, *, active: bool) -> None:
        """Retire a field, or take it back into use; its values stay either way."""
        name = row.label(chinese=self.ctx.locale.is_chinese)

        def done(_result: None) -> None:
            self.page.close_inspector()
            told = (
                self._("The field is in use again.")
                if active
                else self._("The field is retired; its values stay.")
            )
            self.page.show_message("green", told, place=name)

        act = self._("Take into use again") if active else self._("Retire")
        self.edit(row, done, act).send({})
