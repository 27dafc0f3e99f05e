"""Guards of quotes and contracts: what was approved stays as it is, and nothing is signed by a quote that has expired.

What is approved is frozen in `paper_version`, to which nobody adds by hand (PER-06). The refusals have states of
their own, so that a person is told what stands in the way (APR-03).
"""

from __future__ import annotations

from desktop.store.access.groups import EVERYONE, MAKERS, OWNER
from desktop.store.access.rules import Function, Trigger

FROZEN = "PL020"
EXPIRED = "PL021"
CHANGED = "PL022"
"""SQLSTATEs: it was approved; the quote has expired; it is not what approval was asked for."""

QUOTE_TERMS = ("number", "account_id", "issued_on", "valid_until", "amount", "discount")
"""What an approval of a quote is about, besides its lines."""
LINE_TERMS = ("position", "product_id", "name", "quantity", "list_price", "unit_price", "cost", "amount")
CONTRACT_TERMS = (
    "number", "name", "account_id", "quote_id", "amount", "type", "ordered_on", "signed_on", "starts_on",
    "ends_on", "delivery_on", "customer_signatory", "company_signatory", "extra_clause",
)  # fmt: skip
FILLED_LATER = ("number", "signed_on", "ordered_on", "customer_signatory", "company_signatory")
"""What an approved contract still lacks and is given once: its signing is no change of what was agreed."""
MOVED_BY_MERGES = "account_id"
"""Follows the customer when customers are merged, which is on record and can be split again."""
CHANGEABLE = (
    "amount", "type", "starts_on", "ends_on", "delivery_on", "customer_signatory", "company_signatory", "extra_clause",
)  # fmt: skip
"""What an approved change of a contract may be about."""
DEFAULT_VALID_DAYS = 7


def _same(names: tuple[str, ...]) -> str:
    """Return the condition that none of these columns changed, but for what may be filled or moved."""
    checks = []
    for name in names:
        if name == MOVED_BY_MERGES:
            checks.append(f"(NEW.{name} IS NOT DISTINCT FROM OLD.{name} OR keeper)")
        elif name in FILLED_LATER:
            checks.append(f"(OLD.{name} IS NULL OR NEW.{name} IS NOT DISTINCT FROM OLD.{name})")
        else:
            checks.append(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}")
    return " AND ".join(checks)


_KEEPER = (
    "pg_has_role(session_user, 'plumbline_sales_ops', 'MEMBER')"
    " OR pg_has_role(session_user, 'plumbline_admin', 'MEMBER')"
)

_FROZEN = """
    SELECT EXISTS (SELECT 1 FROM public.paper_version AS v WHERE v.quote_id = $1 OR v.contract_id = $2)
"""

_LAST_DAY = f"""
    SELECT least(
        CASE WHEN q.valid_until >= coalesce(q.renewed_on, q.issued_on) THEN q.valid_until END,
        coalesce(q.renewed_on, q.issued_on) + coalesce((
            SELECT (t.value ->> 'value')::int FROM public.threshold AS t
            WHERE t.key = 'quote.valid_days' AND t.effective_from <= coalesce(q.renewed_on, q.issued_on)
            ORDER BY t.effective_from DESC, t.id DESC LIMIT 1), {DEFAULT_VALID_DAYS}))
    FROM public.quote AS q WHERE q.id = $1
"""

_GUARD_QUOTE = f"""
DECLARE
    keeper boolean := {_KEEPER};
BEGIN
    IF current_user = '{OWNER}' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.renewed_on IS NOT NULL THEN
            RAISE EXCEPTION 'a review alone renews a quote' USING ERRCODE = '{FROZEN}';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT (NEW.renewed_on IS NOT DISTINCT FROM OLD.renewed_on) OR (NEW.issued_on > OLD.issued_on AND NOT keeper) THEN
        RAISE EXCEPTION 'a review alone renews a quote' USING ERRCODE = '{FROZEN}';
    END IF;
    IF NOT ({_same(QUOTE_TERMS)}) AND plumbline.frozen(OLD.id, NULL) THEN
        RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = '{FROZEN}';
    END IF;
    RETURN NEW;
END
"""

