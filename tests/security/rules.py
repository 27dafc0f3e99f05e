"""Who may see and change what, in plain Python: the sentences of docs/architecture.md once more, without SQL.

Nothing here looks at the program's own declarations: two descriptions that are made apart agree by being
right, or a test says where they differ.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

from desktop.clock import business_date
from desktop.periods import months_later
from tests.security.flow_rules import flow_of, goes_through_all, is_draft
from tests.security.organisation import SEE_ALL, Firm, Row, Someone
from tests.security.rule_tables import (
    ADDED_BY_SELLERS,
    BY_OWNER,
    COLUMNS,
    CONTACT_DETAILS,
    DECIDED,
    EDITED_BY_SELLERS,
    EVERYBODY_READS,
    FINANCE_FILES,
    GIVING,
    IMAGES,
    IMPORTING,
    KEPT_BY_RUNNING,
    MANAGERS,
    MASKED_FOR,
    MONEY,
    NEVER_EDITED,
    ON_RECORD,
    OWN_CHOICE,
    PARENTS,
    PERSONAL,
    QUOTE_DAYS,
    REFUSAL_MONTHS,
    RUNNING,
    SELLING,
    SETTING_TARGETS,
    SETTLING,
    STAMPS,
    WITH_ACCOUNT,
    unclaimed,
)


class Rules:
    """What everybody of one firm may do."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.visible = cache(self._visible)
        self.editable = cache(self._editable)

    # Whose records

    def _visible(self, one: Someone) -> set[int]:
        if not self.is_known(one):
            return set()
        if one.job in SEE_ALL:
            return set(self.firm.people)
        seen = self._editable(one)
        if one.job == "regional_manager" and (region := self.firm.region_of(one.unit_id)) is not None:
            seen = seen | self.firm.members(self.firm.subtree(region))
        return seen

    def _editable(self, one: Someone) -> set[int]:
        if not self.is_known(one):
            return set()
        if one.job in {"director", *RUNNING}:
            return set(self.firm.people)
        if one.job == "rep":
            return {one.id}
        if one.job in MANAGERS:
            units = self.firm.subtree(one.unit_id)
            return {one.id} | self.firm.members(units) | self.firm.reports_of(one.id)
        return set()

    def units(self, one: Someone, top: int | None) -> set[int]:
        """Return the units in `top` for a manager, all for who leads everybody."""
        if one.job in {"director", *RUNNING}:
            return set(self.firm.table("org_unit"))
        return self.firm.subtree(top) if one.job in MANAGERS else set()

    def region_first(self, one: Someone) -> int | None:
        """Return the unit in which somebody looks around: a regional manager in the whole region."""
        region = self.firm.region_of(one.unit_id) if one.job == "regional_manager" else None
        return one.unit_id if region is None else region

    # Seeing

    def columns(self, one: Someone, table: str) -> set[str]:
        """Return the columns of a table that somebody may read."""
        names = set(COLUMNS[table])
        if one.job in MASKED_FOR and table in ("account", "contact", "lead", "call_record"):
            names -= CONTACT_DETAILS
        if table == "person" and one.job not in RUNNING:
            names -= PERSONAL
        if one.job == "auditor":
            names -= IMAGES.get(table, set())
        return names

    def sees(self, one: Someone, table: str, row: Row) -> bool:
        """Whether somebody sees a row."""
        if table in EVERYBODY_READS:
            return True
        if table in IMPORTING:
            return one.job in {*RUNNING, "auditor"}
        if table in ("audit_entry", "operation"):
            return one.job in {"auditor", "admin"} or (self.is_known(one) and row["person_id"] == one.id)
        if table == "saved_view":
            return bool(row["shared"]) or (self.is_known(one) and row["owner_id"] == one.id)
        if table in FINANCE_FILES:
            return one.job in SEE_ALL
        if table == "coaching_note" and one.job in SEE_ALL:
            return one.job in {"director", *RUNNING}
        if one.job in SEE_ALL:
            return True
        return self.is_known(one) and self._in_scope(one, table, row)

    def is_known(self, one: Someone) -> bool:
        """Whether the database knows somebody as a person who may sign in."""
        return self.firm.is_open(one.id)

    def _in_scope(self, one: Someone, table: str, row: Row) -> bool:
        seen = self.visible(one)
        if table in BY_OWNER:
            return row["owner_id"] in seen
        if table in WITH_ACCOUNT:
            return (
                row.get("owner_id") in seen
                or self._sees_record(one, "account", row["account_id"])
                or (table in MONEY and self._sees_record(one, "contract", row["contract_id"]))
            )
        if table in PARENTS:
            parent, column = PARENTS[table]
            return self._sees_record(one, parent, row[column])
        if table == "paper_version":
            papers = (("quote", row["quote_id"]), ("contract", row["contract_id"]))
            return any(self._sees_record(one, paper, number) for paper, number in papers)
        if table == "refusal":
            return self._refuses_one_seen(one, row)
        if table == "coaching_note":
            return row["person_id"] in self.editable(one)
        if table == "target":
            return row["person_id"] in seen or row["unit_id"] in self.units(one, self.region_first(one))
        if table == "report":
            return row["made_by_id"] in seen
        if table == "approval_request":
            signed = (
                one.id in (task["decided_by_id"], task["on_behalf_of_id"])
                for task in self.firm.table("approval_task").values()
                if task["request_id"] == row.get("id")
            )
            return row["requested_by_id"] in seen or any(signed)
        if table == "handover":
            return row["from_person_id"] in seen or row["to_person_id"] in seen
        if table in ("custom_value", "ownership"):
            return self._sees_record(one, self._kind(table, row), row["record_id"])
        raise AssertionError(f"no rule says who sees {table}")

    def _sees_record(self, one: Someone, table: str, record_id: int | None) -> bool:
        record = self.firm.get(table, record_id)
        return record is not None and self.sees(one, table, record)

    def _kind(self, table: str, row: Row) -> str:
        if table == "ownership":
            return str(row["kind"])
        return str(self.firm.table("custom_field")[row["field_id"]]["entity"])

    # Changing

    def writable(self, one: Someone, table: str) -> set[str]:
        """Return the columns that somebody may change in some row."""
        if one.job in RUNNING and table in KEPT_BY_RUNNING:
            return set(COLUMNS[table]) - {"id"} - OWN_CHOICE.get(table, set())
        if one.job == "admin" and table == "database_setting":
            return set(COLUMNS[table])
        sells = one.job in SELLING and table in EDITED_BY_SELLERS
        if sells or (one.job == "finance" and table in MONEY):
            return set(COLUMNS[table]) - NEVER_EDITED
        if one.job in SETTING_TARGETS and table == "target":
            return {"value", "version", "changed_at"}
        if one.job in SETTING_TARGETS and table == "weekly_target":
            return set(COLUMNS[table]) - {"id", "target_id", "recorded_at"}
        if one.job in SETTLING and table == "settlement":
            return set(COLUMNS[table]) - {"id", "contract_id", "recorded_at"}
        if one.job in GIVING and table == "handover":
            return {"state", "undone_at", "undone_by_id"}
        if one.job in RUNNING and table == "coaching_note":
            return {"account_id", "opportunity_id", "note"}
        if one.job in RUNNING and table in ("approval_flow", "refusal"):
            return set(COLUMNS[table]) - {"id"}
        if one.job != "auditor" and table == "deputy":
            return {"ends_on", "version", "changed_at"}
        if one.job != "auditor" and table == "saved_view":
            return set(COLUMNS[table]) - {"id", "owner_id", "recorded_at"}
        if one.job != "auditor" and table == "clause_note":
            return {"settled_at", "settled_by_id", "answer", "version", "changed_at"}
        if one.job != "auditor" and table in DECIDED:
            return DECIDED[table] & set(COLUMNS[table])
        return set()

    def may_change(self, one: Someone, table: str, row: Row) -> bool:
        """Whether somebody may change a row, in the columns that are writable for them."""
        if not self.writable(one, table) or not self.sees(one, table, row):
            return False
        if table == "handover":
            return self._leads_both(one, row)
        if table == "approval_flow":
            return row["activated_at"] is None
        if table == "deputy" and one.job not in RUNNING:
            return self.is_known(one) and row["person_id"] == one.id
        if table == "saved_view":
            return self.is_known(one) and row["owner_id"] == one.id
        if table == "clause_note":
            return row["by_id"] == one.id or one.job in SEE_ALL
        if one.job in RUNNING or (one.job == "finance" and table in (*MONEY, *DECIDED, "settlement")):
            return True
        if table in DECIDED:
            return one.job == "director" or row["made_by_id"] in self.editable(one)
        return self._edits(one, table, row)

    def _edits(self, one: Someone, table: str, row: Row) -> bool:
        """Whether a seller edits a row: by its owner, its account's, or those of what it belongs to."""
        edited = self.editable(one)
        if table == "target":
            return row["person_id"] in edited or row["unit_id"] in self.units(one, one.unit_id)
        if table in PARENTS:
            parent_table, column = PARENTS[table]
            parent = self.firm.get(parent_table, row[column])
            return parent is not None and self._edits(one, parent_table, parent)
        if row.get("owner_id") in edited:
            return True
        account = self.firm.get("account", row.get("account_id")) if table in WITH_ACCOUNT else None
        return account is not None and account["owner_id"] in edited

    def may_move(self, one: Someone, table: str, row: Row, account_id: int | None) -> bool:
        """Whether somebody may put a row that they may change under another customer: one that they see."""
        frozen = table in ("quote", "contract") and self._frozen(row["id"], f"{table}_id")
        if frozen and account_id != row["account_id"] and one.job not in RUNNING:
            return False
        moved = row | {"account_id": account_id}
        stays = account_id == row["account_id"] or self._sees_record(one, "account", account_id)
        return (account_id is None or stays) and self.may_change(one, table, moved)

    def may_remove(self, one: Someone, table: str, row: Row) -> bool:
        """Whether somebody may delete a row."""
        if table in ON_RECORD or (table == "quote_line" and self._frozen(row["quote_id"])):
            return False
        if one.job == "sales_ops" and table == "person":
            return not row["can_sign_in"]
        if one.job in RUNNING and table in (*KEPT_BY_RUNNING, "settlement", "refusal", "coaching_note"):
            return True
        if one.job in RUNNING and table in ("approval_flow", "approval_level"):
            return is_draft(row if table == "approval_flow" else flow_of(self.firm, row))
        if one.job == "admin" and table == "database_setting":
            return True
        if table == "saved_view":
            return one.job != "auditor" and self.is_known(one) and row["owner_id"] == one.id
        if table == "quote_line":
            return one.job in SELLING and self._edits(one, table, row)
        return table == "weekly_target" and one.job in SETTING_TARGETS and self._edits(one, table, row)

    def _frozen(self, number: int, paper: str = "quote_id") -> bool:
        """Whether a version of a quote (or contract) was approved: it does not change any more."""
        return any(row[paper] == number for row in self.firm.table("paper_version").values())

    def _may_sign(self, one: Someone, row: Row) -> bool:
        """Whether the quote that a contract is signed by, if any, holds on that day."""
        if row["quote_id"] is None or row["signed_on"] is None:
            return True
        quote = self.firm.table("quote")[row["quote_id"]]
        begun = quote["renewed_on"] or quote["issued_on"]
        if begun is None or not self.sees(one, "quote", quote):
            return False
        last = str(date.fromisoformat(begun) + timedelta(days=QUOTE_DAYS))
        until = quote["valid_until"]
        return str(row["signed_on"]) <= str(min(last, until) if until and until >= begun else last)

    def may_add(self, one: Someone, table: str, row: Row) -> bool:
        """Whether somebody may add a row with these values, apart from its own number."""
        myself = one.id if self.is_known(one) else None
        if (
            (table == "quote" and row["renewed_on"] is not None)
            or (table == "quote_line" and self._frozen(row["quote_id"]))
            or (table == "contract" and not self._may_sign(one, row))
        ):
            return False
        if table == "refusal":
            sells = one.job in {*SELLING, *RUNNING} and row["by_id"] == myself is not None
            stands = row["lifted_at"] is None and row["lifted_by_id"] is None
            return sells and stands and self._lasts(row) and self._refuses_one_seen(one, row)
        if table == "clause_note":
            contract = self.firm.table("contract")[row["contract_id"]]
            unsettled = row["settled_at"] is None and row["settled_by_id"] is None
            own = row["by_id"] == myself is not None and one.job != "auditor"
            return own and unsettled and self.sees(one, "contract", contract)
        if table == "coaching_note":
            coaches = one.job in {*SETTING_TARGETS, "admin"} and row["by_id"] == myself is not None
            of = (("account", row["account_id"]), ("opportunity", row["opportunity_id"]))
            reached = all(number is None or self._sees_record(one, kind, number) for kind, number in of)
            return coaches and reached and row["person_id"] in self.editable(one)
        if table == "audit_entry":
            return myself is not None  # Whatever it says, the database enters oneself and its own time.
        if table == "operation":
            return bool(row["person_id"] == myself is not None)
        if table == "saved_view":
            return one.job != "auditor" and row["owner_id"] == myself is not None
        if table == "handover":
            return one.job in GIVING and row["by_id"] == myself and self._leads_both(one, row)
        if table == "handover_item":
            handover = self.firm.table("handover")[row["handover_id"]]
            return one.job in GIVING and handover["by_id"] == myself and self.sees(one, "handover", handover)
        if table == "settlement" or table in FINANCE_FILES:
            who = row["changed_by_id" if table == "settlement" else "made_by_id"]
            return one.job in SETTLING and who == myself is not None
        if table == "weekly_target" and row["accepted_by_id"] not in (None, myself):
            return False
        if one.job == "sales_ops" and table == "person":
            return row["role"] == "rep" and not row["can_sign_in"]
        if table == "rule_run" and (row["state"], row["attempts"], row["by_id"]) != ("failed", 1, myself):
            return False
        if table == "outbox" and (row["state"], row["attempts"], row["sent_at"]) != ("waiting", 0, None):
            return False
        if one.job in RUNNING and table in KEPT_BY_RUNNING:
            return True
        if table in ("approval_flow", "approval_level"):
            return one.job in RUNNING and (table == "approval_flow" or is_draft(flow_of(self.firm, row)))
        if table == "deputy":
            whose = myself if one.job not in RUNNING else row["person_id"]
            return (
                one.job != "auditor" and row["made_by_id"] == myself is not None and row["person_id"] == whose
            )
        if table == "approval_task":
            return False
        if table == "seal_key":
            return one.job != "auditor" and row["made_by_id"] == myself is not None
        if one.job == "admin" and table == "database_setting":
            return True
        if (
            one.job != "auditor"
            and myself is not None
            and table in (*DECIDED, "approval_request", "snapshot", "report_file")
        ):
            return self._may_report(one, table, row)
        if not unclaimed(row):
            return False
        if one.job == "finance":
            return table in MONEY
        if one.job in SETTING_TARGETS and table in ("target", "weekly_target"):
            return self._edits(one, table, row)
        return one.job in SELLING and table in ADDED_BY_SELLERS and self._may_sell(one, table, row)

    def _refuses_one_seen(self, one: Someone, row: Row) -> bool:
        of = (("account", row["account_id"]), ("lead", row["lead_id"]))
        return any(self._sees_record(one, kind, number) for kind, number in of)

    def _lasts(self, row: Row) -> bool:
        """Whether a refusal is of the past, and blocks no longer than it may."""
        day = date.fromisoformat(row["refused_on"])
        longest = str(months_later(day, REFUSAL_MONTHS))
        return day <= business_date(datetime.now(UTC)) and row["blocked_until"] <= longest

    def _leads_both(self, one: Someone, row: Row) -> bool:
        return {row["from_person_id"], row["to_person_id"]} <= self.editable(one)

    def _may_sell(self, one: Someone, table: str, row: Row) -> bool:
        if table in PARENTS:
            return self._edits(one, table, row)
        if row["owner_id"] not in self.editable(one):
            return False
        if table == "task" and row["dedup_key"] is not None:
            return False  # The key names a deal: the random ones here never name the task's own.
        of = row.get("account_id") if table in WITH_ACCOUNT else None
        return of is None or self._sees_record(one, "account", of)

    def _may_report(self, one: Someone, table: str, row: Row) -> bool:
        if table == "report":
            begun = row["state"] == "draft" and all(row[name] is None for name in STAMPS)
            return begun and row["made_by_id"] == one.id
        if table == "approval_request":
            fresh = all(row[name] is None for name in ("decided_by_id", "decided_at", "reason"))
            mine = fresh and row["state"] == "waiting" and row["requested_by_id"] == one.id
            return mine and goes_through_all(self.firm, row)
        if sheet := self.firm.get("settlement_sheet", row.get("sheet_id")):
            own = sheet["made_by_id"] == row["exported_by_id"] == one.id
            return own and self.sees(one, "settlement_sheet", sheet)
        report = self.firm.table("report")[row["report_id"]]
        if not self.sees(one, "report", report):
            return False
        if table == "snapshot":
            return report["state"] == "draft" and self.may_change(one, "report", report)
        of_report = self.firm.table("snapshot")[row["snapshot_id"]]["report_id"] == row["report_id"]
        return of_report and report["state"] in ("approved", "exported") and row["exported_by_id"] == one.id
