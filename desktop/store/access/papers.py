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
    IF asked.kind = 'discount' THEN
        -- The levels went by the facts; what is carried out has to be the same.
        IF (asked.facts ->> 'discount', asked.facts ->> 'amount') IS DISTINCT FROM (wanted ->> 'discount', wanted ->> 'amount') THEN
            RAISE EXCEPTION 'not what was decided on' USING ERRCODE = '{CHANGED}';
        END IF;
        UPDATE public.quote AS q SET discount = (wanted ->> 'discount')::int, amount = (wanted ->> 'amount')::bigint
            WHERE q.id = asked.subject_id;
    END IF;
    IF paper = 'quote' THEN
        UPDATE public.quote AS q SET renewed_on = $2, version = q.version + 1, changed_at = now()
            WHERE q.id = asked.subject_id;
    ELSE
        UPDATE public.contract AS c SET ({", ".join(CHANGEABLE)}) = (
                SELECT {", ".join(f"new.{name}" for name in CHANGEABLE)}
                FROM jsonb_populate_record(c, coalesce(wanted -> 'changes', '{{}}')) AS new),
            version = c.version + 1, changed_at = now() WHERE c.id = asked.subject_id;
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
    Function(
        "settle_paper", "bigint, date", "void", _SETTLE, volatility="VOLATILE", definer=True, callers=MAKERS
    ),
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
