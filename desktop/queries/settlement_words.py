"""How finance's words are shown."""

from __future__ import annotations

from desktop.i18n import Locale


def word(field: str, value: str | int | bool | None, locale: Locale) -> str:
    """Return one of finance's values as a person reads it; ∅ where there is none."""
    if value is None:
        return "∅"
    if field == "settled":
        return locale._("yes") if value else locale._("no")
    if field == "received" and isinstance(value, int):
        return locale.money(value)
    return str(value)
