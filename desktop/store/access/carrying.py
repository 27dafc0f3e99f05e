"""What an approval does, done by the signature that completes it: targets, stages and handovers (security 37, 38).

Who signs last need not be somebody who may change the record: legal, finance, a deputy. So `plumbline.sign` carries
it out as the owner, in the same statement: nothing is approved that was not done, and nothing is done twice.
"""

from __future__ import annotations

from desktop.store.access.groups import MAKERS
from desktop.store.access.moving import HELD_WHILE
from desktop.store.access.papers import CHANGED
from desktop.store.access.rules import Function
from desktop.terms import OwnedKind

CARRIED = ("target_adjustment", "stage_override", "handover")
"""The kinds that the signature itself carries out; papers have `settle_paper`, reports their own guards."""

_KINDS = ", ".join(f"'{kind.value}'" for kind in OwnedKind)


def _held_of(kind: OwnedKind) -> str:
    column, value = HELD_WHILE.get(kind, ("", ""))
    still = f" AND h.{column} = '{value}'" if column else ""
    return f"SELECT h.id FROM public.{kind.value} AS h WHERE $1 = '{kind.value}' AND h.owner_id = $2{still}"


_HELD = f"""
    SELECT coalesce(array_agg(held.id ORDER BY held.id), '{{}}') FROM (
        {" UNION ALL ".join(_held_of(kind) for kind in OwnedKind)}
    ) AS held
"""

_FACTS_NOW = f"""
    SELECT coalesce(CASE
        WHEN r.kind IN ('quote', 'discount', 'contract_change') THEN plumbline.paper_facts(r)
        ELSE CASE r.kind
        WHEN 'target_adjustment' THEN (
            SELECT jsonb_build_object('target', t.value, 'amount', wanted.value, 'change',
                CASE t.value WHEN 0 THEN 10000 ELSE floor((wanted.value - t.value) * 10000::numeric / t.value) END)
            FROM public.target AS t, (SELECT (r.payload ->> 'value')::bigint AS value) AS wanted
            WHERE t.id = r.subject_id)
        WHEN 'stage_override' THEN (
            SELECT jsonb_build_object('stage', coalesce(o.stage_id, 0), 'amount', coalesce(o.amount, 0))
            FROM public.opportunity AS o WHERE o.id = r.subject_id)
        WHEN 'handover' THEN (
            SELECT jsonb_object_agg(kind, cardinality(plumbline.held(kind, r.subject_id)))
            FROM unnest(ARRAY[{_KINDS}]) AS kind)
        END END, '{{}}')
    FROM public.approval_request AS r
    WHERE r.id = $1 AND (r.requested_by_id = plumbline.me() OR r.id = ANY (plumbline.my_requests()))
"""

_CARRY_TARGET = f"""
BEGIN
    IF (asked.payload ->> 'value')::bigint < 0 THEN
        RAISE EXCEPTION 'no target is less than nothing' USING ERRCODE = '{CHANGED}';
    END IF;
    UPDATE public.target AS t SET value = (asked.payload ->> 'value')::bigint, version = t.version + 1,
        changed_at = plumbline.moment() WHERE t.id = asked.subject_id;
    -- Weeks that were accepted for another value do not add up any more.
    DELETE FROM public.weekly_target AS w WHERE w.target_id = asked.subject_id;
END
"""

