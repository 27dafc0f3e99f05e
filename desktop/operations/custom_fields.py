"""Adding, renaming and retiring the fields that a firm has for itself; every change is audited (CUS-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.importers.fields import ENTITIES, fields_of
from desktop.importers.ways import CUSTOM_TYPES
from desktop.models.custom import CustomField
from desktop.operations.mapping_ways import code_for
from desktop.operations.settings import CONFIGURERS
from desktop.store.security import require_role
from desktop.store.stale import current
from desktop.store.workspace import Work


def add_custom_field(
    work: Work,
    entity: str,
    label_zh: str,
    kind: str,
    *,
    label_en: str = "",
    options: Sequence[str] = (),
    required: bool = False,
) -> int:
    """Give an entity a field of its own and return its id; its code is made of its label.

    Raises NotAllowed, and InvalidInput for a label that is empty or taken, or a kind that is none.
    """
    require_role(work, *CONFIGURERS)
    if entity not in ENTITIES or kind not in CUSTOM_TYPES:
        raise InvalidInput(
            "custom_field_kind",
            N_("“{entity}” cannot have a field of the kind “{kind}”."),
            remedy=N_("The kinds are: {kinds}."),
            entity=entity,
            kind=kind,
            kinds=", ".join(CUSTOM_TYPES),
        )
    chinese, english = label_zh.strip() or label_en.strip(), label_en.strip() or label_zh.strip()
    _require_free(work, entity, chinese, english)
    taken = work.session.scalars(select(CustomField.code).where(CustomField.entity == entity)).all()
    last = work.session.scalar(select(func.max(CustomField.position)).where(CustomField.entity == entity))
    field = CustomField(
        entity=entity,
        code=code_for(english, taken),
        label_zh=chinese[:400],
        label_en=english[:400],
        type=kind,
        options=list(dict.fromkeys(one.strip() for one in options if one.strip())),
        required=required,
        active=True,
        position=(last or 0) + 1,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(field)
    work.session.flush()
    work.audit("add_custom_field", "custom_field", field.id, entity=entity, label=chinese, kind=kind)
    return field.id


def rename_custom_field(
    work: Work,
    field_id: int,
    version: int,
    *,
    label_zh: str,
    label_en: str = "",
    options: Sequence[str] = (),
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Change the labels of a field, and what a choice is picked from; its values stay.

    `seen` is what the person started from, for the differences of a lost race. Raises NotAllowed, NotFound, StaleRecord, and InvalidInput for a label that is empty or taken.
    """
    field = _current(work, field_id, version, seen)
    chinese, english = label_zh.strip() or label_en.strip(), label_en.strip() or label_zh.strip()
    _require_free(work, field.entity, chinese, english, but=field_id)
    before = {"label_zh": field.label_zh, "label_en": field.label_en, "options": list(field.options)}
    field.label_zh, field.label_en = chinese[:400], english[:400]
    if field.type == "choice":
        field.options = list(dict.fromkeys(one.strip() for one in options if one.strip()))
    field.changed_at = work.now
    work.session.flush()
    work.audit("rename_custom_field", "custom_field", field_id, before=before, after=chinese)


def retire_custom_field(
    work: Work,
    field_id: int,
    version: int,
    *,
    active: bool = False,
    seen: Mapping[str, Any] | None = None,
) -> None:
    """Retire a field, or take it back into use: a retired one is neither shown nor mapped, and keeps its values.

    Raises NotAllowed, NotFound or StaleRecord.
    """
    field = _current(work, field_id, version, seen)
    field.active = active
    field.changed_at = work.now
    work.session.flush()
    action = "restore_custom_field" if active else "retire_custom_field"
    work.audit(action, "custom_field", field_id, label=field.label_zh)


def _current(work: Work, field_id: int, version: int, seen: Mapping[str, Any] | None) -> CustomField:
    require_role(work, *CONFIGURERS)
    return current(
        work,
        CustomField,
        field_id,
        version,
        seen,
        subject="custom_field",
        fields=("label_zh", "label_en", "options", "active"),
        gone=NotFound("custom_field_unknown", N_("This field does not exist any more.")),
        code="custom_field_changed",
    )


def _require_free(work: Work, entity: str, chinese: str, english: str, but: int | None = None) -> None:
    if not chinese:
        raise InvalidInput("custom_field_label_missing", N_("The field needs a name."))
    own = work.rows(
        select(CustomField.label_zh, CustomField.label_en).where(
            CustomField.entity == entity, CustomField.id != (but or 0)
        )
    )
    taken = {text.casefold() for row in own for text in row}
    taken |= {text.casefold() for item in fields_of(entity) for text in (item.label_en, item.label_zh)}
    for label in (chinese, english):
        if label.casefold() in taken:
            raise InvalidInput(
                "custom_field_label_taken",
                N_("There is a field called “{label}” already."),
                remedy=N_("Use that one, or choose another name."),
                label=label,
            )
