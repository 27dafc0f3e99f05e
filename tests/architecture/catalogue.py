"""What the source says and what the Chinese catalogue knows; run as a module it prints what is missing."""

from __future__ import annotations

import ast
import string
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "resources" / "locale" / "zh_CN"
KEYWORDS = {"_", "N_", "plural", "ngettext"}


@dataclass(frozen=True)
class Entry:
    """One translated message and the catalogue file it stands in."""

    message: str
    translation: str
    file: str


@cache
def messages() -> dict[str, str]:
    """Return every message of the source (the singular of plurals) with the first place it is used."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (text := _marked(node)):
                found.setdefault(text, f"{path.relative_to(ROOT).as_posix()}:{node.lineno}")
    return found


def _marked(call: ast.Call) -> str | None:
    """Return the message that a call marks; unlike tokens, the tree shows calls inside f-strings."""
    name = getattr(call.func, "id", getattr(call.func, "attr", None))
    first = call.args[0] if call.args else None
    if name in KEYWORDS and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


@cache
def entries() -> tuple[Entry, ...]:
    """Return every translation of every catalogue file."""
    return tuple(_read_all())


def _read_all() -> Iterator[Entry]:
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as stream:
            for entry in read_po(stream, locale="zh_CN"):
                if not entry.id:
                    continue
                message = entry.id[0] if isinstance(entry.id, tuple | list) else entry.id
                value = entry.string[0] if isinstance(entry.string, tuple | list) else entry.string
                yield Entry(str(message), str(value or ""), path.name)


def placeholders(text: str) -> set[str]:
    """Return the names in braces of a message."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


def missing() -> list[str]:
    """Return the messages without Chinese."""
    known = {entry.message for entry in entries() if entry.translation}
    return [message for message in messages() if message not in known]


def obsolete() -> list[Entry]:
    """Return the translations of messages that the source no longer has."""
    return [entry for entry in entries() if entry.message not in messages()]


def conflicting() -> dict[str, list[str]]:
    """Return the messages that catalogue files translate differently, with the files."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries():
        found[entry.message].append(entry)
    return {
        message: [f"{entry.file}: {entry.translation}" for entry in same]
        for message, same in found.items()
        if len({entry.translation for entry in same}) > 1
    }


def main() -> int:
    """Print what is missing as the lines of a catalogue; return 1 if anything is."""
    for message in missing():
        escaped = message.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        print(f'#: {messages()[message]}\nmsgid "{escaped}"\nmsgstr ""\n')
    for entry in obsolete():
        print(f"obsolete in {entry.file}: {entry.message!r}", file=sys.stderr)
    for message, places in conflicting().items():
        print(f"conflicting: {message!r}: {places}", file=sys.stderr)
    print(f"{len(messages())} messages, {len(missing())} without Chinese", file=sys.stderr)
    return 1 if missing() else 0


if __name__ == "__main__":
    sys.exit(main())
