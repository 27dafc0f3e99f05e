"""Alembic's entry: run the migrations on the connection handed over by `desktop.store.schema`."""

from __future__ import annotations

from alembic import context

from desktop.models import Base


def run() -> None:
    """Migrate on the connection in the configuration's attributes."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
