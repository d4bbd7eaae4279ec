#include "query/param.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A whole number with nothing around it. */
static int
parse_number(const char *text, uint64_t max, uint64_t *n, struct err *e)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *n > max)
		return err_set(e, ERR_INPUT, "expected a number from 0 to %llu, not \"%.40s\"",
		    (unsigned long long)max, text);
	return 0;
}

static int
print_text(const char *text, size_t k, struct strbuf *sb)
{
	if (k != 0 || text == NULL)
		return 0;
	strbuf_adds(sb, text);
	return 1;
}

static int
print_number(uint64_t n, bool given, size_t k, struct strbuf *sb)
{
	if (k != 0 || !given)
		return 0;
	strbuf_addu(sb, n);
	return 1;
}

static int
print_time(int64_t sec, bool given, size_t k, struct strbuf *sb)
{
	char buf[WHEN_STRLEN];

	return print_text(given ? when_iso(sec, buf) : NULL, k, sb);
}

static bool
has_window(const struct query *q)
{
	return q->window.from != q->window.to;
}

static int
parse_from(struct query *q, const char *value, struct err *e)
{
	return when_parse(value, when_now(), &q->window.from, e);
}

static int
parse_to(struct query *q, const char *value, struct err *e)
{
	return when_parse(value, when_now(), &q->window.to, e);
}

static int
print_from(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_time(q->window.from, has_window(q), k, sb);
}

static int
print_to(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_time(q->window.to, has_window(q), k, sb);
}

/* Rows that keep or print a piece of text as it is; an empty one is none, as in URLs. */
#define TEXT_PARAM(name, member)					\
static int								\
parse_##name(struct query *q, const char *value, struct err *e)		\
{									\
	(void)e;							\
	q->member = value[0] != '\0' ? arena_strdup(q->arena, value) : NULL; \
	return 0;							\
}									\
static int								\
print_##name(const struct query *q, size_t k, struct strbuf *sb)	\
{									\
	return print_text(q->member, k, sb);				\
}

TEXT_PARAM(source, sources)
TEXT_PARAM(filter, filter)
TEXT_PARAM(output, output)
TEXT_PARAM(write, write)
TEXT_PARAM(post, post)
TEXT_PARAM(file, read_file)
TEXT_PARAM(range, read_range)
TEXT_PARAM(dirs, read_dirs)
TEXT_PARAM(conf, conf)

static int
parse_zone(struct query *q, const char *value, struct err *e)
{
	if (when_zone_borrow(value, e) != 0)
		return -1;
	q->zone = arena_strdup(q->arena, value);
	return 0;
}

/* Whatever the query was asked in. */
static int
print_zone(const struct query *q, size_t k, struct strbuf *sb)
{
	(void)q;
	return print_text(when_zone_borrowed(), k, sb);
}

static int
parse_match(struct query *q, const char *value, struct err *e)
{
	for (enum match m = 0; m < MATCHES; m++)
		if (strcmp(matches[m].name, value) == 0) {
			q->match = m;
			return 0;
		}
	return err_set(e, ERR_INPUT, "expected any, start, end, entire or files, not \"%.40s\"", value);
}

static int
print_match(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_text(q->match != MATCH_FILES ? matches[q->match].name : NULL, k, sb);
}

static int
parse_sampling(struct query *q, const char *value, struct err *e)
{
	return parse_number(value, SAMPLING_MAX, &q->sampling, e);
}

static int
print_sampling(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_number(q->sampling, q->sampling > 1, k, sb);
}

/* Rows without a value: present or not. */
#define FLAG_PARAM(name, member)					\
static int								\
parse_##name(struct query *q, const char *value, struct err *e)		\
{									\
	(void)e;							\
	q->member = value == NULL || strcmp(value, "0") != 0;		\
	return 0;							\
}									\
static int								\
print_##name(const struct query *q, size_t k, struct strbuf *sb)	\
{									\
	return print_text(q->member ? "1" : NULL, k, sb);		\
}

