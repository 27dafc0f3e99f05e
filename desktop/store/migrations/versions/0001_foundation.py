"""The foundation

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "calendar_event",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("region", sa.String(length=400), nullable=True),
        sa.Column("industry", sa.String(length=400), nullable=True),
        sa.Column("factor", sa.Float(precision=53), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_event")),
        sa.UniqueConstraint("row_key", name=op.f("uq_calendar_event_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_calendar_event_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_calendar_event_starts_on"), "calendar_event", ["starts_on"], unique=False)
    op.create_table(
        "database_setting",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_database_setting")),
    )
    op.create_table(
        "mapping_profile",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("entity", sa.String(length=100), nullable=False),
        sa.Column("mapping", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_profile")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_mapping_profile_fingerprint")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "metric",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label_en", sa.String(length=400), nullable=False),
        sa.Column("label_zh", sa.String(length=400), nullable=False),
        sa.Column("definition_en", sa.Text(), nullable=False),
        sa.Column("definition_zh", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric")),
        sa.UniqueConstraint("key", "number", name=op.f("uq_metric_key_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_metric_key"), "metric", ["key"], unique=False)
    op.create_table(
        "org_unit",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("level", sa.String(length=100), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint("row_key", name=op.f("uq_org_unit_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_org_unit_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_org_unit_name_key"), "org_unit", ["name_key"], unique=False)
    op.create_index(op.f("ix_org_unit_parent_id"), "org_unit", ["parent_id"], unique=False)
    op.create_table(
        "pipeline",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_zh", sa.String(length=400), nullable=True),
        sa.Column("preset", sa.String(length=100), nullable=True),
        sa.Column("source_system", sa.String(length=100), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline")),
        sa.UniqueConstraint("name", name=op.f("uq_pipeline_name")),
        sa.UniqueConstraint("preset", name=op.f("uq_pipeline_preset")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "product",
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("category", sa.String(length=400), nullable=True),
        sa.Column("list_price", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=100), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("row_key", name=op.f("uq_product_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_product_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_product_code"), "product", ["code"], unique=False)
    op.create_index(op.f("ix_product_name_key"), "product", ["name_key"], unique=False)
    op.create_table(
        "org_closure",
        sa.Column("ancestor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("descendant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ancestor_id"], ["org_unit.id"], name=op.f("fk_org_closure_ancestor_id")),
        sa.ForeignKeyConstraint(
            ["descendant_id"], ["org_unit.id"], name=op.f("fk_org_closure_descendant_id")
        ),
        sa.PrimaryKeyConstraint("ancestor_id", "descendant_id", name=op.f("pk_org_closure")),
    )
    op.create_index(op.f("ix_org_closure_descendant_id"), "org_closure", ["descendant_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("login", sa.String(length=100), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("mobile", sa.String(length=100), nullable=True),
        sa.Column("title", sa.String(length=400), nullable=True),
        sa.Column("region", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=100), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("manager_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("can_sign_in", sa.Boolean(), nullable=False),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_person_manager_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
        sa.UniqueConstraint("row_key", name=op.f("uq_person_row_key")),
        sa.UniqueConstraint("source_system", "external_id", name=op.f("uq_person_source_system_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_person_manager_id"), "person", ["manager_id"], unique=False)
    op.create_index(op.f("ix_person_name_key"), "person", ["name_key"], unique=False)
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"], unique=False)
    op.create_table(
        "stage",
        sa.Column("pipeline_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_zh", sa.String(length=400), nullable=True),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("department", sa.String(length=400), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("limit_days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name=op.f("fk_stage_pipeline_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("pipeline_id", "name", name=op.f("uq_stage_pipeline_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_stage_pipeline_id"), "stage", ["pipeline_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("short_name", sa.String(length=400), nullable=True),
        sa.Column("credit_code", sa.String(length=100), nullable=True),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("industry", sa.String(length=400), nullable=True),
        sa.Column("grade", sa.String(length=100), nullable=True),
        sa.Column("type", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=True),
        sa.Column("cooperation_stage", sa.String(length=400), nullable=True),
        sa.Column("country", sa.String(length=400), nullable=True),
        sa.Column("region", sa.String(length=400), nullable=True),
        sa.Column("province", sa.String(length=400), nullable=True),
        sa.Column("city", sa.String(length=400), nullable=True),
        sa.Column("district", sa.String(length=400), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=100), nullable=True),
        sa.Column("mobile", sa.String(length=100), nullable=True),
        sa.Column("fax", sa.String(length=100), nullable=True),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue", sa.BigInteger(), nullable=True),
        sa.Column("annual_purchase", sa.BigInteger(), nullable=True),
        sa.Column("purchase_cycle", sa.String(length=400), nullable=True),
        sa.Column("budget_range", sa.String(length=400), nullable=True),
        sa.Column("go_live_on", sa.Date(), nullable=True),
        sa.Column("it_compatibility", sa.Text(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_account_created_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_account_owner_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["account.id"], name=op.f("fk_account_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("row_key", name=op.f("uq_account_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_account_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_account_created_by_id"), "account", ["created_by_id"], unique=False)
    op.create_index(op.f("ix_account_credit_code"), "account", ["credit_code"], unique=False)
    op.create_index(op.f("ix_account_last_effective_at"), "account", ["last_effective_at"], unique=False)
    op.create_index(op.f("ix_account_name_key"), "account", ["name_key"], unique=False)
    op.create_index(op.f("ix_account_owner_id"), "account", ["owner_id"], unique=False)
    op.create_index(op.f("ix_account_parent_id"), "account", ["parent_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=True),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("operation_id", sa.String(length=36), nullable=True),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_audit_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry_person_id"), "audit_entry", ["person_id"], unique=False)
    op.create_table(
        "call_record",
        sa.Column("caller", sa.String(length=100), nullable=True),
        sa.Column("callee", sa.String(length=100), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_seconds", sa.Integer(), nullable=True),
        sa.Column("direction", sa.String(length=100), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_call_record_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_record")),
        sa.UniqueConstraint("row_key", name=op.f("uq_call_record_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_call_record_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_call_record_callee"), "call_record", ["callee"], unique=False)
    op.create_index(op.f("ix_call_record_caller"), "call_record", ["caller"], unique=False)
    op.create_index(op.f("ix_call_record_owner_id"), "call_record", ["owner_id"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("type", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("expected_revenue", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_campaign_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("row_key", name=op.f("uq_campaign_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_campaign_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_campaign_name_key"), "campaign", ["name_key"], unique=False)
    op.create_index(op.f("ix_campaign_owner_id"), "campaign", ["owner_id"], unique=False)
    op.create_table(
        "import_run",
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_system", sa.String(length=100), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("totals", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_import_run_by_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_import_run_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_run_by_id"), "import_run", ["by_id"], unique=False)
    op.create_index(op.f("ix_import_run_undone_by_id"), "import_run", ["undone_by_id"], unique=False)
    op.create_table(
        "lead",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("company", sa.String(length=400), nullable=True),
        sa.Column("contact_name", sa.String(length=400), nullable=True),
        sa.Column("first_name", sa.String(length=400), nullable=True),
        sa.Column("last_name", sa.String(length=400), nullable=True),
        sa.Column("title", sa.String(length=400), nullable=True),
        sa.Column("decision_rank", sa.String(length=400), nullable=True),
        sa.Column("mobile", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=100), nullable=True),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("industry", sa.String(length=400), nullable=True),
        sa.Column("grade", sa.String(length=100), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=True),
        sa.Column("campaign", sa.String(length=400), nullable=True),
        sa.Column("budget_range", sa.String(length=400), nullable=True),
        sa.Column("web_dwell_seconds", sa.Integer(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("country", sa.String(length=400), nullable=True),
        sa.Column("region", sa.String(length=400), nullable=True),
        sa.Column("city", sa.String(length=400), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_lead_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("row_key", name=op.f("uq_lead_row_key")),
        sa.UniqueConstraint("source_system", "external_id", name=op.f("uq_lead_source_system_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_lead_name_key"), "lead", ["name_key"], unique=False)
    op.create_index(op.f("ix_lead_owner_id"), "lead", ["owner_id"], unique=False)
    op.create_table(
        "operation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_operation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index(op.f("ix_operation_person_id"), "operation", ["person_id"], unique=False)
    op.create_table(
        "ownership",
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("operation_id", sa.String(length=36), nullable=True),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["from_person_id"], ["person.id"], name=op.f("fk_ownership_from_person_id")),
        sa.ForeignKeyConstraint(["to_person_id"], ["person.id"], name=op.f("fk_ownership_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ownership_from_person_id"), "ownership", ["from_person_id"], unique=False)
    op.create_index(op.f("ix_ownership_record_id"), "ownership", ["record_id"], unique=False)
    op.create_index(op.f("ix_ownership_to_person_id"), "ownership", ["to_person_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parameters", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reject_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> submitted_by_id",
            name=op.f("ck_report_second_person"),
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_report_approved_by_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_report_made_by_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["person.id"], name=op.f("fk_report_submitted_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_report_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_approved_by_id"), "report", ["approved_by_id"], unique=False)
    op.create_index(op.f("ix_report_made_by_id"), "report", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_report_submitted_by_id"), "report", ["submitted_by_id"], unique=False)
    op.create_index(op.f("ix_report_unit_id"), "report", ["unit_id"], unique=False)
    op.create_table(
        "target",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(length=400), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_target_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_target_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("row_key", name=op.f("uq_target_row_key")),
        sa.UniqueConstraint("source_system", "external_id", name=op.f("uq_target_source_system_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_target_period"), "target", ["period"], unique=False)
    op.create_index(op.f("ix_target_person_id"), "target", ["person_id"], unique=False)
    op.create_index(op.f("ix_target_unit_id"), "target", ["unit_id"], unique=False)
    op.create_table(
        "threshold",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=True),
        sa.Column("requirement", sa.String(length=100), nullable=True),
        sa.Column("source", sa.String(length=100), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_threshold_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint("key", "effective_from", name=op.f("uq_threshold_key_effective_from")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_threshold_changed_by_id"), "threshold", ["changed_by_id"], unique=False)
    op.create_index(op.f("ix_threshold_key"), "threshold", ["key"], unique=False)
    op.create_table(
        "approval_request",
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> requested_by_id",
            name=op.f("ck_approval_request_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_approval_request_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_approval_request_report_id")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["person.id"], name=op.f("fk_approval_request_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_approval_request_decided_by_id"), "approval_request", ["decided_by_id"], unique=False
    )
    op.create_index(op.f("ix_approval_request_report_id"), "approval_request", ["report_id"], unique=False)
    op.create_index(
        op.f("ix_approval_request_requested_by_id"), "approval_request", ["requested_by_id"], unique=False
    )
    op.create_table(
        "checkin",
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("latitude", sa.Float(precision=53), nullable=True),
        sa.Column("longitude", sa.Float(precision=53), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_checkin_account_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_checkin_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin")),
        sa.UniqueConstraint("row_key", name=op.f("uq_checkin_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_checkin_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_checkin_account_id"), "checkin", ["account_id"], unique=False)
    op.create_index(op.f("ix_checkin_owner_id"), "checkin", ["owner_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("first_name", sa.String(length=400), nullable=True),
        sa.Column("last_name", sa.String(length=400), nullable=True),
        sa.Column("salutation", sa.String(length=100), nullable=True),
        sa.Column("gender", sa.String(length=100), nullable=True),
        sa.Column("title", sa.String(length=400), nullable=True),
        sa.Column("department", sa.String(length=400), nullable=True),
        sa.Column("decision_role", sa.String(length=400), nullable=True),
        sa.Column("is_decision_maker", sa.Boolean(), nullable=True),
        sa.Column("mobile", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=100), nullable=True),
        sa.Column("email", sa.String(length=400), nullable=True),
        sa.Column("wechat", sa.String(length=400), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("country", sa.String(length=400), nullable=True),
        sa.Column("region", sa.String(length=400), nullable=True),
        sa.Column("city", sa.String(length=400), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.String(length=100), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contact_account_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_contact_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("row_key", name=op.f("uq_contact_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_contact_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_contact_account_id"), "contact", ["account_id"], unique=False)
    op.create_index(op.f("ix_contact_name_key"), "contact", ["name_key"], unique=False)
    op.create_index(op.f("ix_contact_owner_id"), "contact", ["owner_id"], unique=False)
    op.create_table(
        "import_lineage",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("table_name", sa.String(length=100), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("file", sa.String(length=400), nullable=True),
        sa.Column("sheet", sa.String(length=400), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_lineage_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_lineage")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_lineage_run_id", "import_lineage", ["run_id"], unique=False)
    op.create_index(
        "ix_import_lineage_table_name_record_id", "import_lineage", ["table_name", "record_id"], unique=False
    )
    op.create_table(
        "sales_order",
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("discount", sa.Integer(), nullable=True),
        sa.Column("profit", sa.BigInteger(), nullable=True),
        sa.Column("region", sa.String(length=400), nullable=True),
        sa.Column("province", sa.String(length=400), nullable=True),
        sa.Column("city", sa.String(length=400), nullable=True),
        sa.Column("ship_mode", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sales_order_account_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_sales_order_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("row_key", name=op.f("uq_sales_order_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_sales_order_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sales_order_account_id"), "sales_order", ["account_id"], unique=False)
    op.create_index(op.f("ix_sales_order_number"), "sales_order", ["number"], unique=False)
    op.create_index(op.f("ix_sales_order_ordered_on"), "sales_order", ["ordered_on"], unique=False)
    op.create_index(op.f("ix_sales_order_owner_id"), "sales_order", ["owner_id"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("totals", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("metric_versions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_snapshot_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("report_id", "number", name=op.f("uq_snapshot_report_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_snapshot_report_id"), "snapshot", ["report_id"], unique=False)
    op.create_table(
        "touchpoint",
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("channel", sa.String(length=400), nullable=True),
        sa.Column("campaign", sa.String(length=400), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event", sa.String(length=400), nullable=True),
        sa.Column("seconds", sa.Float(precision=53), nullable=True),
        sa.Column("converted", sa.Boolean(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_touchpoint_account_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_touchpoint_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoint")),
        sa.UniqueConstraint("row_key", name=op.f("uq_touchpoint_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_touchpoint_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_touchpoint_account_id"), "touchpoint", ["account_id"], unique=False)
    op.create_index(op.f("ix_touchpoint_customer_id"), "touchpoint", ["customer_id"], unique=False)
    op.create_index(op.f("ix_touchpoint_lead_id"), "touchpoint", ["lead_id"], unique=False)
    op.create_table(
        "weekly_target",
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("original", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["person.id"], name=op.f("fk_weekly_target_accepted_by_id")
        ),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_weekly_target_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_target")),
        sa.UniqueConstraint("target_id", "week", name=op.f("uq_weekly_target_target_id_week")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_weekly_target_accepted_by_id"), "weekly_target", ["accepted_by_id"], unique=False
    )
    op.create_index(op.f("ix_weekly_target_target_id"), "weekly_target", ["target_id"], unique=False)
    op.create_table(
        "opportunity",
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pipeline_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("won_amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=100), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(length=400), nullable=True),
        sa.Column("source", sa.String(length=400), nullable=True),
        sa.Column("campaign", sa.String(length=400), nullable=True),
        sa.Column("product", sa.String(length=400), nullable=True),
        sa.Column("competitor", sa.String(length=400), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_opportunity_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_opportunity_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_opportunity_owner_id")),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipeline.id"], name=op.f("fk_opportunity_pipeline_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_opportunity_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("row_key", name=op.f("uq_opportunity_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_opportunity_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_opportunity_account_id"), "opportunity", ["account_id"], unique=False)
    op.create_index(op.f("ix_opportunity_closed_on"), "opportunity", ["closed_on"], unique=False)
    op.create_index(op.f("ix_opportunity_contact_id"), "opportunity", ["contact_id"], unique=False)
    op.create_index(op.f("ix_opportunity_name_key"), "opportunity", ["name_key"], unique=False)
    op.create_index(op.f("ix_opportunity_owner_id"), "opportunity", ["owner_id"], unique=False)
    op.create_index(op.f("ix_opportunity_pipeline_id"), "opportunity", ["pipeline_id"], unique=False)
    op.create_index(op.f("ix_opportunity_stage_id"), "opportunity", ["stage_id"], unique=False)
    op.create_index(op.f("ix_opportunity_status"), "opportunity", ["status"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("category", sa.String(length=400), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("discount", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("profit", sa.BigInteger(), nullable=True),
        sa.Column("returned", sa.Boolean(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("row_key", name=op.f("uq_order_line_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_order_line_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_line_order_id"), "order_line", ["order_id"], unique=False)
    op.create_index(op.f("ix_order_line_product_id"), "order_line", ["product_id"], unique=False)
    op.create_table(
        "report_file",
        sa.Column("report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("snapshot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("exported_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["exported_by_id"], ["person.id"], name=op.f("fk_report_file_exported_by_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_file_report_id")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_report_file_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_file_exported_by_id"), "report_file", ["exported_by_id"], unique=False)
    op.create_index(op.f("ix_report_file_report_id"), "report_file", ["report_id"], unique=False)
    op.create_index(op.f("ix_report_file_sha256"), "report_file", ["sha256"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("type", sa.String(length=400), nullable=True),
        sa.Column("priority", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("satisfaction", sa.Float(precision=53), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_ticket_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_ticket_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_ticket_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("row_key", name=op.f("uq_ticket_row_key")),
        sa.UniqueConstraint("source_system", "external_id", name=op.f("uq_ticket_source_system_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ticket_account_id"), "ticket", ["account_id"], unique=False)
    op.create_index(op.f("ix_ticket_contact_id"), "ticket", ["contact_id"], unique=False)
    op.create_index(op.f("ix_ticket_owner_id"), "ticket", ["owner_id"], unique=False)
    op.create_table(
        "activity",
        sa.Column("type", sa.String(length=100), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("direction", sa.String(length=100), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("progress_tag", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("pains", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("competitor", sa.String(length=400), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("next_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("location", sa.String(length=400), nullable=True),
        sa.Column("effective", sa.Boolean(), nullable=False),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_activity_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_activity_contact_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_activity_lead_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_activity_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_activity_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("row_key", name=op.f("uq_activity_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_activity_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_activity_account_id_occurred_at", "activity", ["account_id", "occurred_at"], unique=False
    )
    op.create_index(op.f("ix_activity_contact_id"), "activity", ["contact_id"], unique=False)
    op.create_index(op.f("ix_activity_lead_id"), "activity", ["lead_id"], unique=False)
    op.create_index(op.f("ix_activity_occurred_on"), "activity", ["occurred_on"], unique=False)
    op.create_index(op.f("ix_activity_opportunity_id"), "activity", ["opportunity_id"], unique=False)
    op.create_index("ix_activity_owner_id_occurred_on", "activity", ["owner_id", "occurred_on"], unique=False)
    op.create_table(
        "contract",
        sa.Column("number", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=True),
        sa.Column("name_key", sa.String(length=400), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(length=400), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("customer_signatory", sa.String(length=400), nullable=True),
        sa.Column("company_signatory", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_contract_account_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_contract_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_contract_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("row_key", name=op.f("uq_contract_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_contract_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_contract_account_id"), "contract", ["account_id"], unique=False)
    op.create_index(op.f("ix_contract_name_key"), "contract", ["name_key"], unique=False)
    op.create_index(op.f("ix_contract_number"), "contract", ["number"], unique=False)
    op.create_index(op.f("ix_contract_opportunity_id"), "contract", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_contract_owner_id"), "contract", ["owner_id"], unique=False)
    op.create_index(op.f("ix_contract_signed_on"), "contract", ["signed_on"], unique=False)
    op.create_table(
        "quote",
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("discount", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_quote_account_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_quote_opportunity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_quote_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("row_key", name=op.f("uq_quote_row_key")),
        sa.UniqueConstraint("source_system", "external_id", name=op.f("uq_quote_source_system_external_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_quote_account_id"), "quote", ["account_id"], unique=False)
    op.create_index(op.f("ix_quote_number"), "quote", ["number"], unique=False)
    op.create_index(op.f("ix_quote_opportunity_id"), "quote", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_quote_owner_id"), "quote", ["owner_id"], unique=False)
    op.create_table(
        "stage_event",
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_stage_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["from_stage_id"], ["stage.id"], name=op.f("fk_stage_event_from_stage_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_stage_event_opportunity_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_stage_event_person_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["stage.id"], name=op.f("fk_stage_event_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_stage_event_opportunity_id_entered_on",
        "stage_event",
        ["opportunity_id", "entered_on"],
        unique=False,
    )
    op.create_index(
        "ix_stage_event_stage_id_entered_on", "stage_event", ["stage_id", "entered_on"], unique=False
    )
    op.create_table(
        "task",
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opportunity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_task_account_id")),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name=op.f("fk_task_opportunity_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_task_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_task_dedup_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_task_account_id"), "task", ["account_id"], unique=False)
    op.create_index(op.f("ix_task_due_on"), "task", ["due_on"], unique=False)
    op.create_index(op.f("ix_task_opportunity_id"), "task", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_task_owner_id"), "task", ["owner_id"], unique=False)
    op.create_table(
        "invoice",
        sa.Column("number", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("type", sa.String(length=400), nullable=True),
        sa.Column("status", sa.String(length=400), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invoice_account_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_invoice_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("row_key", name=op.f("uq_invoice_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_invoice_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invoice_account_id"), "invoice", ["account_id"], unique=False)
    op.create_index(op.f("ix_invoice_contract_id"), "invoice", ["contract_id"], unique=False)
    op.create_index(op.f("ix_invoice_number"), "invoice", ["number"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_milestone_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_milestone_contract_id"), "milestone", ["contract_id"], unique=False)
    op.create_table(
        "payment",
        sa.Column("number", sa.String(length=200), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("instalment", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.String(length=400), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payment_account_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_payment_contract_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_payment_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("row_key", name=op.f("uq_payment_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_payment_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_account_id"), "payment", ["account_id"], unique=False)
    op.create_index(op.f("ix_payment_contract_id"), "payment", ["contract_id"], unique=False)
    op.create_index(op.f("ix_payment_number"), "payment", ["number"], unique=False)
    op.create_index(op.f("ix_payment_owner_id"), "payment", ["owner_id"], unique=False)
    op.create_index(op.f("ix_payment_received_on"), "payment", ["received_on"], unique=False)
    op.create_table(
        "payment_plan",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("contract_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("instalment", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=100), nullable=True),
        sa.Column("source_system", sa.String(length=100), server_default="", nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("row_key", sa.String(length=64), nullable=True),
        sa.Column("raw_values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_payment_plan_account_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_payment_plan_contract_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plan")),
        sa.UniqueConstraint("row_key", name=op.f("uq_payment_plan_row_key")),
        sa.UniqueConstraint(
            "source_system", "external_id", name=op.f("uq_payment_plan_source_system_external_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_plan_account_id"), "payment_plan", ["account_id"], unique=False)
    op.create_index(op.f("ix_payment_plan_contract_id"), "payment_plan", ["contract_id"], unique=False)
    op.create_index(op.f("ix_payment_plan_due_on"), "payment_plan", ["due_on"], unique=False)


def downgrade() -> None:
    """Take back."""

    op.drop_index(op.f("ix_payment_plan_due_on"), table_name="payment_plan")
    op.drop_index(op.f("ix_payment_plan_contract_id"), table_name="payment_plan")
    op.drop_index(op.f("ix_payment_plan_account_id"), table_name="payment_plan")
    op.drop_table("payment_plan")
    op.drop_index(op.f("ix_payment_received_on"), table_name="payment")
    op.drop_index(op.f("ix_payment_owner_id"), table_name="payment")
    op.drop_index(op.f("ix_payment_number"), table_name="payment")
    op.drop_index(op.f("ix_payment_contract_id"), table_name="payment")
    op.drop_index(op.f("ix_payment_account_id"), table_name="payment")
    op.drop_table("payment")
    op.drop_index(op.f("ix_milestone_contract_id"), table_name="milestone")
    op.drop_table("milestone")
    op.drop_index(op.f("ix_invoice_number"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_contract_id"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_account_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_index(op.f("ix_task_owner_id"), table_name="task")
    op.drop_index(op.f("ix_task_opportunity_id"), table_name="task")
    op.drop_index(op.f("ix_task_due_on"), table_name="task")
    op.drop_index(op.f("ix_task_account_id"), table_name="task")
    op.drop_table("task")
    op.drop_index("ix_stage_event_stage_id_entered_on", table_name="stage_event")
    op.drop_index("ix_stage_event_opportunity_id_entered_on", table_name="stage_event")
    op.drop_table("stage_event")
    op.drop_index(op.f("ix_quote_owner_id"), table_name="quote")
    op.drop_index(op.f("ix_quote_opportunity_id"), table_name="quote")
    op.drop_index(op.f("ix_quote_number"), table_name="quote")
    op.drop_index(op.f("ix_quote_account_id"), table_name="quote")
    op.drop_table("quote")
    op.drop_index(op.f("ix_contract_signed_on"), table_name="contract")
    op.drop_index(op.f("ix_contract_owner_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_opportunity_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_number"), table_name="contract")
    op.drop_index(op.f("ix_contract_name_key"), table_name="contract")
    op.drop_index(op.f("ix_contract_account_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_index("ix_activity_owner_id_occurred_on", table_name="activity")
    op.drop_index(op.f("ix_activity_opportunity_id"), table_name="activity")
    op.drop_index(op.f("ix_activity_occurred_on"), table_name="activity")
    op.drop_index(op.f("ix_activity_lead_id"), table_name="activity")
    op.drop_index(op.f("ix_activity_contact_id"), table_name="activity")
    op.drop_index("ix_activity_account_id_occurred_at", table_name="activity")
    op.drop_table("activity")
    op.drop_index(op.f("ix_ticket_owner_id"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_contact_id"), table_name="ticket")
    op.drop_index(op.f("ix_ticket_account_id"), table_name="ticket")
    op.drop_table("ticket")
    op.drop_index(op.f("ix_report_file_sha256"), table_name="report_file")
    op.drop_index(op.f("ix_report_file_report_id"), table_name="report_file")
    op.drop_index(op.f("ix_report_file_exported_by_id"), table_name="report_file")
    op.drop_table("report_file")
    op.drop_index(op.f("ix_order_line_product_id"), table_name="order_line")
    op.drop_index(op.f("ix_order_line_order_id"), table_name="order_line")
    op.drop_table("order_line")
    op.drop_index(op.f("ix_opportunity_status"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_stage_id"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_pipeline_id"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_owner_id"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_name_key"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_contact_id"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_closed_on"), table_name="opportunity")
    op.drop_index(op.f("ix_opportunity_account_id"), table_name="opportunity")
    op.drop_table("opportunity")
    op.drop_index(op.f("ix_weekly_target_target_id"), table_name="weekly_target")
    op.drop_index(op.f("ix_weekly_target_accepted_by_id"), table_name="weekly_target")
    op.drop_table("weekly_target")
    op.drop_index(op.f("ix_touchpoint_lead_id"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_customer_id"), table_name="touchpoint")
    op.drop_index(op.f("ix_touchpoint_account_id"), table_name="touchpoint")
    op.drop_table("touchpoint")
    op.drop_index(op.f("ix_snapshot_report_id"), table_name="snapshot")
    op.drop_table("snapshot")
    op.drop_index(op.f("ix_sales_order_owner_id"), table_name="sales_order")
    op.drop_index(op.f("ix_sales_order_ordered_on"), table_name="sales_order")
    op.drop_index(op.f("ix_sales_order_number"), table_name="sales_order")
    op.drop_index(op.f("ix_sales_order_account_id"), table_name="sales_order")
    op.drop_table("sales_order")
    op.drop_index("ix_import_lineage_table_name_record_id", table_name="import_lineage")
    op.drop_index("ix_import_lineage_run_id", table_name="import_lineage")
    op.drop_table("import_lineage")
    op.drop_index(op.f("ix_contact_owner_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_name_key"), table_name="contact")
    op.drop_index(op.f("ix_contact_account_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_checkin_owner_id"), table_name="checkin")
    op.drop_index(op.f("ix_checkin_account_id"), table_name="checkin")
    op.drop_table("checkin")
    op.drop_index(op.f("ix_approval_request_requested_by_id"), table_name="approval_request")
    op.drop_index(op.f("ix_approval_request_report_id"), table_name="approval_request")
    op.drop_index(op.f("ix_approval_request_decided_by_id"), table_name="approval_request")
    op.drop_table("approval_request")
    op.drop_index(op.f("ix_threshold_key"), table_name="threshold")
    op.drop_index(op.f("ix_threshold_changed_by_id"), table_name="threshold")
    op.drop_table("threshold")
    op.drop_index(op.f("ix_target_unit_id"), table_name="target")
    op.drop_index(op.f("ix_target_person_id"), table_name="target")
    op.drop_index(op.f("ix_target_period"), table_name="target")
    op.drop_table("target")
    op.drop_index(op.f("ix_report_unit_id"), table_name="report")
    op.drop_index(op.f("ix_report_submitted_by_id"), table_name="report")
    op.drop_index(op.f("ix_report_made_by_id"), table_name="report")
    op.drop_index(op.f("ix_report_approved_by_id"), table_name="report")
    op.drop_table("report")
    op.drop_index(op.f("ix_ownership_to_person_id"), table_name="ownership")
    op.drop_index(op.f("ix_ownership_record_id"), table_name="ownership")
    op.drop_index(op.f("ix_ownership_from_person_id"), table_name="ownership")
    op.drop_table("ownership")
    op.drop_index(op.f("ix_operation_person_id"), table_name="operation")
    op.drop_table("operation")
    op.drop_index(op.f("ix_lead_owner_id"), table_name="lead")
    op.drop_index(op.f("ix_lead_name_key"), table_name="lead")
    op.drop_table("lead")
    op.drop_index(op.f("ix_import_run_undone_by_id"), table_name="import_run")
    op.drop_index(op.f("ix_import_run_by_id"), table_name="import_run")
    op.drop_table("import_run")
    op.drop_index(op.f("ix_campaign_owner_id"), table_name="campaign")
    op.drop_index(op.f("ix_campaign_name_key"), table_name="campaign")
    op.drop_table("campaign")
    op.drop_index(op.f("ix_call_record_owner_id"), table_name="call_record")
    op.drop_index(op.f("ix_call_record_caller"), table_name="call_record")
    op.drop_index(op.f("ix_call_record_callee"), table_name="call_record")
    op.drop_table("call_record")
    op.drop_index(op.f("ix_audit_entry_person_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index(op.f("ix_account_parent_id"), table_name="account")
    op.drop_index(op.f("ix_account_owner_id"), table_name="account")
    op.drop_index(op.f("ix_account_name_key"), table_name="account")
    op.drop_index(op.f("ix_account_last_effective_at"), table_name="account")
    op.drop_index(op.f("ix_account_credit_code"), table_name="account")
    op.drop_index(op.f("ix_account_created_by_id"), table_name="account")
    op.drop_table("account")
    op.drop_index(op.f("ix_stage_pipeline_id"), table_name="stage")
    op.drop_table("stage")
    op.drop_index(op.f("ix_person_unit_id"), table_name="person")
    op.drop_index(op.f("ix_person_name_key"), table_name="person")
    op.drop_index(op.f("ix_person_manager_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_org_closure_descendant_id"), table_name="org_closure")
    op.drop_table("org_closure")
    op.drop_index(op.f("ix_product_name_key"), table_name="product")
    op.drop_index(op.f("ix_product_code"), table_name="product")
    op.drop_table("product")
    op.drop_table("pipeline")
    op.drop_index(op.f("ix_org_unit_parent_id"), table_name="org_unit")
    op.drop_index(op.f("ix_org_unit_name_key"), table_name="org_unit")
    op.drop_table("org_unit")
    op.drop_index(op.f("ix_metric_key"), table_name="metric")
    op.drop_table("metric")
    op.drop_table("mapping_profile")
    op.drop_table("database_setting")
    op.drop_index(op.f("ix_calendar_event_starts_on"), table_name="calendar_event")
    op.drop_table("calendar_event")
