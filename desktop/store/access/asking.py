"""“Is this customer already taken?”: the one deliberate leak of what is hidden, in two steps (security 49, PER-01).

The question is written down, counted and audited in a transaction that has to be committed before the
answer is given: who takes the question back by a rollback gets no answer. The answer is masked: whether the
customer has an owner, the first character of its name, the owner's unit, so that one knows whom to ask, and
until when nobody is given it because it refused.
"""

from __future__ import annotations

from desktop.store.access.groups import MAKERS
from desktop.store.access.refusing import STANDING
from desktop.store.access.rules import Function

MOST_QUESTIONS = 30
"""How many questions a person may ask within an hour."""

TOO_MANY = "PL010"
NO_QUESTION = "PL011"
"""SQLSTATE of a question that is not there: answered, somebody else's, or not committed yet."""

QUESTION_TABLE = (
    "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person_id bigint NOT NULL,"
    " asked_at timestamptz NOT NULL DEFAULT clock_timestamp(), transaction xid8 NOT NULL, name_key text,"
    " credit_code text, answered boolean NOT NULL DEFAULT false"
)

_ASK = f"""
DECLARE
    asking bigint := plumbline.me();
    made bigint;
BEGIN
    -- One question of a person at a time, so that many sessions do not count past each other.
    PERFORM 1 FROM public.person AS p WHERE p.id = asking FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM plumbline.question AS q WHERE q.person_id = asking
            AND q.asked_at > clock_timestamp() - interval '1 hour') >= {MOST_QUESTIONS} THEN
        RAISE EXCEPTION 'too many questions within an hour' USING ERRCODE = '{TOO_MANY}';
    END IF;
    -- Who is not known has no number, and a question needs one.
    INSERT INTO plumbline.question (person_id, transaction, name_key, credit_code)
        VALUES (asking, pg_current_xact_id(), nullif($1, ''), nullif($2, '')) RETURNING id INTO made;
    INSERT INTO public.audit_entry (at, action, subject, subject_id, details)
        VALUES (clock_timestamp(), 'ask_taken', 'question', made, json_build_object('name', $1));
    RETURN made;
END
"""

_TAKEN_UP = f"""\
    SELECT q.* INTO asked FROM plumbline.question AS q
        WHERE q.id = $1 AND q.person_id = plumbline.me() AND NOT q.answered FOR UPDATE;
    IF asked.id IS NULL OR asked.transaction = pg_current_xact_id() THEN
        RAISE EXCEPTION 'no question that was asked and committed' USING ERRCODE = '{NO_QUESTION}';
    END IF;
    UPDATE plumbline.question AS q SET answered = true, name_key = NULL, credit_code = NULL WHERE q.id = $1;
"""

_ANSWER = f"""
DECLARE
    asked plumbline.question%ROWTYPE;
    match record;
BEGIN
{_TAKEN_UP}    SELECT a.name, a.owner_id = asked.person_id AS own, u.name AS unit INTO match
        FROM public.account AS a JOIN public.person AS p ON p.id = a.owner_id
        LEFT JOIN public.org_unit AS u ON u.id = p.unit_id
        WHERE a.name_key = asked.name_key OR a.credit_code = asked.credit_code
        ORDER BY a.credit_code = asked.credit_code DESC NULLS LAST, a.id LIMIT 1;
    RETURN json_build_object('taken', FOUND, 'own', coalesce(match.own, false),
        'name', left(match.name, 1) || '**', 'unit', match.unit, 'until', (
            SELECT max(r.blocked_until) FROM ({STANDING}) AS r
            WHERE r.key IN ('name ' || asked.name_key, 'code ' || upper(asked.credit_code))));
END
"""

_LEGAL_FORM = r"\\s*(股份有限公司|有限责任公司|集团有限公司|有限公司|集团公司|集团|公司|co\\.?,?\\s*ltd\\.?|ltd\\.?|inc\\.?|llc|gmbh)$"
"""What names of companies end in; without it two spellings of a legal form are one name."""

_ANSWER_QUOTED = f"""
DECLARE
    asked plumbline.question%ROWTYPE;
    short text;
    found record;
BEGIN
{_TAKEN_UP}    short := regexp_replace(asked.name_key, '{_LEGAL_FORM}', '');
    SELECT count(*) AS quotes, count(DISTINCT seller) AS sellers, max(issued_on) AS last_on,
            array_agg(DISTINCT unit) FILTER (WHERE unit IS NOT NULL) AS units INTO found FROM (
        SELECT q.issued_on, coalesce(q.owner_id, d.owner_id, a.owner_id) AS seller, u.name AS unit
        FROM public.account AS a JOIN public.quote AS q ON q.account_id = a.id
        LEFT JOIN public.opportunity AS d ON d.id = q.opportunity_id
        JOIN public.person AS p ON p.id = coalesce(q.owner_id, d.owner_id, a.owner_id)
        LEFT JOIN public.org_unit AS u ON u.id = p.unit_id
        WHERE (regexp_replace(a.name_key, '{_LEGAL_FORM}', '') = short OR a.credit_code = asked.credit_code)
            AND q.issued_on >= $2 AND (d.id IS NULL OR d.status = 'open') AND p.id <> asked.person_id
    ) AS other;
    RETURN json_build_object('quotes', found.quotes, 'sellers', found.sellers, 'last_on', found.last_on,
        'units', coalesce(found.units, ARRAY[]::varchar[]));
END
"""

ASKING = (
    Function("ask_taken", "text, text", "bigint", _ASK, volatility="VOLATILE", definer=True, callers=MAKERS),
    Function(
        "answer_quoted",
        "bigint, date",
        "json",
        _ANSWER_QUOTED,
        volatility="VOLATILE",
        definer=True,
        callers=MAKERS,
    ),
    Function("answer_taken", "bigint", "json", _ANSWER, volatility="VOLATILE", definer=True, callers=MAKERS),
)
"""The functions, in the order in which they are made."""
