"""Fields that a firm adds for itself, with typed values in a table beside the records (CUS-05)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, BigId, Editable, Long, Name, Short, Stored, ref

COLUMN_OF_TYPE = {
    "text": "text",
    "choice": "text",
    "list": "text",
    "integer": "whole",
    "money": "whole",
    "number": "number",
    "date": "day",
    "datetime": "moment",
    "boolean": "truth",
}
"""In which column of `custom_value` a value of each type stands."""

VALUE_COLUMNS = tuple(dict.fromkeys(COLUMN_OF_TYPE.values()))

_ONE_VALUE = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in VALUE_COLUMNS) + " = 1"


class CustomField(Editable, Base):
    """A field of its own of one entity; a retired one (`active` false) keeps its values.

    `type` is text, integer, number, money, date, datetime, boolean, choice or list; `options` are what a
    choice is picked from. Columns of files are mapped to it as "<entity>.x_<code>".
    """

    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("entity", "code"), {"sqlite_autoincrement": True})

    entity: Mapped[Short]
    code: Mapped[Short]
    label_en: Mapped[Name]
    label_zh: Mapped[Name]
    type: Mapped[Short]
    options: Mapped[list[Any]]
    required: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class CustomValue(Stored, Base):
    """What one record holds in one custom field, in the one column that the field's type decides.

    `record_id` is a record of the field's entity. Money is whole minor units; a list is its JSON text.
    """

    __tablename__ = "custom_value"
    __table_args__ = (
        UniqueConstraint("field_id", "record_id"),
        CheckConstraint(_ONE_VALUE, "one_value"),
        {"sqlite_autoincrement": True},
    )

    field_id: Mapped[int] = ref("custom_field")
    record_id: Mapped[int] = mapped_column(BigId, index=True)
    text: Mapped[Long | None]
    whole: Mapped[int | None] = mapped_column(BigInteger)
    number: Mapped[float | None] = mapped_column(Float(53))
    day: Mapped[date | None]
    moment: Mapped[datetime | None]
    truth: Mapped[bool | None]
