"""What is allowed on each table; a table that is missing here keeps the program from being set up."""

from __future__ import annotations

from desktop.store.access.approval_tables import approvals
from desktop.store.access.clockwork import clockwork
from desktop.store.access.coaching import coaching
from desktop.store.access.groups import EVERYONE, KEEPERS, MAKERS, MANAGERS, SCOPED, SELLERS
from desktop.store.access.refusing import refusals
from desktop.store.access.report_tables import RUNNERS, reports
from desktop.store.access.rules import (
    EDITED,
    MYSELF,
    SEEN,
    Grant,
    Policy,
    TableAccess,
    all_of,
    any_of,
    exists,
)
from desktop.store.access.settling import settling
from desktop.store.access.shapes import (
    business,
    by_references,
    columns,
    internal,
    kept,
    readable,
    seen,
    shared,
)
from desktop.terms import GIVER_ROLES, Role

ACCOUNT = {"account_id": "account"}
CONTRACT = {"account_id": "account", "contract_id": "contract"}
UNITS_SEEN = "ANY ((SELECT plumbline.visible_units())::bigint[])"
UNITS_EDITED = "ANY ((SELECT plumbline.editable_units())::bigint[])"
SETTERS = (*MANAGERS, Role.DIRECTOR)
"""Who sets targets for the people and units they lead."""
_ID = frozenset({"id"})
_READ_WHOLE = (Role.SALES_OPS, Role.ADMIN)
REACHED_BY_CALL = frozenset({"caller", "callee", "raw_values"})
PERSON_DETAILS = frozenset({"mobile", "email", "raw_values"})
OWN_CHOICE = frozenset({"unnamed"})
"""What a person alone decides of themselves, by `plumbline.name_in_rankings`."""
REACHED_BY = frozenset({"phone", "mobile", "email", "wechat", "fax", "raw_values"})
"""Ways to reach a customer: figures and audits do without them."""


def _edited_account(name: str) -> str:
    return exists(name, "account_id", "account", f"seen.owner_id = {EDITED}")


def _edited_via(name: str, column: str, table: str) -> str:
    """Return that the record named by `column` is edited: by its owner or its account's."""
    of_account = f"EXISTS (SELECT 1 FROM public.account AS above WHERE above.id = seen.account_id AND above.owner_id = {EDITED})"
    return exists(name, column, table, f"(seen.owner_id = {EDITED} OR {of_account})")


def _unreached(name: str) -> dict[Role, frozenset[str]]:
    withheld = REACHED_BY & frozenset(columns(name))
    return {Role.FINANCE: withheld, Role.AUDITOR: withheld}


def _customers() -> list[TableAccess]:
    return [
        business("account", {}, hidden=_unreached("account")),
        business("contact", ACCOUNT, edited=_edited_account("contact"), hidden=_unreached("contact")),
        business("lead", {}, hidden=_unreached("lead")),
        business("opportunity", ACCOUNT, edited=_edited_account("opportunity")),
        business(
            "stage_event",
            {"opportunity_id": "opportunity"},
            owned=False,
            edited=_edited_via("stage_event", "opportunity_id", "opportunity"),
            verbs=("INSERT",),
        ),
        *(business(name, ACCOUNT, edited=_edited_account(name)) for name in ("activity", "ticket")),
        business("task", ACCOUNT, edited=_edited_account("task"), also=_OWN_KEY),
        business("touchpoint", ACCOUNT, owned=False),
        business("checkin", ACCOUNT, sellers=()),
        business(
            "call_record", {}, sellers=(), hidden=dict.fromkeys((Role.FINANCE, Role.AUDITOR), REACHED_BY_CALL)
        ),
    ]


_OWN_KEY = "dedup_key IS NULL OR split_part(dedup_key, ':', 2) = opportunity_id::text AND " + exists(
    "task", "opportunity_id", "opportunity"
)
"""The key that keeps a task from being planned twice is of a deal that one sees: "taken" tells nothing more."""


def _papers() -> list[TableAccess]:
    return [
        *(
            business(name, ACCOUNT, edited=_edited_account(name))
            for name in ("quote", "contract", "sales_order")
        ),
        business(
            "milestone",
            {"contract_id": "contract"},
            owned=False,
            edited=_edited_via("milestone", "contract_id", "contract"),
        ),
        business(
            "order_line",
            {"order_id": "sales_order"},
            owned=False,
            edited=_edited_via("order_line", "order_id", "sales_order"),
        ),
        *_of_papers(),
        business("invoice", CONTRACT, owned=False, money=True),
        business("payment_plan", CONTRACT, owned=False, money=True),
        business("payment", CONTRACT, sellers=(), money=True),
    ]


