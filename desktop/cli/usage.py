"""What was wrong with how a command was written, in the reader's language and without a library's words."""

from __future__ import annotations

import re
from typing import Any

from desktop.i18n import N_, Locale

_WRONG = (
    ("valid integer", N_("{name} has to be a whole number.")),
    ("valid number", N_("{name} has to be a number.")),
    ("is not one of", N_("{name} has to be one of: {names}.")),
)


def usage_words(problem: Any, locale: Locale) -> tuple[str, str]:
    """Return what is wrong, and how the command is written."""
    context = getattr(problem, "ctx", None)
    usage = context.get_usage().removeprefix("Usage: ") if context else ""
    return _said(problem, locale), locale._("Write: {usage}").format(usage=usage) if usage else ""


def _said(problem: Any, locale: Locale) -> str:
    said, kind = str(problem.message), type(problem).__name__
    parameter = getattr(problem, "param", None)
    if kind == "NoSuchOption":
        return locale._("There is no option {name}.").format(name=problem.option_name)
    if kind == "MissingParameter" and parameter is not None:
        return locale._("{name} is missing.").format(name=_name(parameter))
    for part, words in _WRONG:
        if part in said and parameter is not None:
            names = ", ".join(re.findall(r"'([^']*)'", said.partition("is not one of")[2]))
            return locale._(words).format(name=_name(parameter), names=names)
    if command := re.fullmatch(r"No such command '(.*)'\.?", said):
        return locale._("There is no command “{name}”.").format(name=command[1])
    return said or str(problem.format_message())


def _name(parameter: Any) -> str:
    """Return an option as it is typed, an argument as the usage shows it."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper()).strip("[]{}")
