"""Functions that tell a console a little about what it may not read: whether there is news, and who was faster."""

from __future__ import annotations

from desktop.store.access.groups import EVERYONE
from desktop.store.access.rules import Function

_LATEST_CHANGE = """
    SELECT coalesce(max(a.position), 0) FROM public.audit_entry AS a
    WHERE NOT coalesce(a.operation_id, '') = ANY ($1)
"""

_LAST_EDITOR = """
    SELECT p.name::text, a.at FROM public.audit_entry AS a JOIN public.person AS p ON p.id = a.person_id
    WHERE a.subject = $1 AND a.subject_id = $2
        AND a.position > (SELECT coalesce(max(newest.position), 0) FROM public.audit_entry AS newest) - 200000
        AND ($1 IN ('custom_field', 'calendar_event', 'threshold')
            OR $1 = 'target' AND EXISTS (SELECT 1 FROM public.target AS t WHERE t.id = $2
                AND (t.person_id = ANY (plumbline.visible_people()) OR t.unit_id = ANY (plumbline.visible_units())))
            OR $1 = 'report' AND EXISTS (SELECT 1 FROM public.report AS r WHERE r.id = $2
                AND r.made_by_id = ANY (plumbline.visible_people()))
            OR pg_has_role(session_user, 'plumbline_sales_ops', 'MEMBER')
            OR pg_has_role(session_user, 'plumbline_admin', 'MEMBER'))
    ORDER BY a.position DESC LIMIT 1
"""

TELLING: tuple[Function, ...] = (
    # How far the audit trail has got, and no more: whether it is worth reading a page again.
    Function(
        "latest_change", "text[]", "bigint", _LATEST_CHANGE, language="sql", definer=True, callers=EVERYONE
    ),
    # Who was faster than oneself, of records that one sees.
    Function(
        "last_editor",
        "text, bigint",
        "TABLE (editor text, changed timestamptz)",
        _LAST_EDITOR,
        language="sql",
        definer=True,
        callers=EVERYONE,
    ),
)
"""Each says what it is for."""
