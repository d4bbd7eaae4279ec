/* How far what the index has of a slot can be trusted. */
#include "store/sql.h"

#include <string.h>

/* A file, to those of its slot. */
static void
add_file(struct slot_health *h, sqlite3_stmt *st)
{
	int64_t written = sqlite3_column_int64(st, 4) / 1000000000;

	h->broken += sqlite3_column_int64(st, 1) == 1;
	h->faults += (size_t)sqlite3_column_int64(st, 2);
	h->sequence_failures += (uint64_t)sqlite3_column_int64(st, 3);
	h->written = written > h->written ? written : h->written;
}

int
index_health(struct index *ix, const struct window *w, const struct source *src, struct arena *a,
    struct slot_health **slots, size_t *n, struct err *e)
{
	sqlite3_stmt *st;
	int64_t id;
	size_t room = 64;
	int rc = sql_refresh(ix, e);

	*n = 0;
	*slots = arena_array(a, room, sizeof(**slots));
	if (rc != 1)
		return rc;
	if ((id = sql_source(ix, src, e)) <= 0)
		return (int)id;
	if ((st = sql_start(ix, e, SQL_WINDOW_HEALTH, "iii", id, w->from, w->to)) == NULL)
		return -1;
	/* Adding up is ours: SQLite's grouping takes longer than reading the rows. */
	while ((rc = sql_row(ix, st, e)) == 1) {
		int64_t start = sqlite3_column_int64(st, 0);

		if (*n == 0 || (*slots)[*n - 1].start != start) {
			if (*n == room) {
				struct slot_health *more = arena_array(a, room * 2, sizeof(*more));

				memcpy(more, *slots, *n * sizeof(*more));
				*slots = more;
				room *= 2;
			}
			(*slots)[(*n)++] = (struct slot_health){ .start = start };
		}
		add_file(&(*slots)[*n - 1], st);
	}
	return rc;
}
