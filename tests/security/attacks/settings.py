"""Case 46: who one is does not depend on any setting."""

from tests.security.attacks.kind import Attack, refused

COUNT = "SELECT count(*) FROM account"

SETTINGS = (
    Attack(46, "rep", "nothing done at all", f"{COUNT};", shows="$accounts"),
    Attack(
        46,
        "rep",
        "the setting of administrators",
        f"SET plumbline.view_as = '$director'; {COUNT};",
        shows="$accounts",
    ),
    Attack(
        46,
        "rep",
        "the setting of administrators in a reading transaction",
        f"BEGIN READ ONLY; SET LOCAL plumbline.view_as = '$director'; {COUNT}; SELECT plumbline.me(); COMMIT;",
        shows="$accounts\n$rep",
    ),
    Attack(
        46,
        "rep",
        "settings that other programs trust",
        "SELECT count(set_config(name, '$director', false)) FROM (VALUES ('app.uid'), ('plumbline.me'),"
        f" ('plumbline.user_id'), ('request.jwt.claims')) AS s(name); {COUNT};",
        shows="4\n$accounts",
    ),
    Attack(46, "rep", "row security off", f"SET row_security = off; {COUNT};", ends=("42501",)),
    refused(
        46,
        "rep",
        "another role",
        "SET ROLE plumbline_director; SET ROLE plumbline_admin; SET ROLE plumbline_owner; SET ROLE director_1;"
        " SET ROLE postgres",
    ),
    Attack(46, "rep", "one's own group", f"SET ROLE plumbline_rep; {COUNT};", shows="$accounts"),
    refused(
        46,
        "rep",
        "another session",
        "SET SESSION AUTHORIZATION director_1; SET SESSION AUTHORIZATION plumbline_owner",
    ),
    refused(
        46,
        "rep",
        "triggers off",
        "SET session_replication_role = replica; ALTER TABLE report DISABLE TRIGGER ALL",
    ),
    refused(
        46,
        "rep",
        "settings of another role",
        "ALTER ROLE rep_2 SET statement_timeout = 1; ALTER ROLE rep_2 PASSWORD 'x'",
    ),
    Attack(
        46,
        "city_manager",
        "the setting of administrators as a manager",
        f"BEGIN READ ONLY; SET LOCAL plumbline.view_as = '$director'; SELECT plumbline.me(); {COUNT}; COMMIT;",
        shows="$city_manager\n$city_manager_accounts",
    ),
    Attack(
        46,
        "admin",
        "looking as a rep sees what the rep sees",
        "BEGIN READ ONLY; SET LOCAL ROLE plumbline_rep; SET LOCAL plumbline.view_as = '$rep';"
        f" SELECT plumbline.me(); {COUNT}; COMMIT;",
        shows="$rep\n$accounts",
    ),
    Attack(
        46,
        "admin",
        "writing as somebody else",
        "BEGIN; SET LOCAL plumbline.view_as = '$director'; SELECT plumbline.me(); ROLLBACK;",
        shows="$admin",
    ),
    Attack(
        46,
        "admin",
        "from looking to writing",
        "BEGIN READ ONLY; SET LOCAL plumbline.view_as = '$director'; SELECT plumbline.me();"
        " SET TRANSACTION READ WRITE; ROLLBACK;",
        ends=("25001",),
        shows="$director",
    ),
    Attack(
        46,
        "admin",
        "a reading transaction that writes",
        "BEGIN READ ONLY; SET LOCAL plumbline.view_as = '$director';"
        " UPDATE report SET state = 'approved', approved_by_id = $director, approved_at = now() WHERE id = $waiting;"
        " ROLLBACK;",
        ends=("25006",),
    ),
)
