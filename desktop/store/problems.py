"""What a database driver says, translated once into what a person can act on."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError

from desktop.errors import DatabaseProblem, InvalidInput, NotAllowed, StaleRecord, UserError
from desktop.i18n import N_
from desktop.store.connecting import connection_problem

RETRY_STATES = frozenset({"40001", "40P01", "55P03"})
_READ_ONLY = "25006"
_UNSUPPORTED = "0A000"
_DECIDED = "PL012"
"""Of `store.access.approving`: the request was decided before this signature."""

_GUARDED = {
    "PL020": ("paper_frozen", N_("This was approved, and stays as it was approved.")),
    "PL021": ("quote_expired", N_("This quote does not hold any more; nothing is signed by it.")),
    "PL013": (
        "customer_refused",
        N_("The customer refused a short while ago; nobody is given it before that time is over."),
    ),
    "PL014": ("no_working_time", N_("The work calendar has no working time within two years.")),
    "PL022": ("paper_changed", N_("This was changed after its approval was asked for.")),
}
"""What guards of quotes, contracts and refused customers say (`store/access/papers`, `refusing`)."""

_NO_LOGIN = ("password", "authentication", "does not exist")


def sqlstate(error: BaseException) -> str:
    """Return PostgreSQL's SQLSTATE of an error, or an empty string."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def is_transient(error: DBAPIError) -> bool:
    """Whether the whole transaction may be tried again: serialization, deadlock, a busy file."""
    return sqlstate(error) in RETRY_STATES or "database is locked" in str(error.orig)


def is_read_only(error: BaseException) -> bool:
    """Whether a standby said no to a write: since a fail-over this server is not the primary, or not yet."""
    state = sqlstate(error)
    return state == _READ_ONLY or (state == _UNSUPPORTED and "read-write mode" in str(error))


def is_cut_off(error: DBAPIError) -> bool:
    """Whether the connection to the server was lost or not to be had, or leads to one that takes no writes."""
    state = sqlstate(error)
    return (
        error.connection_invalidated
        or (state[:2] in {"08", "57"} and state != "57014")
        or state == "53300"
        or is_read_only(error)
        or is_unreached(error)
    )


def is_unreached(error: DBAPIError) -> bool:
    """Whether connecting failed because nobody is there, and not because the server refuses this login.

    A failed connection has no SQLSTATE, only libpq's text. What a server itself says in it ("FATAL:  ...")
    may be in any language: known refusals are taken for what they are, and anything else is worth another try.
    """
    if type(error.orig).__module__.split(".")[0] != "psycopg" or sqlstate(error):
        return False
    if error.statement is not None or not isinstance(error, OperationalError):
        return False
    text = str(error.orig)
    told = connection_problem(text)
    refused = told is not None and told.code != "too_many_sessions"
    return not refused and not any(word in text for word in _NO_LOGIN)


def silent_seconds(error: DBAPIError) -> float:
    """Return for how long the server had been silent when the watchdog cut its connection, else 0."""
    return float(getattr(error.orig, "silent_for", None) or 0.0)


def translated(error: SQLAlchemyError) -> UserError | None:
    """Return the error for a person, or None where it is a bug of ours."""
    if isinstance(error, StaleDataError):
        return StaleRecord(
            "stale_record",
            N_("Somebody else changed this record in the meantime; nothing was overwritten."),
            remedy=N_("Reload, look at what changed, and try again."),
            differences={},
        )
    if isinstance(error, TimeoutError):  # all connections of this console are in use, and none comes back
        return _busy()
    if not isinstance(error, DBAPIError):
        return None
    state, text = sqlstate(error), str(error.orig)
    # What a trigger of an embedded database refuses is refused by a permission elsewhere.
    if ours := _ours("42501" if "is only ever added to" in text else state):
        return ours
    if _is_integrity(error) and ("approval_request_waiting" in text or "approval_request.subject_id" in text):
        return InvalidInput(
            "approval_waits",
            N_("This waits for its approval already; somebody else was faster to ask."),
            remedy=N_("Wait for that decision, or ask whoever asked to withdraw it."),
        )
    if isinstance(error, OperationalError) and (told := connection_problem(text)):
        return told
    if state in {"28P01", "28000"} or ("password" in text and "authentication" in text):
        return DatabaseProblem(
            "login_refused",
            N_("The database refused this login."),
            remedy=N_("Check the login name and enter the password again."),
        )
    if "database is locked" in text or state in RETRY_STATES:
        return _busy()
    if is_read_only(error):
        return DatabaseProblem(
            "database_read_only",
            N_("This server is a standby, or has been told to take no changes; nothing was changed."),
            remedy=N_("Name all servers of the team in the address: postgresql://a,b/database"),
        )
    if "readonly database" in text or "unable to open database file" in text:
        return DatabaseProblem(
            "database_not_writable",
            N_("The database file cannot be opened for writing: {detail}"),
            remedy=N_("Check that the folder exists and that you may write there."),
            detail=text,
        )
    if "disk is full" in text or state == "53100":
        return DatabaseProblem(
            "disk_full",
            N_("The disk is full; nothing was changed."),
            remedy=N_("Free some space and try again."),
        )
    if "disk I/O error" in text:
        return DatabaseProblem(
            "disk_failed",
            N_("The disk refused to take what was to be written; nothing was changed."),
            remedy=N_("Check that it has room and is in order, then try again."),
        )
    if "malformed" in text or "not a database" in text:
        return DatabaseProblem(
            "database_damaged",
            N_("The database file is damaged: {detail}"),
            remedy=N_("Keep the file, and restore the newest good backup."),
            detail=text,
        )
    if (
        is_cut_off(error)
        or isinstance(error.orig, OSError)
        or ("connection" in text and not _is_integrity(error))
    ):
        return DatabaseProblem(
            "database_unreachable",
            N_("The database server cannot be reached: {detail}"),
            remedy=N_("Check the network or VPN; nothing was changed. Then try again."),
            detail=text.strip().splitlines()[0] if text.strip() else "",
        )
    return None


def _ours(state: str) -> UserError | None:
    """Return what the permissions and functions of the team database said."""
    if state == "42501":
        return NotAllowed(
            "database_denied",
            N_("The database does not allow you to do this."),
            remedy=N_("Ask an administrator of the team database for the right to do it."),
        )
    if state == _DECIDED:
        return StaleRecord(
            "decided_meanwhile",
            N_("Somebody else decided this in the meantime; nothing was changed."),
            remedy=N_("Reload and look at the decision."),
            differences={},
        )
    if state in _GUARDED:
        return NotAllowed(*_GUARDED[state])
    return None


def _busy() -> DatabaseProblem:
    return DatabaseProblem(
        "database_busy",
        N_("The database is busy with somebody else's change; nothing was changed."),
        remedy=N_("Try again in a moment."),
    )


def _is_integrity(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError)
