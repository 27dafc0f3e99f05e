"""What an attack consists of."""

from __future__ import annotations

from dataclasses import dataclass

DENIED = "42501"


@dataclass(frozen=True)
class Attack:
    """Lines typed into psql by somebody of a job, and what has to come back.

    `ends` are the SQLSTATEs of all errors, in order; `shows` is what is printed, None for whatever holds
    nothing hidden. `$name` stands for a number or a word of the staged firm (`stage.py`).
    """

    case: int
    job: str
    title: str
    lines: str
    ends: tuple[str, ...] = ()
    shows: str | None = ""

    @property
    def name(self) -> str:
        """A short name for a test."""
        return f"{self.case}-{self.job}-{self.title.replace(' ', '-')}"


def refused(case: int, job: str, title: str, lines: str, *codes: str, shows: str | None = "") -> Attack:
    """An attack whose every statement is refused, as not allowed unless told."""
    count = sum(1 for line in lines.split(";") if line.strip())
    return Attack(case, job, title, lines, codes or (DENIED,) * count, shows)
