"""Functions of the database: who is asking, whose records are theirs, and the guards of rows.

Every function finds out by itself who is asking, from the login of the session, which nobody can set.
"""

from __future__ import annotations

from desktop.store.access.approving import APPROVING
from desktop.store.access.asking import ASKING
from desktop.store.access.carrying import CARRYING
from desktop.store.access.clockwork import CLOCK_FUNCTIONS, CLOCK_GUARDS
from desktop.store.access.due_times import DUE_TIMES
from desktop.store.access.groups import EVERYONE, OWNER
from desktop.store.access.moving import MOVING
from desktop.store.access.papers import PAPER_GUARDS, PAPERS
from desktop.store.access.refusing import REFUSED_GUARDS, REFUSING
from desktop.store.access.rules import Function, Trigger
from desktop.store.access.tables import MOVABLE
from desktop.store.access.telling import TELLING
from desktop.store.access.watching import WATCHING
from desktop.terms import APPROVER_ROLES, ReportState, Role

VIEW_AS = "plumbline.view_as"
"""The setting by which an administrator looks at the database as somebody else, in a read-only transaction."""

_ME = f"""
DECLARE
    wanted text := current_setting('{VIEW_AS}', true);
    found bigint;
BEGIN
    IF wanted <> '' AND current_setting('transaction_read_only') = 'on'
            AND pg_has_role(session_user, 'plumbline_admin', 'MEMBER') THEN
        SELECT p.id INTO found FROM public.person AS p WHERE p.id = wanted::bigint;
    ELSE
        -- session_user brings a collation of its own, with which the index on logins is not used.
        SELECT p.id INTO found FROM public.person AS p WHERE p.login = session_user::text COLLATE "default"
            AND p.can_sign_in AND p.status <> 'left';
    END IF;
    RETURN found;
END
"""

_PEOPLE = """
DECLARE
    asking public.person%ROWTYPE;
    top bigint;
    found bigint[];
BEGIN
    SELECT p.* INTO asking FROM public.person AS p WHERE p.id = plumbline.me();
    IF asking.id IS NULL THEN
        RETURN '{}';
    END IF;
    IF asking.role IN ({everybody}) THEN
        SELECT array_agg(p.id) INTO found FROM public.person AS p;
    ELSIF asking.role IN ('city_manager', 'regional_manager') THEN
        top := {top};
        WITH RECURSIVE reporting(id) AS (
            SELECT asking.id
            UNION
            SELECT p.id FROM public.person AS p JOIN reporting ON p.manager_id = reporting.id
        )
        SELECT array_agg(led.id) INTO found FROM (
            SELECT id FROM reporting
            UNION
            SELECT p.id FROM public.person AS p JOIN public.org_closure AS c ON c.descendant_id = p.unit_id
            WHERE c.ancestor_id = top
        ) AS led;
    ELSIF asking.role = 'rep' THEN
        found := ARRAY[asking.id];
    END IF;
    RETURN coalesce(found, '{}');
END
"""

_UNITS = """
DECLARE
    asking public.person%ROWTYPE;
    top bigint;
    found bigint[];
BEGIN
    SELECT p.* INTO asking FROM public.person AS p WHERE p.id = plumbline.me();
    IF asking.role IN ({everybody}) THEN
        SELECT array_agg(u.id) INTO found FROM public.org_unit AS u;
    ELSIF asking.role IN ('city_manager', 'regional_manager') THEN
        top := {top};
        SELECT array_agg(c.descendant_id) INTO found FROM public.org_closure AS c WHERE c.ancestor_id = top;
    END IF;
    RETURN coalesce(found, '{}');
END
"""

_SEE_EVERYTHING = "'director', 'sales_ops', 'finance', 'auditor', 'admin'"
_EDIT_EVERYTHING = "'director', 'sales_ops', 'admin'"
_REGION = "CASE asking.role WHEN 'regional_manager' THEN plumbline.region_of(asking.unit_id) ELSE asking.unit_id END"

_REGION_OF = """
    SELECT coalesce((
        SELECT c.ancestor_id FROM public.org_closure AS c JOIN public.org_unit AS u ON u.id = c.ancestor_id
        WHERE c.descendant_id = $1 AND u.level = 'region' ORDER BY c.depth LIMIT 1), $1)
"""


def _filled(body: str, everybody: str, top: str) -> str:
    return body.replace("{everybody}", everybody).replace("{top}", top)


_GUARD_PERSON = f"""
BEGIN
    IF current_user = '{OWNER}' OR pg_has_role(session_user, 'plumbline_admin', 'MEMBER') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.can_sign_in THEN
            RAISE insufficient_privilege USING MESSAGE = 'only an administrator removes who may sign in';
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.role <> 'rep' OR NEW.can_sign_in THEN
            RAISE insufficient_privilege USING MESSAGE = 'only an administrator lets people in';
        END IF;
    ELSIF NEW.role <> OLD.role OR NEW.can_sign_in <> OLD.can_sign_in
            OR (OLD.can_sign_in AND NEW.login IS DISTINCT FROM OLD.login) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an administrator changes who may sign in, and as what';
    END IF;
    RETURN NEW;
END
"""

