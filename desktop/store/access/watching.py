"""Ending sessions that stop everybody: what time limits cannot do, for every session may lift its own (security 58).

Whoever adds an audit entry holds the chain until the transaction ends, and the next one waits. Whose
transaction stays open after that, on purpose or because a PC froze, stops the firm. Any open console then calls
`plumbline.end_stuck_sessions()`, and whoever it finds is put on record and cut off. It takes no lock that its
caller could keep, and looks at nothing that a session can make out of itself: how long others have waited for
the chain, and how long a statement or a pause has lasted as the server's clock counts.
"""

from __future__ import annotations

from desktop.store.access.groups import EVERYONE
from desktop.store.access.rules import Function

CHAIN_SECONDS = 10
"""How long somebody waits for the chain before who holds it is taken for stuck; holding it takes milliseconds."""
STATEMENT_MINUTES = 31
IDLE_MINUTES = 6
"""A minute more than the limits that each login begins its sessions with: whoever is still there has lifted them."""

_CHAIN_HOLDER = """
    SELECT l.pid, l.virtualtransaction FROM pg_locks AS l
    WHERE l.relation = 'plumbline.audit_lock'::regclass AND l.granted AND l.mode = 'ExclusiveLock'
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND EXISTS (SELECT 1 FROM pg_locks AS w WHERE w.relation = l.relation AND w.database = l.database
            AND NOT w.granted AND w.waitstart < clock_timestamp() - $1)
"""

_STUCK = """
DECLARE
    holder record;
BEGIN
    SELECT h.pid, h.held INTO holder FROM plumbline.chain_holder(waited) AS h;
    IF FOUND THEN
        -- In a long queue each holds the chain for a moment: stuck is who holds it in the same transaction still.
        PERFORM pg_sleep(1);
        SELECT h.pid, h.held INTO holder FROM plumbline.chain_holder(waited) AS h
            WHERE h.pid = holder.pid AND h.held = holder.held;
    END IF;
    PERFORM pg_stat_clear_snapshot();
    RETURN QUERY SELECT a.pid, a.usename::text, c.cause FROM pg_stat_activity AS a, LATERAL (SELECT CASE
            -- Who waits for a standby to confirm a commit has nothing left to do, and cannot be taken back.
            WHEN a.wait_event = 'SyncRep' THEN NULL
            WHEN a.pid = holder.pid THEN 'chain'
            WHEN a.state = 'active' AND a.query_start < clock_timestamp() - statement THEN 'statement'
            WHEN a.state LIKE 'idle in transaction%' AND a.state_change < clock_timestamp() - idle THEN 'idle'
            END AS cause) AS c
        WHERE c.cause IS NOT NULL AND a.datname = current_database() AND a.pid <> pg_backend_pid()
            AND EXISTS (SELECT 1 FROM public.person AS p WHERE p.login = a.usename::text)
            AND pg_has_role(current_user, a.usesysid, 'USAGE');
END
"""

_END = f"""
DECLARE
    stuck record;
    ended integer := 0;
BEGIN
    IF plumbline.me() IS NULL THEN
        RETURN 0;
    END IF;
    FOR stuck IN SELECT s.* FROM plumbline.stuck_sessions(interval '{CHAIN_SECONDS} seconds',
            interval '{STATEMENT_MINUTES} minutes', interval '{IDLE_MINUTES} minutes') AS s LOOP
        -- An entry has to wait until the chain is free; whoever does not hold it may take its time to end.
        IF pg_terminate_backend(stuck.pid, CASE stuck.why WHEN 'chain' THEN 2000 ELSE 0 END) THEN
            ended := ended + 1;
            INSERT INTO public.audit_entry (at, action, subject, subject_id, details)
                SELECT clock_timestamp(), 'end_stuck_session', 'person', p.id,
                    json_build_object('login', stuck.login, 'why', stuck.why)
                FROM public.person AS p WHERE p.login = stuck.login;
        END IF;
    END LOOP;
    RETURN ended;
END
"""

WATCHING = (
    Function(
        "chain_holder",
        "interval",
        "TABLE (pid integer, held text)",
        _CHAIN_HOLDER,
        language="sql",
        volatility="VOLATILE",
    ),
    Function(
        "stuck_sessions",
        "waited interval, statement interval, idle interval",
        "TABLE (pid integer, login text, why text)",
        _STUCK,
        volatility="VOLATILE",
    ),
    Function(
        "end_stuck_sessions", "", "integer", _END, volatility="VOLATILE", definer=True, callers=EVERYONE
    ),
)
"""The functions, in the order in which they are made."""
