"""Signatures of approvals: the only way in which a request moves on, whoever asks and with whatever program (security 37, 52).

Requests and signatures are changed by these functions alone; nobody has a right of their own to change them.
Each takes the request's lock first, so that of two people who sign at once the second finds it decided.
"""

from __future__ import annotations

from desktop.store.access.groups import EVERYONE, MAKERS, OWNER
from desktop.store.access.rules import Function
from desktop.terms import Role

LAST_RESORT = "role:admin"
"""Who signs where nobody but the requester could, and nobody else whom the level goes on to."""

_FLOW_IN_FORCE = """
    SELECT f.id FROM public.approval_flow AS f WHERE f.kind = $1 AND f.activated_at IS NOT NULL
    ORDER BY f.id DESC LIMIT 1
"""

_MET = """
DECLARE
    said text := facts ->> (condition ->> 'fact');
    bound numeric := (condition ->> 'value')::numeric;
BEGIN
    IF condition ->> 'threshold' IS NOT NULL THEN
        SELECT (t.value ->> 'value')::numeric * CASE t.unit WHEN 'CNY' THEN 100 WHEN 'fraction' THEN 10000 ELSE 1 END
            INTO bound
            FROM public.threshold AS t WHERE t.key = condition ->> 'threshold' AND t.effective_from <= on_day
            ORDER BY t.effective_from DESC, t.id DESC LIMIT 1;
    END IF;
    IF said IN ('true', 'false') THEN
        said := CASE said WHEN 'true' THEN '1' ELSE '0' END;
    END IF;
    IF bound IS NULL OR said IS NULL OR said !~ '^-?[0-9]{1,18}$' THEN
        RETURN true;
    END IF;
    RETURN CASE condition ->> 'comparison' WHEN '>' THEN said::numeric > bound WHEN '>=' THEN said::numeric >= bound
        WHEN '<' THEN said::numeric < bound WHEN '<=' THEN said::numeric <= bound
        WHEN '=' THEN said::numeric = bound ELSE true END;
END
"""

_LEVEL_MET = """
    SELECT NOT EXISTS (
        SELECT 1 FROM json_array_elements(l.conditions) AS each(condition)
        WHERE NOT plumbline.condition_met(each.condition, facts, on_day))
"""

_LEVELS = """
    SELECT coalesce(json_agg(l.number ORDER BY l.number), '[]') FROM public.approval_level AS l
    WHERE l.flow_id = flow AND plumbline.level_met(l, facts, on_day)
"""

_GUARD_APPROVAL = f"""
BEGIN
    IF current_user = '{OWNER}' THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'waiting' OR NEW.decided_by_id IS NOT NULL OR NEW.decided_at IS NOT NULL
            OR NEW.reason IS NOT NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a request begins waiting';
    END IF;
    IF NEW.flow_id IS DISTINCT FROM plumbline.flow_in_force(NEW.kind) OR NEW.flow_id IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a request goes through the flow that is in force';
    END IF;
    IF NEW.levels::text::jsonb IS DISTINCT FROM
            plumbline.levels_of(NEW.flow_id, NEW.facts, plumbline.today())::text::jsonb
            OR json_array_length(NEW.levels) = 0 THEN
        RAISE insufficient_privilege USING MESSAGE = 'a request goes through every level that applies';
    END IF;
    IF json_typeof(NEW.facts) IS DISTINCT FROM 'object' OR json_typeof(NEW.payload) IS DISTINCT FROM 'object' THEN
        RAISE insufficient_privilege USING MESSAGE = 'a request says what it is about';
    END IF;
    -- Read as whoever asks: nobody asks, and is told facts, about a record that they do not see.
    IF NEW.report_id IS DISTINCT FROM (CASE NEW.kind WHEN 'report' THEN NEW.subject_id END)
            OR NOT (CASE NEW.kind
                WHEN 'report' THEN EXISTS (SELECT 1 FROM public.report AS s WHERE s.id = NEW.subject_id)
                WHEN 'quote' THEN EXISTS (SELECT 1 FROM public.quote AS s WHERE s.id = NEW.subject_id)
                WHEN 'discount' THEN EXISTS (SELECT 1 FROM public.quote AS s WHERE s.id = NEW.subject_id)
                WHEN 'contract_change' THEN EXISTS (SELECT 1 FROM public.contract AS s WHERE s.id = NEW.subject_id)
                WHEN 'stage_override' THEN EXISTS (SELECT 1 FROM public.opportunity AS s WHERE s.id = NEW.subject_id)
                WHEN 'target_adjustment' THEN EXISTS (SELECT 1 FROM public.target AS s WHERE s.id = NEW.subject_id)
                WHEN 'handover' THEN coalesce(NEW.subject_id = ANY (plumbline.visible_people()), false)
                ELSE true END) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a request is about a record that one sees';
    END IF;
    -- Whatever the clock of the console says.
    NEW.requested_at := plumbline.moment();
    NEW.recorded_at := NEW.requested_at;
    NEW.changed_at := NEW.requested_at;
    RETURN NEW;
END
"""