FLAG_PARAM(aggregate, aggregate)
FLAG_PARAM(quiet, quiet)
FLAG_PARAM(plain, plain_numbers)
FLAG_PARAM(long_ipv6, long_ipv6)
FLAG_PARAM(quick, quick)
FLAG_PARAM(verify, verify)

static int
parse_info(struct query *q, const char *value, struct err *e)
{
	(void)value, (void)e;
	q->info = INFO_SUM;
	return 0;
}

static int
print_info(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_text(q->info == INFO_SUM ? "1" : NULL, k, sb);
}

static int
parse_lines(struct query *q, const char *value, struct err *e)
{
	(void)value, (void)e;
	q->info = INFO_LINES;
	return 0;
}

static int
print_lines(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_text(q->info == INFO_LINES ? "1" : NULL, k, sb);
}

static int
parse_bidir(struct query *q, const char *value, struct err *e)
{
	if (value == NULL || strcmp(value, "1") == 0)
		q->bidir = q->bidir == BIDIR_GUESS ? BIDIR_GUESS : BIDIR_FIRST;
	else if (strcmp(value, "guess") == 0)
		q->bidir = BIDIR_GUESS;
	else if (strcmp(value, "0") != 0)
		return err_set(e, ERR_INPUT, "expected 1 or guess, not \"%.40s\"", value);
	return 0;
}

static int
parse_guess(struct query *q, const char *value, struct err *e)
{
	return parse_bidir(q, value != NULL ? value : "guess", e);
}

static int
print_bidir(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_text(q->bidir == BIDIR_FIRST ? "1" : NULL, k, sb);
}

static int
print_guess(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_text(q->bidir == BIDIR_GUESS ? "guess" : NULL, k, sb);
}

static int
parse_time(struct query *q, const char *value, struct err *e)
{
	q->time_text = arena_strdup(q->arena, value);
	return when_parse_range(value, &q->from_msec, &q->to_msec, e);
}

static int
print_time_text(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_text(q->time_text, k, sb);
}

/* "bytes", "bytes:a"; len bytes of text. */
static int
parse_direction(const char *text, size_t len, enum order *order, bool *ascending, struct err *e)
{
	const char *colon = memchr(text, ':', len);
	size_t n = colon != NULL ? (size_t)(colon - text) : len;

	*order = order_find(text, n);
	if (*order == ORDERS)
		return err_set(e, ERR_INPUT, "unknown order \"%.*s\"", (int)n, text);
	*ascending = orders[*order].ascending;
	if (colon == NULL)
		return 0;
	if (text + len - colon != 2 || strchr("ad", colon[1]) == NULL)
		return err_set(e, ERR_INPUT, "expected :a or :d after the order, not \"%.*s\"",
		    (int)(text + len - colon), colon);
	*ascending = colon[1] == 'a';
	return 0;
}

static int
parse_order(struct query *q, const char *value, struct err *e)
{
	return parse_direction(value, strlen(value), &q->order, &q->ascending, e);
}

static int
print_order(const struct query *q, size_t k, struct strbuf *sb)
{
	if (k != 0 || q->order == ORDERS)
		return 0;
	order_print(q->order, q->ascending, sb);
	return 1;
}

static int
add_stat(struct query *q, const struct stat_request *r, struct err *e)
{
	if (q->nstats == STATS_MAX)
		return err_set(e, ERR_INPUT, "more than %d statistics", STATS_MAX);
	q->stats[q->nstats++] = *r;
	return 0;
}

/* nfdump shows the orders of one -s in its own sequence: moves the last request before those of higher orders. */
static void
place_stat(struct query *q, size_t first)
{
	size_t i = q->nstats - 1;
	struct stat_request r = q->stats[i];

	for (; i > first && q->stats[i - 1].order > r.order; i--)
		q->stats[i] = q->stats[i - 1];
	q->stats[i] = r;
}

