#include "query/fan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "query/table.h"

#define AHEAD		64	/* flows whose memory is asked for ahead of its use */
#define ROWS		20

enum { PEERS, PORTS, KINDS };

/* Keys of 64-bit words; a port's is the host, the protocol and the port. */
struct host_key { struct addr host; };
struct peer_key { struct addr host, peer; };
struct port_key { struct addr host; uint64_t port; };

struct fan {
	enum field host, peer;
	uint64_t most;			/* bytes */
	bool least;
	struct group_table hosts, pairs[KINDS];
	uint64_t (*distinct)[KINDS];	/* by the number of the host */
	size_t room;
};

static const enum field counted[] = { F_SRCIP, F_DSTIP, F_SRCPORT, F_DSTPORT, F_PROTO, F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS,
	F_OUTBYTES };

static bool
is_output(const struct query *q, const char *name)
{
	return q->mode == QUERY_LIST && q->output != NULL && strcmp(q->output, name) == 0;
}

bool
fan_asked(const struct query *q)
{
	return is_output(q, "fanout") || is_output(q, "fanin");
}

uint64_t
fan_rows(const struct query *q)
{
	return q->top != TOP_DEFAULT ? q->top : ROWS;
}

struct fan *
fan_new(const struct query *q, uint64_t bytes_most)
{
	static const size_t sizes[KINDS] = { sizeof(struct peer_key), sizeof(struct port_key) };
	struct table_shape shape = { sizeof(struct host_key), false, false };
	struct fan *f = xcalloc(1, sizeof(*f));
	bool in = is_output(q, "fanin");

	f->host = in ? F_DSTIP : F_SRCIP;
	f->peer = in ? F_SRCIP : F_DSTIP;
	f->most = bytes_most != 0 ? bytes_most : UINT64_MAX;
	table_init(&f->hosts, &shape);
	for (int k = 0; k < KINDS; k++) {
		shape.key_size = sizes[k];
		table_init(&f->pairs[k], &shape);
	}
	return f;
}

void
fan_free(struct fan *f)
{
	if (f == NULL)
		return;
	table_free(&f->hosts);
	for (int k = 0; k < KINDS; k++)
		table_free(&f->pairs[k]);
	free(f->distinct);
	free(f);
}

void
fan_fields(struct fieldset *set)
{
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		fieldset_add(set, counted[i]);
}

static size_t
host_number(struct fan *f, const struct host_key *key, uint64_t **counts)
{
	size_t before = f->hosts.n, number;

	*counts = table_find(&f->hosts, table_hash((const char *)key, sizeof(*key)), (const char *)key);
	number = (size_t)((char *)*counts - f->hosts.shape.key_size - f->hosts.entries) / f->hosts.entry_size;
	if (f->hosts.n > f->room) {
		f->room = f->room != 0 ? f->room * 2 : 256;
		f->distinct = xrealloc(f->distinct, f->room, sizeof(*f->distinct));
	}
	if (f->hosts.n > before)
		memset(f->distinct[number], 0, sizeof(f->distinct[number]));
	return number;
}

static void
add_pair(struct fan *f, int kind, const void *key, uint32_t hash, size_t host)
{
	struct group_table *t = &f->pairs[kind];
	size_t before = t->n;

	if (f->least && table_seek(t, hash, key) == NULL)
		return;
	table_find(t, hash, key);
	f->distinct[host][kind] += t->n - before;
}

/* Answers go to whatever port the question came from: those would make every server a scanner. */
static bool
asks_port(const struct batch *b, size_t row)
{
	uint8_t proto = COL8(b, F_PROTO)[row];

	return (proto == 6 || proto == 17 || proto == 132) &&
	    (COL16(b, F_SRCPORT)[row] >= 1024 || COL16(b, F_DSTPORT)[row] < 1024);
}

static uint64_t
value(const struct batch *b, enum field f, size_t row)
{
	return b->col[f] != NULL ? COL64(b, f)[row] : 0;
}

