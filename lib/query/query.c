#include "query/query.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "flow/country.h"
#include "query/param.h"
#include "query/post.h"

static const enum field five_tuple[] = { F_SRCIP, F_DSTIP, F_SRCPORT, F_DSTPORT, F_PROTO };

/* nfdump's names of aggregation keys where fields[] has another. */
static const struct { const char *name; enum field field; } key_names[] = {
	{ "next", F_NEXTHOP }, { "bgpnext", F_BGPNEXTHOP }, { "tos", F_SRCTOS },
	{ "odid", F_OBSDOMAIN }, { "opid", F_OBSPOINT }, { "exp", F_SYSID },
};

struct query *
query_new(struct arena *a)
{
	struct query *q = arena_alloc(a, sizeof(*q));

	q->arena = a;
	q->from_msec = INT64_MIN;
	q->to_msec = INT64_MAX;
	q->order = ORDERS;
	q->top = TOP_DEFAULT;
	return q;
}

static enum field
key_field(const char *name, size_t len)
{
	char word[32];

	if (len >= sizeof(word))
		return F_COUNT;
	for (size_t i = 0; i < len; i++)
		word[i] = (char)tolower((unsigned char)name[i]);
	word[len] = '\0';
	for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++)
		if (strcmp(key_names[i].name, word) == 0)
			return key_names[i].field;
	return field_find(word);
}

/* "srcip4/24": the name's last letter is the family, the number its bits. */
static int
key_parse_net(const char *text, size_t len, const char *slash, struct key *key, struct err *e)
{
	size_t name = (size_t)(slash - text);
	char *end;
	unsigned long bits;

	key->family = name > 1 && (slash[-1] == '4' || slash[-1] == '6') ? (uint8_t)(slash[-1] - '0') : 0;
	key->field = key->family != 0 ? key_field(text, name - 1) : F_COUNT;
	bits = strtoul(slash + 1, &end, 10);
	if (key->field == F_COUNT || fields[key->field].kind != KIND_ADDR)
		return err_set(e, ERR_INPUT, "\"%.*s\" is no network key: srcip4/24, dstip6/64 …", (int)len, text);
	if (end != text + len || slash[1] < '0' || slash[1] > '9' || bits == 0 ||
	    bits > (key->family == 4 ? 32 : 128))
		return err_set(e, ERR_INPUT, "\"%.*s\": expected 1 to %d bits after the slash", (int)len,
		    text, key->family == 4 ? 32 : 128);
	key->bits = (uint8_t)bits;
	return 0;
}

bool
key_is_possible(enum field f)
{
	enum kind kind = fields[f].kind;

	return kind != KIND_TEXT && kind != KIND_BINARY && kind != KIND_COUNTER && f != F_FIRST && f != F_LAST;
}

int
key_parse(const char *text, size_t len, struct key *key, struct err *e)
{
	const char *slash = memchr(text, '/', len);

	memset(key, 0, sizeof(*key));
	if (slash != NULL)
		return key_parse_net(text, len, slash, key, e);
	key->own_mask = len == 6 && (strncasecmp(text, "srcnet", 6) == 0 || strncasecmp(text, "dstnet", 6) == 0);
	if (key->own_mask)
		key->field = text[0] == 's' || text[0] == 'S' ? F_SRCIP : F_DSTIP;
	else
		key->field = key_field(text, len);
	if (key->field == F_COUNT)
		return err_set(e, ERR_INPUT, "unknown key \"%.*s\"", (int)len, text);
	if (!key_is_possible(key->field))
		return err_set(e, ERR_INPUT, "flows cannot be grouped by %.*s", (int)len, text);
	return 0;
}

void
key_print(const struct key *key, struct strbuf *sb)
{
	const char *name = fields[key->field].name;

	if (key->own_mask) {
		strbuf_adds(sb, key->field == F_SRCIP ? "srcnet" : "dstnet");
		return;
	}
	for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++)
		if (key_names[i].field == key->field && key->field != F_SRCTOS)
			name = key_names[i].name;
	strbuf_adds(sb, name);
	if (key->family != 0)
		strbuf_addf(sb, "%u/%u", key->family, key->bits);
}

void
order_print(enum order order, bool ascending, struct strbuf *sb)
{
	strbuf_adds(sb, orders[order].name);
	if (ascending != orders[order].ascending)
		strbuf_adds(sb, ascending ? ":a" : ":d");
}

void
stat_print(const struct stat_request *r, struct strbuf *sb)
{
	strbuf_adds(sb, r->stat->name);
	if (r->by_proto)
		strbuf_adds(sb, ":p");
	if (r->order != ORDERS) {
		strbuf_addc(sb, '/');
		order_print(r->order, r->ascending, sb);
	}
}

