"""Ways to reach people are masked by default, and shown in full on record (security 65; PER-08)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from desktop.errors import NotAllowed, NotFound, UserError
from desktop.i18n import Locale
from desktop.operations.privacy import answer_reveal, ask_reveal, reveal
from desktop.operations.reports import draft_report
from desktop.periods import Period
from desktop.queries.account_detail import account_view
from desktop.queries.audit import AuditFilter, audit_entries
from desktop.queries.customer_brief import customer_brief
from desktop.queries.personal import masked_reach
from desktop.queries.report_parts import Asked
from desktop.queries.reports import rendered_report
from desktop.store.privacy_guard import MOST_REVEALS
from desktop.store.workspace import Work, Workspace
from desktop.terms import Role
from tests.databases import Place
from tests.maker import Maker

MOBILE, MAIL = "+8613812341234", "zhang.wei@firm.cn"


@pytest.fixture
def customer(make: Maker) -> int:
    owner = make.person("吴代表", Role.REP, login="wu")
    account = make.account("甲公司", owner, phone="+862151096888", email="office@firm.cn")
    make.contact("张伟", account, mobile=MOBILE, email=MAIL, wechat="zhangwei88")
    return account


@pytest.fixture(params=["admin", "finance", "auditor", "rep"])
def reader(
    request: pytest.FixtureRequest, place: Place, workspace: Workspace, make: Maker, customer: int
) -> Workspace:
    """Each kind of job, on its own login."""
    if request.param == "admin":
        return workspace
    if request.param == "rep":
        return place.open("wu", workspace.clock)
    make.person("某人", Role(request.param), login=f"{request.param}1")
    return place.open(f"{request.param}1", workspace.clock)


def test_nobody_is_shown_more_than_a_mask(reader: Workspace, customer: int) -> None:
    view = reader.read(lambda work: account_view(work, customer))
    (contact,) = view.contacts
    assert (contact.mobile, contact.email) == ("138****1234", "z***@firm.cn")
    assert (view.facts["phone"], view.facts["email"]) == ("21****88", "o***@firm.cn")
    brief = reader.read(lambda work: customer_brief(work, customer))
    assert (brief.phone, brief.contacts[0].mobile) == ("21****88", "138****1234")
    shown = reader.read(lambda work: masked_reach(work, "contact", [contact.id]))
    assert shown == {contact.id: {"mobile": "138****1234", "email": "z***@firm.cn", "wechat": "z***"}}


def test_who_looks_is_on_record(reader: Workspace, workspace: Workspace, customer: int) -> None:
    view = reader.read(lambda work: account_view(work, customer))
    contact = view.contacts[0].id
    values = reveal(reader, "contact", contact)
    assert values == {"mobile": MOBILE, "email": MAIL, "wechat": "zhangwei88"}
    (entry,) = workspace.read(lambda work: audit_entries(work, AuditFilter(action="reveal")))
    assert (entry.login, entry.subject, entry.subject_id) == (reader.actor.login, "contact", contact)
    assert entry.details == {"fields": ["email", "mobile", "wechat"]}


def test_a_record_that_is_gone_reveals_nothing(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        reveal(workspace, "lead", 4711)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_list_of_all_phones_is_not_had_by_revealing(
    place: Place, make: Maker, workspace: Workspace, customer: int
) -> None:
    make.person("某人", Role.FINANCE, login="finance1")
    finance = place.open("finance1", workspace.clock)

    def greedy(work: Work) -> int:
        return len([ask_reveal(work, "account", customer) for _ in range(MOST_REVEALS)])

    assert finance.write(greedy) == MOST_REVEALS
    with pytest.raises(NotAllowed):
        reveal(finance, "account", customer)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_nothing_is_shown_before_it_is_on_record(
    place: Place, make: Maker, workspace: Workspace, customer: int
) -> None:
    """Whoever asks and takes it back is answered nothing; and each question is answered once, to who asked."""
    make.person("某人", Role.FINANCE, login="finance1")
    make.person("某人", Role.AUDITOR, login="auditor1")
    finance, auditor = (place.open(login, workspace.clock) for login in ("finance1", "auditor1"))
    with pytest.raises(NotAllowed):
        finance.write(lambda work: answer_reveal(work, ask_reveal(work, "account", customer)))
    assert workspace.read(lambda work: audit_entries(work, AuditFilter(action="reveal"))) == []
    asked = finance.write(lambda work: ask_reveal(work, "account", customer))
    with pytest.raises(NotAllowed):
        auditor.write(lambda work: answer_reveal(work, asked))
    assert finance.write(lambda work: answer_reveal(work, asked))["email"] == "office@firm.cn"
    with pytest.raises(NotAllowed):
        finance.write(lambda work: answer_reveal(work, asked))


def test_a_report_holds_masks_only(workspace: Workspace, make: Maker, customer: int, tmp_path: Path) -> None:
    leaver = make.person("离职", Role.REP)
    make.account("乙公司", leaver, phone=MOBILE)
    asked = Asked(Period.parse("2026-11"), person_id=leaver)
    row = workspace.write(lambda work: draft_report(work, "handover", asked))
    rendered = workspace.read(lambda work: rendered_report(work, row.id, Locale("zh_CN")))
    file = tmp_path / "handover.xlsx"
    file.write_bytes(rendered.content)
    cells = {cell for sheet in openpyxl.load_workbook(file) for line in sheet.values for cell in line}
    assert "138****1234" in cells
    assert not [cell for cell in cells if "13812341234" in str(cell)]


def test_an_error_tells_no_value_of_a_statement(workspace: Workspace, make: Maker) -> None:
    """What a person copies from an error, or a log keeps, holds no phone."""
    make.account("甲", row_key="1" * 64, phone=MOBILE)
    twice: Callable[[], int] = lambda: make.account("乙", row_key="1" * 64, phone=MOBILE)  # noqa: E731
    with pytest.raises((UserError, Exception)) as told:
        twice()
    chain: BaseException | None = told.value
    while chain is not None:
        assert "13812341234" not in str(chain)
        chain = chain.__cause__
