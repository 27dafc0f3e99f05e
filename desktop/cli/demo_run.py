"""The main job from end to end on the demo firm: each step is a function of the workspaces it needs.

Used by the command `demo` and by the scenario test, which runs the same steps on both databases.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.control import Control
from desktop.i18n import Locale
from desktop.periods import Period
from desktop.terms import Role, Verdict

if TYPE_CHECKING:
    from desktop.demo.firm import Firm
    from desktop.operations.import_results import ImportResult
    from desktop.queries.report_parts import Asked
    from desktop.queries.reports import ReportRow
    from desktop.store.workspace import Work, Workspace

LOGINS: tuple[tuple[str, str, Role], ...] = (
    ("director", "销售总监", Role.DIRECTOR),
    ("ops", "销售运营经理", Role.SALES_OPS),
    ("finance", "财务经理", Role.FINANCE),
    ("region", "大区经理", Role.REGIONAL_MANAGER),
    ("province", "省办经理", Role.CITY_MANAGER),
)
"""Who gets a login: the first person of each title in the demo firm."""

OPERATIONS, DIRECTOR = "ops", "director"


@dataclass(frozen=True, slots=True)
class Exported:
    """A report that went the whole way, and its workbook."""

    row: ReportRow
    file: Path
    sha256: str
    verdict: Verdict


def migrate(workspace: Workspace, folder: Path, control: Control) -> ImportResult:
    """Read, map, convert and apply every file of a folder in one transaction, nothing mapped by hand."""
    from desktop.operations.imports import migrate_plan
    from desktop.operations.migration import make_plan, read_and_map

    return migrate_plan(workspace, make_plan(read_and_map([folder], [], control), control), control=control)


def give_logins(admin: Workspace, firm: Firm, password: str | None = None) -> None:
    """Let the people of `LOGINS` and the successor sign in; they were imported, and are linked by name."""
    for login, title, role in LOGINS:
        name = next(person.name for person in firm.people if person.title == title)
        _give_login(admin, login, name, role, password)
    _give_login(admin, "successor", firm.truth.successor, Role.REP, password)


def _give_login(admin: Workspace, login: str, name: str, role: Role, password: str | None) -> None:
    from desktop.operations.people import add_person

    admin.write(lambda work: add_person(work, login, name=name, role=role, password=password))


def accept_weeks(manager: Workspace, month: Period) -> int:
    """Calibrate a month and accept the weekly targets; return how many people's weeks changed."""
    from desktop.operations.targets import accept_calibration

    return manager.write(lambda work: accept_calibration(work, period=month)).changed


def make_reports(
    operations: Workspace, director: Workspace, firm: Firm, folder: Path, locale: Locale
) -> list[Exported]:
    """Take the three reports the whole way: drafted and submitted by one person, approved by another."""
    from desktop.queries.report_parts import Asked
    from desktop.queries.scope import person_named

    folder.mkdir(parents=True, exist_ok=True)
    leaver = operations.read(lambda work: person_named(work, firm.truth.leaver))
    successor = operations.read(lambda work: person_named(work, firm.truth.successor))
    month = last_month(firm)
    wanted = {
        "funnel": Asked(month),
        "target_actual": Asked(month),
        "handover": Asked(Period.month_of(firm.today), person_id=leaver, successor_id=successor),
    }
    return [
        _whole_way(operations, director, template, asked, folder, locale)
        for template, asked in wanted.items()
    ]


def _whole_way(
    operations: Workspace, director: Workspace, template: str, asked: Asked, folder: Path, locale: Locale
) -> Exported:
    from desktop.operations.approvals import approve_report
    from desktop.operations.reports import draft_report, export_report, submit_report
    from desktop.queries.reports import report_row
    from desktop.queries.verification import verify_workbook

    made = operations.write(lambda work: draft_report(work, template, asked)).id
    operations.write(lambda work: submit_report(work, made))
    director.write(lambda work: approve_report(work, made))
    path = folder / f"{template}-{asked.period}.xlsx"
    rendered = export_report(operations, made, path, locale)
    told = operations.read(lambda work: verify_workbook(work, path.read_bytes(), path.name))
    return Exported(operations.read(lambda work: report_row(work, made)), path, rendered.sha256, told.verdict)


def leave_one_waiting(operations: Workspace, month: Period) -> ReportRow:
    """Submit one more report and leave it to be decided, so that the demo's inbox is not empty."""
    from desktop.operations.reports import draft_report, submit_report
    from desktop.queries.report_parts import Asked

    draft = operations.write(lambda work: draft_report(work, "target_actual", Asked(month)))
    return operations.write(lambda work: submit_report(work, draft.id))


