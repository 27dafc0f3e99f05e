"""Case 51: ways around the tables."""

from tests.security.attacks.kind import Attack, refused

CATALOGUE = (
    Attack(51, "rep", "copy out", "\\copy (SELECT count(*) FROM account) TO STDOUT", shows="$accounts"),
    Attack(51, "rep", "copy a whole table out", "COPY account (id) TO STDOUT;", shows="$own_account_ids"),
    Attack(
        51,
        "rep",
        "copy in",
        "COPY account (name, name_key, owner_id, recorded_at, changed_at) FROM STDIN;",
        ends=("0A000",),
    ),
    refused(
        51,
        "rep",
        "files and programs of the server",
        "COPY (SELECT 1) TO '/tmp/stolen'; COPY (SELECT 1) TO PROGRAM 'id'; SELECT pg_read_file('postgresql.conf');"
        "SELECT pg_ls_dir('.'); SELECT lo_import('/etc/passwd'); SELECT pg_stat_file('base');"
        "SELECT * FROM pg_hba_file_rules; SELECT pg_reload_conf()",
    ),
    Attack(
        51,
        "rep",
        "statistics with values in them",
        "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'; SELECT count(*) FROM pg_stats_ext;"
        " SELECT * FROM pg_statistic; SELECT * FROM pg_statistic_ext_data;",
        ends=("42501", "42501"),
        shows="0\n0",
    ),
    Attack(
        51,
        "rep",
        "a plan that shows values",
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT name FROM account"
        " WHERE name = 'Hidden Customer' OR phone = '13911112222';",
        shows=None,
    ),
    refused(51, "rep", "truncate", "TRUNCATE account; TRUNCATE audit_entry CASCADE; TRUNCATE person"),
    refused(51, "sales_ops", "truncate as sales operations", "TRUNCATE account CASCADE"),
    refused(51, "admin", "truncate as an administrator", "TRUNCATE audit_entry"),
    Attack(
        51,
        "rep",
        "large objects",
        "SELECT * FROM pg_largeobject; SELECT lo_export(1, '/tmp/x');",
        ends=("42501", "42501"),
    ),
    refused(
        51,
        "rep",
        "other schemas",
        "SELECT * FROM pg_authid; SELECT * FROM pg_shadow; SELECT * FROM pg_user_mapping;"
        "CREATE SCHEMA mine; CREATE TABLE plumbline.mine (id int); CREATE TABLE public.mine (id int);"
        "INSERT INTO plumbline.transition VALUES ('report', 'submitted', 'approved', ARRAY['plumbline_rep']);"
        "UPDATE plumbline.transition SET roles = ARRAY['plumbline_rep']; DELETE FROM plumbline.transition",
    ),
    refused(
        51,
        "admin",
        "other schemas as an administrator",
        "SELECT rolpassword FROM pg_authid; CREATE TABLE plumbline.mine (id int); CREATE TABLE public.mine (id int);"
        "UPDATE plumbline.transition SET roles = ARRAY['plumbline_rep']",
    ),
    refused(
        51,
        "rep",
        "toast tables and sequences",
        "SELECT last_value FROM account_id_seq; SELECT setval('account_id_seq', 1); ALTER SEQUENCE account_id_seq RESTART",
    ),
    refused(
        51,
        "rep",
        "other sessions",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid();"
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid()",
    ),
    refused(
        51,
        "rep",
        "replication",
        "SELECT pg_create_logical_replication_slot('s', 'pgoutput'); CREATE PUBLICATION p FOR TABLE account;"
        "SELECT pg_create_physical_replication_slot('p')",
    ),
)