_LEADS = """
    SELECT EXISTS (
        SELECT 1 FROM public.person AS leader JOIN public.org_closure AS c ON c.ancestor_id = leader.unit_id
        JOIN public.person AS led ON led.unit_id = c.descendant_id WHERE leader.id = $1 AND led.id = $2
    ) OR EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT p.manager_id FROM public.person AS p WHERE p.id = $2
            UNION
            SELECT p.manager_id FROM public.person AS p JOIN above ON p.id = above.id
        )
        SELECT 1 FROM above WHERE above.id = $1
    )
"""

_HOLDS = """
    SELECT coalesce((
        SELECT CASE split_part(slot, ':', 1)
            WHEN 'person' THEN split_part(slot, ':', 2) = p.id::text
            WHEN 'duty' THEN EXISTS (SELECT 1 FROM public.approval_duty AS d
                    WHERE d.duty = split_part(slot, ':', 2) AND d.person_id = p.id)
                OR p.role = 'director' AND NOT EXISTS (SELECT 1 FROM public.approval_duty AS d
                    JOIN public.person AS h ON h.id = d.person_id AND h.can_sign_in AND h.status <> 'left'
                    WHERE d.duty = split_part(slot, ':', 2))
            WHEN 'role' THEN p.role = split_part(slot, ':', 2)
                AND (p.role NOT IN ('city_manager', 'regional_manager') OR plumbline.leads(p.id, requester))
        END
        FROM public.person AS p WHERE p.id = holder AND p.role <> 'auditor' AND p.status <> 'left'
    ), false)
"""

_STANDS_FOR = """
    SELECT holder = signer OR EXISTS (
        SELECT 1 FROM public.deputy AS d WHERE d.person_id = holder AND d.deputy_id = signer
            AND plumbline.today() BETWEEN d.starts_on AND d.ends_on
    )
"""

_MY_REQUESTS = """
    SELECT coalesce(array_agg(DISTINCT t.request_id), '{}') FROM public.approval_task AS t
    JOIN public.approval_request AS r ON r.id = t.request_id
    WHERE t.decided_by_id = plumbline.me() OR t.on_behalf_of_id = plumbline.me() OR t.state = 'waiting' AND EXISTS (
        SELECT 1 FROM (
            SELECT plumbline.me() AS id
            UNION SELECT d.person_id FROM public.deputy AS d
                WHERE d.deputy_id = plumbline.me() AND plumbline.today() BETWEEN d.starts_on AND d.ends_on
        ) AS holder
        WHERE plumbline.holds_slot(t.slot, holder.id, r.requested_by_id)
            OR plumbline.holds_slot(t.escalated_to, holder.id, r.requested_by_id)
    )
"""

_LEVEL_DONE = """
    SELECT EXISTS (
        SELECT 1 FROM public.approval_task AS t WHERE t.request_id = $1 AND t.number = $2
            AND t.state = 'approved' AND t.added_by_id IS NULL
    ) AND NOT EXISTS (
        SELECT 1 FROM public.approval_task AS t WHERE t.request_id = $1 AND t.number = $2
            AND t.state <> 'approved' AND t.added_by_id IS NOT NULL
    ) AND NOT EXISTS (
        SELECT 1 FROM public.approval_request AS r
        JOIN public.approval_level AS l ON l.flow_id = r.flow_id AND l.number = $2 AND l.mode <> 'any'
        CROSS JOIN LATERAL json_array_elements_text(l.approvers) AS wanted(slot)
        WHERE r.id = $1 AND NOT EXISTS (
            SELECT 1 FROM public.approval_task AS t WHERE t.request_id = $1 AND t.number = $2
                AND t.slot = wanted.slot AND t.state = 'approved')
    )
"""

