#include "store/sql.h"

#include <stdarg.h>

#define TOTALS \
	"flows, packets, bytes, flows_tcp, packets_tcp, bytes_tcp," \
	" flows_udp, packets_udp, bytes_udp, flows_icmp, packets_icmp, bytes_icmp," \
	" flows_other, packets_other, bytes_other"

const char *const sql_text[SQLS] = {
	[SQL_SOURCE] = "SELECT id FROM source WHERE name = ?",
	[SQL_SOURCE_ADD] = "INSERT OR IGNORE INTO source (name) VALUES (?)",
	[SQL_FILE_FIND] = "SELECT id, start, state, size, mtime_nsec, dev, ino FROM file"
	    " WHERE source = ? AND name = ?",
	[SQL_FILE_PUT] = "INSERT OR REPLACE INTO file (id, source, name, start, size, mtime_nsec,"
	    " dev, ino, state, faults, reason, first_msec, last_msec, sequence_failures, " TOTALS ","
	    " records, raw_bytes, blocks_skipped, outpackets, outbytes, families, ident, has_stat, stat)"
	    " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SQL_FILE_DROP] = "DELETE FROM file WHERE id = ?",
	[SQL_FILE_RENAMED] = "SELECT id, start FROM file WHERE source = ? AND mtime_nsec = ?"
	    " AND size = ? AND state = 2 AND (ino = ? OR start = ?) LIMIT 1",
	[SQL_FILE_ASIDE] = "UPDATE OR REPLACE file SET name = name || '@' || start, state = 2 WHERE id = ?",
	[SQL_FILE_STATE] = "UPDATE file SET state = ? WHERE id = ?",
	[SQL_FILE_SUM] = "SELECT " TOTALS " FROM file WHERE source = ? AND start = ? AND state <> 1",
	[SQL_FILES] = "SELECT name, start, state, size, mtime_nsec, dev, ino FROM file"
	    " WHERE source = ?",
	[SQL_SLOT_PUT] = "INSERT OR REPLACE INTO slot (source, start, files, " TOTALS ")"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SQL_SLOT_DROP] = "DELETE FROM slot WHERE source = ? AND start = ?",
	[SQL_WINDOW_FILES] = "SELECT " TOTALS ", id, start, name, size FROM file"
	    " WHERE source = ? AND start >= ? AND start < ? AND state = 0",
	[SQL_WINDOW_FACTS] = "SELECT " TOTALS ", state, first_msec, last_msec, sequence_failures, records,"
	    " raw_bytes, blocks_skipped, outpackets, outbytes, families, faults, reason, name, ident,"
	    " has_stat, stat FROM file WHERE source = ? AND start >= ? AND start < ? AND state <> 1"
	    " ORDER BY start",
	[SQL_WINDOW_SLOTS] = "SELECT " TOTALS " FROM slot"
	    " WHERE source = ? AND start >= ? AND start < ?",
	[SQL_REPLAY] = "SELECT " TOTALS ", start FROM slot WHERE source = ? AND start > ?"
	    " ORDER BY start",
	[SQL_OLDEST] = "SELECT start FROM slot WHERE source = ? ORDER BY start LIMIT 1",
	[SQL_NEWEST] = "SELECT start FROM slot WHERE source = ? ORDER BY start DESC LIMIT 1",
	[SQL_COUNT_FILES] = "SELECT count(*), coalesce(sum(iif(state <> 2, size, 0)), 0) FROM file WHERE source = ?",
	[SQL_COUNT_BAD] = "SELECT count(*) FROM file WHERE source = ? AND reason IS NOT NULL",
	[SQL_BAD] = "SELECT name, reason, start, state FROM file"
	    " WHERE source = ? AND reason IS NOT NULL ORDER BY start DESC LIMIT ?",
	[SQL_WORD] = "SELECT seen, backlog, trouble, collector, checked, checked_at,"
	    " differed, difference, changed FROM source WHERE id = ?",
	[SQL_NOTE] = "UPDATE source SET seen = ?, backlog = ?, trouble = ?, collector = ?"
	    " WHERE id = ?",
	[SQL_STALE] = "SELECT rrd_stale FROM source WHERE id = ?",
	[SQL_SET_STALE] = "UPDATE source SET rrd_stale = ?, changed = changed + 1 WHERE id = ?",
	[SQL_RRD_CHANGED] = "UPDATE source SET rrd_stale = CASE rrd_stale WHEN 0 THEN ?1"
	    " ELSE min(rrd_stale, ?1) END WHERE id = ?2",
	[SQL_SET_CHANGED] = "UPDATE source SET changed = max(changed + 1, ?) WHERE id = ?",
	[SQL_CHANGED] = "SELECT name, changed FROM source",
	[SQL_DIGEST_PUT] = "INSERT OR REPLACE INTO digest (source, start, file, sources, destinations,"
	    " ports, at_least, owned_flows, owned_packets, owned_bytes, entropy_srcip, entropy_dstip,"
	    " entropy_srcport, entropy_dstport, owner_flows, owner_packets, owner_bytes)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SQL_DIGEST_DROP] = "DELETE FROM digest WHERE source = ? AND start = ? AND file = ?",
	[SQL_WINDOW_SUMS] = "SELECT start, flows, packets, bytes FROM slot"
	    " WHERE source = ? AND start >= ? AND start < ? ORDER BY start",
	[SQL_WINDOW_DIGESTS] = "SELECT start, sources, destinations, ports, at_least,"
	    " owned_flows, owned_packets, owned_bytes, entropy_srcip, entropy_dstip,"
	    " entropy_srcport, entropy_dstport, owner_flows, owner_packets, owner_bytes, file FROM digest"
	    " WHERE source = ? AND start >= ? AND start < ? ORDER BY start, file",
	[SQL_FILE_FLOWS] = "SELECT flows FROM file WHERE id = ?",
	/* Of several files only adding up tells how much a host has. */
	[SQL_OWNED] = "SELECT d.start, s.files FROM digest d CROSS JOIN slot s ON s.source = d.source AND s.start = d.start"
	    " WHERE d.source = ?1 AND d.start >= ?2"
	    " AND ?4 = CASE ?3 WHEN 0 THEN d.owner_flows WHEN 1 THEN d.owner_packets ELSE d.owner_bytes END"
	    " AND (s.files <> 1 OR CASE ?3 WHEN 0 THEN d.owned_flows > ?5 * s.flows"
	    " WHEN 1 THEN d.owned_packets > ?5 * s.packets ELSE d.owned_bytes > ?5 * s.bytes END)"
	    " ORDER BY d.start DESC",
	[SQL_WINDOW_MARK] = "SELECT count(*), coalesce(sum(id * 31 + (mtime_nsec + size + ino) % 4294967291), 0)"
	    " FROM file WHERE source = ? AND start >= ? AND start < ? AND state <> 1",
	[SQL_WINDOW_HEALTH] = "SELECT start, state, faults, sequence_failures, mtime_nsec FROM file"
	    " WHERE source = ? AND start >= ? AND start < ? ORDER BY start",
	[SQL_TOP_PUT] = "INSERT OR REPLACE INTO top (level, source, start, file, dim, blob)"
	    " VALUES (?, ?, ?, ?, ?, ?)",
	[SQL_TOP_DROP] = "DELETE FROM top WHERE level = ? AND source = ? AND start = ? AND file = ?",
	[SQL_TOP_FILES] = "SELECT blob, start FROM top WHERE level = 0 AND source = ? AND start >= ?"
	    " AND start < ? AND dim = ?",
	[SQL_TOP_SLOT] = "SELECT blob, dim FROM top WHERE level = 0 AND source = ? AND start >= ? AND start < ?"
	    " AND (? >> dim) & 1",
	[SQL_TOP_SUM] = "SELECT blob, start FROM top WHERE level = ? AND source = ? AND start = ?"
	    " AND file = 0 AND dim = ?",
	[SQL_RUN_PUT] = "INSERT OR REPLACE INTO run (level, source, start, file, bytes, parameter)"
	    " VALUES (?, ?, ?, ?, ?, ?)",
	[SQL_RUN_DROP] = "DELETE FROM run WHERE level = ? AND source = ? AND start = ? AND file = ?",
	[SQL_RUNS] = "SELECT start, file, parameter FROM run WHERE level = ? AND source = ?"
	    " AND start >= ? AND start < ?",
	[SQL_RUN_BYTES] = "SELECT sum(bytes) FROM run WHERE level IN (0, 1, 2, 3) AND source = ?"
	    " AND start >= ? AND start < ?",
	[SQL_FILE_BYTES] = "SELECT sum(max(size, 0)) FROM file WHERE source = ? AND start >= ?"
	    " AND start < ? AND state <> 1",
	[SQL_PRESENCE_PUT] = "INSERT OR REPLACE INTO presence (level, source, start, file, first_key,"
	    " block) VALUES (?, ?, ?, ?, ?, ?)",
	[SQL_PRESENCE_DROP] = "DELETE FROM presence WHERE level = ? AND source = ? AND start = ?"
	    " AND file = ?",
	[SQL_PRESENCE_AT] = "SELECT first_key, block FROM presence WHERE level = ? AND source = ?"
	    " AND start = ? AND file = ? AND first_key <= ? ORDER BY first_key DESC LIMIT 1",
	[SQL_PRESENCE_AFTER] = "SELECT first_key, block FROM presence WHERE level = ? AND source = ?"
	    " AND start = ? AND file = ? AND first_key > ? ORDER BY first_key LIMIT 1",
	[SQL_PENDING_PUT] = "INSERT OR IGNORE INTO pending (level, source, start) VALUES (?, ?, ?)",
	[SQL_PENDING_NEXT] = "SELECT source, start FROM pending WHERE level = ? AND start <= ?"
	    " ORDER BY start LIMIT 1",
	[SQL_PENDING_DROP] = "DELETE FROM pending WHERE level = ? AND source = ? AND start = ?",
	[SQL_KEPT] = "SELECT since FROM kept WHERE level = ?",
	[SQL_KEPT_PUT] = "INSERT OR REPLACE INTO kept (level, since) VALUES (?, ?)",
	[SQL_OLDEST_TOP] = "SELECT start FROM top WHERE level = ? AND source = ? ORDER BY start LIMIT 1",
	[SQL_OLDEST_RUN] = "SELECT start FROM run WHERE level = ? AND source = ? ORDER BY start LIMIT 1",
	[SQL_PENDING_OLDEST] = "SELECT start FROM pending WHERE level = ? ORDER BY start LIMIT 1",
	[SQL_EXPIRE_SLOT] = "DELETE FROM slot WHERE source = ? AND start < ?",
	[SQL_EXPIRE_DIGEST] = "DELETE FROM digest WHERE source = ? AND start < ?",
	[SQL_EXPIRE_FILE] = "DELETE FROM file WHERE source = ? AND start < ? AND state = 2",
	[SQL_EXPIRE_TOP] = "DELETE FROM top WHERE level = ? AND source = ? AND start < ?",
	[SQL_EXPIRE_RUN] = "DELETE FROM run WHERE level = ? AND source = ? AND start < ?",
	[SQL_EXPIRE_PRESENCE] = "DELETE FROM presence WHERE level = ? AND source = ? AND start < ?",
	[SQL_FORGET_SIEVE] = "UPDATE run SET parameter = 0, bytes = 0 WHERE level = 3 AND source = ?"
	    " AND start < ? AND parameter > 0",
	[SQL_NEWEST_FILE] = "SELECT start, last_msec FROM file WHERE source = ? AND start <= ? AND state = 0"
	    " AND last_msec <> 0 ORDER BY start DESC LIMIT 1",
	[SQL_LAST_ID] = "SELECT max(id) FROM file WHERE id > 0",
	[SQL_CHECK_NEXT] = "SELECT f.name, f.start, s.name FROM file f CROSS JOIN source s ON s.id = f.source"
	    " WHERE f.id >= ? AND f.state = 0 ORDER BY f.id LIMIT 1",
	[SQL_CHECK_FILE] = "SELECT " TOTALS ", first_msec, last_msec, records, id, start, state, size,"
	    " mtime_nsec FROM file WHERE source = ? AND name = ?",
	[SQL_CHECK_SLOT] = "SELECT " TOTALS " FROM slot WHERE source = ? AND start = ?",
	[SQL_CHECK_TOP] = "SELECT blob FROM top WHERE level = 0 AND source = ? AND start = ? AND file = ?"
	    " AND dim = ?",
	[SQL_CHECKED] = "UPDATE source SET checked = checked + 1, checked_at = ?1,"
	    " differed = differed + (?2 IS NOT NULL), difference = coalesce(?2, difference) WHERE id = ?3",
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
};