uint64_t
query_top(const struct query *q)
{
	if (q->top != TOP_DEFAULT)
		return q->top;
	if (q->bucket != 0)
		return SERIES_LINES;
	return q->nstats > 0 ? 10 : 0;
}

static void
set_five_tuple(struct query *q)
{
	q->five_tuple = true;
	q->nkeys = sizeof(five_tuple) / sizeof(five_tuple[0]);
	for (size_t i = 0; i < q->nkeys; i++)
		q->keys[i] = (struct key){ .field = five_tuple[i] };
}

static bool
wants_records(const struct query *q)
{
	for (size_t i = 0; i < q->nstats; i++)
		if (statistic_is_record(q->stats[i].stat))
			return true;
	return q->nstats == 0 && (q->aggregate || q->bidir != BIDIR_NO || q->nkeys > 0);
}

/* Statistics that name no order have the query's, or flows. */
static void
set_orders(struct query *q)
{
	for (size_t i = 0; i < q->nstats; i++) {
		struct stat_request *r = &q->stats[i];

		if (r->order != ORDERS)
			continue;
		if (q->order != ORDERS && (orders[q->order].for_stat || statistic_is_record(r->stat))) {
			r->order = q->order;
			r->ascending = q->ascending;
		} else {
			r->order = ORDER_FLOWS;
			r->ascending = false;
		}
	}
	if (q->nstats > 0)
		q->order = ORDERS;
}

const struct match_row matches[MATCHES] = {
	[MATCH_FILES] = { "files", "in its files" },
	[MATCH_ANY] = { "any", "active in it" },
	[MATCH_START] = { "start", "that start in it" },
	[MATCH_END] = { "end", "that end in it" },
	[MATCH_ENTIRE] = { "entire", "entirely in it" },
};

/* The window as a filter.  The end is within as with nfdump's -t where that asks the same. */
static int
compile_match(struct query *q, struct err *e)
{
	static const char *const terms[MATCHES] = {
		[MATCH_ANY] = "last seen >= %s and first seen < %s",
		[MATCH_START] = "first seen >= %s and first seen < %s",
		[MATCH_END] = "last seen >= %s and last seen < %s",
		[MATCH_ENTIRE] = "first seen >= %s and last seen <= %s",
	};
	char from[WHEN_STRLEN], to[WHEN_STRLEN];
	struct strbuf sb = { 0 };

	if (q->window.from == q->window.to)
		return err_set(e, ERR_INPUT, "match: needs from and to");
	if (q->time_text != NULL)
		return err_set(e, ERR_INPUT, "match: does not go together with time");
	/* A comment at the filter's end ends with the line. */
	if (!filter_is_any(q->asked))
		strbuf_addf(&sb, "(%s\n) and ", q->filter);
	strbuf_addf(&sb, terms[q->match], when_utc(q->window.from, from), when_utc(q->window.to, to));
	q->program = filter_compile(strbuf_text(&sb), q->arena, e);
	strbuf_free(&sb);
	return q->program != NULL ? 0 : -1;
}

static int
check_files(const struct query *q, struct err *e)
{
	bool files = q->read_file != NULL || q->read_range != NULL || q->read_dirs != NULL;

	if (q->read_file != NULL && q->read_range != NULL)
		return err_set(e, ERR_INPUT, "-r and -R do not go together");
	if (q->read_dirs != NULL && q->read_file == NULL && q->read_range == NULL)
		return err_set(e, ERR_INPUT, "-M needs -r or -R");
	if (files && (q->window.from != 0 || q->window.to != 0 || q->sources != NULL))
		return err_set(e, ERR_INPUT, "-r, -R and -M do not go together with --source, --from and --to");
	if (q->window.from > q->window.to)
		return err_set(e, ERR_INPUT, "from: lies after to");
	return 0;
}

