"""What people keep for themselves or share: views of figures and dashboards of them (RPT-02, RPT-04)."""

from typing import Any

from sqlalchemy.orm import Mapped

from desktop.models.base import Base, Editable, Name, Short, ref


class SavedView(Editable, Base):
    """A question to the metric layer with its chart, or a list of such; it holds no figures.

    Its owner changes it; a `shared` one is seen by everybody, each with the records that they may see.
    """

    __tablename__ = "saved_view"

    owner_id: Mapped[int] = ref("person")
    kind: Mapped[Short]
    name: Mapped[Name]
    shared: Mapped[bool]
    content: Mapped[dict[str, Any]]
