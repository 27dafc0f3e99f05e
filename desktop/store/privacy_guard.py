"""What the database itself does for privacy: showing masked values to those who may not read them (security 65).

Finance and auditors have no right to the columns by which somebody is reached. They see them masked through
`plumbline.masked`, and in full in two steps: `plumbline.ask_reveal` puts on record who asked, and refuses more than
`MOST_REVEALS` an hour, for a list of all phones is not had that way; `plumbline.answer_reveal` answers once that is
committed: who takes the question back by a rollback is shown nothing. An administrator erases details of audit entries
through `plumbline.erase_audit`, which first puts on record that, and of which entries.
"""

from __future__ import annotations

MOST_REVEALS = 60
"""How many records one person of these jobs may be shown in full within an hour."""

REQUEST_TABLE = (
    "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id bigint NOT NULL,"
    " asked_at timestamptz NOT NULL DEFAULT clock_timestamp(), transaction xid8 NOT NULL, kind text NOT NULL,"
    " record bigint NOT NULL, answered boolean NOT NULL DEFAULT false"
)

_PATH = "SET search_path = pg_catalog, public, pg_temp"

_MASK = f"""
CREATE OR REPLACE FUNCTION plumbline.mask(field text, value text) RETURNS text
LANGUAGE sql IMMUTABLE {_PATH} AS $body$
    SELECT CASE
        WHEN coalesce(value, '') = '' THEN NULL
        WHEN field = 'email' THEN left(value, 1) || '***'
            || CASE WHEN strpos(value, '@') > 0 THEN substr(value, strpos(value, '@')) ELSE '' END
        WHEN field = 'wechat' THEN left(value, 1) || '***'
        WHEN length(regexp_replace(value, '^[+]86', '')) >= 11
            THEN left(regexp_replace(value, '^[+]86', ''), 3) || '****' || right(value, 4)
        WHEN length(regexp_replace(value, '^[+]86', '')) >= 7
            THEN left(regexp_replace(value, '^[+]86', ''), 2) || '****' || right(value, 2)
        ELSE '****'
    END
$body$"""

_REACH = """
    SELECT 'account' AS kind, a.id, f.field, f.value FROM public.account AS a, LATERAL (VALUES
        ('phone', a.phone), ('mobile', a.mobile), ('fax', a.fax), ('email', a.email)) AS f (field, value)
        WHERE $1 = 'account' AND a.id = ANY ($2)
    UNION ALL
    SELECT 'contact', c.id, f.field, f.value FROM public.contact AS c, LATERAL (VALUES
        ('mobile', c.mobile), ('phone', c.phone), ('email', c.email), ('wechat', c.wechat)) AS f (field, value)
        WHERE $1 = 'contact' AND c.id = ANY ($2)
    UNION ALL
    SELECT 'lead', l.id, f.field, f.value FROM public.lead AS l, LATERAL (VALUES
        ('mobile', l.mobile), ('phone', l.phone), ('email', l.email)) AS f (field, value)
        WHERE $1 = 'lead' AND l.id = ANY ($2)
    UNION ALL
    SELECT 'call_record', c.id, f.field, f.value FROM public.call_record AS c, LATERAL (VALUES
        ('caller', c.caller), ('callee', c.callee)) AS f (field, value)
        WHERE $1 = 'call_record' AND c.id = ANY ($2)
"""

_MASKED = f"""
CREATE OR REPLACE FUNCTION plumbline.masked(kind text, ids bigint[])
RETURNS TABLE (id bigint, field text, shown text)
LANGUAGE sql STABLE SECURITY DEFINER {_PATH} AS $body$
    SELECT r.id, r.field::text, plumbline.mask(r.field, r.value) FROM ({_REACH}) AS r WHERE r.value <> ''
$body$"""

