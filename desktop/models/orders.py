"""Products, sales orders and their lines."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models.base import Base, Imported, Long, MicroPrice, Minor, Name, Short, ref


class Product(Imported, Base):
    """Something the firm sells."""

    __tablename__ = "product"

    code: Mapped[str | None] = mapped_column(String(100), index=True)
    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(String(400), index=True)
    category: Mapped[Name | None]
    list_price: Mapped[MicroPrice | None]
    cost: Mapped[MicroPrice | None]
    unit: Mapped[Short | None]
    active: Mapped[bool | None]
    description: Mapped[Long | None]


class SalesOrder(Imported, Base):
    """A customer's order."""

    __tablename__ = "sales_order"

    number: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int | None] = ref("account")
    ordered_on: Mapped[date | None] = mapped_column(index=True)
    due_on: Mapped[date | None]
    shipped_on: Mapped[date | None]
    amount: Mapped[Minor | None]
    discount: Mapped[int | None]
    profit: Mapped[Minor | None]
    region: Mapped[Name | None]
    province: Mapped[Name | None]
    city: Mapped[Name | None]
    ship_mode: Mapped[Name | None]
    status: Mapped[Name | None]
    owner_id: Mapped[int | None] = ref("person")


class OrderLine(Imported, Base):
    """One line of a sales order; `quantity` is in thousandths."""

    __tablename__ = "order_line"

    order_id: Mapped[int | None] = ref("sales_order")
    product_id: Mapped[int | None] = ref("product")
    category: Mapped[Name | None]
    quantity: Mapped[Minor | None]
    unit_price: Mapped[MicroPrice | None]
    discount: Mapped[int | None]
    amount: Mapped[Minor | None]
    profit: Mapped[Minor | None]
    returned: Mapped[bool | None]
