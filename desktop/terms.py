"""The vocabulary: closed lists with a stable stored value and a label in the reader's language."""

from __future__ import annotations

from enum import StrEnum

from desktop.i18n import N_


class Term(StrEnum):
    """A closed list of stored values; `label` is the English gettext id of a value."""

    _label: str

    def __new__(cls, value: str, label: str = "") -> Term:
        """Make a member that is its stored value and knows its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member._label = label or value
        return member

    @property
    def label(self) -> str:
        """The English label, to be passed to `Locale._`."""
        return self._label


class Role(Term):
    """What a person may do; in team mode each is a database group role (PER-01)."""

    REP = "rep", N_("Sales rep")
    CITY_MANAGER = "city_manager", N_("City manager")
    REGIONAL_MANAGER = "regional_manager", N_("Regional manager")
    DIRECTOR = "director", N_("Sales director")
    SALES_OPS = "sales_ops", N_("Sales operations")
    FINANCE = "finance", N_("Finance")
    AUDITOR = "auditor", N_("Auditor")
    ADMIN = "admin", N_("Administrator")


class UnitLevel(Term):
    """A level of the organisation tree (TGT-01); the rep is the leaf."""

    HQ = "hq", N_("Headquarters")
    REGION = "region", N_("Region")
    PROVINCE = "province", N_("Province office")
    CITY = "city", N_("City")
    TEAM = "team", N_("Team")


class PersonStatus(Term):
    """Where a person stands with the firm."""

    ACTIVE = "active", N_("Active")
    DEPARTING = "departing", N_("Departing")
    LEFT = "left", N_("Left")


class DealStatus(Term):
    """Whether an opportunity is still to be decided."""

    OPEN = "open", N_("In progress")
    WON = "won", N_("Won")
    LOST = "lost", N_("Lost")


class StageKind(Term):
    """What standing in a stage means for the deal."""

    OPEN = "open", N_("In progress")
    WON = "won", N_("Won")
    LOST = "lost", N_("Lost")


class ActivityType(Term):
    """How a rep and a customer met (fields.csv, activity.type)."""

    CALL = "call", N_("Call")
    VISIT = "visit", N_("Visit")
    MEETING = "meeting", N_("Meeting")
    EMAIL = "email", N_("E-mail")
    WECHAT = "wechat", N_("WeChat")
    DEMO = "demo", N_("Demo")
    TASK = "task", N_("Task")
    NOTE = "note", N_("Note")


class Direction(Term):
    """Who began: we (out) or the customer (in)."""

    IN = "in", N_("Inbound")
    OUT = "out", N_("Outbound")


class Grade(Term):
    """Customer grade (CUS-09)."""

    A = "A", N_("A (key account)")
    B = "B", N_("B (regular)")
    C = "C", N_("C (low priority)")


class Gender(Term):
    """Gender as an address book keeps it."""

    MALE = "male", N_("Male")
    FEMALE = "female", N_("Female")
    OTHER = "other", N_("Other")


class CalendarKind(Term):
    """What a calendar event does to a week (TGT-13)."""

    HOLIDAY = "holiday", N_("Holiday")
    MAKE_UP_DAY = "make_up_day", N_("Make-up working day")
    FAIR = "fair", N_("Trade fair")
    CLIMATE = "climate", N_("Climate")
    OTHER = "other", N_("Other")


class ReportState(Term):
    """The life of a report (APR-06)."""

    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("Submitted")
    APPROVED = "approved", N_("Approved")
    REJECTED = "rejected", N_("Rejected")
    EXPORTED = "exported", N_("Exported")


class ApprovalState(Term):
    """The life of an approval request."""

    WAITING = "waiting", N_("Waiting")
    APPROVED = "approved", N_("Approved")
    REJECTED = "rejected", N_("Rejected")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    RETURNED = "returned", N_("Returned")


class ApprovalKind(Term):
    """What can be asked for; each has its module in `operations/approval_subjects`."""

    DISCOUNT = "discount", N_("Discount")
    QUOTE = "quote", N_("Quote")
    CONTRACT_CHANGE = "contract_change", N_("Contract change")
    TARGET_ADJUSTMENT = "target_adjustment", N_("Target adjustment")
    STAGE_OVERRIDE = "stage_override", N_("Stage override")
    HANDOVER = "handover", N_("Handover")
    REPORT = "report", N_("Report")


class SignState(Term):
    """The life of one signature; skipped: the level was decided without it."""

    WAITING = "waiting", N_("Waiting")
    APPROVED = "approved", N_("Approved")
    REJECTED = "rejected", N_("Rejected")
    RETURNED = "returned", N_("Returned")
    SKIPPED = "skipped", N_("Not needed")


class ApprovalMode(Term):
    """How the signatures of one level count together (APR-01)."""

    ANY = "any", N_("Any one of them")
    ALL = "all", N_("All, in any order")
    SEQUENCE = "sequence", N_("All, one after the other")


class Duty(Term):
    """What somebody looks after that no role stands for (APR-04)."""

    LEGAL = "legal", N_("Legal")
    DELIVERY = "delivery", N_("Delivery")


class TaskState(Term):
    """The life of a to-do: what is to be done has its day, what is over says what came of it (RPT-14)."""

    OPEN = "open", N_("To be done")
    DONE = "done", N_("Done")
    CANCELLED = "cancelled", N_("Cancelled")


class RunState(Term):
    """The life of an import run (cli.md, `runs`)."""

    APPLIED = "applied", N_("Applied")
    UNDONE = "undone", N_("Undone")
    PARTLY_UNDONE = "partly_undone", N_("Partly undone")


class Severity(Term):
    """What an import issue does: reject the row, blank the cell, or just inform."""

    ROW = "row", N_("Row rejected")
    CELL = "cell", N_("Value left out")
    NOTE = "note", N_("Note")


class Verdict(Term):
    """What `verify` says of a workbook (RPT-07)."""

    GENUINE = "genuine", N_("Genuine")
    RESAVED = "resaved", N_("Same content, re-saved")
    FILLED = "filled", N_("Filled in by finance")
    ALTERED = "altered", N_("Altered")
    UNKNOWN = "unknown", N_("Unknown")


class OwnedKind(Term):
    """What can have an owner, and so be handed over."""

    ACCOUNT = "account", N_("Account")
    CONTACT = "contact", N_("Contact")
    LEAD = "lead", N_("Lead")
    OPPORTUNITY = "opportunity", N_("Opportunity")
    QUOTE = "quote", N_("Quote")
    CONTRACT = "contract", N_("Contract")
    TASK = "task", N_("Task")


class HandoverState(Term):
    """Whether what changed hands is still with the receiver."""

    APPLIED = "applied", N_("Handed over")
    UNDONE = "undone", N_("Taken back")
    PARTLY_UNDONE = "partly_undone", N_("Partly taken back")


EFFECTIVE_TYPES = (ActivityType.CALL, ActivityType.VISIT, ActivityType.MEETING, ActivityType.DEMO)
"""A done activity of these types is an effective interaction (ACT-07, decisions)."""

MESSAGE_TYPES = (ActivityType.EMAIL, ActivityType.WECHAT)
"""An inbound activity of these types is an effective interaction (ACT-07, decisions)."""

APPROVER_ROLES = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER, Role.DIRECTOR, Role.FINANCE, Role.ADMIN)
"""Who may approve reports; never the submitter (APR-06)."""

ALL_SEER_ROLES = (Role.DIRECTOR, Role.SALES_OPS, Role.FINANCE, Role.AUDITOR, Role.ADMIN)
"""Who sees every record of the firm."""

KEEPER_ROLES = (Role.SALES_OPS, Role.ADMIN)
"""Who keeps the data: imports, merges, configuration, removal."""

GIVER_ROLES = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER, Role.DIRECTOR, Role.SALES_OPS, Role.ADMIN)
"""Who may give records to another owner; on the team database between people whom they lead (HND-03)."""


COACHING_ROLES = (Role.CITY_MANAGER, Role.REGIONAL_MANAGER, Role.DIRECTOR, Role.ADMIN)
"""Who coaches the people they lead; on one PC the administrator is the manager (PER-02)."""


class DueState(Term):
    """How something that fell due was dealt with (PLT-09)."""

    DONE = "done", N_("Done")
    FAILED = "failed", N_("Failed")
    MISSED = "missed", N_("Missed")


class OutboxState(Term):
    """Where a message stands on its way out; `unsure` is one whose reply was lost (RPT-03)."""

    WAITING = "waiting", N_("Waiting to be sent")
    SENDING = "sending", N_("Being sent")
    SENT = "sent", N_("Sent")
    FAILED = "failed", N_("Not sent")
    UNSURE = "unsure", N_("Perhaps sent")
    DROPPED = "dropped", N_("Not to be sent")


class ScheduleKind(Term):
    """What can be sent by the clock (RPT-03, RPT-06, RPT-16, SOP-10, HEA-06)."""

    MORNING_MAIL = "morning_mail", N_("Morning mail")
    MONDAY_PACK = "monday_pack", N_("Monday pack")
    QUARTER_PACK = "quarter_pack", N_("Quarter pack")
    PERSONAL_DAILY = "personal_daily", N_("Personal daily sheet")
    HEALTH_DAILY = "health_daily", N_("Daily health report")
    STRATEGY_PACK = "strategy_pack", N_("Strategy pack")