/* "srcip:p/bytes/flows:a": one request for each order; len bytes of text. */
static int
parse_stat(struct query *q, const char *text, size_t len, struct err *e)
{
	struct stat_request r = { .order = ORDERS };
	const char *end = text + len, *slash = memchr(text, '/', len);
	size_t n = slash != NULL ? (size_t)(slash - text) : len, first = q->nstats;

	if (n > 2 && strncmp(text + n - 2, ":p", 2) == 0) {
		r.by_proto = true;
		n -= 2;
	}
	r.stat = statistic_find(text, n);
	if (r.stat == NULL && statistic_refused(text, n) != NULL)
		return err_set(e, ERR_INPUT, "statistic %.*s %s", (int)n, text, statistic_refused(text, n));
	if (r.stat == NULL)
		return err_set(e, ERR_INPUT, "unknown statistic \"%.*s\"", (int)n, text);
	if (slash == NULL)
		return add_stat(q, &r, e);
	while (slash < end) {
		const char *word = slash + 1;

		slash = memchr(word, '/', (size_t)(end - word));
		if (slash == NULL)
			slash = end;
		if (parse_direction(word, (size_t)(slash - word), &r.order, &r.ascending, e) == -1)
			return -1;
		if (!orders[r.order].for_stat && !statistic_is_record(r.stat))
			return err_set(e, ERR_INPUT, "a statistic cannot be ordered by %s",
			    orders[r.order].name);
		if (add_stat(q, &r, e) == -1)
			return -1;
		place_stat(q, first);
	}
	return 0;
}

/* Calls parse for each piece between commas. */
static int
each_piece(struct query *q, const char *value,
    int (*parse)(struct query *, const char *, size_t, struct err *), struct err *e)
{
	for (;;) {
		size_t n = strcspn(value, ",");

		if (parse(q, value, n, e) == -1)
			return -1;
		if (value[n] == '\0')
			return 0;
		value += n + 1;
	}
}

static int
parse_by(struct query *q, const char *value, struct err *e)
{
	return each_piece(q, value, parse_stat, e);
}

static int
print_by(const struct query *q, size_t k, struct strbuf *sb)
{
	if (k >= q->nstats)
		return 0;
	stat_print(&q->stats[k], sb);
	return 1;
}

static int
add_key(struct query *q, const char *text, size_t len, struct err *e)
{
	struct key key;

	if (key_parse(text, len, &key, e) == -1)
		return -1;
	if (q->nkeys == KEYS_MAX)
		return err_set(e, ERR_INPUT, "more than %d keys", KEYS_MAX);
	q->keys[q->nkeys++] = key;
	return 0;
}

static int
parse_keys(struct query *q, const char *value, struct err *e)
{
	return each_piece(q, value, add_key, e);
}

static int
print_keys(const struct query *q, size_t k, struct strbuf *sb)
{
	if (k != 0 || q->nkeys == 0 || q->five_tuple)
		return 0;
	for (size_t i = 0; i < q->nkeys; i++) {
		if (i > 0)
			strbuf_addc(sb, ',');
		key_print(&q->keys[i], sb);
	}
	return 1;
}

static int
parse_limit(struct query *q, const char *value, struct err *e)
{
	return parse_number(value, UINT32_MAX, &q->limit, e);
}

static int
print_limit(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_number(q->limit, q->limit != 0, k, sb);
}

/* "+10k", "-500", "1m": more or less than so many thousands, millions … */
static int
parse_amount(const char *text, struct amount_limit *limit, struct err *e)
{
	static const char units[] = "kmgt";
	size_t len = strlen(text), sign = text[0] == '+' || text[0] == '-';
	const char *unit = len > sign ? strchr(units, tolower((unsigned char)text[len - 1])) : NULL;
	uint64_t scale = 1, n;
	char *end;

	for (const char *u = units; unit != NULL && u <= unit; u++)
		scale *= 1000;
	errno = 0;
	n = strtoull(text + sign, &end, 10);
	if (text[sign] < '0' || text[sign] > '9' || end != text + len - (unit != NULL) || errno != 0 ||
	    n > UINT64_MAX / scale)
		return err_set(e, ERR_INPUT, "expected a limit like 1000, +10k or -5m, not \"%.40s\"", text);
	*limit = (struct amount_limit){ true, text[0] == '-', n * scale };
	return 0;
}

