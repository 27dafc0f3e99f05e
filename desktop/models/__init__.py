"""Business records. Importing this package registers every table on `Base.metadata`."""

from desktop.models import (  # noqa: F401
    accounts,
    activities,
    approvals,
    audit,
    clockwork,
    coaching,
    contracts,
    custom,
    handovers,
    imports,
    leads,
    merges,
    opportunities,
    orders,
    people,
    quotes,
    reports,
    rules,
    saved,
    settlements,
    targets,
)
from desktop.models.base import Base, make_sparse

make_sparse(Base.metadata)

__all__ = ["Base"]