_GUARD_QUOTE_LINE = f"""
BEGIN
    IF current_user = '{OWNER}' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) = to_jsonb(OLD) THEN
        RETURN NEW;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        -- Locked, so that nobody approves what is being changed.
        PERFORM 1 FROM public.quote AS q WHERE q.id = OLD.quote_id FOR SHARE;
        IF plumbline.frozen(OLD.quote_id, NULL) THEN
            RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = '{FROZEN}';
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM 1 FROM public.quote AS q WHERE q.id = NEW.quote_id FOR SHARE;
        IF plumbline.frozen(NEW.quote_id, NULL) THEN
            RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = '{FROZEN}';
        END IF;
    END IF;
    RETURN coalesce(NEW, OLD);
END
"""

_GUARD_CONTRACT = f"""
DECLARE
    keeper boolean := {_KEEPER};
BEGIN
    IF current_user = '{OWNER}' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NOT ({_same(CONTRACT_TERMS)}) AND plumbline.frozen(NULL, OLD.id) THEN
            RAISE EXCEPTION 'what was approved stays as it is' USING ERRCODE = '{FROZEN}';
        END IF;
        IF NEW.quote_id IS NOT DISTINCT FROM OLD.quote_id AND NEW.signed_on IS NOT DISTINCT FROM OLD.signed_on THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.quote_id IS NOT NULL AND NEW.signed_on IS NOT NULL
            AND NOT coalesce(NEW.signed_on <= plumbline.quote_last_day(NEW.quote_id), false) THEN
        RAISE EXCEPTION 'nothing is signed by a quote that has expired' USING ERRCODE = '{EXPIRED}';
    END IF;
    RETURN NEW;
END
"""


def _object(names: tuple[str, ...], row: str) -> str:
    return ", ".join(f"'{name}', {row}.{name}" for name in names)


_CONTENT = f"""
    SELECT jsonb_build_object({_object(QUOTE_TERMS, "q")}, 'lines', coalesce((
        SELECT jsonb_agg(jsonb_build_object({_object(LINE_TERMS, "l")}) ORDER BY l.position, l.id)
        FROM public.quote_line AS l WHERE l.quote_id = q.id), '[]'))
    FROM public.quote AS q WHERE $1 = 'quote' AND q.id = $2
    UNION ALL
    SELECT jsonb_build_object({_object(CONTRACT_TERMS, "c")})
    FROM public.contract AS c WHERE $1 = 'contract' AND c.id = $2
"""

_ROUNDED = "SELECT sign($1) * div(2 * abs($1) + $2, 2 * $2)"

_QUOTE_FACTS = """
    WITH line AS (
        SELECT (l.said ->> 'list_price')::numeric AS list_price, (l.said ->> 'cost')::numeric AS cost,
            (l.said ->> 'quantity')::numeric AS quantity,
            plumbline.rounded((l.said ->> 'quantity')::numeric * (l.said ->> 'unit_price')::numeric, 10000000) AS amount
        FROM jsonb_array_elements($1 -> 'content' -> 'lines') AS l(said)
    ), said AS (
        SELECT coalesce(($1 ->> 'discount')::numeric, ($1 -> 'content' ->> 'discount')::numeric, 0) AS discount
    ), summed AS (
        SELECT count(l.cost) AS costed, said.discount,
            plumbline.rounded(coalesce(sum(l.amount), 0) * (10000 - said.discount), 10000) AS amount,
            CASE WHEN count(l.list_price) = count(*) THEN
                sum(plumbline.rounded(l.quantity * l.list_price, 10000000)) END AS at_list,
            plumbline.rounded(coalesce(sum(l.amount) FILTER (WHERE l.cost IS NOT NULL), 0) * (10000 - said.discount), 10000)
                AS revenue,
            coalesce(sum(plumbline.rounded(l.quantity * l.cost, 10000000)), 0) AS cost
        FROM said LEFT JOIN line AS l ON true GROUP BY said.discount
    )
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'discount', s.discount,
        'amount', CASE WHEN line.there THEN s.amount ELSE coalesce(($1 -> 'content' ->> 'amount')::numeric, 0) END,
        'concession', CASE WHEN line.there THEN greatest(s.discount, CASE WHEN s.at_list > 0 THEN
            plumbline.rounded((s.at_list - s.amount) * 10000, s.at_list) ELSE 0 END) END,
        'margin', CASE WHEN s.costed > 0 AND s.revenue > 0 THEN
            plumbline.rounded((s.revenue - s.cost) * 10000, s.revenue) END))
    FROM summed AS s, (SELECT jsonb_array_length($1 -> 'content' -> 'lines') > 0 AS there) AS line
"""

