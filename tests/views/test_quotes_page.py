"""The Quotes page as a person uses it: look, write, warn, review, sign."""

from __future__ import annotations

from desktop.analytics.names import name_key
from desktop.models.orders import Product
from desktop.operations.quotes import QuoteDraft, make_quote
from desktop.queries.contracts import contract_detail
from desktop.queries.quote_detail import LineDraft, quote_detail
from desktop.store.workspace import Workspace
from desktop.terms import Role
from desktop.views.quotes.editor import QuoteEditor
from desktop.views.quotes.page import CONTRACTS, QuotesPage
from desktop.views.quotes.panel import ContractPanel, QuotePanel
from tests.maker import Maker
from tests.views.shown import MakeWindow


def firm(make: Maker) -> dict[str, int]:
    """Two records of one customer with two owners, a product, an expired quote."""
    ann, bob = make.person("安"), make.person("柏")
    make.person("陶", Role.DIRECTOR, login="tao")  # nobody signs what they asked for themselves
    one = make.account("杭州恒泰科技有限公司", ann)
    two = make.account("恒泰科技（杭州）有限责任公司", bob)
    pump = make._make(
        Product(name="离心泵", name_key=name_key("离心泵"), list_price=1_000_000_000, cost=600_000_000)
    )
    make.quote("Q-old", one, 100, issued_on=make.days_ago(30), owner_id=ann)
    lines = (LineDraft("离心泵", 2_000, 900_000_000, pump),)
    made = make.workspace.write(lambda work: make_quote(work, QuoteDraft(two, lines)))
    return {"one": one, "two": two, "pump": pump, "quote": made.id}


def page_of(make_window: MakeWindow) -> QuotesPage:
    window = make_window(width=1600, height=900)
    window.navigate("quotes")
    assert isinstance(window.page, QuotesPage)
    return window.page


def test_figures_and_parts(make_window: MakeWindow, sqlite_make: Maker) -> None:
    firm(sqlite_make)
    page = page_of(make_window)
    figures = {figure.caption: figure for figure in page.figures.figures}
    assert figures["Open quotes"].value == "1"
    assert figures["Expired unsigned"].value == "1"
    assert figures["Expired unsigned"].clicked is not None
    figures["Expired unsigned"].clicked()
    assert [row.number for row in page.table.rows()] == ["Q-old"]


def test_a_quote_is_written_and_the_collision_shown_before_it_is_saved(
    make_window: MakeWindow, sqlite_make: Maker, sqlite_workspace: Workspace
) -> None:
    made = firm(sqlite_make)
    page = page_of(make_window)
    page.new_quote()
    editor = page.inspector
    assert isinstance(editor, QuoteEditor)
    editor.save()
    assert page.inspector is editor  # Nothing typed: it says so and stays.
    editor.customer.choose(made["one"])
    (row,) = editor.rows
    row.product.choose(made["pump"])
    row._chose(editor)
    assert (row.quantity.text(), row.price.text()) == ("1", "1000")
    row.quantity.setText("3")
    editor.changed()
    assert "3,000.00" in editor.total.text()
    assert "40.0%" in editor.total.text()
    editor.look_around()
    assert editor.around.count() > 0  # The other owner, and the price that was quoted there.
    editor.save()
    assert isinstance(page.inspector, QuotePanel)
    assert page.inspector.detail.row.amount == 300_000


def test_an_edit_and_a_contract_with_its_review(
    make_window: MakeWindow, sqlite_make: Maker, sqlite_workspace: Workspace
) -> None:
    made = firm(sqlite_make)
    page = page_of(make_window)
    page.open(quote_id=made["quote"])
    page.edit_quote()
    editor = page.inspector
    assert isinstance(editor, QuoteEditor)
    editor.discount.setText("10")
    editor.add_line()
    editor.remove(editor.rows[-1])
    editor.save()
    amount = sqlite_workspace.read(lambda work: quote_detail(work, made["quote"])).row.amount
    assert amount == 162_000
    page.make_contract()
    assert page.kind.current() == CONTRACTS
    panel = page.inspector
    assert isinstance(panel, ContractPanel)
    number = panel.detail.row.id
    page.note_clause(number, "§ 7", "unlimited")
    page.sign()
    detail = sqlite_workspace.read(lambda work: contract_detail(work, number))
    assert detail.row.signed_on is not None
    assert detail.row.open_notes == 1
    assert len(page.contracts.rows()) == 1
