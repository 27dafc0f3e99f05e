"""Cases 47 to 50: rows through views, functions, keys and notifications."""

from tests.security.attacks.kind import Attack, refused

ROWS = (
    refused(
        47,
        "rep",
        "a view of one's own",
        "CREATE VIEW public.v AS SELECT * FROM account; CREATE TEMP VIEW v AS SELECT * FROM account;"
        " CREATE MATERIALIZED VIEW public.m AS SELECT * FROM account",
    ),
    Attack(
        47,
        "sales_ops",
        "a view for others",
        "CREATE VIEW public.v AS SELECT * FROM account; CREATE SCHEMA mine;",
        ends=("42501", "42501"),
    ),
    Attack(
        47,
        "finance",
        "columns that are withheld",
        "SELECT phone FROM account; SELECT mobile, email FROM contact; SELECT raw_values FROM account;"
        " SELECT * FROM contact; SELECT contact FROM contact; SELECT to_jsonb(c) FROM contact c;"
        " SELECT count(*) FROM lead WHERE phone LIKE '139%'; SELECT mobile FROM person; SELECT caller FROM call_record;",
        ends=("42501",) * 9,
    ),
    Attack(
        65,
        "finance",
        "seeing a phone without leaving an entry",
        "BEGIN; SELECT plumbline.answer_reveal(plumbline.ask_reveal('account', $hidden_account)); ROLLBACK;"
        " SELECT plumbline.answer_reveal(1); SELECT * FROM plumbline.reveal_request;",
        ends=("42501",) * 3,
    ),
    Attack(
        45,
        "rep",
        "an own deal under a customer whose number was guessed",
        "UPDATE opportunity SET account_id = $hidden_account WHERE id = $own_deal;"
        " UPDATE task SET account_id = $hidden_account;",
        ends=("42501",) * 2,
    ),
    Attack(
        44,
        "admin",
        "another time for the whole firm",
        "INSERT INTO database_setting (key, value) VALUES ('pinned_now', '2020-01-01T00:00:00+00:00');"
        " UPDATE database_setting SET key = 'pinned_now', value = '2020-01-01T00:00:00+00:00' WHERE key = 'access';",
        ends=("42501",) * 2,
    ),
    Attack(
        47,
        "auditor",
        "columns that are withheld, by the way of images",
        "SELECT before FROM import_lineage; SELECT images FROM record_merge; SELECT wechat FROM contact;",
        ends=("42501",) * 3,
    ),
    refused(
        48,
        "rep",
        "a function that spies, of no cost",
        "CREATE FUNCTION pg_temp.spy(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS"
        " $$body$$BEGIN RAISE NOTICE 'seen %', $$1\\; RETURN true\\; END$$body$$",
        "42501",
    ),
    Attack(
        48,
        "sales_ops",
        "a function that claims to leak nothing",
        "CREATE FUNCTION pg_temp.spy(text) RETURNS boolean LANGUAGE sql LEAKPROOF AS 'SELECT true';",
        ends=("42501",),
    ),
    Attack(
        48,
        "rep",
        "an error on a hidden row alone",
        "SELECT count(*) FROM account WHERE 1 / (id - $hidden_account) IS NOT NULL;"
        " SELECT count(*) FROM account WHERE CASE WHEN name = 'Hidden Customer' THEN name::int > 0 ELSE true END;",
        shows="$accounts\n$accounts",
    ),
    Attack(
        48,
        "rep",
        "a hidden row by its number, its words, its place",
        "SELECT * FROM account WHERE id = $hidden_account; SELECT * FROM account WHERE name LIKE 'Hidden%';"
        " SELECT * FROM account WHERE ctid IN (SELECT ctid FROM account) AND phone = '13911112222';"
        " SELECT count(*) FROM account TABLESAMPLE SYSTEM (100);"
        " SELECT * FROM account WHERE id = $hidden_account FOR UPDATE;",
        shows="$accounts",
    ),
    Attack(
        48,
        "rep",
        "a hidden row through its children",
        "SELECT a.* FROM opportunity o JOIN account a ON a.id = o.account_id WHERE o.id = $hidden_deal;"
        " SELECT * FROM custom_value WHERE record_id = $hidden_account;"
        " SELECT * FROM ownership WHERE record_id = $hidden_account AND kind = 'account';"
        " SELECT * FROM import_lineage; SELECT * FROM record_alias; SELECT * FROM import_evidence;",
    ),
    refused(
        49,
        "rep",
        "a key of a source that a hidden customer has",
        "INSERT INTO account (name, name_key, source_system, external_id, owner_id, recorded_at, changed_at)"
        " VALUES ('x', 'x', 'crm', 'HIDDEN-1', $rep, now(), now());"
        "INSERT INTO account (name, name_key, row_key, owner_id, recorded_at, changed_at)"
        " VALUES ('x', 'x', 'hidden-row', $rep, now(), now());"
        "INSERT INTO account (id, name, name_key, owner_id, recorded_at, changed_at)"
        " VALUES ($hidden_account, 'x', 'x', $rep, now(), now());"
        "UPDATE account SET external_id = 'HIDDEN-1', source_system = 'crm' WHERE id = $own_account",
    ),
    refused(
        49,
        "rep",
        "on conflict do whatever",
        "INSERT INTO account (name, name_key, row_key, owner_id, recorded_at, changed_at)"
        " VALUES ('x', 'x', 'hidden-row', $rep, now(), now()) ON CONFLICT DO NOTHING;"
        "INSERT INTO account (name, name_key, row_key, owner_id, recorded_at, changed_at)"
        " VALUES ('x', 'x', 'hidden-row', $rep, now(), now())"
        " ON CONFLICT (row_key) DO UPDATE SET name = 'mine' RETURNING *",
    ),
    refused(
        49,
        "rep",
        "the key of a task of a hidden deal",
        "INSERT INTO task (title, state, owner_id, opportunity_id, dedup_key, recorded_at, changed_at)"
        " VALUES ('x', 'open', $rep, $hidden_deal, 'stale:$hidden_deal', now(), now());"
        "INSERT INTO task (title, state, owner_id, opportunity_id, dedup_key, recorded_at, changed_at)"
        " VALUES ('x', 'open', $rep, $own_deal, 'stale:$hidden_deal', now(), now());"
        "UPDATE task SET dedup_key = 'stale:$hidden_deal'",
    ),
    refused(
        49,
        "rep",
        "a record at a hidden customer",
        "INSERT INTO contact (name, name_key, account_id, owner_id, recorded_at, changed_at)"
        " VALUES ('x', 'x', $hidden_account, $rep, now(), now())",
    ),
    refused(
        49,
        "rep",
        "customers for a colleague, or of a colleague",
        "INSERT INTO account (name, name_key, owner_id, recorded_at, changed_at)"
        " VALUES ('x', 'x', $other_rep, now(), now()); UPDATE account SET owner_id = $rep;"
        " UPDATE account SET owner_id = $other_rep WHERE id = $own_account",
    ),
    Attack(
        49,
        "rep",
        "changing and removing what is hidden",
        "UPDATE account SET name = 'mine' WHERE id = $hidden_account RETURNING id; DELETE FROM account;"
        " MERGE INTO account a USING (VALUES ($hidden_account)) AS s(id) ON a.id = s.id"
        " WHEN MATCHED THEN DELETE;",
        ends=("42501", "42501"),
    ),
    Attack(
        50,
        "rep",
        "listening everywhere",
        'LISTEN plumbline; LISTEN finance; LISTEN "*"; SELECT pg_sleep(0);',
        shows="",
    ),
    refused(50, "rep", "queue and connections of others", "SELECT pg_notify(NULL, 'x')", "22023"),
    Attack(
        50,
        "rep",
        "what others are asking just now",
        "SELECT count(*) FROM pg_stat_activity WHERE usename <> 'rep_1'"
        " AND query NOT IN ('<insufficient privilege>', '');",
        shows="0",
    ),
)
