"""The database's own functions by which administrators open, move and close logins (PER-01, security 55).

They belong to the owner of the tables, who may create roles and can never sign in, and are callable by
administrators alone: so no login that a person uses has the right to create roles. Each runs with the
owner's rights and a pinned search path, and takes a SCRAM verifier that the console has made, never a
password. Each leaves an entry in the audit trail by itself, so that nothing happens unseen with psql either;
last of all, because from then on others wait for the trail. What they refuse they refuse with a SQLSTATE of class PL, which `logins` translates.
"""

from __future__ import annotations

SCHEMA = "plumbline"

LIMITS = (
    ("idle_in_transaction_session_timeout", "5min"),
    ("statement_timeout", "30min"),
    ("lock_timeout", "1min"),
)
"""Settings that each login begins its sessions with: what is forgotten or hangs lets go by itself."""

CONNECTIONS = 16
"""How many sessions one login may have at once: a console's pool and a command beside it."""

_PINNED = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

_CHECK = r"""
CREATE OR REPLACE FUNCTION plumbline.check_login(p_login text) RETURNS void PINNED AS $body$
DECLARE found_role record;
BEGIN
    -- One at a time, by a lock that no login can take: an advisory lock would let anybody stop administrators.
    LOCK TABLE plumbline.transition IN SHARE ROW EXCLUSIVE MODE;
    IF p_login IS NULL OR p_login !~ '^[a-z][a-z0-9._-]{0,62}$' OR p_login ~ '^(pg_|plumbline)' THEN
        RAISE EXCEPTION 'not a login' USING ERRCODE = 'PL001';
    END IF;
    SELECT r.oid, r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS strong
      INTO found_role FROM pg_roles r WHERE r.rolname = p_login;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF found_role.strong OR pg_has_role(found_role.oid, 'OWNER'::regrole, 'MEMBER') OR EXISTS (
        SELECT 1 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
         WHERE m.member = found_role.oid AND g.rolname NOT LIKE 'plumbline\_%'
    ) OR EXISTS (
        SELECT 1 FROM pg_auth_members m WHERE m.roleid = found_role.oid AND m.member <> 'OWNER'::regrole
    ) THEN
        RAISE EXCEPTION 'a role of the server' USING ERRCODE = 'PL002';
    END IF;
END $body$
"""

_ADMIN_LEFT = """
CREATE OR REPLACE FUNCTION plumbline.check_admin_left() RETURNS void PINNED AS $body$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM public.person p JOIN pg_roles u ON u.rolname = p.login
          JOIN pg_auth_members m ON m.member = u.oid JOIN pg_roles g ON g.oid = m.roleid
         WHERE p.role = 'admin' AND p.can_sign_in AND u.rolcanlogin AND g.rolname = 'plumbline_admin'
    ) THEN
        RAISE EXCEPTION 'the last administrator' USING ERRCODE = 'PL003';
    END IF;
END $body$
"""

_SET_GROUP = """
CREATE OR REPLACE FUNCTION plumbline.set_login_group(p_login text, p_group text) RETURNS void PINNED AS $body$
DECLARE held record;
BEGIN
    FOR held IN
        SELECT DISTINCT g.rolname AS name FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
          JOIN pg_roles u ON u.oid = m.member WHERE u.rolname = p_login
    LOOP
        IF held.name IS DISTINCT FROM p_group THEN
            EXECUTE format('REVOKE %I FROM %I', held.name, p_login);
        ELSE
            EXECUTE format('REVOKE ADMIN OPTION FOR %I FROM %I', held.name, p_login);
        END IF;
    END LOOP;
    IF p_group IS NOT NULL THEN
        EXECUTE format('GRANT %I TO %I', p_group, p_login);
    END IF;
    IF EXISTS (
        SELECT 1 FROM pg_auth_members m JOIN pg_roles u ON u.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
         WHERE u.rolname = p_login AND (g.rolname IS DISTINCT FROM p_group OR m.admin_option)
    ) THEN
        RAISE EXCEPTION 'a membership that somebody else gave' USING ERRCODE = 'PL002';
    END IF;
END $body$
"""

_REACH = """
CREATE OR REPLACE FUNCTION plumbline.reach_login(p_login text) RETURNS void PINNED AS $body$
BEGIN
    -- Seeing what a session does, and ending it, needs the rights of its role. The owner keeps them: a right that is
    -- taken for a moment locks the role for as long as the transaction lasts, and whoever called would hold that lock.
    IF NOT pg_has_role(current_user, p_login::name, 'USAGE') THEN
        EXECUTE format('GRANT %I TO %I', p_login, current_user) || CASE
            WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;
    END IF;
END $body$
"""

_END_SESSIONS = """
CREATE OR REPLACE FUNCTION plumbline.end_sessions(p_login text) RETURNS integer PINNED AS $body$
DECLARE
    ended integer := 0;
    open_session record;
BEGIN
    PERFORM plumbline.check_login(p_login);
    IF p_login = session_user OR NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = p_login) THEN
        RETURN 0;
    END IF;
    PERFORM plumbline.reach_login(p_login);
    FOR open_session IN
        SELECT pid FROM pg_stat_activity WHERE usename = p_login AND pid <> pg_backend_pid()
    LOOP
        PERFORM pg_terminate_backend(open_session.pid, 2000);
        ended := ended + 1;
    END LOOP;
    RETURN ended;
END $body$
"""