/* What a series can be of, and what is left open. */
static int
check_series(struct query *q, struct err *e)
{
	bool files = q->read_file != NULL || q->read_range != NULL;

	if (q->bucket == 0) {
		if (q->book != BOOK_SPREAD || q->counting != COUNT_INITIATED || q->rank != RANK_TOTAL)
			return err_set(e, ERR_INPUT, "book, count and rank are of series");
		return 0;
	}
	if (q->nstats > 0 || q->aggregate || q->bidir != BIDIR_NO)
		return err_set(e, ERR_INPUT, "series: goes with keys (-A), not with statistics or aggregates");
	if (q->packets_limit.given || q->bytes_limit.given || q->post != NULL)
		return err_set(e, ERR_INPUT, "series: limits of groups do not go with it");
	if (q->counting == COUNT_ACTIVE && q->book != BOOK_SPREAD)
		return err_set(e, ERR_INPUT, "count: flows are active over their duration, which is book=spread");
	if (q->book == BOOK_SLOT && files)
		return err_set(e, ERR_INPUT, "book: only the index knows slots; give --source, --from and --to");
	if (q->nkeys == 0 && (q->rank != RANK_TOTAL || q->top != TOP_DEFAULT || q->order != ORDERS))
		return err_set(e, ERR_INPUT, "series: rank, order and top are of lines by keys");
	if (q->nkeys > 0 && q->order == ORDERS)
		q->order = ORDER_BYTES;
	if (q->nkeys > 0 && ((q->order != ORDER_FLOWS && q->order != ORDER_PACKETS && q->order != ORDER_BYTES) || q->ascending))
		return err_set(e, ERR_INPUT, "order: lines of a series are the first by flows, packets or bytes");
	if (q->nkeys > 0 && (query_top(q) == 0 || query_top(q) > SERIES_LINES_MAX))
		return err_set(e, ERR_INPUT, "top: a series has from 1 to %d lines", SERIES_LINES_MAX);
	return 0;
}

static enum query_mode
query_mode(const struct query *q)
{
	if (q->bucket != 0)
		return QUERY_SERIES;
	return q->nstats > 0 ? QUERY_STAT : q->nkeys > 0 ? QUERY_GROUP : QUERY_LIST;
}

/* Files tell of themselves as a whole.  nfdump says nothing and leaves the filter out. */
static int
check_info(const struct query *q, struct err *e)
{
	char letter = q->info == INFO_SUM ? 'I' : 'g';

	if (q->info == INFO_NO)
		return 0;
	if (q->filter != NULL || q->time_text != NULL || q->limit != 0)
		return err_set(e, ERR_INPUT, "-%c tells of whole files: it goes with no filter, no -t and no -c", letter);
	if (q->nstats > 0 || q->nkeys > 0 || q->aggregate || q->bidir != BIDIR_NO || q->verify)
		return err_set(e, ERR_INPUT, "-%c tells of whole files: it goes with no -s, -A, -a, -b, -B and --verify", letter);
	return 0;
}

const char *
query_groups_countries(const struct query *q)
{
	for (size_t i = 0; i < q->nstats; i++)
		if (statistic_is_of_countries(q->stats[i].stat))
			return q->stats[i].stat->name;
	for (size_t i = 0; i < q->nkeys; i++)
		if (fields[q->keys[i].field].kind == KIND_COUNTRY)
			return fields[q->keys[i].field].name;
	return NULL;
}

static int
check_countries(const struct query *q, struct err *e)
{
	const char *name = query_groups_countries(q);

	return name == NULL || countries_known() ? 0 :
	    err_set(e, ERR_INPUT, "%s needs a database of countries, and there is none", name);
}

int
query_check(struct query *q, struct err *e)
{
	if (q->window.from != 0 && q->window.to == 0)
		q->window.to = when_now();
	if (q->window.from == 0 && q->window.to != 0)
		return err_set(e, ERR_INPUT, "to: needs a from");
	if (check_files(q, e) == -1 || check_series(q, e) == -1 || check_info(q, e) == -1)
		return -1;
	if (q->bidir != BIDIR_NO && q->nkeys > 0)
		return err_set(e, ERR_INPUT, "both directions are one group only of five-tuples, without -A");
	if (check_countries(q, e) == -1)
		return -1;
	if (wants_records(q) && q->nkeys == 0)
		set_five_tuple(q);
	q->mode = query_mode(q);
	if (q->write != NULL && (q->mode != QUERY_LIST || q->info != INFO_NO || q->output != NULL || q->verify))
		return err_set(e, ERR_INPUT, "-w writes flows: it goes with no groups, statistics, series, -o, -I and -g");
	set_orders(q);
	q->program = q->asked = filter_compile(q->filter, q->arena, e);
	if (q->program == NULL || (q->match != MATCH_FILES && compile_match(q, e) == -1))
		return -1;
	if (q->verify && (q->read_file != NULL || q->read_range != NULL))
		return err_set(e, ERR_INPUT, "--verify is for answers of the index: with --source, --from and --to");
	return post_check(q, e) == 0 ? 0 : err_in(e, "post");
}