bool
sql_damaged(struct index *ix)
{
	int code = sqlite3_errcode(ix->db) & 0xff;

	ix->damaged |= code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
	return ix->damaged;
}

static int
sql_error(struct index *ix, struct err *e)
{
	sql_damaged(ix);
	return err_set(e, ERR_SYSTEM, "%s: %s", ix->path, sqlite3_errmsg(ix->db));
}

sqlite3_stmt *
sql_start(struct index *ix, struct err *e, enum sql id, const char *types, ...)
{
	sqlite3_stmt **st = &ix->statement[id];
	va_list ap;
	int rc = SQLITE_OK, i;

	if (*st == NULL && sqlite3_prepare_v3(ix->db, sql_text[id], -1, SQLITE_PREPARE_PERSISTENT,
	    st, NULL) != SQLITE_OK) {
		sql_error(ix, e);
		return NULL;
	}
	sqlite3_reset(*st);
	va_start(ap, types);
	for (i = 0; types[i] != '\0' && rc == SQLITE_OK; i++)
		rc = types[i] == 'i' ? sqlite3_bind_int64(*st, i + 1, va_arg(ap, int64_t)) :
		    sqlite3_bind_text(*st, i + 1, va_arg(ap, const char *), -1, SQLITE_STATIC);
	va_end(ap);
	if (rc != SQLITE_OK) {
		sql_error(ix, e);
		return NULL;
	}
	return *st;
}