_GUARD_REPORT = f"""
DECLARE
    actor bigint := plumbline.me();
BEGIN
    IF current_user = '{OWNER}' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.submitted_by_id IS NOT NULL OR NEW.submitted_at IS NOT NULL
                OR NEW.approved_by_id IS NOT NULL OR NEW.approved_at IS NOT NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'a report begins as a draft';
        END IF;
        RETURN NEW;
    END IF;
    IF actor IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody signs who is not known';
    END IF;
    PERFORM plumbline.require_step('report', OLD.state, NEW.state);
    IF NEW.state = OLD.state AND (NEW.submitted_by_id IS DISTINCT FROM OLD.submitted_by_id
            OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at
            OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id
            OR NEW.approved_at IS DISTINCT FROM OLD.approved_at
            OR NEW.reject_reason IS DISTINCT FROM OLD.reject_reason) THEN
        RAISE insufficient_privilege USING MESSAGE = 'who decided, when and why is written with the step alone';
    END IF;
    IF OLD.state = 'draft' AND NEW.state = 'submitted' THEN
        IF NEW.submitted_by_id IS DISTINCT FROM actor OR NEW.submitted_at IS NULL
                OR NEW.approved_by_id IS NOT NULL OR NEW.approved_at IS NOT NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'a report is submitted as oneself';
        END IF;
        NEW.submitted_at := plumbline.moment();
    ELSIF OLD.state = 'submitted' AND NEW.state IN ('approved', 'rejected') THEN
        IF OLD.submitted_by_id = actor OR NEW.submitted_by_id IS DISTINCT FROM OLD.submitted_by_id
                OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at THEN
            RAISE insufficient_privilege USING MESSAGE = 'a second person decides';
        END IF;
        -- By the request of this submission, about the figures that stand there now.
        IF NOT EXISTS (SELECT 1 FROM public.approval_request AS r WHERE r.report_id = NEW.id AND r.kind = 'report'
                AND r.requested_by_id = OLD.submitted_by_id AND r.requested_at >= OLD.submitted_at
                AND r.facts::jsonb <@ (SELECT jsonb_build_object('hash', s.hash, 'rows', s.row_count)
                    FROM public.snapshot AS s WHERE s.report_id = NEW.id ORDER BY s.number DESC LIMIT 1)
                AND r.decided_by_id = actor AND (r.state = NEW.state OR NEW.state = 'rejected' AND r.state = 'returned')) THEN
            RAISE insufficient_privilege USING MESSAGE = 'a report is decided with its request';
        END IF;
        IF NEW.state = 'approved' AND (NEW.approved_by_id IS DISTINCT FROM actor OR NEW.approved_at IS NULL)
                OR NEW.state = 'rejected' AND (NEW.approved_by_id IS NOT NULL OR NEW.approved_at IS NOT NULL
                    OR coalesce(NEW.reject_reason, '') = '') THEN
            RAISE insufficient_privilege USING MESSAGE = 'a report is decided as oneself';
        END IF;
        NEW.approved_at := CASE WHEN NEW.state = 'approved' THEN plumbline.moment() END;
    ELSIF OLD.state = 'submitted' AND NEW.state = 'draft' THEN
        IF OLD.submitted_by_id IS DISTINCT FROM actor OR NEW.submitted_by_id IS NOT NULL
                OR NEW.submitted_at IS NOT NULL OR NEW.approved_by_id IS NOT NULL OR NEW.approved_at IS NOT NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'the submitter alone takes a report back';
        END IF;
    ELSIF NEW.state <> OLD.state AND (NEW.submitted_by_id IS DISTINCT FROM OLD.submitted_by_id
            OR NEW.submitted_at IS DISTINCT FROM OLD.submitted_at
            OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id
            OR NEW.approved_at IS DISTINCT FROM OLD.approved_at) THEN
        RAISE insufficient_privilege USING MESSAGE = 'who decided stays written';
    END IF;
    RETURN NEW;
END
"""

_REQUIRE_STEP = """
BEGIN
    IF $2 = $3 THEN
        RETURN;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM plumbline.transition AS t
        WHERE t.subject = $1 AND t.old = $2 AND t.new = $3
            AND EXISTS (SELECT 1 FROM unnest(t.roles) AS r(name) WHERE pg_has_role(session_user, r.name, 'USAGE'))
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = format('%s: not from %s to %s', $1, $2, $3);
    END IF;
END
"""

_GUARD_SNAPSHOT = f"""
BEGIN
    IF current_user = '{OWNER}' THEN
        RETURN NEW;
    END IF;
    -- Locked, so that nobody submits the report while figures are added that nobody looked at.
    PERFORM 1 FROM public.report AS r WHERE r.id = NEW.report_id AND r.state = 'draft' FOR SHARE;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'figures are added to a draft alone';
    END IF;
    RETURN NEW;
END
"""

