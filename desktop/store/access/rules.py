"""What a declaration of access consists of, and the SQL conditions that rules are put together from.

Conditions are evaluated once per statement where they can be: `(SELECT f())` and `ARRAY(SELECT …)` do not
depend on the row, so that PostgreSQL looks them up in an index. Names are qualified: a condition is text.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop.store.access.groups import groups
from desktop.terms import Role

SEEN = "ANY ((SELECT plumbline.visible_people())::bigint[])"
"""Whose records the asking person sees."""
EDITED = "ANY ((SELECT plumbline.editable_people())::bigint[])"
"""Whose records the asking person edits."""
MYSELF = "(SELECT plumbline.me())"


@dataclass(frozen=True, slots=True)
class Policy:
    """One row-level rule: for which verb and jobs, and for which rows (`check`: as they shall become)."""

    name: str
    verb: str
    roles: tuple[Role, ...]
    using: str | None = None
    check: str | None = None

    def sql(self, table: str) -> str:
        """Return the statement that makes it."""
        parts = [
            f"CREATE POLICY {self.name} ON public.{table} FOR {self.verb} TO {groups(self.roles)}",
            *([f"USING ({self.using})"] if self.using is not None else []),
            *([f"WITH CHECK ({self.check})"] if self.check is not None else []),
        ]
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Grant:
    """A right on a table, or on some of its columns where `columns` names them."""

    verb: str
    roles: tuple[Role, ...]
    columns: tuple[str, ...] = ()

    def sql(self, table: str) -> str:
        """Return the statement that gives it."""
        listed = f" ({', '.join(self.columns)})" if self.columns else ""
        return f"GRANT {self.verb}{listed} ON public.{table} TO {groups(self.roles)}"


@dataclass(frozen=True, slots=True)
class TableAccess:
    """Everything that is allowed on one table."""

    name: str
    policies: tuple[Policy, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of ours: its signature, its body, and who may call it (nobody: triggers and other functions).

    A `definer` acts as the owner and so crosses the scopes of its caller.
    """

    name: str
    arguments: str
    returns: str
    body: str
    language: str = "plpgsql"
    volatility: str = "STABLE"
    definer: bool = False
    callers: tuple[Role, ...] = ()

    @property
    def signature(self) -> str:
        """How PostgreSQL names it."""
        return f"plumbline.{self.name}({self.arguments})"

    def sql(self) -> list[str]:
        """Return the statements that make it; its search path is pinned, temporary objects last."""
        rights = "DEFINER" if self.definer else "INVOKER"
        parallel = "SAFE" if self.volatility == "STABLE" else "UNSAFE"
        made = [
            f"CREATE FUNCTION {self.signature} RETURNS {self.returns} LANGUAGE {self.language}"
            f" {self.volatility} SECURITY {rights} PARALLEL {parallel}"
            f" SET search_path = pg_catalog, public, pg_temp AS $body${self.body}$body$",
            f"REVOKE ALL ON FUNCTION {self.signature} FROM PUBLIC",
        ]
        if self.callers:
            made.append(f"GRANT EXECUTE ON FUNCTION {self.signature} TO {groups(self.callers)}")
        return made


@dataclass(frozen=True, slots=True)
class Trigger:
    """A guard: a function of ours that looks at each row of a table before it is written."""

    table: str
    function: str
    events: str
    when: str = ""

    @property
    def name(self) -> str:
        """Its name in the database."""
        return f"guard_{self.function.removeprefix('guard_')}"

    def sql(self) -> str:
        """Return the statement that makes it."""
        condition = f" WHEN ({self.when})" if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.events} ON public.{self.table}"
            f" FOR EACH ROW{condition} EXECUTE FUNCTION plumbline.{self.function}()"
        )


def among(column: str, table: str) -> str:
    """Return the condition that `column` names a row of `table` that the asking person sees: for few rows.

    The ids are collected once and looked up in the index of `column`.
    """
    return f"{column} = ANY (ARRAY(SELECT seen.id FROM public.{table} AS seen))"


def within(column: str, table: str) -> str:
    """Return the same condition for many rows: the ids are hashed once, and each row is looked up there."""
    return f"{column} IN (SELECT seen.id FROM public.{table} AS seen)"


def exists(own: str, column: str, table: str, more: str = "") -> str:
    """Return the same condition for a single row that is written: looked up by its number."""
    also = f" AND {more}" if more else ""
    return f"EXISTS (SELECT 1 FROM public.{table} AS seen WHERE seen.id = {own}.{column}{also})"


def any_of(*conditions: str) -> str:
    """Return what holds if one of the conditions does."""
    return " OR ".join(conditions)


def all_of(*conditions: str) -> str:
    """Return what holds if all conditions do."""
    return " AND ".join(f"({condition})" for condition in conditions)
