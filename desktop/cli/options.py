"""The options that every command takes, before and after its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.i18n import LANGUAGES, N_, Language

COMMON = {
    "--database": ("URL", N_("A file (SQLite) or postgresql://host/db; default: the last one used.")),
    "--as": ("LOGIN", N_("The acting person; on PostgreSQL the login role is the person.")),
    "--json": ("", N_("One JSON document on standard output, text for people on standard error.")),
    "--once": (
        "KEY",
        N_("Under this key it is done once: given again, it says so instead of doing it again."),
    ),
    "--lang": ("zh_CN|en", N_("The language of what is said and written.")),
}


class Misused(Exception):
    """The command line cannot be understood; the message says why, in English like all usage texts."""


@dataclass
class Common:
    """The values of the common options."""

    database: str | None = None
    login: str | None = None
    as_json: bool = False
    language: Language | None = None
    once: str | None = None


def split_common(arguments: Sequence[str]) -> tuple[Common, list[str]]:
    """Return the common options, wherever they stand, and all the other arguments.

    Everything after a bare `--` is left alone. Raises Misused for an option without its value.
    """
    common, rest = Common(), list[str]()
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if argument == "--":
            return common, [*rest, argument, *waiting]
        name, equals, value = argument.partition("=")
        if name not in COMMON:
            rest.append(argument)
        elif name == "--json":
            if equals:
                raise Misused("Option '--json' does not take a value.")
            common.as_json = True
        else:
            if not equals:
                if not waiting:
                    raise Misused(f"Option '{name}' requires an argument.")
                value = waiting.pop(0)
            _take(common, name, value)
    return common, rest


def _take(common: Common, name: str, value: str) -> None:
    if not value or value.startswith("--"):
        raise Misused(f"Option '{name}' requires an argument.")
    if name == "--database":
        common.database = value
    elif name == "--as":
        common.login = value
    elif name == "--once":
        common.once = value
    else:
        language = next((known for known in LANGUAGES if known == value), None)
        if language is None:
            raise Misused(f"Invalid value for '--lang': '{value}' is not one of {', '.join(LANGUAGES)}.")
        common.language = language
    if common.login and (common.database or "").startswith(("postgresql", "postgres:")):
        raise Misused("Option '--as' cannot be used on PostgreSQL: the login role is the person.")
