"""What the database itself does for the audit chain: numbering, linking, and refusing changes (PER-05).

On PostgreSQL a trigger takes person and time from the server and links each entry to the last one under a
lock on an empty table that no client may touch (a lock that a client could take would let it stop the
firm). On SQLite triggers only prevent slips: whoever holds the file holds every right.
"""

from __future__ import annotations

from sqlalchemy import Connection

SEARCH_PATH = "SET search_path = pg_catalog, public, pg_temp"

_CHAIN = f"""
CREATE OR REPLACE FUNCTION plumbline.chain_audit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER {SEARCH_PATH} AS $body$
DECLARE
    last record;
BEGIN
    IF strpos(NEW.action, '|') > 0 OR strpos(NEW.operation_id, '|') > 0 THEN
        RAISE invalid_parameter_value USING MESSAGE = 'an action and an operation id hold no "|"';
    END IF;
    LOCK TABLE plumbline.audit_lock IN EXCLUSIVE MODE;
    SELECT position, hash INTO last FROM public.audit_entry ORDER BY position DESC LIMIT 1;
    NEW.position := coalesce(last.position, 0) + 1;
    NEW.at := coalesce(
        (SELECT value::timestamptz FROM public.database_setting WHERE key = 'pinned_now'), clock_timestamp());
    NEW.person_id := (SELECT id FROM public.person WHERE login = session_user::text COLLATE "default");
    NEW.erased_by := NULL;
    NEW.salt := NULL;
    NEW.details_hash := NULL;
    IF NEW.details IS NOT NULL THEN
        NEW.salt := replace(gen_random_uuid()::text, '-', '');
        NEW.details_hash := encode(sha256(convert_to(NEW.salt || E'\\n' || NEW.details::text, 'UTF8')), 'hex');
    END IF;
    NEW.hash := encode(sha256(convert_to(coalesce(last.hash, repeat('0', 64)) || E'\\n'
        || NEW.position || '|' || coalesce(NEW.details_hash, '')
        || '|' || to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
        || '|' || coalesce(NEW.person_id::text, '') || '|' || coalesce(NEW.subject_id::text, '')
        || '|' || coalesce(nullif(NEW.operation_id, ''), '-') || '|' || NEW.action
        || '|' || coalesce('=' || NEW.subject, '-'), 'UTF8')), 'hex');
    RETURN NEW;
END $body$"""

_KEEP = f"""
CREATE OR REPLACE FUNCTION plumbline.keep_audit() RETURNS trigger
LANGUAGE plpgsql {SEARCH_PATH} AS $body$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.erased_by IS NULL AND NEW.erased_by > OLD.position AND NEW.details IS NULL AND NEW.salt IS NULL
            AND (OLD.id, OLD.position, OLD.at, OLD.person_id, OLD.action, OLD.subject, OLD.subject_id,
                 OLD.operation_id, OLD.details_hash, OLD.hash)
            IS NOT DISTINCT FROM (NEW.id, NEW.position, NEW.at, NEW.person_id, NEW.action, NEW.subject,
                 NEW.subject_id, NEW.operation_id, NEW.details_hash, NEW.hash)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit entries are never changed' USING ERRCODE = 'insufficient_privilege';
END $body$"""

_HEAD = f"""
CREATE OR REPLACE FUNCTION plumbline.audit_head() RETURNS TABLE (head_position bigint, head_hash text)
LANGUAGE sql STABLE SECURITY DEFINER {SEARCH_PATH} AS $body$
    SELECT a.position, a.hash::text FROM public.audit_entry a ORDER BY a.position DESC LIMIT 1
$body$"""

_HASH = f"""
CREATE OR REPLACE FUNCTION plumbline.audit_hash(asked bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER {SEARCH_PATH} AS $body$
    SELECT hash::text FROM public.audit_entry WHERE position = asked
$body$"""

POSTGRES = (
    _CHAIN,
    _KEEP,
    _HEAD,
    _HASH,
    "REVOKE ALL ON FUNCTION plumbline.chain_audit(), plumbline.keep_audit(), plumbline.audit_head(),"
    " plumbline.audit_hash(bigint) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION plumbline.audit_head(), plumbline.audit_hash(bigint) TO plumbline_member",
    "CREATE OR REPLACE TRIGGER chain_audit BEFORE INSERT ON public.audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION plumbline.chain_audit()",
    "CREATE OR REPLACE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON public.audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION plumbline.keep_audit()",
    "CREATE OR REPLACE TRIGGER keep_all_audit BEFORE TRUNCATE ON public.audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION plumbline.keep_audit()",
)
"""In this order, as the owner of the tables, as a part of `access.install`; running it again changes nothing."""

_KEPT = (
    "id",
    "position",
    "at",
    "person_id",
    "action",
    "subject",
    "subject_id",
    "operation_id",
    "details_hash",
    "hash",
)
SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS keep_audit_rows BEFORE DELETE ON audit_entry"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    f"CREATE TRIGGER IF NOT EXISTS keep_audit_words BEFORE UPDATE OF {', '.join(_KEPT)} ON audit_entry"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS keep_audit_details BEFORE UPDATE OF details, salt, erased_by ON audit_entry"
    " WHEN OLD.erased_by IS NOT NULL OR coalesce(NEW.erased_by, 0) <= OLD.position"
    " OR NEW.details IS NOT NULL OR NEW.salt IS NOT NULL"
    " BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END",
)


def install(connection: Connection) -> None:
    """Let an embedded database guard its audit entries against slips; on PostgreSQL `access.install` does."""
    for statement in SQLITE:
        connection.exec_driver_sql(statement)