int
query_from_pairs(struct query *q, struct pairs *pairs, struct err *e)
{
	for (const struct param *p = params; p->help != NULL; p++) {
		const char *value = p->in_url ? pairs_take(pairs, p->name) : NULL;

		if (value != NULL && p->parse(q, value, e) == -1)
			return err_in(e, "%s", p->name);
	}
	return query_check(q, e);
}

/* getopt's two tables out of ours.  A long option's value is 256 + its row. */
static void
make_options(struct arena *a, char **letters, struct option **longs)
{
	size_t n = 0, k = 0, nlong = 0;

	while (params[n].help != NULL)
		n++;
	*letters = arena_alloc(a, 2 * n + 2);
	*longs = arena_array(a, n + 1, sizeof(**longs));
	(*letters)[k++] = ':';
	for (size_t i = 0; i < n; i++) {
		if (params[i].name != NULL)
			(*longs)[nlong++] = (struct option){ params[i].name,
			    params[i].takes_value ? required_argument : no_argument, NULL, 256 + (int)i };
		if (params[i].letter == 0)
			continue;
		(*letters)[k++] = params[i].letter;
		if (params[i].takes_value)
			(*letters)[k++] = ':';
	}
}

static const struct param *
param_of_option(int option)
{
	if (option >= 256)
		return &params[option - 256];
	for (const struct param *p = params; p->help != NULL; p++)
		if (p->letter != 0 && p->letter == option)
			return p;
	return NULL;
}

static int
take_option(struct query *q, int option, const char *word, struct err *e)
{
	const struct param *p = param_of_option(option);

	if (option == ':')
		return err_set(e, ERR_INPUT, "option %s needs a value", word);
	if (p == NULL)
		return err_set(e, ERR_INPUT, "unknown option %s", word);
	if (p->parse(q, optarg, e) == 0)
		return 0;
	return p->name != NULL && option >= 256 ? err_in(e, "--%s", p->name) : err_in(e, "-%c", p->letter);
}

int
query_words(struct query *q, int argc, char **argv, struct err *e)
{
	struct strbuf filter = { 0 };
	struct option *longs;
	char *letters, word[64];
	int option;

	make_options(q->arena, &letters, &longs);
	opterr = 0;
	optind = 1;
#ifdef __GLIBC__
	optind = 0;		/* start anew, also within a word */
#else
	optreset = 1;
#endif
	while ((option = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (optopt > 0 && optopt < 256 && (option == '?' || option == ':'))
			snprintf(word, sizeof(word), "-%c", optopt);
		else
			snprintf(word, sizeof(word), "%s", argv[optind > 0 ? optind - 1 : 0]);
		if (take_option(q, option, word, e) == -1)
			return -1;
	}
	for (int i = optind; i < argc; i++) {
		if (filter.len > 0)
			strbuf_addc(&filter, ' ');
		strbuf_adds(&filter, argv[i]);
	}
	if (filter.len > 0)
		q->filter = arena_strdup(q->arena, strbuf_text(&filter));
	strbuf_free(&filter);
	return 0;
}

int
query_from_argv(struct query *q, int argc, char **argv, struct err *e)
{
	return query_words(q, argc, argv, e) == 0 ? query_check(q, e) : -1;
}

/* All statistics in the same order: "by=srcip,dstport&order=bytes" reads best. */
static bool
one_order(const struct query *q)
{
	for (size_t i = 1; i < q->nstats; i++)
		if (q->stats[i].order != q->stats[0].order || q->stats[i].ascending != q->stats[0].ascending)
			return false;
	return q->nstats > 0;
}

static void
stats_to_url(const struct query *q, struct strbuf *sb)
{
	struct strbuf value = { 0 };
	bool same = one_order(q);

	for (size_t i = 0; i < q->nstats; i++) {
		struct stat_request r = q->stats[i];

		if (same)
			r.order = ORDERS;
		if (i > 0)
			strbuf_addc(&value, ',');
		stat_print(&r, &value);
	}
	url_add(sb, "by", strbuf_text(&value));
	if (same) {
		strbuf_reset(&value);
		order_print(q->stats[0].order, q->stats[0].ascending, &value);
		url_add(sb, "order", strbuf_text(&value));
	}
	strbuf_free(&value);
}

void
query_to_url(const struct query *q, struct strbuf *sb)
{
	struct strbuf value = { 0 };

	for (const struct param *p = params; p->help != NULL; p++) {
		if (!p->in_url)
			continue;
		if (strcmp(p->name, "by") == 0 && q->nstats > 0) {
			stats_to_url(q, sb);
			continue;
		}
		strbuf_reset(&value);
		if (p->print(q, 0, &value) == 1)
			url_add(sb, p->name, strbuf_text(&value));
	}
	strbuf_free(&value);
}
