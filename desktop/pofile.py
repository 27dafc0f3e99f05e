"""Reads translation files: the part of the .po format that gettext tools write.

Babel reads it too, and a test compares both; this one takes a tenth of the time, which every start of
the program pays for.
"""

from __future__ import annotations

import ast
from pathlib import Path

Messages = dict[str, str | tuple[str, ...]]

_CONTEXT = "\x04"


def read_messages(path: Path) -> Messages:
    """Return message → translation (a tuple of plural forms); messages with a context are keyed with it.

    Untranslated and obsolete entries are left out. Raises ValueError naming the line that is no .po.
    """
    messages: Messages = {}
    entry: dict[str, str] = {}
    field = ""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    for number, line in enumerate([*lines, ""], start=1):
        if not line:
            _keep(messages, entry)
            entry, field = {}, ""
        elif line.startswith("#"):
            continue
        elif line.startswith('"'):
            if not field:
                raise ValueError(f"{path.name}, line {number}: a text without its keyword")
            entry[field] += _text(line, path, number)
        else:
            field, _space, quoted = line.partition(" ")
            if field in ("msgid", "msgctxt") and any(name.startswith("msgstr") for name in entry):
                _keep(messages, entry)
                entry = {}
            if not field.startswith("msg"):
                raise ValueError(f"{path.name}, line {number}: {field!r} is no keyword")
            entry[field] = _text(quoted.strip(), path, number)
    return messages


def _text(quoted: str, path: Path, number: int) -> str:
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        raise ValueError(f"{path.name}, line {number}: a text without its quotes")
    inner = quoted[1:-1]
    return inner if "\\" not in inner else str(ast.literal_eval(quoted))


def _keep(messages: Messages, entry: dict[str, str]) -> None:
    key = entry.get("msgid")
    if not key:
        return
    if "msgctxt" in entry:
        key = f"{entry['msgctxt']}{_CONTEXT}{key}"
    if "msgid_plural" in entry:
        forms = tuple(entry[name] for name in sorted(entry) if name.startswith("msgstr["))
        if all(forms) and forms:
            messages[key] = forms
    elif entry.get("msgstr"):
        messages[key] = entry["msgstr"]