_CURRENT_LEVEL = """
    SELECT min(n.number::int) FROM public.approval_request AS r
    CROSS JOIN LATERAL json_array_elements_text(r.levels) AS n(number)
    WHERE r.id = $1 AND NOT plumbline.level_done(r.id, n.number::int)
"""

_HOLD_REQUEST = """
BEGIN
    IF plumbline.me() IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody signs who is not known';
    END IF;
    PERFORM 1 FROM public.approval_request AS r WHERE r.id = $1 FOR UPDATE;
END
"""

_OPEN_LEVEL = """
DECLARE
    asked public.approval_request%ROWTYPE;
    level int;
BEGIN
    PERFORM plumbline.hold_request(request);
    SELECT r.* INTO asked FROM public.approval_request AS r WHERE r.id = request AND r.state = 'waiting';
    level := plumbline.current_level(request);
    INSERT INTO public.approval_task
            (request_id, number, slot, state, opened_at, due_at, version, recorded_at, changed_at)
        SELECT request, level, wanted.slot, 'waiting', plumbline.moment(), wanted.due, 1, plumbline.moment(),
            plumbline.moment()
        FROM (
            SELECT DISTINCT each.slot, plumbline.due_of(l) AS due FROM public.approval_level AS l
            CROSS JOIN LATERAL json_array_elements_text(l.approvers) AS each(slot)
            WHERE l.flow_id = asked.flow_id AND l.number = level
        ) AS wanted
        WHERE NOT EXISTS (SELECT 1 FROM public.approval_task AS t WHERE t.request_id = request
            AND t.number = level AND t.slot = wanted.slot);
END
"""

_REQUIRE_TURN = """
DECLARE
    actor bigint := plumbline.me();
    holder bigint := coalesce(behalf, actor);
    asked public.approval_request%ROWTYPE;
    level public.approval_level%ROWTYPE;
BEGIN
    SELECT r.* INTO asked FROM public.approval_request AS r WHERE r.id = t.request_id;
    IF asked.state <> 'waiting' OR t.state <> 'waiting' THEN
        RAISE EXCEPTION 'decided in the meantime' USING ERRCODE = 'PL012';
    END IF;
    IF actor IS NULL OR asked.requested_by_id IN (actor, holder) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody decides what they asked for';
    END IF;
    IF NOT plumbline.stands_for(holder, actor) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody signs for who did not name them as deputy';
    END IF;
    IF NOT (plumbline.holds_slot(t.slot, holder, asked.requested_by_id)
            OR plumbline.holds_slot(t.escalated_to, holder, asked.requested_by_id)) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this signature is asked of somebody else';
    END IF;
    -- The record of a person says what they are; the login says what they may do.
    IF NOT EXISTS (SELECT 1 FROM public.person AS p WHERE p.id = actor
            AND pg_has_role(session_user, 'plumbline_' || p.role, 'MEMBER')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this login is not of that role';
    END IF;
    IF t.number IS DISTINCT FROM plumbline.current_level(asked.id) THEN
        RAISE insufficient_privilege USING MESSAGE = 'an earlier level comes first';
    END IF;
    SELECT l.* INTO level FROM public.approval_level AS l WHERE l.flow_id = asked.flow_id AND l.number = t.number;
    IF level.mode = 'sequence' AND t.added_by_id IS NULL AND EXISTS (
        SELECT 1 FROM json_array_elements_text(level.approvers) WITH ORDINALITY AS before(slot, place)
        WHERE before.place < (SELECT own.place FROM json_array_elements_text(level.approvers) WITH ORDINALITY
                AS own(slot, place) WHERE own.slot = t.slot LIMIT 1)
            AND NOT EXISTS (SELECT 1 FROM public.approval_task AS s WHERE s.request_id = asked.id
                AND s.number = t.number AND s.slot = before.slot AND s.state = 'approved')
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'an earlier signature comes first';
    END IF;
END
"""

