"""What every record shares: identity, row version, stamps, column types and constraint names.

The modules of this package do without postponed annotations: the mapper would have to evaluate each
of them again as text, a tenth of a second at every start.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite, which has no zones, stores it naive in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values, and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The one declarative base; constraint names are deterministic, so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Instant(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


Id = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]
Name = Annotated[str, mapped_column(String(400))]
Short = Annotated[str, mapped_column(String(100))]
Long = Annotated[str, mapped_column(Text)]
Minor = Annotated[int, mapped_column(BigInteger)]
"""Money in minor units, scale 2 for every currency."""
MicroPrice = Annotated[int, mapped_column(BigInteger)]
"""A unit price in millionths, scale 6."""


def ref(table: str) -> Any:
    """Return an optional, indexed foreign key column to `table`.id."""
    return mapped_column(BigId, ForeignKey(f"{table}.id"), index=True)


def reach() -> Any:
    """Return a column by which somebody is reached: read when it is asked for alone, as not every job may."""
    return mapped_column(deferred=True, deferred_group="reach")


SPARSE = "sparse"
"""Marks a column (`info`) that most rows leave empty: its index has entries for the others only."""


def sparse_ref(table: str) -> Any:
    """Return an optional foreign key column to `table`.id that most rows leave empty."""
    return mapped_column(BigId, ForeignKey(f"{table}.id"), index=True, info={SPARSE: True})


def make_sparse(metadata: MetaData) -> None:
    """Leave NULL out of the indexes of sparse columns: bulk loading would maintain entries that nobody asks for."""
    for table in metadata.tables.values():
        for index in table.indexes:
            (column, *others) = index.columns
            if not others and column.info.get(SPARSE):
                for dialect in ("postgresql", "sqlite"):
                    index.dialect_options[dialect]["where"] = column.is_not(None)


class Stored:
    """A surrogate key that is never used again: lineage would point at strangers."""

    id: Mapped[Id]

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return ({"sqlite_autoincrement": True},)


class Editable(Stored):
    """A record with an optimistic version counter and the system's own stamps.

    `recorded_at` is when the row entered this database, `changed_at` when it last changed here;
    neither says anything about the business, so both are left out of digests.
    """

    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    recorded_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version} if hasattr(cls, "__table__") else {}


class Imported(Editable):
    """A record that a legacy system can bring: it knows where it came from.

    `external_id` is unique within `source_system`; `row_key` is the hash of a row that has no key of
    its own, with its ordinal among equals. `raw_values` keeps the source's text where a value could
    not be read, and the text of columns kept without a field.
    """

    source_system: Mapped[str] = mapped_column(String(100), default="", server_default="")
    external_id: Mapped[str | None] = mapped_column(String(200))
    row_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    raw_values: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)

    @declared_attr.directive
    def __table_args__(cls) -> Any:
        return (UniqueConstraint("source_system", "external_id"), {"sqlite_autoincrement": True})


def as_json(value: Any) -> Any:
    """Return a stored value as JSON can hold it; dates and instants as ISO text."""
    return value.isoformat() if isinstance(value, date | datetime) else value
