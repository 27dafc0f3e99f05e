"""Mappings that a team keeps: rename, delete, carry to another database as a file (IMP-10)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.importers.tables import Profile
from desktop.models.imports import MappingProfile
from desktop.operations.settings import CONFIGURERS
from desktop.store.security import require_role
from desktop.store.workspace import Work

_LONGEST_NAME = 400


@dataclass(frozen=True, slots=True)
class ProfilesBrought:
    """What bringing profiles in did: how many are new, and how many took the place of one for the same headers."""

    created: int
    replaced: int


def rename_profile(work: Work, name: str, new_name: str) -> None:
    """Call a remembered mapping otherwise; `name` is its name or its number.

    Raises NotFound, NotAllowed, and InvalidInput for a name of several or an empty new one.
    """
    require_role(work, *CONFIGURERS)
    stored = _named(work, name)
    title = new_name.strip()
    if not title or len(title) > _LONGEST_NAME:
        raise InvalidInput(
            "profile_name_invalid",
            N_("A mapping needs a name of at most {n} characters."),
            n=_LONGEST_NAME,
        )
    before, stored.name = stored.name, title
    stored.mapping = stored.mapping | {"name": title}
    stored.changed_at = work.now
    work.session.flush()
    work.audit("rename_profile", "mapping_profile", stored.id, before=before, after=title)


def delete_profile(work: Work, name: str) -> None:
    """Forget a mapping; `name` is its name or its number. Raises NotFound, NotAllowed and InvalidInput."""
    require_role(work, *CONFIGURERS)
    stored = _named(work, name)
    work.audit("delete_profile", "mapping_profile", stored.id, name=stored.name, entity=stored.entity)
    work.session.delete(stored)
    work.session.flush()


def import_profiles(work: Work, profiles: Sequence[Profile]) -> ProfilesBrought:
    """Remember mappings from a file; one for headers that are known here takes the place of theirs."""
    require_role(work, *CONFIGURERS)
    created = 0
    for profile in profiles:
        stored = work.session.scalar(
            select(MappingProfile).where(MappingProfile.fingerprint == profile.fingerprint)
        )
        if stored is None:
            stored = MappingProfile(fingerprint=profile.fingerprint, recorded_at=work.now)
            work.session.add(stored)
            created += 1
        stored.name, stored.entity, stored.mapping = profile.name, profile.entity, profile.to_json()
        stored.used_at = stored.changed_at = work.now
        work.session.flush()
    brought = ProfilesBrought(created, len(profiles) - created)
    work.audit("import_profiles", "mapping_profile", None, created=created, replaced=brought.replaced)
    return brought


def save_profiles(path: Path, profiles: Sequence[Profile]) -> None:
    """Write profiles to a file that `read_profiles`, `--profile` and `profiles --import` understand."""
    from desktop.exporters.saving import save_bytes

    document = {"profiles": [profile.to_json() for profile in profiles]}
    save_bytes(path, (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())


def _named(work: Work, name: str) -> MappingProfile:
    statement = select(MappingProfile).where(MappingProfile.name == name)
    found = list(work.session.scalars(statement.order_by(MappingProfile.id)))
    if not found and name.isdecimal():
        stored = work.session.get(MappingProfile, int(name))
        found = [stored] if stored else []
    if not found:
        raise NotFound(
            "profile_unknown",
            N_("There is no mapping “{name}”."),
            remedy=N_("`plumbline profiles` lists them."),
            name=name,
        )
    if len(found) > 1:
        raise InvalidInput(
            "profile_ambiguous",
            N_("{n} mappings are called “{name}”."),
            remedy=N_("Give its number instead: `plumbline profiles` shows it."),
            n=len(found),
            name=name,
        )
    return found[0]
