"""Case 54, and ownership: objects of one's own in the place of ours, and other people's rights."""

from tests.security.attacks.kind import Attack, refused

OBJECTS = (
    refused(
        54,
        "rep",
        "temporary objects with our names",
        "CREATE TEMP TABLE person (id bigint, login text, can_sign_in boolean);"
        "CREATE TEMP TABLE org_closure (ancestor_id bigint, descendant_id bigint, depth int);"
        "CREATE FUNCTION pg_temp.me() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    ),
    Attack(
        54,
        "sales_ops",
        "temporary people before ours",
        "CREATE TEMP TABLE person AS SELECT $director::bigint AS id, 'sales_ops_1'::text AS login, true AS can_sign_in,"
        " 'active'::text AS status; SET search_path = pg_temp, public; SELECT plumbline.me();",
        shows="$sales_ops",
    ),
    Attack(
        54,
        "sales_ops",
        "temporary operators before ours",
        "CREATE FUNCTION pg_temp.always(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        " CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.always);"
        " SET search_path = pg_temp, public, pg_catalog; SELECT plumbline.me();",
        shows="$sales_ops",
    ),
    refused(
        54,
        "rep",
        "functions of ours that are not for reps",
        "SELECT plumbline.open_login('mallory', 'admin', 'x'); SELECT plumbline.set_verifier('director_1', 'x');"
        "SELECT plumbline.move_login('rep_1', 'admin'); SELECT plumbline.close_login('admin_1');"
        "SELECT plumbline.end_sessions('director_1'); SELECT plumbline.set_login_group('rep_1', 'plumbline_admin')",
    ),
    refused(
        54,
        "rep",
        "functions of ours in another body",
        "CREATE OR REPLACE FUNCTION plumbline.me() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';"
        "ALTER FUNCTION plumbline.me() RESET ALL; DROP FUNCTION plumbline.me(); ALTER FUNCTION plumbline.me() OWNER TO rep_1;"
        "GRANT EXECUTE ON FUNCTION plumbline.close_login(text) TO rep_1",
    ),
    Attack(
        54,
        "rep",
        "an anonymous block",
        "DO 'BEGIN UPDATE plumbline.transition SET roles = NULL; END';",
        ("42501",),
    ),
    refused(
        51,
        "rep",
        "policies and rules of one's own",
        "ALTER TABLE account DISABLE ROW LEVEL SECURITY; ALTER TABLE account NO FORCE ROW LEVEL SECURITY;"
        "CREATE POLICY mine ON account USING (true); DROP POLICY see_scoped ON account; ALTER TABLE account OWNER TO rep_1;"
        "CREATE RULE mine AS ON SELECT TO account DO INSTEAD SELECT 1; CREATE INDEX ON account (name);"
        "CREATE TRIGGER mine BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();"
        "CREATE STATISTICS mine ON name, phone FROM account; DROP TABLE audit_entry; ALTER TABLE audit_entry DROP COLUMN details;"
        "COMMENT ON TABLE account IS 'mine'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_notify()",
    ),
    Attack(
        51,
        "rep",
        "giving away what one has",
        "GRANT SELECT ON account TO PUBLIC; SELECT count(*) FROM pg_class WHERE relname = 'account'"
        " AND relacl::text LIKE '%,=%'; GRANT plumbline_rep TO rep_2;",
        ends=("42501",),
        shows="0",
    ),
    refused(
        51,
        "sales_ops",
        "policies as sales operations",
        "ALTER TABLE account DISABLE ROW LEVEL SECURITY; CREATE POLICY mine ON person USING (true);"
        "ALTER TABLE person DISABLE TRIGGER guard_person; DROP TRIGGER guard_report ON report",
    ),
    refused(
        51,
        "sales_ops",
        "a temporary table that inherits or refers",
        "CREATE TEMP TABLE heir () INHERITS (account); CREATE TEMP TABLE child (id bigint REFERENCES account (id))",
        "42501",
        "42P16",
    ),
    refused(
        51,
        "admin",
        "becoming the owner",
        "SET ROLE plumbline_owner; GRANT plumbline_owner TO admin_1; ALTER ROLE plumbline_owner LOGIN PASSWORD 'x';"
        "CREATE ROLE mallory SUPERUSER; CREATE ROLE mallory LOGIN IN ROLE plumbline_admin; ALTER ROLE admin_1 BYPASSRLS;"
        "GRANT pg_read_all_data TO admin_1; GRANT pg_execute_server_program TO admin_1; REASSIGN OWNED BY plumbline_owner TO admin_1;"
        "DROP OWNED BY plumbline_owner; ALTER DEFAULT PRIVILEGES FOR ROLE plumbline_owner GRANT ALL ON TABLES TO PUBLIC;"
        "ALTER TABLE person DISABLE TRIGGER guard_person; ALTER SYSTEM SET log_statement = 'all'",
    ),
    refused(
        51,
        "sales_ops",
        "becoming an administrator",
        "GRANT plumbline_admin TO sales_ops_1; SELECT plumbline.move_login('sales_ops_1', 'admin');"
        "UPDATE person SET role = 'admin' WHERE id = $sales_ops; UPDATE person SET can_sign_in = true WHERE NOT can_sign_in;"
        "UPDATE person SET login = 'sales_ops_1x' WHERE id = $sales_ops; UPDATE person SET id = 1 WHERE id = $sales_ops;"
        "DELETE FROM person WHERE id = $admin; UPDATE database_setting SET value = '' WHERE key = 'access'",
    ),
    refused(
        51,
        "director",
        "becoming somebody else",
        "UPDATE person SET login = 'director_1' WHERE id = $admin; UPDATE person SET role = 'admin'; DELETE FROM person;"
        "INSERT INTO person (name, name_key, role, status, can_sign_in, recorded_at, changed_at)"
        " VALUES ('x', 'x', 'admin', 'active', true, now(), now()); UPDATE org_unit SET parent_id = NULL;"
        "DELETE FROM org_closure; INSERT INTO org_closure VALUES (1, 2, 3)",
    ),
)
