/*
 * What a connection to SQLite may still do, whatever SQL it were given.
 */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include <sqlite3.h>

enum guard {
	GUARD_READ,	/* ask */
	GUARD_ROWS,	/* also add, change and delete rows; not make or change tables */
};

/*
 * From now on nothing else is compiled, no other database is attached, and what
 * SQLite puts aside stays in memory: a temporary file would not be ours to make.
 */
void	guard_connection(sqlite3 *, enum guard);

#endif
