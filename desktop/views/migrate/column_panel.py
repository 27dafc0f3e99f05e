"""What the inspector shows of one column: where it goes and why, its values, and how they are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QToolButton, QVBoxLayout, QWidget

from desktop.i18n import N_, Locale
from desktop.operations.mapping_choices import READINGS, SourceValue, UpdateRule, ValueChoice
from desktop.operations.mapping_lines import ColumnLine, ValueCounts
from desktop.operations.mapping_text import REASONS
from desktop.views.inspector import Inspector, Line
from desktop.views.labels import label
from desktop.views.migrate.columns import field_text
from desktop.views.migrate.values_panel import ValuesEditor
from desktop.views.strips import Advice

if TYPE_CHECKING:
    from desktop.importers.tables import TableMapping

_MOST_VALUES, _MOST_CHOICES = 12, 3

READING_WORDS = {
    "dmy": N_("day first: 5/3/2026 is 5 March"),
    "mdy": N_("month first: 3/5/2026 is 5 March"),
    "ymd": N_("year first: 26/3/5 is 5 March"),
    ".": N_("point before decimals: 1,234.50"),
    ",": N_("comma before decimals: 1.234,50"),
    "fraction": N_("0.5 is a half"),
    "percent": N_("0.5 is half a percent"),
}
RULES = {
    "overwrite": N_("what the file says replaces it"),
    "fill_blank": N_("fill only what is empty"),
    "newest": N_("the later change wins"),
}


@dataclass(frozen=True)
class ColumnFacts:
    """What the panel shows: the column, its mapping, values to be mapped, and what can be chosen for them."""

    mapping: TableMapping
    line: ColumnLine
    type: str
    counts: ValueCounts
    values: tuple[SourceValue, ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    writable: bool = True


@dataclass(frozen=True)
class ColumnActs:
    """What the panel can do."""

    choose: Callable[[int, str | None], object]
    value: Callable[[str, ValueChoice | None], object]
    reading: Callable[[str | None], object]
    rule: Callable[[UpdateRule | None], object]
    key: Callable[[bool], object]
    more: tuple[tuple[str, Callable[[], object]], ...] = field(default=())


def column_panel(locale: Locale, facts: ColumnFacts, acts: ColumnActs) -> Inspector:
    """Return the panel of a column."""
    _, line, mapping = locale._, facts.line, facts.mapping
    goes_to = field_text(line.field, locale, None, line.new_fields) if line.field else _("Not imported")
    table = mapping.table.sheet or mapping.table.file
    rows = locale.plural("{n} row", "{n} rows", mapping.table.frame.height)
    panel = Inspector(locale, f"{line.header} → {goes_to}", f"{table} · {rows}")
    _advice(panel, locale, facts, acts)
    if facts.writable and line.field:
        _reading(panel, locale, facts, acts)
    values = facts.counts
    if facts.values and facts.writable:
        waiting = sum(value.is_open for value in facts.values)
        note = _("{n} undecided").format(n=locale.integer(waiting)) if waiting else _("all known")
        column = panel.add_section(_("Values"), note)
        column.addWidget(ValuesEditor(locale, facts.values, facts.targets, acts.value))
    else:
        column = panel.add_section(_("Most frequent values"))
        for text, count in values.most[:_MOST_VALUES]:
            column.addWidget(Line(text, right=locale.integer(count)))
    panel.add_values(
        [
            (_("Because of"), _(REASONS.get(line.reason, "")) if line.field else ""),
            (_("Confidence"), locale.percent(line.confidence, 0) if line.confidence is not None else ""),
            (_("Different values"), locale.integer(values.different)),
            (_("Empty"), locale.percent(line.empty_share)),
        ]
    )
    others = [name for name, _confidence in line.alternatives if name != line.field][:_MOST_CHOICES]
    if others:
        column = panel.add_section(_("Other possible fields"))
        for name in others:
            share = dict(line.alternatives)[name]
            column.addWidget(Line(field_text(name, locale), right=locale.percent(share, 0)))
    if facts.writable and line.field:
        panel.add(Advanced(locale, facts, acts))
    if acts.more and facts.writable:
        panel.set_actions(None, list(acts.more))
    return panel


def _advice(panel: Inspector, locale: Locale, facts: ColumnFacts, acts: ColumnActs) -> None:
    _, line = locale._, facts.line
    if line.is_pending and line.suggestion and facts.writable:
        name = line.suggestion
        panel.add(
            Advice(
                "amber",
                _("This may be {field}").format(field=field_text(name, locale)),
                _("The header or the values point there, but not surely enough to decide it alone."),
                [
                    (_("Accept"), lambda: acts.choose(line.id, name)),
                    (_("Leave it out"), lambda: acts.choose(line.id, None)),
                ],
            )
        )
    for issue in line.issues:
        text = _(issue.example.message).format(**issue.example.params)
        rows = ", ".join(str(row) for row in issue.rows[:8])
        panel.add(
            Advice(
                "red" if issue.rejects else "amber",
                locale.plural("{n} cell cannot be read", "{n} cells cannot be read", issue.count),
                f"{text} {_('Rows')} {rows}",
            )
        )


def _reading(panel: Inspector, locale: Locale, facts: ColumnFacts, acts: ColumnActs) -> None:
    """Ask how the column is to be read, if its values do not tell it or an answer was given."""
    _, line = locale._, facts.line
    ways = READINGS.get(facts.type, ())
    chosen = facts.mapping.readings.get(str(line.field), "")
    asked = any(issue.code in ("date_ambiguous", "amount_ambiguous") for issue in line.issues)
    if not ways or not (asked or chosen or facts.type in ("date", "datetime")):
        return
    column = panel.add_section(_("How it is read"))
    if asked:
        column.addWidget(
            label(_("The values do not tell it; say it once for the column."), "amber", wrap=True)
        )
    box = QComboBox()
    box.setAccessibleName(_("How it is read"))
    box.addItem(_("as the values tell"), None)
    for way in ways:
        box.addItem(_(READING_WORDS[way]), way)
    box.setCurrentIndex(max(0, box.findData(chosen or None)))
    box.activated.connect(lambda _at: acts.reading(box.currentData()))
    column.addWidget(box)


class Advanced(QWidget):
    """Behind a disclosure: what happens to records that are there already, and by what a row meets its record."""

    def __init__(self, locale: Locale, facts: ColumnFacts, acts: ColumnActs) -> None:
        super().__init__()
        _ = locale._
        name = str(facts.line.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.toggle = QToolButton()
        self.toggle.setText(f"▸ {_('Advanced')}")
        self.toggle.setCheckable(True)
        self.toggle.setAccessibleName(_("Advanced"))
        column.addWidget(self.toggle)
        self.box = QWidget()
        inner = QVBoxLayout(self.box)
        inner.setContentsMargins(12, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(label(_("If the record is there already"), "caption"))
        self.rule = QComboBox()
        self.rule.setAccessibleName(_("If the record is there already"))
        for key, words in RULES.items():
            self.rule.addItem(_(words), key)
        rule = facts.mapping.update_rules.get(name, "overwrite")
        self.rule.setCurrentIndex(max(0, self.rule.findData(rule)))
        self.rule.activated.connect(
            lambda _at: acts.rule(None if self.rule.currentData() == "overwrite" else self.rule.currentData())
        )
        inner.addWidget(self.rule)
        self.key = QCheckBox(_("A row meets its record by this field"))
        self.key.setChecked(name in facts.mapping.keys)
        self.key.clicked.connect(acts.key)
        inner.addWidget(self.key)
        column.addWidget(self.box)
        self.toggle.toggled.connect(self._open)
        self.toggle.setChecked(rule != "overwrite" or name in facts.mapping.keys)
        self._open(self.toggle.isChecked())

    def _open(self, opened: bool) -> None:
        words = self.toggle.text()[2:]
        self.toggle.setText(f"{'▾' if opened else '▸'} {words}")
        self.box.setVisible(opened)