static void
add_flows(struct fan *f, const struct batch *b, size_t from, size_t n)
{
	struct peer_key peer[AHEAD];
	struct port_key port[AHEAD];
	uint32_t hash[KINDS][AHEAD] = { { 0 } };

	for (size_t i = 0; i < n; i++) {
		peer[i] = (struct peer_key){ COLADDR(b, f->host)[from + i], COLADDR(b, f->peer)[from + i] };
		port[i] = (struct port_key){ peer[i].host,
		    (uint64_t)COL8(b, F_PROTO)[from + i] << 16 | COL16(b, F_DSTPORT)[from + i] };
		hash[PEERS][i] = table_hash((const char *)&peer[i], sizeof(peer[i]));
		hash[PORTS][i] = table_hash((const char *)&port[i], sizeof(port[i]));
	}
	for (int k = 0; k < KINDS; k++)
		table_prefetch(&f->pairs[k], hash[k], n);
	for (size_t i = 0; i < n; i++) {
		struct host_key key = { peer[i].host };
		uint64_t *counts;
		size_t host;

		if (f->least && table_seek(&f->hosts, table_hash((const char *)&key, sizeof(key)), (const char *)&key) == NULL)
			continue;
		host = host_number(f, &key, &counts);
		counts[COUNT_FLOWS] += value(b, F_FLOWS, from + i);
		counts[COUNT_PACKETS] += value(b, F_PACKETS, from + i) + value(b, F_OUTPACKETS, from + i);
		counts[COUNT_BYTES] += value(b, F_BYTES, from + i) + value(b, F_OUTBYTES, from + i);
		add_pair(f, PEERS, &peer[i], hash[PEERS][i], host);
		if (asks_port(b, from + i))
			add_pair(f, PORTS, &port[i], hash[PORTS][i], host);
	}
}

void
fan_add(struct fan *f, const struct batch *b)
{
	for (size_t from = 0; from < b->n; from += AHEAD) {
		/* A table doubles when it grows, and is then there twice. */
		f->least = f->least || 2 * (table_memory(&f->pairs[PEERS]) + table_memory(&f->pairs[PORTS])) > f->most ||
		    f->pairs[PEERS].n > TABLE_ENTRIES_MAX - AHEAD || f->pairs[PORTS].n > TABLE_ENTRIES_MAX - AHEAD;
		add_flows(f, b, from, b->n - from < AHEAD ? b->n - from : AHEAD);
	}
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static int
by_fan(const void *va, const void *vb)
{
	const struct fan_row *a = va, *b = vb;
	uint64_t x = larger(a->peers, a->ports), y = larger(b->peers, b->ports);

	if (x != y)
		return x > y ? -1 : 1;
	if (a->flows != b->flows)
		return a->flows > b->flows ? -1 : 1;
	return addr_cmp(&a->host, &b->host);
}

struct fan_row *
fan_top(const struct fan *f, uint64_t top, struct arena *a, size_t *n)
{
	struct fan_row *rows = xcalloc(f->hosts.n + 1, sizeof(*rows)), *shown;

	for (size_t i = 0; i < f->hosts.n; i++) {
		const uint64_t *counts = table_counts(&f->hosts, i);

		memcpy(&rows[i].host, table_key(&f->hosts, i), sizeof(rows[i].host));
		rows[i].peers = f->distinct[i][PEERS];
		rows[i].ports = f->distinct[i][PORTS];
		rows[i].flows = counts[COUNT_FLOWS];
		rows[i].packets = counts[COUNT_PACKETS];
		rows[i].bytes = counts[COUNT_BYTES];
	}
	qsort(rows, f->hosts.n, sizeof(*rows), by_fan);
	*n = top != 0 && top < f->hosts.n ? (size_t)top : f->hosts.n;
	shown = arena_array(a, *n + 1, sizeof(*shown));
	memcpy(shown, rows, *n * sizeof(*shown));
	free(rows);
	return shown;
}

size_t
fan_hosts(const struct fan *f)
{
	return f->hosts.n;
}

bool
fan_is_least(const struct fan *f)
{
	return f->least;
}

void
fan_csv(const struct fan_row *rows, size_t n, struct strbuf *sb)
{
	char text[ADDR_STRLEN];

	strbuf_adds(sb, "host,peers,ports,flows,packets,bytes\n");
	for (size_t i = 0; i < n; i++) {
		addr_print(&rows[i].host, text);
		strbuf_addf(sb, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", text, rows[i].peers,
		    rows[i].ports, rows[i].flows, rows[i].packets, rows[i].bytes);
	}
}
