"""New versions of metric definitions: what a figure means changes on record, from a day on (RPT-01)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from desktop.analytics.formula import parse
from desktop.errors import InvalidInput, NotFound
from desktop.i18n import N_
from desktop.models.rules import Metric
from desktop.operations.settings import CONFIGURERS
from desktop.periods import Period
from desktop.queries.metrics.dictionary import MetricDefinition, metric_named
from desktop.queries.metrics.engine import Question, compute
from desktop.store.security import require_role
from desktop.store.workspace import Work
from desktop.terms import Role

LONGEST_NAME = 400


def change_metric(
    work: Work,
    key: str,
    *,
    seen: int,
    note: str,
    label_en: str | None = None,
    label_zh: str | None = None,
    definition_en: str | None = None,
    definition_zh: str | None = None,
    formula: str | None = None,
    owner: str | None = None,
    effective_from: date | None = None,
) -> MetricDefinition:
    """Give a metric its next version, from a day on (today at the earliest); what is None stays as it was.

    `seen` is the version that the person started from, `note` why it changes. Older versions stay: reports name
    theirs, and differences between versions are computed. Raises NotFound, NotAllowed and InvalidInput.
    """
    require_role(work, *CONFIGURERS)
    newest = _newest(work, key)
    if newest.number != seen:
        raise InvalidInput(
            "metric_changed",
            N_("“{key}” has version {number} by now; you started from {seen}."),
            remedy=N_("Look at the newest version, then change that one."),
            key=key,
            number=newest.number,
            seen=seen,
        )
    wanted = {
        "label_en": label_en,
        "label_zh": label_zh,
        "definition_en": definition_en,
        "definition_zh": definition_zh,
        "formula": formula,
        "owner": owner,
    }
    changed = {
        name: value.strip()
        for name, value in wanted.items()
        if value is not None and value.strip() != (getattr(newest, name) or "")
    }
    day = effective_from or work.today
    _check(work, newest, changed, note, day)
    copied = ("key", "label_en", "label_zh", "definition_en", "definition_zh", "unit", "formula", "owner")
    values = {name: changed.get(name, getattr(newest, name)) for name in copied}
    made = Metric(
        **values,
        number=newest.number + 1,
        effective_from=day,
        note=note.strip(),
        changed_by_id=work.actor.person_id,
        recorded_at=work.now,
        changed_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    if "formula" in changed:
        # A formula that cannot be computed must not come into force.
        compute(work, Question((f"{key}@{made.number}",), Period.month_of(work.today)))
    before = {name: getattr(newest, name) for name in changed}
    work.audit(
        "change_metric", "metric", made.id, key=key, number=made.number, before=before, after=changed,
        since=day.isoformat(), note=note.strip(),
    )  # fmt: skip
    return metric_named(work, f"{key}@{made.number}")


def _newest(work: Work, key: str) -> Metric:
    last = select(func.max(Metric.number)).where(Metric.key == key).scalar_subquery()
    found = work.session.scalars(
        select(Metric).where(Metric.key == key, Metric.number == last).with_for_update()
    ).first()
    if found is None:
        raise NotFound(
            "metric_unknown",
            N_("There is no metric “{key}”."),
            remedy=N_("See the metrics there are with: plumbline metrics"),
            key=key,
        )
    return found


def _check(work: Work, newest: Metric, changed: dict[str, str], note: str, day: date) -> None:
    if not changed:
        raise InvalidInput("metric_same", N_("Nothing about “{key}” would change."), key=newest.key)
    if not note.strip():
        raise InvalidInput(
            "metric_note_missing",
            N_("Say why the definition changes."),
            remedy=N_("Everybody who compares reports will read it."),
        )
    if day < max(work.today, newest.effective_from):
        raise InvalidInput(
            "metric_in_past",
            N_("A new version cannot count from {day}."),
            remedy=N_("Choose today or a later day, not before the version it follows."),
            day=day.isoformat(),
        )
    for name, value in changed.items():
        if name.startswith("label") and len(value) > LONGEST_NAME:
            raise InvalidInput("metric_name_long", N_("The name of a metric is too long."))
        if not value:
            raise InvalidInput(
                "metric_blank",
                N_("A metric needs its name and definition in both languages, a formula and an owner."),
            )
    if "owner" in changed and changed["owner"] not in {role.value for role in Role}:
        raise InvalidInput(
            "metric_owner_unknown",
            N_("“{owner}” is no role."),
            remedy=N_("Choose one of: {names}."),
            owner=changed["owner"],
            names=", ".join(role.value for role in Role),
        )
    if "formula" in changed:
        if not newest.formula:
            raise InvalidInput(
                "metric_not_executable",
                N_("“{key}” is computed by its own page and cannot be split freely."),
                remedy=N_("Choose a figure with a formula; see: plumbline metrics"),
                key=newest.key,
            )
        parse(changed["formula"])
