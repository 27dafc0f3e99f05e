"""The firm that the attacks are about: two reps who must not see each other's customers, and open reports."""

from __future__ import annotations

from tests.security.firms import Maker
from tests.security.organisation import Firm, Row
from tests.security.rules import Rules

HIDDEN = ("Hidden Customer", "13911112222", "HIDDEN-1", "hidden-row", "Hidden Deal")
"""Words that no answer to a rep may hold."""
NOW = "2026-11-18T01:00:00+00:00"


def staged() -> tuple[Firm, dict[str, str]]:
    """Return the firm and the words that attacks name."""
    maker = Maker(11, size=3)
    firm = maker.make()
    who = {row["login"]: row["id"] for row in firm.table("person").values() if row["login"]}
    for row in firm.table("person").values():
        row |= {"can_sign_in": row["login"] is not None, "status": "active"}
    teams = [unit["id"] for unit in firm.table("org_unit").values() if unit["level"] == "team"]
    firm.table("person")[who["rep_1"]] |= {"unit_id": teams[0], "manager_id": who["city_manager_1"]}
    firm.table("person")[who["rep_2"]] |= {"unit_id": teams[1], "manager_id": None}
    firm.table("person")[who["city_manager_1"]] |= {"unit_id": teams[0], "manager_id": None}
    _customers(maker, firm, who)
    _reports(maker, firm, who)
    firm.__dict__.pop("people", None)
    refused = {"account_id": 700_002, "lead_id": None, "by_id": who["rep_2"], "refused_on": "2026-01-05"}
    _add(maker, firm, "refusal", **refused, blocked_until="2199-01-01", lifted_at=None, lifted_by_id=None)
    return firm, _words(firm, who)


def _add(maker: Maker, firm: Firm, table: str, **values: object) -> Row:
    from desktop.models import Base

    row = maker.row(Base.metadata.tables[table]) | values
    firm.table(table)[row["id"]] = row
    return row


def _customers(maker: Maker, firm: Firm, who: dict[str, int]) -> None:
    for number, login, name in ((700_001, "rep_1", "Own"), (700_002, "rep_2", "Hidden")):
        keys = {"source_system": "crm", "external_id": f"{name.upper()}-1", "row_key": f"{name.lower()}-row"}
        own = {"id": number, "owner_id": who[login], "parent_id": None, **keys}
        phone = "13811112222" if name == "Own" else "13911112222"
        customer = f"{name} Customer"
        _add(maker, firm, "account", **own, name=customer, name_key=customer.lower(), phone=phone)
        deal = {"name": f"{name} Deal", "name_key": f"{name} Deal".lower(), "account_id": number}
        _add(maker, firm, "opportunity", **(own | {"id": number + 10}) | deal)
        task = {"dedup_key": f"stale:{number + 10}", "opportunity_id": number + 10, "account_id": number}
        _add(maker, firm, "task", id=number + 20, owner_id=who[login], title="call", **task)


def _reports(maker: Maker, firm: Firm, who: dict[str, int]) -> None:
    for number, login in (
        (800_001, "rep_1"),
        (800_002, "director_1"),
        (800_003, "admin_1"),
        (800_004, "sales_ops_1"),
    ):
        waiting = {"state": "submitted", "submitted_by_id": who[login], "submitted_at": NOW}
        nobody = {"approved_by_id": None, "approved_at": None, "reject_reason": None}
        _add(maker, firm, "report", id=number, made_by_id=who[login], **waiting, **nobody)
        _add(maker, firm, "snapshot", id=number + 10, report_id=number, number=1)
    _flows(maker, firm, who)
    asked = {"state": "waiting", "requested_by_id": who["rep_1"], "decided_by_id": None, "decided_at": None}
    _add(maker, firm, "approval_request", id=800_021, report_id=800_001, **asked)


def _flows(maker: Maker, firm: Firm, who: dict[str, int]) -> None:
    """A flow of one level for each kind of request that the attacks make, and a target of a stranger."""
    level = {"number": 1, "mode": "any", "approvers": ["role:director"], "conditions": []}
    for number, kind in enumerate(("target_adjustment", "stage_override", "handover"), start=800_030):
        _add(maker, firm, "approval_flow", id=number, kind=kind, activated_at=NOW)
        _add(maker, firm, "approval_level", id=number, flow_id=number, **level)
    hidden = {"person_id": who["rep_2"], "unit_id": None}
    _add(maker, firm, "target", id=800_041, period="2031-01", **hidden)


def _words(firm: Firm, who: dict[str, int]) -> dict[str, str]:
    rules = Rules(firm)

    def accounts(login: str) -> list[int]:
        one = firm.people[who[login]]
        return [row["id"] for row in firm.table("account").values() if rules.sees(one, "account", row)]

    words = {login.removesuffix("_1"): str(number) for login, number in who.items() if login.endswith("_1")}
    return words | {
        "other_rep": str(who["rep_2"]),
        "own_account": "700001",
        "hidden_account": "700002",
        "own_deal": "700011",
        "hidden_deal": "700012",
        "hidden_target": "800041",
        "own_waiting": "800001",
        "directors": "800002",
        "admins": "800003",
        "waiting": "800004",
        "asked": "800021",
        "accounts": str(len(accounts("rep_1"))),
        "own_account_ids": "\n".join(map(str, sorted(accounts("rep_1")))),
        "city_manager_accounts": str(len(accounts("city_manager_1"))),
    }
