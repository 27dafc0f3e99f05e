"""Ways to reach a person, shown so that they can be told apart but not used: 138****1234, z***@firm.cn (PER-08).

The team database masks in the same way (`store.access`) for those who may not read these columns at all.
"""

from __future__ import annotations

MAILS = frozenset({"email"})
NAMES = frozenset({"wechat"})
_LONG, _SHORT = 11, 7


def masked(field: str, value: str | None) -> str | None:
    """Return a value of a field (phone, mobile, fax, email, wechat) as it is shown by default."""
    if not value:
        return None
    if field in MAILS:
        name, at, domain = value.partition("@")
        return f"{name[:1]}***{at}{domain}"
    if field in NAMES:
        return f"{value[:1]}***"
    number = value.removeprefix("+86")
    if len(number) >= _LONG:
        return f"{number[:3]}****{number[-4:]}"
    return f"{number[:2]}****{number[-2:]}" if len(number) >= _SHORT else "****"
