"""Giving records to another owner: what crosses scopes on purpose, for whoever leads both people (HND-03).

The caller must edit everything, or lead the giver and the receiver; each record must still be the giver's.
A customer that refused is given to nobody before its time, except in a handover: duty moves. What moved is told
by lines of ownership that the function writes itself.
"""

from __future__ import annotations

from desktop.store.access.refusing import REFUSED
from desktop.store.access.rules import Function
from desktop.terms import GIVER_ROLES, DealStatus, OwnedKind, TaskState

HELD_WHILE = {
    OwnedKind.OPPORTUNITY: ("status", DealStatus.OPEN.value),
    OwnedKind.TASK: ("state", TaskState.OPEN.value),
}
"""What a handover moves of these kinds: a column, and what stands in it; of the others everything."""

_MAY_MOVE = """
DECLARE
    edited bigint[] := plumbline.editable_people();
BEGIN
    IF plumbline.me() IS NULL OR giver IS NULL AND NOT plumbline.edits_everything()
            OR NOT coalesce(giver = ANY (edited), true) OR NOT coalesce(receiver = ANY (edited), false) THEN
        RAISE insufficient_privilege USING MESSAGE = 'records move between people whom one leads';
    END IF;
END
"""

_EDITS_EVERYTHING = """
    SELECT pg_has_role(session_user, 'plumbline_director', 'MEMBER')
        OR pg_has_role(session_user, 'plumbline_sales_ops', 'MEMBER')
        OR pg_has_role(session_user, 'plumbline_admin', 'MEMBER')
"""

_HOLD_PERSON = """
BEGIN
    IF NOT coalesce($1 = ANY (plumbline.editable_people()), false) THEN
        RAISE insufficient_privilege USING MESSAGE = 'records move between people whom one leads';
    END IF;
    PERFORM 1 FROM public.person WHERE id = $1 FOR UPDATE;
END
"""

_IS_DUTY = """
    SELECT EXISTS (
        SELECT 1 FROM public.handover AS h
        WHERE h.operation_id = $5 AND h.from_person_id = $3 AND h.to_person_id = $4
            OR h.from_person_id = $4 AND h.to_person_id = $3 AND EXISTS (
                SELECT 1 FROM public.handover_item AS i
                WHERE i.handover_id = h.id AND i.kind = $1 AND i.record_id = $2))
"""
"""Whether a record goes along in a handover that is on record, or back by it: duty moves, refused or not."""

_KINDS = ", ".join(f"'{kind.value}'" for kind in OwnedKind)

_ASSIGN = f"""
BEGIN
    PERFORM plumbline.may_move(giver, receiver);
    IF kind NOT IN ({_KINDS}) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'nothing of this kind has an owner';
    END IF;
    IF EXISTS (SELECT 1 FROM plumbline.blocked_records(kind, ids) AS b WHERE NOT plumbline.is_duty(
            kind, b.record_id, giver, receiver, operation)) THEN
        RAISE EXCEPTION 'the customer refused, and nobody is given it yet' USING ERRCODE = '{REFUSED}';
    END IF;
    RETURN plumbline.give(kind, ids, giver, receiver, since, reason, operation);
END
"""

_GIVE = """
DECLARE
    moved bigint;
BEGIN
    EXECUTE format(
        'WITH given AS (UPDATE public.%I AS record SET owner_id = $2, version = record.version + 1, changed_at = now()'
        '  WHERE record.id = ANY ($1) AND record.owner_id IS NOT DISTINCT FROM $3 RETURNING record.id)'
        ' INSERT INTO public.ownership (kind, record_id, from_person_id, to_person_id, since, reason, operation_id)'
        ' SELECT $4, given.id, $3, $2, $5, $6, $7 FROM given', kind)
        USING ids, receiver, giver, kind, since, reason, operation;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END
"""

_GIVEN = "kind text, ids bigint[], giver bigint, receiver bigint, since date, reason text, operation text"

MOVING = (
    Function("edits_everything", "", "boolean", _EDITS_EVERYTHING, language="sql"),
    Function("may_move", "giver bigint, receiver bigint", "void", _MAY_MOVE),
    Function("is_duty", "text, bigint, bigint, bigint, text", "boolean", _IS_DUTY, language="sql"),
    Function(
        "hold_person",
        "bigint",
        "void",
        _HOLD_PERSON,
        volatility="VOLATILE",
        definer=True,
        callers=GIVER_ROLES,
    ),
    Function("give", _GIVEN, "bigint", _GIVE, volatility="VOLATILE"),
    Function(
        "assign",
        _GIVEN,
        "bigint",
        _ASSIGN,
        volatility="VOLATILE",
        definer=True,
        callers=GIVER_ROLES,
    ),
)
"""The functions, in the order in which they are made."""
