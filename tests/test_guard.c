#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/guard.h"

static const struct { const char *sql; int read, rows; } cases[] = {
	{ "SELECT count(*) FROM t WHERE a LIKE 'x%'", SQLITE_OK, SQLITE_OK },
	{ "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT * FROM n", SQLITE_OK, SQLITE_OK },
	{ "BEGIN; SELECT * FROM t; COMMIT", SQLITE_OK, SQLITE_OK },
	{ "PRAGMA user_version", SQLITE_OK, SQLITE_OK },
	{ "INSERT INTO t VALUES (1)", SQLITE_AUTH, SQLITE_OK },
	{ "INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 2", SQLITE_AUTH, SQLITE_OK },
	{ "UPDATE t SET a = 2", SQLITE_AUTH, SQLITE_OK },
	{ "DELETE FROM t", SQLITE_AUTH, SQLITE_OK },
	{ "DROP TABLE t", SQLITE_AUTH, SQLITE_AUTH },
	{ "CREATE TABLE u (b)", SQLITE_AUTH, SQLITE_AUTH },
	{ "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END", SQLITE_AUTH, SQLITE_AUTH },
	{ "CREATE TEMP VIEW v AS SELECT 1", SQLITE_AUTH, SQLITE_AUTH },
	{ "ALTER TABLE t ADD COLUMN b", SQLITE_AUTH, SQLITE_AUTH },
	{ "ATTACH ':memory:' AS x", SQLITE_AUTH, SQLITE_AUTH },
	{ "VACUUM INTO '/tmp/flowlight-copy.db'", SQLITE_AUTH, SQLITE_AUTH },
	{ "PRAGMA user_version = 3", SQLITE_AUTH, SQLITE_AUTH },
	{ "PRAGMA temp_store_directory = '/tmp'", SQLITE_AUTH, SQLITE_AUTH },
	{ "SELECT 1; DROP TABLE t", SQLITE_AUTH, SQLITE_AUTH },
};

static void
guarded(enum guard guard)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a UNIQUE)", NULL, NULL, NULL), SQLITE_OK);
	guard_connection(db, guard);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int want = guard == GUARD_READ ? cases[i].read : cases[i].rows;
		int rc = sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL);

		if (rc != want && !(rc == SQLITE_CONSTRAINT && want == SQLITE_OK))
			fail_msg("%s: %d, %s", cases[i].sql, rc, sqlite3_errmsg(db));
	}
	sqlite3_close(db);
}

static void
one_that_asks(void **state)
{
	(void)state;
	guarded(GUARD_READ);
}

static void
one_that_keeps_rows(void **state)
{
	(void)state;
	guarded(GUARD_ROWS);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_asks),
		cmocka_unit_test(one_that_keeps_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