_SIGN = """
DECLARE
    actor bigint := plumbline.me();
    t public.approval_task%ROWTYPE;
    asked public.approval_request%ROWTYPE;
    left_over int;
BEGIN
    PERFORM plumbline.hold_request((SELECT o.request_id FROM public.approval_task AS o WHERE o.id = task));
    SELECT o.* INTO t FROM public.approval_task AS o WHERE o.id = task FOR UPDATE;
    IF t.id IS NULL OR decision NOT IN ('approved', 'rejected', 'returned') THEN
        RAISE insufficient_privilege USING MESSAGE = 'there is no such signature';
    END IF;
    PERFORM plumbline.require_turn(t, behalf);
    IF decision <> 'approved' AND coalesce(btrim(why), '') = '' THEN
        RAISE insufficient_privilege USING MESSAGE = 'who does not approve says why';
    END IF;
    UPDATE public.approval_task AS o SET state = decision, decided_by_id = actor, on_behalf_of_id = behalf,
        decided_at = plumbline.moment(), reason = why, version = o.version + 1, changed_at = plumbline.moment() WHERE o.id = task;
    IF decision = 'approved' THEN
        left_over := plumbline.current_level(t.request_id);
        IF left_over IS NOT DISTINCT FROM t.number THEN
            RETURN 'waiting';
        END IF;
        UPDATE public.approval_task AS o SET state = 'skipped', version = o.version + 1, changed_at = plumbline.moment()
            WHERE o.request_id = t.request_id AND o.number = t.number AND o.state = 'waiting';
        IF left_over IS NOT NULL THEN
            RETURN 'waiting';
        END IF;
    ELSE
        UPDATE public.approval_task AS o SET state = 'skipped', version = o.version + 1, changed_at = plumbline.moment()
            WHERE o.request_id = t.request_id AND o.state = 'waiting';
    END IF;
    UPDATE public.approval_request AS r SET state = decision, decided_by_id = actor, decided_at = plumbline.moment(), reason = why,
        version = r.version + 1, changed_at = plumbline.moment() WHERE r.id = t.request_id RETURNING r.* INTO asked;
    IF decision = 'approved' THEN
        PERFORM plumbline.carry_out(asked, operation);
    END IF;
    RETURN decision;
END
"""

_ADD_SIGNER = """
DECLARE
    actor bigint := plumbline.me();
    t public.approval_task%ROWTYPE;
BEGIN
    PERFORM plumbline.hold_request((SELECT o.request_id FROM public.approval_task AS o WHERE o.id = task));
    SELECT o.* INTO t FROM public.approval_task AS o WHERE o.id = task;
    IF t.id IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'there is no such signature';
    END IF;
    PERFORM plumbline.require_turn(t, behalf);
    IF signer = actor OR EXISTS (SELECT 1 FROM public.approval_request AS r
            WHERE r.id = t.request_id AND r.requested_by_id = signer)
            OR NOT EXISTS (SELECT 1 FROM public.person AS p WHERE p.id = signer AND p.can_sign_in
                AND p.status <> 'left' AND p.role <> 'auditor') THEN
        RAISE insufficient_privilege USING MESSAGE = 'this person cannot be asked to sign as well';
    END IF;
    INSERT INTO public.approval_task (request_id, number, slot, state, opened_at, due_at, added_by_id, reason,
            version, recorded_at, changed_at)
        SELECT t.request_id, t.number, 'person:' || signer, 'waiting', plumbline.moment(), plumbline.due_of(l), actor,
            why, 1, plumbline.moment(), plumbline.moment()
        FROM public.approval_request AS r JOIN public.approval_level AS l ON l.flow_id = r.flow_id
        WHERE r.id = t.request_id AND l.number = t.number;
END
"""