_CONTRACT_FACTS = """
    WITH terms AS (
        SELECT coalesce(q.amount, o.amount)::numeric AS offered, (after.said ->> 'amount')::numeric AS amount,
            (after.said ->> 'delivery_on')::date - coalesce(c.ordered_on, c.signed_on, c.starts_on) AS days,
            coalesce((after.said ->> 'extra_clause')::boolean, false) AS clause
        FROM public.contract AS c LEFT JOIN public.quote AS q ON q.id = c.quote_id
        LEFT JOIN public.opportunity AS o ON o.id = c.opportunity_id,
            (SELECT $2 -> 'content' || coalesce($2 -> 'changes', '{}') AS said) AS after
        WHERE c.id = $1
    )
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'amount', coalesce(t.amount, 0),
        'extra_clause', t.clause,
        'delivery_days', t.days,
        'concession', CASE WHEN t.offered > 0 THEN plumbline.rounded((t.offered - t.amount) * 10000, t.offered) END,
        'irregular', t.clause
            OR coalesce(t.days BETWEEN 0 AND plumbline.threshold_now('contract.delivery_days')::int, false)
            OR coalesce(t.offered > 0 AND (t.offered - t.amount) * 10000
                > round(plumbline.threshold_now('contract.concession_pct')::numeric * 10000) * t.offered, false)))
    FROM terms AS t
"""

_FACTS = """
    SELECT CASE WHEN asked.kind = 'contract_change' THEN plumbline.contract_facts(asked.subject_id, asked.payload::jsonb)
        ELSE plumbline.quote_facts(asked.payload::jsonb) END
"""
"""The same as `desktop.operations.papers` computes when approval is asked for; a test compares them."""