def _of_papers() -> list[TableAccess]:
    of_quote = _edited_via("quote_line", "quote_id", "quote")
    line = business("quote_line", {"quote_id": "quote"}, owned=False, edited=of_quote)
    # A quote that is being written loses lines again; its guard holds those of an approved one.
    removing = Policy("remove_scoped", "DELETE", SELLERS, of_quote)
    of_paper = {"quote_id": "quote", "contract_id": "contract"}
    version = seen("paper_version", *by_references("paper_version", of_paper, owned=False))
    return [
        TableAccess(line.name, (*line.policies, removing), (*line.grants, Grant("DELETE", SELLERS))),
        TableAccess("paper_version", tuple(version), tuple(readable("paper_version", {}))),
        _clause_note(),
    ]


def _clause_note() -> TableAccess:
    """Whoever sees a contract notes what is risky in it; the one who did, or who sees everything, settles that."""
    sight = seen("clause_note", *by_references("clause_note", {"contract_id": "contract"}, owned=False))
    oneself = f"settled_by_id IS NULL OR settled_by_id = {MYSELF}"
    own = f"by_id = {MYSELF}"
    made = all_of(
        own, "settled_at IS NULL AND settled_by_id IS NULL", exists("clause_note", "contract_id", "contract")
    )
    settled = ("settled_at", "settled_by_id", "answer", "version", "changed_at")
    return TableAccess(
        "clause_note",
        (
            *sight,
            Policy("add_own", "INSERT", MAKERS, None, made),
            Policy("change_all", "UPDATE", RUNNERS, "true", oneself),
            Policy("change_own", "UPDATE", SCOPED, own, all_of(own, oneself)),
        ),
        (
            *readable("clause_note", {}),
            Grant("INSERT", MAKERS, columns("clause_note", _ID)),
            Grant("UPDATE", MAKERS, settled),
        ),
    )


def _configuration() -> list[TableAccess]:
    names = (
        "campaign", "product", "pipeline", "stage", "threshold", "metric", "custom_field", "org_unit",
        "org_closure", "calendar_event", "mapping_profile",
    )  # fmt: skip
    masked = {role: PERSON_DETAILS for role in EVERYONE if role not in _READ_WHOLE}
    return [
        *(shared(name) for name in names),
        shared("database_setting", writers=(Role.ADMIN,)),
        shared("alembic_version", writers=()),
        shared("person", hidden=masked, untouched=OWN_CHOICE),
    ]


def _keeping() -> list[TableAccess]:
    auditor = {
        "import_lineage": {"before", "after"},
        "record_merge": {"images"},
        "record_alias": {"image"},
    }
    sent = {
        "outbox": {"target", "body", "body_html"},
        "outbox_file": {"content"},
        "schedule_recipient": {"address"},
    }
    names = (
        "import_run",
        "import_lineage",
        "import_evidence",
        "record_merge",
        "record_alias",
        "apart_decision",
    )
    return [
        *(
            internal(name, hidden={Role.AUDITOR: frozenset(auditor[name])} if name in auditor else {})
            for name in names
        ),
        *clockwork(sent),
    ]


_OWNED_KINDS = ("account", "contact", "lead", "opportunity", "quote", "contract", "task")
_ENTITY_TABLES = {
    "order": "sales_order",
    **{name: name for name in (
        "account", "contact", "lead", "opportunity", "activity", "quote", "contract", "invoice", "payment",
        "payment_plan", "order_line", "quote_line", "milestone", "ticket", "touchpoint", "call_record", "checkin", "target",
    )},
}  # fmt: skip
_ENTITIES_OF_ALL = ("org_unit", "user", "campaign", "product", "calendar_event")


def _of_record(name: str, kind: str, tables: dict[str, str], of_all: tuple[str, ...] = ()) -> str:
    """Return that one sees the record which a row names by kind and number."""
    cases = [f"WHEN '{each}' THEN {exists(name, 'record_id', table)}" for each, table in tables.items()]
    cases += [f"WHEN '{each}' THEN true" for each in of_all]
    return f"CASE {kind} {' '.join(cases)} ELSE false END"


def _beside_records() -> list[TableAccess]:
    entity = "(SELECT named.entity FROM public.custom_field AS named WHERE named.id = custom_value.field_id)"
    value = _of_record("custom_value", entity, _ENTITY_TABLES, _ENTITIES_OF_ALL)
    owner = _of_record("ownership", "kind", {kind: kind for kind in _OWNED_KINDS})
    found = []
    for name, condition in (("custom_value", value), ("ownership", owner)):
        policies, grants = kept(name, "INSERT", "UPDATE", "DELETE")
        found.append(
            TableAccess(name, (*seen(name, condition, condition), *policies), (*readable(name, {}), *grants))
        )
    return found