_SET_VERIFIER = r"""
CREATE OR REPLACE FUNCTION plumbline.set_verifier(
    p_login text, p_verifier text, p_valid_until timestamptz DEFAULT NULL
) RETURNS void PINNED AS $body$
BEGIN
    PERFORM plumbline.check_login(p_login);
    IF p_verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' THEN
        RAISE EXCEPTION 'not a verifier' USING ERRCODE = 'PL005';
    END IF;
    EXECUTE format('ALTER ROLE %I PASSWORD %L VALID UNTIL %L', p_login, p_verifier,
                   coalesce(p_valid_until::text, 'infinity'));
    PERFORM plumbline.tell_login('login_password_set', p_login, NULL);
END $body$
"""

_TELL = """
CREATE OR REPLACE FUNCTION plumbline.tell_login(p_action text, p_login text, p_role text) RETURNS void PINNED AS $body$
BEGIN
    -- Whoever sets the database up is nobody in it: the trail begins with the first person who signs in.
    INSERT INTO public.audit_entry (at, action, subject, subject_id, details)
    SELECT clock_timestamp(), p_action, 'person', (SELECT id FROM public.person WHERE login = p_login),
           json_strip_nulls(json_build_object('login', p_login, 'role', p_role))
     WHERE EXISTS (SELECT 1 FROM public.person WHERE login = session_user::text COLLATE "default");
END $body$
"""

_OPEN = """
CREATE OR REPLACE FUNCTION plumbline.open_login(
    p_login text, p_role text, p_verifier text, p_valid_until timestamptz DEFAULT NULL
) RETURNS void PINNED AS $body$
BEGIN
    PERFORM plumbline.check_login(p_login);
    IF NOT EXISTS (SELECT 1 FROM public.person WHERE login = p_login AND role = p_role AND can_sign_in) THEN
        RAISE EXCEPTION 'nobody of that role' USING ERRCODE = 'PL004';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = p_login) THEN
        EXECUTE format('CREATE ROLE %I', p_login);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN CONNECTION LIMIT CONNECTIONS', p_login);
    SETTINGS
    PERFORM plumbline.reach_login(p_login);
    PERFORM plumbline.set_login_group(p_login, 'plumbline_' || p_role);
    PERFORM plumbline.set_verifier(p_login, p_verifier, p_valid_until);
    PERFORM plumbline.tell_login('login_opened', p_login, p_role);
END $body$
"""

_MOVE = """
CREATE OR REPLACE FUNCTION plumbline.move_login(p_login text, p_role text) RETURNS void PINNED AS $body$
BEGIN
    PERFORM plumbline.check_login(p_login);
    IF NOT EXISTS (
        SELECT 1 FROM public.person p JOIN pg_roles r ON r.rolname = p.login
         WHERE p.login = p_login AND p.role = p_role AND p.can_sign_in AND r.rolcanlogin
    ) THEN
        RAISE EXCEPTION 'nobody of that role' USING ERRCODE = 'PL004';
    END IF;
    PERFORM plumbline.set_login_group(p_login, 'plumbline_' || p_role);
    PERFORM plumbline.check_admin_left();
    PERFORM plumbline.end_sessions(p_login);
    PERFORM plumbline.tell_login('login_moved', p_login, p_role);
END $body$
"""

_CLOSE = """
CREATE OR REPLACE FUNCTION plumbline.close_login(p_login text) RETURNS integer PINNED AS $body$
DECLARE ended integer;
BEGIN
    PERFORM plumbline.check_login(p_login);
    IF p_login = session_user OR EXISTS (SELECT 1 FROM public.person WHERE login = p_login AND can_sign_in) THEN
        RAISE EXCEPTION 'still in use' USING ERRCODE = 'PL006';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = p_login) THEN
        RETURN 0;
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN', p_login);
    PERFORM plumbline.set_login_group(p_login, NULL);
    PERFORM plumbline.check_admin_left();
    ended := plumbline.end_sessions(p_login);
    PERFORM plumbline.tell_login('login_closed', p_login, NULL);
    RETURN ended;
END $body$
"""

INNER = (
    "check_login(text)",
    "check_admin_left()",
    "set_login_group(text, text)",
    "tell_login(text, text, text)",
    "reach_login(text)",
)
"""Parts of the others, called by nobody else."""

CALLABLE = (
    "open_login(text, text, text, timestamptz)",
    "set_verifier(text, text, timestamptz)",
    "move_login(text, text)",
    "close_login(text)",
    "end_sessions(text)",
)
"""What administrators may call."""


def statements(owner: str) -> list[str]:
    """Return what creates the functions, as statements of SQL that may be run again at any time.

    They are run as `owner`; schema and group roles exist already.
    """
    settings = "\n    ".join(
        f"EXECUTE format('ALTER ROLE %I SET {name} = ''{value}''', p_login);" for name, value in LIMITS
    )
    words = {"PINNED": _PINNED, "OWNER": owner, "CONNECTIONS": str(CONNECTIONS), "SETTINGS": settings}
    made = []
    for body in (
        _CHECK,
        _ADMIN_LEFT,
        _SET_GROUP,
        _TELL,
        _REACH,
        _END_SESSIONS,
        _SET_VERIFIER,
        _OPEN,
        _MOVE,
        _CLOSE,
    ):
        filled = body
        for word, text in words.items():
            filled = filled.replace(word, text)
        made.append(filled)
    made += [f"REVOKE ALL ON FUNCTION {SCHEMA}.{signature} FROM PUBLIC" for signature in (*INNER, *CALLABLE)]
    made += [f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{name} TO plumbline_admin" for name in CALLABLE]
    return made