_SETTLE = f"""
DECLARE
    asked public.approval_request%ROWTYPE;
    paper text;
    wanted jsonb;
    said text;
BEGIN
    SELECT r.* INTO asked FROM public.approval_request AS r WHERE r.id = $1 AND r.state = 'approved'
        AND r.kind IN ('quote', 'discount', 'contract_change') AND r.decided_by_id = plumbline.me() FOR UPDATE;
    IF asked.id IS NULL THEN
        RAISE EXCEPTION 'no request that one has approved' USING ERRCODE = '{FROZEN}';
    END IF;
    IF EXISTS (SELECT 1 FROM public.paper_version AS v WHERE v.request_id = $1) THEN
        RETURN;
    END IF;
    wanted := asked.payload::jsonb;
    paper := CASE asked.kind WHEN 'contract_change' THEN 'contract' ELSE 'quote' END;
    IF paper = 'quote' THEN
        PERFORM 1 FROM public.quote AS q WHERE q.id = asked.subject_id FOR UPDATE;
    ELSE
        PERFORM 1 FROM public.contract AS c WHERE c.id = asked.subject_id FOR UPDATE;
    END IF;
    IF NOT coalesce(plumbline.paper_content(paper, asked.subject_id) = wanted -> 'content', false) THEN
        RAISE EXCEPTION 'changed since it was asked for' USING ERRCODE = '{CHANGED}';
    END IF;
    -- The levels went by the facts: whatever they say has to be so of what is carried out.
    IF NOT coalesce(asked.facts::jsonb - 'content' <@ plumbline.paper_facts(asked), false) OR asked.kind = 'discount'
            AND (wanted ->> 'amount')::bigint IS DISTINCT FROM (plumbline.paper_facts(asked) ->> 'amount')::bigint THEN
        RAISE EXCEPTION 'not what was decided on' USING ERRCODE = '{CHANGED}';
    END IF;
    IF asked.kind = 'discount' THEN
        UPDATE public.quote AS q SET discount = (wanted ->> 'discount')::int, amount = (wanted ->> 'amount')::bigint
            WHERE q.id = asked.subject_id;
    END IF;
    IF paper = 'quote' THEN
        UPDATE public.quote AS q SET renewed_on = plumbline.today(), version = q.version + 1, changed_at = plumbline.moment()
            WHERE q.id = asked.subject_id;
    ELSE
        UPDATE public.contract AS c SET ({", ".join(CHANGEABLE)}) = (
                SELECT {", ".join(f"new.{name}" for name in CHANGEABLE)}
                FROM jsonb_populate_record(c, coalesce(wanted -> 'changes', '{{}}')) AS new),
            version = c.version + 1, changed_at = plumbline.moment() WHERE c.id = asked.subject_id;
    END IF;
    said := plumbline.paper_content(paper, asked.subject_id)::text;
    INSERT INTO public.paper_version (quote_id, contract_id, number, content, hash, request_id, frozen_at, frozen_by_id)
        SELECT CASE paper WHEN 'quote' THEN asked.subject_id END, CASE paper WHEN 'contract' THEN asked.subject_id END,
            1 + coalesce(max(v.number), 0), said, encode(sha256(convert_to(said, 'UTF8')), 'hex'), asked.id,
            asked.decided_at, asked.decided_by_id
        FROM public.paper_version AS v
        WHERE CASE paper WHEN 'quote' THEN v.quote_id ELSE v.contract_id END = asked.subject_id;
END
"""

PAPERS = (
    Function("frozen", "bigint, bigint", "boolean", _FROZEN, language="sql", callers=EVERYONE),
    Function("quote_last_day", "bigint", "date", _LAST_DAY, language="sql", callers=EVERYONE),
    Function("paper_content", "text, bigint", "jsonb", _CONTENT, language="sql"),
    Function("rounded", "numeric, numeric", "numeric", _ROUNDED, language="sql"),
    Function("quote_facts", "jsonb", "jsonb", _QUOTE_FACTS, language="sql"),
    Function("contract_facts", "bigint, jsonb", "jsonb", _CONTRACT_FACTS, language="sql"),
    Function("paper_facts", "asked public.approval_request", "jsonb", _FACTS, language="sql"),
    Function("settle_paper", "bigint", "void", _SETTLE, volatility="VOLATILE", definer=True, callers=MAKERS),
    Function("guard_quote", "", "trigger", _GUARD_QUOTE, volatility="VOLATILE"),
    Function("guard_quote_line", "", "trigger", _GUARD_QUOTE_LINE, volatility="VOLATILE"),
    Function("guard_contract", "", "trigger", _GUARD_CONTRACT, volatility="VOLATILE"),
)
"""The functions, in the order in which they are made."""

PAPER_GUARDS = (
    Trigger("quote", "guard_quote", "INSERT OR UPDATE"),
    Trigger("quote_line", "guard_quote_line", "INSERT OR UPDATE OR DELETE"),
    Trigger("contract", "guard_contract", "INSERT OR UPDATE"),
    Trigger("paper_version", "guard_kept", "UPDATE OR DELETE"),
)
