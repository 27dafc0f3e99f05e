"""The errors that a person is meant to read: what happened, where, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from desktop.i18n import N_

T = TypeVar("T")


class Translator(Protocol):
    """Whatever can translate a message: `desktop.i18n.Locale` in practice."""

    def _(self, message: str) -> str:
        """Return the message in the reader's language."""
        ...


class UserError(Exception):
    """An expected problem, shown as a strip on the page or as exit code 3, never as a crash.

    `code` is stable and machine readable; `template` and `remedy` are English gettext ids marked
    with `N_`, filled with `params` by `str.format`.
    """

    def __init__(self, code: str, template: str, *, remedy: str = "", **params: Any) -> None:
        super().__init__(code, template, params)
        self.code = code
        self.template = template
        self.remedy = remedy
        self.params = params

    def text(self, locale: Translator | None = None) -> str:
        """Return what happened, in one sentence."""
        return self._filled(self.template, locale)

    def remedy_text(self, locale: Translator | None = None) -> str:
        """Return what to do about it, or an empty string."""
        if not self.remedy:
            return ""
        return self._filled(self.remedy, locale)

    def _filled(self, template: str, locale: Translator | None) -> str:
        """Return a sentence with its values; terms among them (roles, say) are said in the reader's words."""
        words = locale._ if locale else str
        values = {
            name: ", ".join(words(getattr(item, "label", str(item))) for item in value)
            if isinstance(value, tuple)
            else value
            for name, value in self.params.items()
        }
        return words(template).format(**values)

    def __str__(self) -> str:
        return " ".join(part for part in (self.text(), self.remedy_text()) if part)


class NotFound(UserError):
    """What was named does not exist (or is not visible to this person)."""


class NotAllowed(UserError):
    """The acting person may not do this."""


class InvalidInput(UserError):
    """A value that a person gave cannot be used."""


def one_of(
    known: Mapping[str, T], name: str, code: str, template: str, error: type[UserError] = InvalidInput
) -> T:
    """Return what a name stands for; raise an error of that code, which says the names that there are."""
    if name in known:
        return known[name]
    raise error(
        code, template, remedy=N_("Choose one of: {names}."), name=name, names=", ".join(known) or "—"
    )


class DatabaseProblem(UserError):
    """The database cannot be reached, is damaged, or is of another version."""


class StaleRecord(UserError):
    """Somebody else changed the record first; nothing was overwritten.

    `differences` maps a field name to (what the person started from, what is stored now), `stored` each field
    to what is stored now, in the row version `version`; `changed_by` is a name, None if that may not be known.
    """

    def __init__(
        self,
        code: str,
        template: str,
        *,
        differences: dict[str, tuple[Any, Any]],
        remedy: str = "",
        stored: dict[str, Any] | None = None,
        version: int | None = None,
        changed_by: str | None = None,
        changed_at: datetime | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code, template, remedy=remedy, **params)
        self.differences = differences
        self.stored = stored or {}
        self.version = version
        self.changed_by = changed_by
        self.changed_at = changed_at


class AlreadyDone(UserError):
    """What was asked for had been done before, under the same key; it was not done twice."""


class Cancelled(Exception):
    """The person asked to stop; shown as silence."""