_GUARD_KEPT = """
BEGIN
    RAISE insufficient_privilege USING MESSAGE = format('what was added to %s stays as it is', TG_TABLE_NAME);
END
"""

_GUARD_CUSTOMER = """
BEGIN
    -- Read as whoever writes: a record goes with a customer that they see, or stays with the one it has.
    IF NEW.account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.account AS a WHERE a.id = NEW.account_id) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a record goes with a customer that one sees';
    END IF;
    RETURN NEW;
END
"""

_GUARD_SETTING = f"""
BEGIN
    IF NEW.key = 'pinned_now' AND current_user <> '{OWNER}' THEN
        RAISE insufficient_privilege USING MESSAGE = 'the time of a team database is the server''s';
    END IF;
    RETURN NEW;
END
"""

_NAME_IN_RANKINGS = """
BEGIN
    UPDATE public.person SET unnamed = NOT $1, version = version + 1, changed_at = now() WHERE id = plumbline.me();
END
"""

FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        Function("me", "", "bigint", _ME, definer=True, callers=EVERYONE),
        Function("region_of", "bigint", "bigint", _REGION_OF, language="sql"),
        *(
            Function(name, "", "bigint[]", _filled(body, everybody, top), definer=True, callers=EVERYONE)
            for name, body, everybody, top in (
                ("visible_people", _PEOPLE, _SEE_EVERYTHING, _REGION),
                ("editable_people", _PEOPLE, _EDIT_EVERYTHING, "asking.unit_id"),
                ("visible_units", _UNITS, _SEE_EVERYTHING, _REGION),
                ("editable_units", _UNITS, _EDIT_EVERYTHING, "asking.unit_id"),
            )
        ),
        *DUE_TIMES,
        *MOVING,
        *TELLING,
        *ASKING,
        *APPROVING,
        *REFUSING,
        *PAPERS,
        *CARRYING,
        *WATCHING,
        *CLOCK_FUNCTIONS,
        Function("require_step", "text, text, text", "void", _REQUIRE_STEP, callers=EVERYONE),
        Function(
            "name_in_rankings",
            "boolean",
            "void",
            _NAME_IN_RANKINGS,
            volatility="VOLATILE",
            definer=True,
            callers=EVERYONE,
        ),
        Function("guard_person", "", "trigger", _GUARD_PERSON, volatility="VOLATILE"),
        Function("guard_report", "", "trigger", _GUARD_REPORT, volatility="VOLATILE"),
        Function("guard_snapshot", "", "trigger", _GUARD_SNAPSHOT, volatility="VOLATILE"),
        Function("guard_kept", "", "trigger", _GUARD_KEPT, volatility="VOLATILE"),
        Function("guard_customer", "", "trigger", _GUARD_CUSTOMER, volatility="VOLATILE"),
        Function("guard_setting", "", "trigger", _GUARD_SETTING, volatility="VOLATILE"),
    )
}
"""Every function of ours, in the order in which they are made."""

TRIGGERS: tuple[Trigger, ...] = (
    Trigger("person", "guard_person", "INSERT OR UPDATE OR DELETE"),
    Trigger("report", "guard_report", "INSERT OR UPDATE"),
    Trigger("approval_request", "guard_approval", "INSERT"),
    Trigger("snapshot", "guard_snapshot", "INSERT"),
    *PAPER_GUARDS,
    *REFUSED_GUARDS,
    *CLOCK_GUARDS,
    *(
        Trigger(table, "guard_kept", "UPDATE OR DELETE")
        for table in ("snapshot", "report_file", "seal_key", "operation")
    ),
    *(
        Trigger(table, "guard_customer", "UPDATE", "NEW.account_id IS DISTINCT FROM OLD.account_id")
        for table in MOVABLE
    ),
    Trigger("database_setting", "guard_setting", "INSERT OR UPDATE"),
)
"""The guards: what must hold of a row whoever writes it."""

_NOT_AUDITOR = tuple(role for role in Role if role is not Role.AUDITOR)

TRANSITIONS: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("report", ReportState.DRAFT, ReportState.SUBMITTED, _NOT_AUDITOR),
    ("report", ReportState.SUBMITTED, ReportState.DRAFT, _NOT_AUDITOR),
    ("report", ReportState.SUBMITTED, ReportState.APPROVED, APPROVER_ROLES),
    ("report", ReportState.SUBMITTED, ReportState.REJECTED, APPROVER_ROLES),
    ("report", ReportState.REJECTED, ReportState.DRAFT, _NOT_AUDITOR),
    ("report", ReportState.APPROVED, ReportState.EXPORTED, _NOT_AUDITOR),
)
"""(subject, from, to, who may): the only steps that a report can take; those of approvals are functions (`approving`)."""
