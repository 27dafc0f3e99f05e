"""What a password of the team database must be like: long, not the login, nothing that everybody tries first."""

from __future__ import annotations

import re
import secrets
from functools import cache

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.resources import resource

LEAST_LENGTH = 12
LEAST_DIFFERENT = 6
"""So many different characters a password has at least: `aaaaaaaaaaaa` has one."""
LEAST_OWN = 6
"""So many letters or digits are left when the login and a common word are taken out."""

REQUIREMENT = N_(
    "A password has at least {length} characters; it is not the login, no common one, year or row of keys with little added. "
    "Several unrelated words are easiest to remember."
)
"""The requirement in a sentence, filled with `length`."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody mistakes for something else when it is read out or typed off."""


def check_password(password: str, login: str) -> None:
    """Raise InvalidInput, naming the rule, unless a password may be used for a login."""
    if len(password) < LEAST_LENGTH:
        raise _refused("password_short", N_("The password has fewer than {length} characters."))
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        raise _refused("password_unreadable", N_("The password holds a character that cannot be typed."))
    plain = password.casefold()
    if len(set(plain)) < LEAST_DIFFERENT:
        raise _refused("password_monotonous", N_("The password repeats the same few characters."))
    if len(login) > 2 and login.casefold() in plain and _own(plain, login.casefold()) < LEAST_OWN:
        raise _refused("password_is_login", N_("The password is the login with little added."))
    if any(word in plain and _own(plain, word) < LEAST_OWN for word in _common()):
        raise _refused("password_common", N_("The password is one that is tried first everywhere."))


def suggested_password() -> str:
    """Return a fresh random password that can be read out: five groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def _own(plain: str, word: str) -> int:
    """How many letters and digits remain without a word, and without the years and counting that follow it."""
    left = re.sub(r"(19|20)\d\d|0?123(4(5(67?8?9?)?)?)?", "", plain.replace(word, ""))
    return sum(letter.isalnum() for letter in left)


def _refused(code: str, what: str) -> InvalidInput:
    return InvalidInput(code, what, remedy=REQUIREMENT, length=LEAST_LENGTH)


@cache
def _common() -> tuple[str, ...]:
    lines = resource("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))
