"""What the database already has for fields that take their values from a list (IMP-10, value maps)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from desktop.importers.fields import field
from desktop.importers.value_maps import MOST_VALUES, PICK_LISTS
from desktop.importers.ways import CUSTOM_PREFIX
from desktop.models.leads import Campaign
from desktop.models.opportunities import Pipeline, Stage
from desktop.models.orders import Product
from desktop.models.people import OrgUnit, Person
from desktop.store.loading.specs import SPECS
from desktop.store.workspace import Work


def known_values(work: Work, fields: Iterable[str]) -> dict[str, list[str]]:
    """Return, per field of the given ones that has a list behind it, the values and names stored there."""
    found: dict[str, list[str]] = {}
    told: dict[str, list[str]] = {}
    for name in dict.fromkeys(fields):
        entity, _, short = name.partition(".")
        if short.startswith(CUSTOM_PREFIX):
            continue
        if name in PICK_LISTS and short in SPECS[entity].table.c:
            column = SPECS[entity].table.c[short]
            statement = (
                select(column).where(column.is_not(None)).distinct().order_by(column).limit(MOST_VALUES)
            )
            found[name] = [str(row[0]) for row in work.rows(statement)]
        elif field(name).type == "ref" and short in _NAMED:
            if short not in told:
                told[short] = [text for row in work.rows(_NAMED[short]) for text in row if text]
            found[name] = told[short]
    return found


_PEOPLE = select(Person.name).order_by(Person.name)
_UNITS = select(OrgUnit.name).order_by(OrgUnit.name)
_NAMED: dict[str, Any] = {
    "owner": _PEOPLE,
    "created_by": _PEOPLE,
    "manager": _PEOPLE,
    "org_unit": _UNITS,
    "parent": _UNITS,
    "stage": select(Stage.name_zh, Stage.name).order_by(Stage.pipeline_id, Stage.position),
    "pipeline": select(Pipeline.name_zh, Pipeline.name).order_by(Pipeline.id),
    "product": select(Product.name).order_by(Product.name),
    "campaign": select(Campaign.name).order_by(Campaign.name),
}
