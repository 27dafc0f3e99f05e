"""Sorts of tables and columns that the rules speak of."""

from __future__ import annotations

from desktop.models import Base
from tests.security.organisation import Row

EVERYBODY_READS = {
    "campaign",
    "product",
    "pipeline",
    "stage",
    "threshold",
    "metric",
    "custom_field",
    "org_unit",
    "org_closure",
    "calendar_event",
    "mapping_profile",
    "database_setting",
    "person",
    "approval_flow",
    "approval_level",
    "approval_duty",
    "deputy",
    "seal_key",
}
WITH_ACCOUNT = {
    "contact",
    "opportunity",
    "quote",
    "contract",
    "invoice",
    "payment",
    "payment_plan",
    "sales_order",
    "activity",
    "task",
    "ticket",
    "touchpoint",
    "checkin",
}
"""Seen by who sees the owner or the account."""
REFUSAL_MONTHS = 3
"""For how long a refusal blocks, where no threshold says otherwise."""
QUOTE_DAYS = 7
"""How long a quote holds, where no threshold says otherwise."""
BY_OWNER = {"account", "lead", "call_record"}
PARENTS = {
    "stage_event": ("opportunity", "opportunity_id"),
    "milestone": ("contract", "contract_id"),
    "order_line": ("sales_order", "order_id"),
    "quote_line": ("quote", "quote_id"),
    "clause_note": ("contract", "contract_id"),
    "weekly_target": ("target", "target_id"),
    "snapshot": ("report", "report_id"),
    "report_file": ("report", "report_id"),
    "handover_item": ("handover", "handover_id"),
    "settlement": ("contract", "contract_id"),
    "approval_task": ("approval_request", "request_id"),
}
"""Seen by who sees the record they belong to."""
IMPORTING = {
    "import_run",
    "import_lineage",
    "import_evidence",
    "record_merge",
    "record_alias",
    "apart_decision",
    "job_lease",
    "rule_run",
    "schedule",
    "schedule_recipient",
    "outbox",
    "outbox_file",
}
"""The work of whoever runs the database, and what their clock sends: the auditor looks at it, others do not."""
BUSINESS = WITH_ACCOUNT | BY_OWNER | {"stage_event", "milestone", "order_line", "quote_line"}
MANAGERS = {"city_manager", "regional_manager"}
SELLING = {"rep", "director", *MANAGERS}
RUNNING = {"sales_ops", "admin"}
SETTING_TARGETS = {"director", *MANAGERS}
SETTLING = {"finance", *RUNNING}
"""Who writes what finance says of contracts, and keeps its workbooks."""
FINANCE_FILES = {"settlement_sheet", "settlement_return", "fill_template"}
GIVING = {*SETTING_TARGETS, *RUNNING}
"""Who gives records of the people they lead to others of them."""
CONTACT_DETAILS = {"phone", "mobile", "email", "wechat", "fax", "caller", "callee", "raw_values"}
MASKED_FOR = {"finance", "auditor"}
PERSONAL = {"mobile", "email", "raw_values"}
IMAGES = {
    "import_lineage": {"before", "after"},
    "record_merge": {"images"},
    "record_alias": {"image"},
    "outbox": {"target", "body", "body_html"},
    "outbox_file": {"content"},
    "schedule_recipient": {"address"},
}
"""Copies of whole records, contact details among them; what goes out, and to which address."""


COLUMNS = {name: list(table.columns.keys()) for name, table in Base.metadata.tables.items()}
MONEY = {"invoice", "payment", "payment_plan"}
EDITED_BY_SELLERS = {
    "account",
    "contact",
    "lead",
    "opportunity",
    "activity",
    "ticket",
    "task",
    "quote",
    "contract",
    "sales_order",
    "milestone",
    "order_line",
    "quote_line",
}
ADDED_BY_SELLERS = EDITED_BY_SELLERS | {"stage_event"}
NEVER_EDITED = {
    "id",
    "source_system",
    "external_id",
    "row_key",
    "raw_values",
    "recorded_at",
    "owner_id",
    "created_by_id",
    "dedup_key",
}
"""Keys that could be tried against hidden rows, and what assignment and handover alone change."""
STAMPS = ("submitted_by_id", "submitted_at", "approved_by_id", "approved_at")
DECIDED = {
    "report": {*STAMPS, "state", "reject_reason", "version", "changed_at"},
}
"""What a step changes; which steps there are is a matter of guards (`test_decisions.py`)."""
KEPT_BY_RUNNING = (
    BUSINESS
    | IMPORTING
    | (EVERYBODY_READS - {"database_setting", "approval_flow", "approval_level", "deputy", "seal_key"})
    | {"custom_value", "ownership", "target", "weekly_target"}
)
OWN_CHOICE = {"person": {"unnamed"}}
"""What a person alone says of themselves, through a function."""
RUN_STATES = {"failed", "done", "missed"}
"""What becomes of a run of the clock that failed; one that is done or was missed stays so."""
LETTER_STEPS = {
    "waiting": {"waiting", "sending", "dropped"},
    "sending": {"sent", "waiting", "failed", "unsure"},
    "unsure": {"sent", "waiting", "failed", "dropped"},
    "failed": {"sent", "waiting", "dropped"},
}
"""What becomes of a message; one that was sent or dropped stays so."""
ON_RECORD = {"rule_run", "outbox", "outbox_file"}
"""What the clock did and sent: nobody removes it, nobody rewrites it (`clock_steps.py`)."""


def unclaimed(row: Row) -> bool:
    """Whether a row carries no key of a source: "taken" would tell of rows that are hidden."""
    return not (row.get("source_system") or row.get("external_id") or row.get("row_key"))