_WITHDRAW = """
BEGIN
    PERFORM plumbline.hold_request(request);
    IF EXISTS (SELECT 1 FROM public.approval_request AS r WHERE r.id = request AND r.state <> 'waiting') THEN
        RAISE EXCEPTION 'decided in the meantime' USING ERRCODE = 'PL012';
    END IF;
    UPDATE public.approval_request AS r SET state = 'withdrawn', decided_at = plumbline.moment(), reason = why,
        version = r.version + 1, changed_at = plumbline.moment() WHERE r.id = request AND r.requested_by_id = plumbline.me();
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'the requester alone takes a request back';
    END IF;
    UPDATE public.approval_task AS o SET state = 'skipped', version = o.version + 1, changed_at = plumbline.moment()
        WHERE o.request_id = request AND o.state = 'waiting';
END
"""

_OTHERS_SIGN = """
    SELECT EXISTS (SELECT 1 FROM public.person AS p WHERE p.id <> requester AND p.can_sign_in
        AND plumbline.holds_slot(slot, p.id, requester))
"""

_ESCALATE = f"""
DECLARE
    reached int;
BEGIN
    UPDATE public.approval_task AS t SET escalated_at = plumbline.moment(), version = t.version + 1, changed_at = plumbline.moment(),
            escalated_to = CASE WHEN plumbline.others_sign(l.escalate_to, r.requested_by_id) THEN l.escalate_to
                ELSE '{LAST_RESORT}' END
        FROM public.approval_request AS r JOIN public.approval_level AS l ON l.flow_id = r.flow_id
        WHERE t.id = task AND r.id = t.request_id AND l.number = t.number AND r.state = 'waiting'
            AND t.state = 'waiting' AND t.escalated_at IS NULL
            AND (l.escalate_to IS NOT NULL AND t.due_at < plumbline.moment()
                OR NOT plumbline.others_sign(t.slot, r.requested_by_id));
    GET DIAGNOSTICS reached = ROW_COUNT;
    RETURN reached > 0;
END
"""


def _definer(
    name: str, arguments: str, returns: str, body: str, callers: tuple[Role, ...] = MAKERS
) -> Function:
    return Function(name, arguments, returns, body, volatility="VOLATILE", definer=True, callers=callers)


APPROVING: tuple[Function, ...] = (
    Function("flow_in_force", "text", "bigint", _FLOW_IN_FORCE, language="sql", callers=EVERYONE),
    Function("condition_met", "condition json, facts json, on_day date", "boolean", _MET, callers=EVERYONE),
    Function(
        "level_met",
        "l public.approval_level, facts json, on_day date",
        "boolean",
        _LEVEL_MET,
        language="sql",
        callers=EVERYONE,
    ),
    Function(
        "levels_of", "flow bigint, facts json, on_day date", "json", _LEVELS, language="sql", callers=EVERYONE
    ),
    Function("leads", "bigint, bigint", "boolean", _LEADS, language="sql"),
    Function("holds_slot", "slot text, holder bigint, requester bigint", "boolean", _HOLDS, language="sql"),
    Function("others_sign", "slot text, requester bigint", "boolean", _OTHERS_SIGN, language="sql"),
    Function("stands_for", "holder bigint, signer bigint", "boolean", _STANDS_FOR, language="sql"),
    Function("my_requests", "", "bigint[]", _MY_REQUESTS, language="sql", definer=True, callers=EVERYONE),
    Function("level_done", "bigint, int", "boolean", _LEVEL_DONE, language="sql", volatility="VOLATILE"),
    Function("current_level", "bigint", "int", _CURRENT_LEVEL, language="sql", volatility="VOLATILE"),
    _definer("hold_request", "bigint", "void", _HOLD_REQUEST),
    _definer("open_level", "request bigint", "void", _OPEN_LEVEL),
    Function(
        "require_turn", "t public.approval_task, behalf bigint", "void", _REQUIRE_TURN, volatility="VOLATILE"
    ),
    _definer("sign", "task bigint, decision text, behalf bigint, why text, operation text", "text", _SIGN),
    _definer(
        "add_signer",
        "task bigint, behalf bigint, signer bigint, why text",
        "void",
        _ADD_SIGNER,
    ),
    _definer("withdraw", "request bigint, why text", "void", _WITHDRAW),
    _definer("escalate", "task bigint", "boolean", _ESCALATE),
    Function("guard_approval", "", "trigger", _GUARD_APPROVAL, volatility="VOLATILE"),
)
"""The functions, in the order in which they are made."""