def keep_dashboard(operations: Workspace) -> int:
    """Keep a view of figures and a dashboard with the usual tiles and that view, both shared; return its number."""
    from desktop.operations.saved_views import save_view
    from desktop.queries.dashboards import STARTER, stored_tiles, view_tile
    from desktop.queries.metrics.pivot import LINE, Shape
    from desktop.queries.report_metrics import OwnQuestion
    from desktop.queries.saved_views import DASHBOARD

    by_day = OwnQuestion(("effective_contacts", "opened_count"), Shape("day", chart=LINE))

    def keep(work: Work) -> int:
        view = save_view(work, "每日互动与新增商机", by_day.stored(), shared=True)
        tiles = stored_tiles([*STARTER, view_tile(view)])
        return save_view(work, "周会看板", tiles, shared=True, kind=DASHBOARD).id

    return operations.write(keep)


def ask_around(operations: Workspace, month: Period) -> list[int]:
    """Ask for another target and for another stage, so that the inbox shows more than papers; return the requests."""
    return operations.write(lambda work: [_ask_target(work, month), _ask_stage(work)])


def _ask_target(work: Work, month: Period) -> int:
    from sqlalchemy import select

    from desktop.models.targets import Target
    from desktop.operations.approval_subjects.target_adjustment import ask_target_adjustment

    of_people = (Target.period == month.text, Target.person_id.is_not(None))
    target = work.session.scalars(select(Target).where(*of_people).order_by(Target.value.desc())).first()
    assert target is not None
    lower = target.value * 85 // 100
    return ask_target_adjustment(work, target.id, lower, "两家重点客户把验收推迟到下季度")


def _ask_stage(work: Work) -> int:
    from sqlalchemy import select

    from desktop.models.opportunities import Opportunity, Stage
    from desktop.operations.approval_subjects.stage_override import ask_stage_override

    open_deals = select(Opportunity, Stage.position).join(Stage, Stage.id == Opportunity.stage_id)
    largest = open_deals.where(Opportunity.status == "open", Opportunity.amount.is_not(None))
    deal, position = work.session.execute(
        largest.order_by(Opportunity.amount.desc(), Opportunity.id).limit(1)
    ).one()
    others = select(Stage.id).where(Stage.pipeline_id == deal.pipeline_id, Stage.id != deal.stage_id)
    later = others.where(Stage.kind == "open").order_by(Stage.position < position, Stage.position)
    stage = work.session.scalars(later).first()
    assert stage is not None
    return ask_stage_override(work, deal.id, stage, "客户已口头确认，书面确认件下周补齐")


def last_month(firm: Firm) -> Period:
    """Return the last month that is over."""
    return Period.month_of(firm.today).shift(-1)


def next_month(firm: Firm) -> Period:
    """Return the month whose targets are calibrated."""
    return Period.month_of(firm.today).shift(1)


QUOTED = (("HCP-S=2@91000", "HCV-Z41=12"), ("HCP-CQ=6@21500",), ("HCP-WY=1@179000", "HCV-Z45=20@2050"))
"""Lines of the quotes that the demo writes, below the list here and there."""


def write_quotes(operations: Workspace) -> int:
    """Write quotes for customers with open deals, one of them for the second time; leave one review and one contract waiting.

    Returns how many requests wait for an approval then.
    """
    from desktop.operations.contracts import ContractDraft
    from desktop.operations.papers import ask_quote_review, start_contract
    from desktop.operations.quotes import QuoteDraft, make_quote
    from desktop.queries.deals import open_deals_of_most_worth
    from desktop.queries.quote_words import lines_named

    def write(work: Work) -> int:
        made = []
        deals = open_deals_of_most_worth(work, len(QUOTED))
        for (deal, account), typed in zip(deals, QUOTED, strict=False):
            made.append(make_quote(work, QuoteDraft(account, lines_named(work, typed), deal)))
        if not made:
            return 0
        deal, account = deals[0]
        again = QuoteDraft(account, lines_named(work, QUOTED[0]), deal, discount=300)
        made.append(make_quote(work, again))
        ask_quote_review(work, made[-1].id, "客户要求整单再让 3%")
        amount = made[1].amount * 93 // 100
        draft = ContractDraft(made[1].id, "设备采购合同", amount=amount, extra_clause=True)
        start_contract(work, draft)
        return 2

    return operations.write(write)