_ASK = f"""
CREATE OR REPLACE FUNCTION plumbline.ask_reveal(kind text, record bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER {_PATH} AS $body$
DECLARE
    asking bigint := plumbline.me();
    fields json;
    made bigint;
BEGIN
    -- One question of a person at a time, so that many sessions do not count past each other.
    PERFORM 1 FROM public.person AS p WHERE p.id = asking FOR NO KEY UPDATE;
    IF asking IS NULL OR (SELECT count(*) FROM plumbline.reveal_request AS q WHERE q.person_id = asking
            AND q.asked_at > clock_timestamp() - interval '1 hour') >= {MOST_REVEALS} THEN
        RAISE insufficient_privilege USING MESSAGE = 'too many records were revealed within an hour';
    END IF;
    INSERT INTO plumbline.reveal_request (person_id, transaction, kind, record)
        VALUES (asking, pg_current_xact_id(), ask_reveal.kind, ask_reveal.record) RETURNING id INTO made;
    SELECT json_agg(r.field ORDER BY r.field) INTO fields
        FROM (SELECT q.* FROM ({_REACH.replace("$1", "ask_reveal.kind").replace("$2", "ARRAY[record]")}) AS q) AS r
        WHERE r.value <> '';
    INSERT INTO public.audit_entry (at, action, subject, subject_id, details)
        VALUES (clock_timestamp(), 'reveal', ask_reveal.kind, record, json_build_object('fields', fields));
    RETURN made;
END
$body$"""

_ANSWER = f"""
CREATE OR REPLACE FUNCTION plumbline.answer_reveal(question bigint) RETURNS TABLE (field text, value text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER {_PATH} AS $body$
DECLARE
    asked plumbline.reveal_request%ROWTYPE;
BEGIN
    SELECT q.* INTO asked FROM plumbline.reveal_request AS q
        WHERE q.id = question AND q.person_id = plumbline.me() AND NOT q.answered FOR UPDATE;
    IF asked.id IS NULL OR asked.transaction = pg_current_xact_id() THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing was asked for and committed';
    END IF;
    UPDATE plumbline.reveal_request AS q SET answered = true WHERE q.id = question;
    RETURN QUERY SELECT r.field::text, r.value::text
        FROM ({_REACH.replace("$1", "asked.kind").replace("$2", "ARRAY[asked.record]")}) AS r WHERE r.value <> '';
END
$body$"""

_ERASE = f"""
CREATE OR REPLACE FUNCTION plumbline.erase_audit(positions bigint[], kind text, record bigint, said json)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER {_PATH} AS $body$
DECLARE
    made bigint;
BEGIN
    INSERT INTO public.audit_entry (at, action, subject, subject_id, details)
        VALUES (clock_timestamp(), 'erase_person', kind, record,
            (said::jsonb || jsonb_build_object('entries', to_jsonb(positions)))::json)
        RETURNING position INTO made;
    UPDATE public.audit_entry AS e SET details = NULL, salt = NULL, erased_by = made
        WHERE e.position = ANY (positions) AND e.position < made AND e.erased_by IS NULL
            AND e.details IS NOT NULL AND e.action <> 'erase_person';
    RETURN made;
END
$body$"""

_JOBS = "plumbline_finance, plumbline_auditor"
POSTGRES = (
    _MASK,
    _MASKED,
    _ASK,
    _ANSWER,
    _ERASE,
    "REVOKE ALL ON FUNCTION plumbline.mask(text, text), plumbline.masked(text, bigint[]),"
    " plumbline.ask_reveal(text, bigint), plumbline.answer_reveal(bigint), plumbline.erase_audit(bigint[], text, bigint, json) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION plumbline.erase_audit(bigint[], text, bigint, json) TO plumbline_admin",
    "GRANT EXECUTE ON FUNCTION plumbline.masked(text, bigint[]), plumbline.ask_reveal(text, bigint),"
    f" plumbline.answer_reveal(bigint) TO {_JOBS}",
)
"""In this order, as the owner; running it again changes nothing."""
