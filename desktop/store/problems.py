"""What a database driver says, translated once into what a person can act on."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from desktop.errors import DatabaseProblem, NotAllowed, StaleRecord, UserError
from desktop.i18n import N_
from desktop.store.connecting import connection_problem

RETRY_STATES = frozenset({"40001", "40P01", "55P03"})


def sqlstate(error: BaseException) -> str:
    """Return PostgreSQL's SQLSTATE of an error, or an empty string."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def is_transient(error: DBAPIError) -> bool:
    """Whether the whole transaction may be tried again: serialization, deadlock, a busy file."""
    return sqlstate(error) in RETRY_STATES or "database is locked" in str(error.orig)


def is_cut_off(error: DBAPIError) -> bool:
    """Whether the connection to the server was lost."""
    return error.connection_invalidated or (
        sqlstate(error)[:2] in {"08", "57"} and sqlstate(error) != "57014"
    )


def translated(error: SQLAlchemyError) -> UserError | None:
    """Return the error for a person, or None where it is a bug of ours."""
    if isinstance(error, StaleDataError):
        return StaleRecord(
            "stale_record",
            N_("Somebody else changed this record in the meantime; nothing was overwritten."),
            remedy=N_("Reload, look at what changed, and try again."),
            differences={},
        )
    if not isinstance(error, DBAPIError):
        return None
    state, text = sqlstate(error), str(error.orig)
    if state == "42501":
        return NotAllowed(
            "database_denied",
            N_("The database does not allow you to do this."),
            remedy=N_("Ask an administrator of the team database for the right to do it."),
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
        return DatabaseProblem(
            "database_busy",
            N_("The database is busy with somebody else's change; nothing was changed."),
            remedy=N_("Try again in a moment."),
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


def _is_integrity(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError)
