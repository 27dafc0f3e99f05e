"""What people confirmed before, found again although the headers are not quite the same (IMP-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from desktop.importers.tables import Profile, SourceTable
from desktop.importers.vocabulary import normal

_ALIKE = 0.7
"""How much of two sets of headers together must be common to both."""

_LEAST_COMMON = 3


@dataclass(frozen=True)
class Memory:
    """Confirmed mappings, the weightiest first: by all headers, by most of them, and by one header of a system."""

    exact: dict[str, Profile] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()

    @classmethod
    def of(cls, profiles: Iterable[Profile]) -> Memory:
        """Return the memory of some profiles, of which later ones go before earlier ones."""
        known = tuple(profiles)
        return cls({profile.fingerprint: profile for profile in known}, known[::-1])

    def same(self, table: SourceTable) -> Profile | None:
        """Return the mapping of exactly these headers."""
        return self.exact.get(table.header_fingerprint)

    def alike(self, table: SourceTable) -> Profile | None:
        """Return the mapping of nearly these headers: a column more or less does not lose the memory."""
        heads = _heads(table.headers)
        best: tuple[float, Profile] | None = None
        for profile in self.profiles:
            other = _heads(profile.columns)
            common = len(heads & other)
            share = common / max(1, len(heads | other))
            if common >= _LEAST_COMMON and share >= _ALIKE and (best is None or share > best[0]):
                best = (share, profile)
        return best[1] if best else None

    def columns(self, system: str, entity: str) -> dict[str, str | None]:
        """Return what headers (in normal form) of one system's tables of one entity were confirmed to mean."""
        if not system:
            return {}
        found: dict[str, str | None] = {}
        for profile in self.profiles:
            if profile.source_system == system and profile.entity == entity:
                for header, name in profile.columns.items():
                    found.setdefault(normal(header), name)
        return found


def _heads(headers: Iterable[str]) -> set[str]:
    return {normal(header) for header in headers} - {""}
