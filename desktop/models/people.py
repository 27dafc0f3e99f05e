"""People and the organisation tree (TGT-01, PER-01)."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Imported, Name, Short, Stored, reach, ref, sparse_ref


class OrgUnit(Imported, Base):
    """A node of the organisation tree: HQ, region, province, city or team."""

    __tablename__ = "org_unit"

    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(String(400), index=True)
    level: Mapped[Short | None]
    parent_id: Mapped[int | None] = ref("org_unit")


class OrgClosure(Base):
    """Every (ancestor, descendant) pair of the organisation tree, each node with itself at depth 0.

    Kept by operations and by import; scopes and row-level security join on it.
    """

    __tablename__ = "org_closure"

    ancestor_id: Mapped[int] = mapped_column(BigId, ForeignKey("org_unit.id"), primary_key=True)
    descendant_id: Mapped[int] = mapped_column(BigId, ForeignKey("org_unit.id"), primary_key=True, index=True)
    depth: Mapped[int]


class Person(Imported, Base):
    """A person of the firm; one without `login` owns records but cannot sign in.

    `unnamed` is their own choice not to be named in rankings (RPT-09).
    """

    __tablename__ = "person"

    login: Mapped[str | None] = mapped_column(String(100), unique=True)
    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(String(400), index=True)
    role: Mapped[Short]
    email: Mapped[Name | None] = reach()
    mobile: Mapped[Short | None] = reach()
    title: Mapped[Name | None]
    region: Mapped[Name | None]
    status: Mapped[Short]
    hired_on: Mapped[date | None]
    left_on: Mapped[date | None]
    unit_id: Mapped[int | None] = ref("org_unit")
    manager_id: Mapped[int | None] = ref("person")
    can_sign_in: Mapped[bool] = mapped_column(default=False)
    unnamed: Mapped[bool | None]


class Ownership(Stored, Base):
    """Who owned a record since when, and why that changed (HND-03)."""

    __tablename__ = "ownership"

    kind: Mapped[Short]
    record_id: Mapped[int] = mapped_column(BigId, index=True)
    from_person_id: Mapped[int | None] = sparse_ref("person")
    to_person_id: Mapped[int | None] = ref("person")
    since: Mapped[date]
    reason: Mapped[Name]
    operation_id: Mapped[str | None] = mapped_column(String(36))