_CARRY_STAGE = f"""
DECLARE
    after public.stage%ROWTYPE;
    before bigint;
BEGIN
    SELECT o.stage_id INTO before FROM public.opportunity AS o WHERE o.id = asked.subject_id;
    SELECT s.* INTO after FROM public.stage AS s JOIN public.opportunity AS o ON o.pipeline_id = s.pipeline_id
        WHERE o.id = asked.subject_id AND s.id = (asked.payload ->> 'stage_id')::bigint;
    IF after.id IS NULL THEN
        RAISE EXCEPTION 'no stage of the deal''s pipeline' USING ERRCODE = '{CHANGED}';
    END IF;
    UPDATE public.opportunity AS o SET stage_id = after.id, stage_changed_at = plumbline.moment(),
        status = CASE WHEN after.kind IN ('won', 'lost') THEN after.kind ELSE 'open' END,
        closed_on = CASE WHEN after.kind IN ('won', 'lost') THEN plumbline.today() END,
        version = o.version + 1, changed_at = plumbline.moment() WHERE o.id = asked.subject_id;
    INSERT INTO public.stage_event (opportunity_id, stage_id, from_stage_id, entered_on, entered_at, person_id, inferred)
        VALUES (asked.subject_id, after.id, before, plumbline.today(), plumbline.moment(), plumbline.me(), false);
END
"""

_CARRY_HANDOVER = f"""
DECLARE
    receiver bigint := (asked.payload ->> 'receiver')::bigint;
    made bigint;
    kind text;
    ids bigint[];
BEGIN
    IF receiver = asked.subject_id OR NOT EXISTS (
            SELECT 1 FROM public.person AS p WHERE p.id = receiver AND p.status = 'active') THEN
        RAISE EXCEPTION 'who takes over has left' USING ERRCODE = '{CHANGED}';
    END IF;
    INSERT INTO public.handover (from_person_id, to_person_id, state, at, by_id, operation_id)
        VALUES (asked.subject_id, receiver, 'applied', plumbline.moment(), plumbline.me(), operation) RETURNING id INTO made;
    FOREACH kind IN ARRAY ARRAY[{_KINDS}] LOOP
        ids := plumbline.held(kind, asked.subject_id);
        PERFORM plumbline.give(kind, ids, asked.subject_id, receiver, plumbline.today(), 'handover', operation);
        INSERT INTO public.handover_item (handover_id, kind, record_id) SELECT made, kind, one FROM unnest(ids) AS one;
    END LOOP;
END
"""

_CARRY_OUT = f"""
BEGIN
    -- Held, so that nobody edits what is being approved.
    CASE asked.kind
        WHEN 'target_adjustment' THEN PERFORM 1 FROM public.target AS t WHERE t.id = asked.subject_id FOR UPDATE;
        WHEN 'stage_override' THEN PERFORM 1 FROM public.opportunity AS o WHERE o.id = asked.subject_id FOR UPDATE;
        WHEN 'handover' THEN PERFORM 1 FROM public.person AS p WHERE p.id = asked.subject_id FOR UPDATE;
        ELSE RETURN;
    END CASE;
    IF NOT FOUND OR NOT coalesce(plumbline.facts_now(asked.id) = asked.facts::jsonb, false) THEN
        RAISE EXCEPTION 'changed since it was asked for' USING ERRCODE = '{CHANGED}';
    END IF;
    CASE asked.kind
        WHEN 'target_adjustment' THEN PERFORM plumbline.carry_target(asked);
        WHEN 'stage_override' THEN PERFORM plumbline.carry_stage(asked);
        WHEN 'handover' THEN PERFORM plumbline.carry_handover(asked, operation);
    END CASE;
END
"""

_ASKED = "asked public.approval_request"

CARRYING = (
    Function("held", "text, bigint", "bigint[]", _HELD, language="sql", volatility="VOLATILE"),
    Function(
        "facts_now",
        "bigint",
        "jsonb",
        _FACTS_NOW,
        language="sql",
        volatility="VOLATILE",
        definer=True,
        callers=MAKERS,
    ),
    Function("carry_target", _ASKED, "void", _CARRY_TARGET, volatility="VOLATILE"),
    Function("carry_stage", _ASKED, "void", _CARRY_STAGE, volatility="VOLATILE"),
    Function("carry_handover", f"{_ASKED}, operation text", "void", _CARRY_HANDOVER, volatility="VOLATILE"),
    Function("carry_out", f"{_ASKED}, operation text", "void", _CARRY_OUT, volatility="VOLATILE"),
)
"""The functions, in the order in which they are made."""
