"""Using a remembered mapping on a table, and remembering a table's mapping under a name (IMP-01)."""

from __future__ import annotations

from dataclasses import replace

from desktop.errors import InvalidInput
from desktop.i18n import N_
from desktop.importers.tables import Profile, TableMapping
from desktop.operations.migration import Source
from desktop.operations.profiles import import_profiles
from desktop.store.workspace import Work


def with_profile(source: Source, table: int, profile: Profile) -> Source:
    """Return the source with a table mapped as a profile says; columns it does not know keep their suggestion."""
    from desktop.importers.mapping import suggest_as
    from desktop.importers.vocabulary import normal

    own = suggest_as(source.mappings[table].table, profile.entity)
    told = {normal(header): name for header, name in profile.columns.items()}
    taken = set(told.values())
    columns = []
    for column in own.columns:
        if (key := normal(column.header)) in told:
            name = told[key]
            sure = 1.0 if name else 0.0
            columns.append(replace(column, field=name, confidence=sure, reason="profile" if name else ""))
        elif column.field in taken:
            columns.append(replace(column, field=None, confidence=0.0, reason=""))
        else:
            columns.append(column)
    mapping = replace(own, columns=tuple(columns), profile=profile.name, **profile.ways())
    return source.with_mappings(
        mapping if index == table else one for index, one in enumerate(source.mappings)
    )


def keep_profile(work: Work, mapping: TableMapping, name: str) -> Profile:
    """Remember a table's mapping under a name, for everybody; one for the same headers is replaced.

    Raises InvalidInput without a name or for a table of no known kind, NotAllowed.
    """
    if not name.strip() or mapping.entity is None:
        raise InvalidInput(
            "profile_nameless",
            N_("A mapping is kept under a name, and only once it is clear what the rows are."),
            remedy=N_("Type a name, and say what the rows of this table are."),
        )
    profile = Profile.of(mapping, name.strip())
    import_profiles(work, [profile])
    return profile
