"""The conditions of a level as lines of a form: a fact, a comparison, and a number or a threshold (APR-01)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import Locale
from desktop.operations.approvals.flows import COMPARISONS
from desktop.queries.approval_flows import Condition
from desktop.views.approvals.conditions import (
    FACTS,
    THRESHOLDS,
    bound_words,
    fact_words,
    measure_of,
    typed_bound,
)
from desktop.views.buttons import button
from desktop.views.settings.threshold_words import LABELS


class ConditionsForm(QWidget):
    """As many lines as there are conditions; a line without a fact counts for nothing."""

    def __init__(self, conditions: Sequence[Condition], facts: Sequence[str], locale: Locale) -> None:
        super().__init__()
        self.words, self.facts = locale, facts
        self.lines: list[ConditionLine] = []
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        for condition in conditions or (None,):
            self.more(condition)
        self.add = button(locale._("And another condition"), lambda: self.more(None), look="link", small=True)
        self.column.addWidget(self.add)

    def more(self, condition: Condition | None) -> None:
        """Add a line, filled in or empty."""
        line = ConditionLine(condition, self.facts, self.words)
        self.column.insertWidget(len(self.lines), line)
        self.lines.append(line)

    def value(self) -> tuple[Condition, ...]:
        """Return the conditions as they are filled in; one whose bound cannot be read has none."""
        return tuple(found for line in self.lines if (found := line.value()))


class ConditionLine(QWidget):
    """One condition."""

    def __init__(self, condition: Condition | None, facts: Sequence[str], locale: Locale) -> None:
        super().__init__()
        self.words, self.kept = locale, condition
        self.fact, self.comparison, self.bound = QComboBox(), QComboBox(), QComboBox()
        self.fact.addItem(locale._("always"), None)
        own = condition.fact if condition else None
        for name in dict.fromkeys((*facts, *([own] if own else ()))):
            self.fact.addItem(fact_words(name, locale), name)
        self.comparison.addItems(COMPARISONS)
        self.bound.setEditable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for field, name, width in (
            (self.fact, locale._("Condition"), 4),
            (self.comparison, locale._("Comparison"), 2),
            (self.bound, locale._("Bound"), 5),
        ):
            field.setAccessibleName(name)
            field.setMinimumWidth(40)
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            row.addWidget(field, width)
        if condition:
            self.fact.setCurrentIndex(self.fact.findData(condition.fact))
            self.comparison.setCurrentText(condition.comparison)
        self._offer()
        self.fact.currentIndexChanged.connect(self._offer)

    def _offer(self) -> None:
        """Offer the thresholds that the chosen fact can be compared with."""
        fact = self.fact.currentData()
        self.comparison.setVisible(fact is not None)
        self.bound.setVisible(fact is not None)
        self.bound.clear()
        if fact is None:
            return
        kept = self.kept if self.kept and self.kept.fact == fact else None
        offered = [kept.threshold] if kept and kept.threshold else []
        for key in dict.fromkeys((*offered, *THRESHOLDS[measure_of(fact)])):
            self.bound.addItem(self.words._(LABELS.get(key, key)), key)
        if fact in FACTS and not THRESHOLDS[measure_of(fact)]:
            self.bound.addItems([self.words._("yes"), self.words._("no")])
        if kept:
            self.bound.setCurrentText(bound_words(kept, self.words))

    def value(self) -> Condition | None:
        """Return the condition; None for a line without a fact."""
        fact, typed = self.fact.currentData(), self.bound.currentText()
        if fact is None:
            return None
        chosen = self.bound.findText(typed)
        threshold = self.bound.itemData(chosen) if chosen >= 0 else None
        value = None if threshold else typed_bound(fact, typed, self.words)
        return Condition(fact, self.comparison.currentText(), value, threshold)
