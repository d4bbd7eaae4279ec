#include "store/guard.h"

#include <stddef.h>
#include <stdint.h>

static int
may(void *ctx, int action, const char *a, const char *value, const char *database, const char *trigger)
{
	enum guard guard = (enum guard)(intptr_t)ctx;

	(void)a, (void)database, (void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
	case SQLITE_TRANSACTION:
		return SQLITE_OK;
	case SQLITE_PRAGMA:
		return value == NULL ? SQLITE_OK : SQLITE_DENY;	/* to see, not to set */
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_SAVEPOINT:
		return guard == GUARD_ROWS ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

void
guard_connection(sqlite3 *db, enum guard guard)
{
	sqlite3_exec(db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_set_authorizer(db, may, (void *)(intptr_t)guard);
}