static int
print_amount(const struct amount_limit *limit, size_t k, struct strbuf *sb)
{
	if (k != 0 || !limit->given)
		return 0;
	strbuf_addc(sb, limit->below ? '-' : '+');
	strbuf_addu(sb, limit->n);
	return 1;
}

static int
parse_packets(struct query *q, const char *value, struct err *e)
{
	return parse_amount(value, &q->packets_limit, e);
}

static int
print_packets(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_amount(&q->packets_limit, k, sb);
}

static int
parse_bytes(struct query *q, const char *value, struct err *e)
{
	return parse_amount(value, &q->bytes_limit, e);
}

static int
print_bytes(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_amount(&q->bytes_limit, k, sb);
}

static int
parse_top(struct query *q, const char *value, struct err *e)
{
	return parse_number(value, UINT32_MAX, &q->top, e);
}

static int
print_top(const struct query *q, size_t k, struct strbuf *sb)
{
	return print_number(q->top, q->top != TOP_DEFAULT, k, sb);
}

static int
parse_series(struct query *q, const char *value, struct err *e)
{
	return bucket_parse(value, &q->bucket, e);
}

static int
print_series(const struct query *q, size_t k, struct strbuf *sb)
{
	if (k != 0 || q->bucket == 0)
		return 0;
	bucket_print(q->bucket, sb);
	return 1;
}

/* Rows whose value is one of a few words, the first of which is not printed. */
#define WORD_PARAM(name, member, names, count)				\
static int								\
parse_##name(struct query *q, const char *value, struct err *e)		\
{									\
	unsigned word;							\
									\
	if (parse_word(value, names, count, &word, e) == -1)		\
		return -1;						\
	q->member = word;						\
	return 0;							\
}									\
static int								\
print_##name(const struct query *q, size_t k, struct strbuf *sb)	\
{									\
	return print_text(q->member != 0 ? names[q->member] : NULL, k, sb); \
}

static int
parse_word(const char *value, const char *const *names, unsigned n, unsigned *word, struct err *e)
{
	struct strbuf all = { 0 };

	for (*word = 0; *word < n; ++*word) {
		if (strcmp(names[*word], value) == 0) {
			strbuf_free(&all);
			return 0;
		}
		strbuf_addf(&all, "%s%s", *word > 0 ? ", " : "", names[*word]);
	}
	err_set(e, ERR_INPUT, "\"%.40s\" is none of %s", value, strbuf_text(&all));
	strbuf_free(&all);
	return -1;
}

WORD_PARAM(book, book, book_names, BOOKS)
WORD_PARAM(count, counting, counting_names, COUNTINGS)
WORD_PARAM(rank, rank, rank_names, RANKS)

