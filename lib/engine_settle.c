/*
 * What the index leaves open about the first rows of a top list, out of the files
 * of those few slots in which it does.
 */
#include "engine_settle.h"

#include <string.h>

#include "query/group.h"

#define ROWS_MOST	64	/* more rows are not asked for */
#define SLOTS_SHARE	2	/* no more than one of so many slots is worth it */

/* How a filter asks for keys of a dimension; NULL: not. */
static const char *const words[TOP_DIMS] = {
	[TOP_SRCIP] = "src ip", [TOP_DSTIP] = "dst ip", [TOP_IP] = "ip", [TOP_PAIR] = "src ip", [TOP_SERVICE] = "src ip",
	[TOP_SRCPORT] = "src port", [TOP_DSTPORT] = "dst port", [TOP_SRCAS] = "src as", [TOP_DSTAS] = "dst as",
};

/* "src ip in [192.0.2.1 2001:db8::1]": flows of the rows' keys, and some more. */
static const char *
filter_of(const struct top_rest *rest, enum top_dim d, struct arena *a)
{
	struct strbuf sb = { 0 };
	char text[ADDR_STRLEN];
	struct addr addr;
	const char *s;

	strbuf_addf(&sb, "%s in [", words[d]);
	for (size_t i = 0; i < rest->n; i++) {
		uint64_t number = 0;

		if (i > 0)
			strbuf_addc(&sb, ' ');
		if (top_dims[d].size >= 16) {
			memcpy(&addr, rest->row[i].key, sizeof(addr));
			addr_print(&addr, text);
			strbuf_adds(&sb, text);
			continue;
		}
		for (unsigned j = 0; j < top_dims[d].size; j++)
			number = number << 8 | rest->row[i].key[j];
		strbuf_addu(&sb, number);
	}
	strbuf_adds(&sb, "]");
	s = arena_strdup(a, strbuf_text(&sb));
	strbuf_free(&sb);
	return s;
}

/* All groups of those flows by the dimension's keys. */
static struct query *
make_query(const struct top_rest *rest, enum top_dim d, const enum field key[2], struct arena *a, struct err *e)
{
	struct query *q = query_new(a);

	q->filter = filter_of(rest, d, a);
	q->top = 0;
	if (d == TOP_IP)
		q->stats[q->nstats++] = (struct stat_request){ .stat = statistic_find("ip", 2), .order = ORDER_FLOWS };
	else
		for (int k = 0; k < 2 && key[k] != F_COUNT; k++)
			q->keys[q->nkeys++] = (struct key){ .field = key[k] };
	return query_check(q, e) == 0 ? q : NULL;
}

static int
files_of(struct engine *engine, const struct top_rest *rest, struct arena *a, struct file_list *files,
    struct cost *cost, struct err *e)
{
	int64_t seconds = engine->conf->slot;
	size_t room = rest->nslots * 2 + 16;

	files->path = arena_array(a, room, sizeof(*files->path));
	files->source = arena_array(a, room, sizeof(const struct source *));
	files->columns = arena_array(a, room, sizeof(*files->columns));
	for (size_t i = 0; i < rest->nslots; i++) {
		const struct open_slot *o = &rest->slot[i];
		struct window w = { o->start, o->start + seconds };
		struct slot *slot;
		size_t n;

		if (index_slots(engine->index, &w, &o->source, 1, a, &slot, &n, e) == -1)
			return -1;
		for (size_t k = 0; k < n && files->n < room; k++) {
			cost->bytes += slot[k].size;
			cost->flows += slot[k].traffic.by[PROTO_ALL].flows;
			files->path[files->n] = slot[k].path;
			files->columns[files->n] = engine_columns(engine->conf, &slot[k], a);
			files->source[files->n++] = slot[k].source;
		}
	}
	return 0;
}

/* A row's key as top tables have it. */
static void
key_of_row(const struct batch *rows, const enum field key[2], size_t nkeys, size_t i, uint8_t *to)
{
	memset(to, 0, TOP_KEY_MAX);
	for (size_t k = 0; k < nkeys; k++) {
		unsigned width = fields[key[k]].width;
		uint64_t v;

		if (width == 16)
			memcpy(to, &COLADDR(rows, key[k])[i], 16);
		else
			for (v = batch_number(rows, key[k], i), to += width; width > 0; width--, v >>= 8)
				*--to = (uint8_t)v;
		to += fields[key[k]].width;
	}
}

static void
add_row(struct top_row *sum, const struct batch *rows, size_t i)
{
	bool none = (sum->value[TOP_FLOWS] | sum->value[TOP_PACKETS] | sum->value[TOP_BYTES]) == 0;
	struct counters c;

	counters_of_row(rows, i, &c);
	tally_plus(&sum->value[TOP_FLOWS], c.flows);
	tally_plus(&sum->value[TOP_PACKETS], counters_packets(&c, SIDE_BOTH));
	tally_plus(&sum->value[TOP_BYTES], counters_bytes(&c, SIDE_BOTH));
	if (none || c.first < sum->first_msec)
		sum->first_msec = c.first;
	if (none || c.last > sum->last_msec)
		sum->last_msec = c.last;
}

/* The open rows become what tables are sure of and what was counted. */
static void
take_rows(struct top_rest *rest, const struct table *t, const enum field key[2])
{
	size_t nkeys = t->kind == TABLE_STAT || key[1] == F_COUNT ? 1 : 2;

	for (size_t i = 0; i < t->rows.n; i++) {
		uint8_t k[TOP_KEY_MAX];

		key_of_row(&t->rows, key, nkeys, i, k);
		for (size_t j = 0; j < rest->n; j++)
			if (memcmp(rest->open[j]->key, k, sizeof(k)) == 0)
				add_row(&rest->row[j], &t->rows, i);
	}
	for (size_t j = 0; j < rest->n; j++) {
		memcpy(rest->open[j]->value, rest->row[j].value, sizeof(rest->row[j].value));
		memset(rest->open[j]->over, 0, sizeof(rest->open[j]->over));
		rest->open[j]->first_msec = rest->row[j].first_msec;
		rest->open[j]->last_msec = rest->row[j].last_msec;
	}
}

int
engine_settle(struct engine *engine, enum top_dim d, const enum field key[2], struct top_rest *rest, size_t nslots,
    const struct watch *watch, struct cost *cost, struct result *res, struct err *e)
{
	struct run_limits limits = engine_limits(engine);
	struct cost ignored = { .files = 0 };
	struct file_list files = { 0 };
	struct arena *a = res->arena;
	struct result part = { .arena = a };
	struct query *q;

	if (!rest->known || rest->n == 0 || rest->n > ROWS_MOST || rest->nslots * SLOTS_SHARE > nslots ||
	    words[d] == NULL)
		return 0;
	for (size_t i = 0; i < rest->n; i++)
		memcpy(rest->row[i].key, rest->open[i]->key, sizeof(rest->row[i].key));
	if ((q = make_query(rest, d, key, a, e)) == NULL || files_of(engine, rest, a, &files,
	    cost != NULL ? cost : &ignored, e) == -1)
		return -1;
	if (cost != NULL) {
		cost->files += files.n;
		for (size_t i = 0; i < rest->n; i++)	/* as if they had been counted */
			memset(rest->open[i]->over, 0, sizeof(rest->open[i]->over));
		return 1;
	}
	if (run_query(q, &files, NULL, &limits, NULL, watch, &part, e) == -1)
		return -1;
	if (part.partial || part.ntables != 1)
		return 0;
	take_rows(rest, &part.tables[0], key);
	res->files += part.files;
	res->files_columns += part.files_columns;
	return 1;
}
