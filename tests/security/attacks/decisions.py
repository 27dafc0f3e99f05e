"""Cases 52 and 53: approving one's own, and changing what is on record."""

from tests.security.attacks.kind import Attack, refused

NEW_REPORT = (
    "INSERT INTO report (template, period, parameters, state, made_by_id, made_at, submitted_by_id, approved_by_id,"
    " recorded_at, changed_at) VALUES ('weekly', '2026-11', '{}', "
)
AUDIT = "INSERT INTO audit_entry (at, person_id, action) VALUES "


def asked_of(kind: str, subject: str, who: str, report: str, payload: str) -> str:
    """A request of one's own making, with the flow in force and its level."""
    return (
        "INSERT INTO approval_request (kind, title, subject_id, report_id, flow_id, levels, facts, payload, state,"
        f" requested_by_id, requested_at, recorded_at, changed_at) VALUES ('{kind}', 'x', {subject}, {report},"
        f" plumbline.flow_in_force('{kind}'), '[1]', '{{}}', '{payload}', 'waiting', {who}, now(), now(), now())"
    )


DECISIONS = (
    refused(
        52,
        "rep",
        "approving by hand",
        "UPDATE report SET state = 'approved' WHERE id = $own_waiting;"
        "UPDATE report SET state = 'approved', approved_by_id = $director, approved_at = now() WHERE id = $own_waiting;"
        "UPDATE report SET submitted_by_id = $other_rep WHERE id = $own_waiting;"
        "UPDATE report SET state = 'exported' WHERE id = $own_waiting",
    ),
    refused(
        52,
        "rep",
        "a report that is born approved",
        f"{NEW_REPORT} 'approved', $rep, now(), $rep, $director, now(), now());"
        f"{NEW_REPORT} 'submitted', $rep, now(), $rep, NULL, now(), now());"
        f"{NEW_REPORT} 'draft', $director, now(), NULL, NULL, now(), now())",
    ),
    refused(
        52,
        "director",
        "approving one's own",
        "UPDATE report SET state = 'approved', approved_by_id = $director, approved_at = now() WHERE id = $directors;"
        "UPDATE report SET state = 'approved', approved_by_id = $admin, approved_at = now() WHERE id = $directors;"
        "UPDATE report SET submitted_by_id = $rep WHERE id = $directors;"
        "UPDATE report SET state = 'approved', submitted_by_id = $rep, approved_by_id = $director, approved_at = now()"
        " WHERE id = $directors; UPDATE report SET made_by_id = $rep WHERE id = $directors",
    ),
    refused(
        52,
        "admin",
        "approving one's own by looking as another",
        "SET plumbline.view_as = '$director';"
        "UPDATE report SET state = 'approved', approved_by_id = $director, approved_at = now() WHERE id = $admins;"
        "UPDATE report SET state = 'approved', approved_by_id = $admin, approved_at = now() WHERE id = $admins",
        *("42501",) * 2,
    ),
    refused(
        52,
        "sales_ops",
        "approving one's own under another number",
        "UPDATE person SET id = CASE id WHEN $sales_ops THEN 999999 ELSE $sales_ops END"
        " WHERE id IN ($sales_ops, $admin); UPDATE report SET state = 'approved', approved_by_id = $sales_ops,"
        " approved_at = now() WHERE id = $waiting",
    ),
    refused(
        52,
        "finance",
        "a decision in another's name",
        "UPDATE approval_request SET state = 'approved', decided_by_id = $director, decided_at = now() WHERE id = $asked;"
        "UPDATE report SET state = 'approved', approved_by_id = $director, approved_at = now() WHERE id = $own_waiting",
    ),
    refused(
        52,
        "rep",
        "signing, and carrying out, what one asked for",
        "UPDATE approval_request SET requested_by_id = $other_rep WHERE id = $asked;"
        "UPDATE approval_request SET state = 'approved', decided_by_id = $director WHERE id = $asked;"
        "INSERT INTO approval_task (request_id, number, slot, state, opened_at, recorded_at, changed_at)"
        " VALUES ($asked, 1, 'person:$rep', 'waiting', now(), now(), now());"
        "UPDATE approval_task SET slot = 'person:$rep';"
        "SELECT plumbline.sign(999999, 'approved', NULL, NULL, NULL);"
        "SELECT plumbline.carry_out(r, NULL) FROM approval_request AS r;"
        "SELECT plumbline.carry_target(r) FROM approval_request AS r;"
        "SELECT plumbline.carry_handover(r, NULL) FROM approval_request AS r;"
        "SELECT plumbline.give('account', ARRAY[$hidden_account], $other_rep, $rep, CURRENT_DATE, 'mine', NULL);"
        "SELECT plumbline.settle_paper($asked)",
        *("42501",) * 9,
        "PL020",
    ),
    *(
        refused(
            52,
            job,
            f"asking about what one does not see, or in the place of something else, as {job}",
            ";".join(
                asked_of(kind, subject, f"${job}", report, payload)
                for kind, subject, report, payload in (
                    ("target_adjustment", "$hidden_target", "NULL", '{"value": 1}'),
                    ("stage_override", "$hidden_deal", "NULL", '{"stage_id": 1}'),
                    ("handover", "$director", "NULL", "{}"),
                    ("stage_override", "$own_deal", "$own_waiting", "{}"),
                    ("stage_override", "$own_deal", "NULL", "[]"),
                )
            ),
        )
        for job in ("rep", "city_manager")
    ),
    refused(
        45,
        "rep",
        "a second record of a customer of somebody else's that refused",
        "INSERT INTO account (name, name_key, phone, owner_id, source_system, recorded_at, changed_at)"
        " VALUES ('New', 'new', '13911112222', $rep, '', now(), now());"
        "INSERT INTO lead (name, name_key, company, owner_id, source_system, recorded_at, changed_at)"
        " VALUES ('New', 'new', 'hidden  CUSTOMER', $rep, '', now(), now());"
        "UPDATE account SET phone = '13911112222' WHERE id = $own_account",
        *("PL013",) * 3,
    ),
    refused(
        52,
        "rep",
        "becoming whom a signature is asked of",
        "INSERT INTO deputy (person_id, deputy_id, starts_on, ends_on, made_by_id, recorded_at, changed_at)"
        " VALUES ($director, $rep, '2020-01-01', '2099-01-01', $rep, now(), now());"
        "INSERT INTO approval_duty (duty, person_id) VALUES ('legal', $rep);"
        "UPDATE approval_level SET approvers = '[\"role:rep\"]';"
        "UPDATE person SET role = 'director' WHERE id = $rep;"
        "UPDATE person SET manager_id = $rep WHERE id = $director",
    ),
    *(
        refused(
            52,
            job,
            f"a request without its signatures, as {job}",
            "UPDATE approval_request SET state = 'approved', decided_by_id = $director, decided_at = '2020-01-01';"
            "UPDATE approval_request SET requested_by_id = $director WHERE id = $asked;"
            "UPDATE approval_request SET levels = '[]' WHERE id = $asked;"
            "UPDATE approval_task SET state = 'approved'; DELETE FROM approval_task;"
            "SELECT plumbline.carry_out(r, NULL) FROM approval_request AS r;"
            "SELECT plumbline.withdraw($asked, NULL)",
        )
        for job in ("director", "sales_ops", "finance", "admin")
    ),
    refused(
        53,
        "rep",
        "figures of an approved report",
        "UPDATE snapshot SET document = '{}'; DELETE FROM snapshot; UPDATE report_file SET content = 'x';"
        "INSERT INTO snapshot (report_id, number, as_of, taken_at, row_count, totals, metric_versions, document, hash)"
        " VALUES ($own_waiting, 99, now(), now(), 0, '{}', '{}', '{}', 'x')",
    ),
    *(
        refused(
            53,
            job,
            f"what is on record, as {job}",
            "UPDATE snapshot SET document = '{}'; DELETE FROM snapshot; UPDATE audit_entry SET action = 'x';"
            "DELETE FROM audit_entry; UPDATE operation SET action = 'x'; DELETE FROM operation; DELETE FROM report;"
            "UPDATE report_file SET content = 'x'; UPDATE report SET parameters = '{}'; DELETE FROM report_file;"
            "DELETE FROM approval_request",
        )
        for job in ("director", "sales_ops", "finance", "auditor", "admin")
    ),
    Attack(
        53,
        "rep",
        "an entry in another's name and time becomes one's own and of now",
        f"BEGIN; {AUDIT} ('2020-01-01', $director, 'forged') RETURNING person_id = $rep, at > '2026-01-01'; ROLLBACK;",
        shows="t|t",
    ),
)
