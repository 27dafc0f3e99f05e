"""What an import compares with may be fetched beforehand; it then sees what it would see without."""

from __future__ import annotations

from sqlalchemy import delete, update

from desktop.models import Base
from desktop.models.accounts import Account
from desktop.operations.imports import apply_import
from desktop.store.loading import bulk
from desktop.store.loading.stock import Stock
from desktop.store.workspace import Work, Workspace
from tests.store.loading.hand_made import digest_of, load, table, totals

ACCOUNT = Base.metadata.tables["account"]
OLD = [{"external_id": f"A{n}", "name": f"客户{n}", "employees": n, "owner": "张伟"} for n in range(5)]


def taken(workspace: Workspace) -> Stock:
    """A stock that has everything."""
    stock = Stock(workspace.engine).start()
    stock._thread.join()
    return stock


def test_a_stock_is_what_the_database_holds(workspace: Workspace) -> None:
    load(workspace, table("account", OLD))
    stock = taken(workspace)

    def same(work: Work) -> None:
        names = [column.name for column in ACCOUNT.c]
        direct = bulk.fetch(work.connection, ACCOUNT, names).sort("id")
        assert stock.renew(work.connection)["account"].select(names).sort("id").equals(direct)

    workspace.write(same)
    stock.close()


def test_what_was_edited_added_and_deleted_meanwhile_is_seen(workspace: Workspace) -> None:
    load(workspace, table("account", OLD))
    stock = taken(workspace)
    workspace.write(
        lambda work: work.session.execute(
            update(Account).where(Account.external_id == "A1").values(employees=77, version=2)
        )
    )
    load(workspace, table("account", [{"external_id": "B1", "name": "新来的"}]))
    workspace.write(lambda work: work.session.execute(delete(Account).where(Account.external_id == "A4")))
    news = [table("account", [*OLD, {"external_id": "B1", "name": "新来的"}])]
    result = workspace.write(lambda work: apply_import(work, news, stock=stock))
    stock.close()
    # A1 was edited, A4 is gone and comes anew, B1 came meanwhile.
    assert totals(result) == (1, 1, 4, 0)
    after = digest_of(workspace)
    assert totals(load(workspace, *news)) == (0, 0, 6, 0)
    assert digest_of(workspace) == after


def test_an_import_into_stocked_tables_sees_its_own_writing(workspace: Workspace) -> None:
    load(workspace, table("account", OLD))
    stock = taken(workspace)
    tables = [
        table("account", [{"external_id": "A0", "name": "客户0", "owner": "李娜"}]),
        table("contact", [{"name": "王芳", "account_name": "客户0", "owner": "李娜"}]),
    ]
    result = workspace.write(lambda work: apply_import(work, tables, stock=stock))
    stock.close()
    assert result.entities["user"]["created"] == 1
    assert totals(load(workspace, *tables)) == (0, 0, 2, 0)