def _targets() -> list[TableAccess]:
    sees = any_of(f"person_id = {SEEN}", f"unit_id = {UNITS_SEEN}")
    sets = any_of(f"person_id = {EDITED}", f"unit_id = {UNITS_EDITED}")
    everything, rights = kept("target", "INSERT", "UPDATE", "DELETE")
    unclaimed = "source_system = '' AND external_id IS NULL AND row_key IS NULL"
    target = TableAccess(
        "target",
        (
            *seen("target", sees, sees),
            *everything,
            Policy("add_scoped", "INSERT", SETTERS, None, all_of(sets, unclaimed)),
            Policy("change_scoped", "UPDATE", SETTERS, sets, sets),
        ),
        (
            *readable("target", {}),
            *rights,
            Grant("INSERT", SETTERS, columns("target", frozenset({"id"}))),
            Grant("UPDATE", SETTERS, ("value", "changed_at", "version")),
        ),
    )
    return [target, _weekly_target()]


def _weekly_target() -> TableAccess:
    rep, manager = by_references("weekly_target", {"target_id": "target"}, owned=False)
    led = exists(
        "weekly_target",
        "target_id",
        "target",
        f"(seen.person_id = {EDITED} OR seen.unit_id = {UNITS_EDITED})",
    )
    oneself = f"accepted_by_id IS NULL OR accepted_by_id = {MYSELF}"
    return TableAccess(
        "weekly_target",
        (
            *seen("weekly_target", rep, manager),
            Policy("add_all", "INSERT", KEEPERS, None, oneself),
            Policy("change_all", "UPDATE", KEEPERS, "true", oneself),
            Policy("remove_all", "DELETE", KEEPERS, "true"),
            Policy("add_scoped", "INSERT", SETTERS, None, all_of(led, oneself)),
            Policy("change_scoped", "UPDATE", SETTERS, led, all_of(led, oneself)),
            # Weeks of a target that was set anew do not add up any more.
            Policy("remove_scoped", "DELETE", SETTERS, led),
        ),
        (
            *readable("weekly_target", {}),
            Grant("INSERT", KEEPERS),
            Grant("UPDATE", KEEPERS, columns("weekly_target", frozenset({"id"}))),
            Grant("DELETE", (*KEEPERS, *SETTERS)),
            Grant("INSERT", SETTERS, columns("weekly_target", frozenset({"id"}))),
            Grant("UPDATE", SETTERS, columns("weekly_target", frozenset({"id", "target_id", "recorded_at"}))),
        ),
    )


def _added(name: str, check: str, sight: list[Policy], roles: tuple[Role, ...]) -> TableAccess:
    """Return a table to which rows are only ever added."""
    return TableAccess(
        name,
        (*sight, Policy("add_own", "INSERT", roles, None, check)),
        (
            *readable(name, {}),
            Grant("INSERT", roles, columns(name, frozenset() if name == "operation" else _ID)),
        ),
    )


def _handovers() -> list[TableAccess]:
    of_handover = {"handover_id": "handover"}
    sees = any_of(f"from_person_id = {SEEN}", f"to_person_id = {SEEN}")
    leads = all_of(f"from_person_id = {EDITED}", f"to_person_id = {EDITED}")
    oneself = f"undone_by_id IS NULL OR undone_by_id = {MYSELF}"
    item = seen("handover_item", *by_references("handover_item", of_handover, owned=False))
    return [
        TableAccess(
            "handover",
            (
                *seen("handover", sees, sees),
                Policy("add_own", "INSERT", GIVER_ROLES, None, all_of(f"by_id = {MYSELF}", leads)),
                Policy("change_led", "UPDATE", GIVER_ROLES, leads, all_of(leads, oneself)),
            ),
            (
                *readable("handover", {}),
                Grant("INSERT", GIVER_ROLES, columns("handover", _ID)),
                Grant("UPDATE", GIVER_ROLES, ("state", "undone_at", "undone_by_id")),
            ),
        ),
        _added("handover_item", _led_handover(), item, GIVER_ROLES),
    ]


def _led_handover() -> str:
    return exists("handover_item", "handover_id", "handover", f"seen.by_id = {MYSELF}")


def _traces() -> list[TableAccess]:
    watchers = (Role.AUDITOR, Role.ADMIN)
    others = tuple(role for role in EVERYONE if role not in watchers)
    own = f"person_id = {MYSELF}"
    sight = [
        Policy("see_all", "SELECT", watchers, "true"),
        Policy("see_own", "SELECT", others, own),
    ]
    return [_added(name, own, sight, EVERYONE) for name in ("audit_entry", "operation")]


def _all() -> dict[str, TableAccess]:
    found = [
        *_customers(),
        refusals(),
        *_papers(),
        *_configuration(),
        *_keeping(),
        *_beside_records(),
        *_targets(),
        *reports(_added),
        *approvals(_added),
        *_handovers(),
        *settling(),
        coaching(),
        *_traces(),
    ]
    return {table.name: table for table in found}


TABLES: dict[str, TableAccess] = _all()
"""Every table with its declaration."""

MOVABLE: tuple[str, ...] = tuple(
    sorted(
        table.name
        for table in TABLES.values()
        if any(
            grant.verb == "UPDATE" and Role.REP in grant.roles and "account_id" in grant.columns
            for grant in table.grants
        )
    )
)
"""Tables whose records a seller may move to another customer."""
