"""What the clock keeps: what it did and sent stays on record, and moves on by its own steps alone (PLT-09, RPT-03).

Nobody removes a run or a message. A run that failed is tried again; a message goes from waiting to sent or not. What was
sent long ago loses its words and bytes, and keeps its name, time and SHA-256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.store.access.groups import KEEPERS, OWNER
from desktop.store.access.rules import MYSELF, Function, Policy, TableAccess, Trigger
from desktop.store.access.shapes import internal, kept, readable
from desktop.terms import DueState, OutboxState, Role

FREELY = ("job_lease", "schedule", "schedule_recipient")
"""What whoever runs the clock changes and removes."""
BEGINS = {
    "rule_run": f"by_id = {MYSELF} AND state = 'failed' AND attempts = 1",
    "outbox": "state = 'waiting' AND attempts = 0 AND sent_at IS NULL",
    "outbox_file": "true",
}
"""As what a row is added."""
LEAST_DAYS = 30
"""Words and bytes that went out are kept at least so many days, whatever the threshold says."""
ERASED = "[erased]"
"""What stands in a text after a person was erased."""

RUN_STEPS = {DueState.FAILED: tuple(DueState)}
MESSAGE_STEPS: Mapping[OutboxState, Sequence[OutboxState]] = {
    OutboxState.WAITING: (OutboxState.WAITING, OutboxState.SENDING, OutboxState.DROPPED),
    OutboxState.SENDING: (OutboxState.SENT, OutboxState.WAITING, OutboxState.FAILED, OutboxState.UNSURE),
    OutboxState.UNSURE: (OutboxState.SENT, OutboxState.WAITING, OutboxState.FAILED, OutboxState.DROPPED),
    OutboxState.FAILED: (OutboxState.SENT, OutboxState.WAITING, OutboxState.DROPPED),
}
CLOSED = (OutboxState.SENT, OutboxState.DROPPED)
"""Nothing becomes of these any more."""


def clockwork(hidden: Mapping[str, set[str]]) -> list[TableAccess]:
    """Return the access to what the clock keeps; `hidden` is what an auditor does not see of a table."""
    masked = {name: {Role.AUDITOR: frozenset(names)} for name, names in hidden.items()}
    made = [internal(name, hidden=masked.get(name)) for name in FREELY]
    for name, begins in BEGINS.items():
        changing, grants = kept(name, "INSERT", "UPDATE")
        policies = [
            Policy("see_all", "SELECT", (*KEEPERS, Role.AUDITOR), "true"),
            *(each for each in changing if each.verb != "INSERT"),
            Policy("add_begun", "INSERT", KEEPERS, None, begins),
        ]
        made.append(TableAccess(name, tuple(policies), (*readable(name, masked.get(name, {})), *grants)))
    return made


def _listed(states: Sequence[DueState | OutboxState]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


def _steps(steps: Mapping[DueState, Sequence[DueState]] | Mapping[OutboxState, Sequence[OutboxState]]) -> str:
    return " OR ".join(
        f"(OLD.state = '{old.value}' AND NEW.state IN ({_listed(new)}))" for old, new in steps.items()
    )


def _where(changing: Sequence[str], allowed: str) -> str:
    """Return the step of a guard that lets some columns change under a condition, if all others stay as they are."""
    listed = ", ".join(f"'{name}'" for name in changing)
    names = f"ARRAY[{listed}]::text[]"
    return f"""
    IF before - {names} = after - {names} AND ({allowed}) THEN
        RETURN NEW;
    END IF;"""


def _guard(*steps: str) -> str:
    """Return a guard's body: one of the steps lets a change through, or it is refused."""
    return f"""
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    IF current_user = '{OWNER}' OR before = after THEN
        RETURN NEW;
    END IF;{"".join(steps)}
    IF pg_has_role(session_user, 'plumbline_admin', 'MEMBER') AND plumbline.only_erased(before, after) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = format('what stands in %s stays as it is', TG_TABLE_NAME);
END
"""


_ONLY_ERASED = f"""
    SELECT NOT EXISTS (SELECT 1 FROM jsonb_each($2) AS said
        WHERE said.value IS DISTINCT FROM ($1 -> said.key)
        AND NOT (jsonb_typeof(said.value) IN ('string', 'object', 'array') AND said.key <> 'state'
            AND position('{ERASED}' IN said.value::text) > 0))
"""
_ON_RECORD = "NEW.attempts >= OLD.attempts"
_GUARD_RUN = _guard(
    _where(
        ("state", "acted_at", "attempts", "retry_at", "problem", "result", "by_id"),
        f"({_steps(RUN_STEPS)}) AND {_ON_RECORD} AND NEW.by_id = plumbline.me()",
    )
)
_GUARD_MESSAGE = _guard(
    _where(
        ("state", "attempts", "token", "retry_at", "sent_at", "problem"),
        f"({_steps(MESSAGE_STEPS)}) AND {_ON_RECORD}",
    ),
    _where(
        ("body", "body_html"),
        f"NEW.body = '' AND NEW.body_html IS NULL AND OLD.state IN ({_listed(CLOSED)})"
        f" AND OLD.queued_at < now() - interval '{LEAST_DAYS} days'",
    ),
)
_GUARD_FILE = _guard(
    _where(
        ("content",),
        f"NEW.content = '' AND OLD.made_at < now() - interval '{LEAST_DAYS} days' AND NOT EXISTS (SELECT 1"
        f" FROM public.outbox AS o WHERE o.file_id = OLD.id AND o.state NOT IN ({_listed(CLOSED)}))",
    )
)

CLOCK_FUNCTIONS = (
    Function("only_erased", "jsonb, jsonb", "boolean", _ONLY_ERASED, language="sql", callers=KEEPERS),
    Function("guard_run", "", "trigger", _GUARD_RUN, volatility="VOLATILE"),
    Function("guard_message", "", "trigger", _GUARD_MESSAGE, volatility="VOLATILE"),
    Function("guard_sent_file", "", "trigger", _GUARD_FILE, volatility="VOLATILE"),
)
CLOCK_GUARDS = (
    Trigger("rule_run", "guard_run", "UPDATE"),
    Trigger("outbox", "guard_message", "UPDATE"),
    Trigger("outbox_file", "guard_sent_file", "UPDATE"),
)