int
sql_row(struct index *ix, sqlite3_stmt *st, struct err *e)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		sql_error(ix, e);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
sql_run(struct index *ix, sqlite3_stmt *st, struct err *e)
{
	return st == NULL ? -1 : sql_row(ix, st, e);
}

int64_t
sql_source(struct index *ix, const struct source *src, struct err *e)
{
	sqlite3_stmt *st = sql_start(ix, e, SQL_SOURCE, "s", src->name);
	int64_t id = 0;
	int rc;

	if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
		return -1;
	if (rc == 1)
		id = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return id;
}

void
sql_totals(sqlite3_stmt *st, int column, struct traffic *t)
{
	for (int c = 0; c < PROTO_CLASSES; c++) {
		t->by[c].flows = (uint64_t)sqlite3_column_int64(st, column++);
		t->by[c].packets = (uint64_t)sqlite3_column_int64(st, column++);
		t->by[c].bytes = (uint64_t)sqlite3_column_int64(st, column++);
	}
}

int64_t
sql_clamp(uint64_t v)
{
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

void
sql_varint(struct strbuf *sb, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		strbuf_addc(sb, (char)(n | 0x80));
	strbuf_addc(sb, (char)n);
}

int
sql_kept(struct index *ix, struct err *e)
{
	for (int64_t level = 0; level < LEVELS; level++) {
		sqlite3_stmt *st = sql_start(ix, e, SQL_KEPT, "i", level);
		int rc;

		if (st == NULL || (rc = sql_row(ix, st, e)) == -1)
			return -1;
		ix->kept[level] = rc == 1 ? sqlite3_column_int64(st, 0) : INT64_MIN;
		sqlite3_reset(st);
	}
	return 0;
}

void
sql_bind_totals(sqlite3_stmt *st, int parameter, const struct traffic *t)
{
	for (int c = 0; c < PROTO_CLASSES; c++) {
		sqlite3_bind_int64(st, parameter++, sql_clamp(t->by[c].flows));
		sqlite3_bind_int64(st, parameter++, sql_clamp(t->by[c].packets));
		sqlite3_bind_int64(st, parameter++, sql_clamp(t->by[c].bytes));
	}
}

/* Both are at most INT64_MAX, so the sum does not wrap. */
static void
add(uint64_t *sum, uint64_t more)
{
	*sum = (uint64_t)sql_clamp(*sum + more);
}

void
sql_add_totals(struct traffic *sum, const struct traffic *more)
{
	for (int c = 0; c < PROTO_CLASSES; c++) {
		add(&sum->by[c].flows, more->by[c].flows);
		add(&sum->by[c].packets, more->by[c].packets);
		add(&sum->by[c].bytes, more->by[c].bytes);
	}
}
