"""Why a figure is what it is: sentences that are kept as data until somebody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.errors import Translator


@dataclass(frozen=True, slots=True)
class Word:
    """A parameter that is itself a message: the name of a holiday, a kind of event."""

    message: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence with its parameters; `changes` marks those that moved the figure."""

    code: str
    template: str
    params: Mapping[str, object] = field(default_factory=dict)
    changes: bool = False

    def text(self, locale: Translator) -> str:
        """Return the sentence in the reader's language."""
        shown = {
            key: locale._(value.message) if isinstance(value, Word) else value
            for key, value in self.params.items()
        }
        return locale._(self.template).format(**shown)