const struct param params[] = {
	{ "from", 0, true, true, false, "TIME",
	    "start of the window: 2026-11-20T14:30, 14:30, yesterday 9:00, -2h",
	    parse_from, print_from },
	{ "to", 0, true, true, false, "TIME", "its end, not included; now if absent",
	    parse_to, print_to },
	{ "source", 0, true, true, false, "NAME,…", "sources by their names in the configuration, all if absent",
	    parse_source, print_source },
	{ NULL, 'M', true, false, false, "DIR/a:b", "directories that -r and -R are relative to",
	    parse_dirs, print_dirs },
	{ NULL, 'r', true, false, false, "FILE|DIR", "a collector file, or all of a directory",
	    parse_file, print_file },
	{ NULL, 'R', true, false, false, "DIR|DIR/FIRST[:LAST]", "a range of collector files",
	    parse_range, print_range },
	{ "time", 't', true, true, true, "TIME[-TIME]", "only flows that lie wholly in this time: 2026/11/20.14:30:00-2026/11/20.14:35:00",
	    parse_time, print_time_text },
	{ "match", 0, true, true, false, "WHICH",
	    "of the exact window from … to: flows active in it (any), that start or end in it, or lie entirely in it; else all of its files",
	    parse_match, print_match },
	{ "sampling", 0, true, true, false, "N", "packets and bytes count N times, also for the filter; not where the collector knew the rate",
	    parse_sampling, print_sampling },
	{ "limit", 'c', true, true, true, "N", "stop after N matching flows",
	    parse_limit, print_limit },
	{ "aggregate", 'a', false, true, true, NULL, "sum flows of the same source, destination, ports and protocol",
	    parse_aggregate, print_aggregate },
	{ "bidirectional", 'b', false, true, true, NULL, "as aggregate, both directions of a conversation as one",
	    parse_bidir, print_bidir },
	/* In URLs the value of the row above. */
	{ "bidirectional", 'B', false, true, true, NULL, "the same, and the side with the port of a service as destination",
	    parse_guess, print_guess },
	{ "keys", 'A', true, true, true, "KEY,…", "sum flows of the same keys: srcip4/24,dstport",
	    parse_keys, print_keys },
	{ "by", 's', true, true, true, "STAT[:p][/ORDER…]", "top list of a statistic; may be repeated",
	    parse_by, print_by },
	{ "series", 0, true, true, false, "BUCKET", "flows, packets and bytes over time in buckets of 1s to 1h; with keys a line for each of the first",
	    parse_series, print_series },
	{ "book", 0, true, true, false, "spread|end|slot", "series: flows are spread over their duration (the default), whole at their end, or even over the slot of their file as the graphs have them",
	    parse_book, print_book },
	{ "count", 0, true, true, false, "initiated|active", "series: count a flow once where it begins (the default), or in each bucket that it touches",
	    parse_count, print_count },
	{ "rank", 0, true, true, false, "total|peak", "series: lines of those who have most in all (the default), or in the highest bucket",
	    parse_rank, print_rank },
	{ "order", 'O', true, true, true, "ORDER", "order of groups and lists; of statistics that name none",
	    parse_order, print_order },
	{ "top", 'n', true, true, true, "N", "rows shown, 0 for all; 10 for statistics if absent",
	    parse_top, print_top },
	{ "packets", 'l', true, true, true, "[+-]N", "only groups and rows of statistics with more (-: less) than N packets; 10k, 5m",
	    parse_packets, print_packets },
	{ "bytes", 'L', true, true, true, "[+-]N", "the same for bytes",
	    parse_bytes, print_bytes },
	{ "post", 'P', true, true, true, "FILTER", "only groups and rows of statistics that match: 'flows > 100 and bpp < 60'",
	    parse_post, print_post },
	{ "output", 'o', true, true, true, "OUTPUT", "line, long, extended, csv, json, fmt:…",
	    parse_output, print_output },
	{ NULL, 'w', true, false, true, "FILE", "the flows go to a collector file, instead of being shown",
	    parse_write, print_write },
	{ NULL, 'q', false, false, true, NULL, "no header and no summary",
	    parse_quiet, print_quiet },
	{ NULL, 'N', false, false, true, NULL, "plain numbers, not scaled to M, G, T",
	    parse_plain, print_plain },
	{ "ipv6", '6', false, true, true, NULL, "IPv6 addresses in full",
	    parse_long_ipv6, print_long_ipv6 },
	{ NULL, 'I', false, false, true, NULL, "no flows, but what the files say of themselves: the sum",
	    parse_info, print_info },
	{ NULL, 'g', false, false, true, NULL, "the same of each file: time, flows, packets, bytes",
	    parse_lines, print_lines },
	{ "quick", 0, false, true, false, NULL, "answer from the index also where it knows bounds only",
	    parse_quick, print_quick },
	{ "verify", 0, false, false, false, NULL, "answer, then read all files and compare",
	    parse_verify, print_verify },
	{ "filter", 0, true, true, false, "FILTER", "which flows, in flowlight-filter(7); on the command line the last words",
	    parse_filter, print_filter },
	{ "zone", 0, true, false, false, "ZONE", "times are read and shown in this zone: UTC, Europe/Berlin; that of the configuration if absent",
	    parse_zone, print_zone },
	{ "conf", 0, true, false, false, "FILE", "the configuration, for --source, --from and --to",
	    parse_conf, print_conf },
	{ NULL, 0, false, false, false, NULL, NULL, NULL, NULL }
};
