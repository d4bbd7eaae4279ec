#include "query/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const book_names[BOOKS] = { "spread", "end", "slot" };
const char *const counting_names[COUNTINGS] = { "initiated", "active" };
const char *const rank_names[RANKS] = { "total", "peak" };

const struct amount_row amounts[AMOUNTS] = {
	[AMOUNT_FLOWS] = { "flows", "Flows", "fps", "Flows/s", 1 },
	[AMOUNT_PACKETS] = { "packets", "Packets", "pps", "Packets/s", 1 },
	[AMOUNT_BYTES] = { "bytes", "Bytes", "bps", "Bit/s", 8 },
};

uint64_t
totals_amount(const struct totals *t, enum amount a)
{
	return a == AMOUNT_FLOWS ? t->flows : a == AMOUNT_PACKETS ? t->packets : t->bytes;
}

static void
totals_add(struct totals *to, const struct totals *more)
{
	counter_add(&to->flows, more->flows);
	counter_add(&to->packets, more->packets);
	counter_add(&to->bytes, more->bytes);
}

size_t
series_buckets(int64_t from, int64_t to, uint32_t bucket)
{
	return to > from ? (size_t)((to - from + bucket - 1) / bucket) : 0;
}

void
series_init(struct series *s, int64_t from, int64_t to, uint32_t bucket, size_t nlines, struct arena *a)
{
	*s = (struct series){ .from = from, .to = to, .bucket = bucket, .nlines = nlines };
	s->n = series_buckets(from, to, bucket);
	s->at = arena_array(a, s->n * nlines + 1, sizeof(*s->at));
}

/* rest * part / whole by long division, for rest and part below whole, whole below 2^62. */
static uint64_t
long_share(uint64_t rest, uint64_t part, uint64_t whole)
{
	uint64_t share = 0, left = 0;

	for (int bit = 61; bit >= 0; bit--) {
		left = 2 * left + ((part >> bit & 1) != 0 ? rest : 0);
		share = 2 * share + left / whole;
		left %= whole;
	}
	return share;
}

/*
 * What of an amount that flows evenly for `whole` has come after `part` of it:
 * pieces add up to the amount.  The product may have more than 64 bits, for
 * which not every machine has a type.
 */
static uint64_t
come(uint64_t amount, uint64_t part, uint64_t whole)
{
	if (amount <= UINT32_MAX && whole <= UINT32_MAX)
		return amount * part / whole;
	for (; whole >> 62 != 0; whole >>= 1)
		part >>= 1;
	return amount / whole * part +
	    (whole <= UINT32_MAX ? amount % whole * part / whole : long_share(amount % whole, part, whole));
}

static struct totals
totals_come(const struct totals *t, uint64_t part, uint64_t whole)
{
	return (struct totals){ come(t->flows, part, whole), come(t->packets, part, whole),
	    come(t->bytes, part, whole) };
}

/* Gives a place what has come since `done`, which moves on. */
static void
give(struct totals *place, struct totals *done, const struct totals *now)
{
	place->flows += now->flows - done->flows;
	place->packets += now->packets - done->packets;
	place->bytes += now->bytes - done->bytes;
	*done = *now;
}

/* Where a moment is: NULL for none of the buckets. */
static struct totals *
place_of(struct series *s, struct totals *at, uint64_t msec)
{
	uint64_t from = (uint64_t)s->from * 1000;

	if (msec < from)
		return &s->before;
	if (msec >= (uint64_t)s->to * 1000)
		return &s->after;
	return &at[(msec - from) / ((uint64_t)s->bucket * 1000)];
}

static uint64_t
bucket_end(const struct series *s, size_t i)
{
	uint64_t end = (uint64_t)(s->from + (int64_t)(i + 1) * s->bucket);

	return (end < (uint64_t)s->to ? end : (uint64_t)s->to) * 1000;
}

/* An interval that is in more than one place; flows that are no evenly spread amount are zero in t. */
static void
spread(struct series *s, struct totals *at, const struct interval *iv, const struct totals *t, uint64_t each)
{
	uint64_t from = (uint64_t)s->from * 1000, to = (uint64_t)s->to * 1000, whole = iv->to - iv->from, end;
	struct totals done = { 0, 0, 0 }, now;
	size_t i = 0;

	if (iv->from < from) {
		now = totals_come(t, from - iv->from, whole);
		give(&s->before, &done, &now);
	} else
		i = (size_t)((iv->from - from) / ((uint64_t)s->bucket * 1000));
	for (; i < s->n && (i == 0 || bucket_end(s, i - 1) < iv->to); i++) {
		end = bucket_end(s, i);
		now = totals_come(t, (end < iv->to ? end : iv->to) - iv->from, whole);
		at[i].flows += each;
		give(&at[i], &done, &now);
	}
	if (iv->to > to)
		give(&s->after, &done, t);
}

void
series_add(struct series *s, size_t line, const struct interval *iv, const struct totals *t, enum flows_how how)
{
	struct totals *at = s->at + line * s->n, amount = *t;
	struct totals *first = place_of(s, at, iv->from), *last = place_of(s, at, iv->to - 1);

	if (first == last) {
		totals_add(first, t);
		return;
	}
	if (how != FLOWS_EVENLY)
		amount.flows = 0;
	if (how == FLOWS_AT_START)
		first->flows += t->flows;
	spread(s, at, iv, &amount, how == FLOWS_EACH ? t->flows : 0);
}

struct totals
series_part(const struct interval *window, const struct interval *iv, const struct totals *t, enum flows_how how)
{
	uint64_t from = iv->from > window->from ? iv->from : window->from;
	uint64_t to = iv->to < window->to ? iv->to : window->to;
	struct totals done, part = { 0, 0, 0 }, upto;

	if (from >= to)
		return part;
	done = totals_come(t, from - iv->from, iv->to - iv->from);
	upto = totals_come(t, to - iv->from, iv->to - iv->from);
	give(&part, &done, &upto);
	if (how == FLOWS_EACH || (how == FLOWS_AT_START && from == iv->from))
		part.flows = t->flows;
	else if (how == FLOWS_AT_START)
		part.flows = 0;
	return part;
}

void
series_join(struct series *s, const struct series *more)
{
	for (size_t i = 0; i < s->n * s->nlines; i++)
		totals_add(&s->at[i], &more->at[i]);
	totals_add(&s->before, &more->before);
	totals_add(&s->after, &more->after);
}

int64_t
series_seconds(const struct series *s, size_t i)
{
	int64_t start = s->from + (int64_t)i * s->bucket;

	return s->to - start < s->bucket ? s->to - start : s->bucket;
}

struct totals
series_bucket(const struct series *s, size_t i)
{
	struct totals sum = { 0, 0, 0 };

	for (size_t k = 0; k < s->nlines; k++)
		totals_add(&sum, &s->at[k * s->n + i]);
	return sum;
}

struct totals
series_line(const struct series *s, size_t line)
{
	struct totals sum = { 0, 0, 0 };

	for (size_t i = 0; i < s->n; i++)
		totals_add(&sum, &s->at[line * s->n + i]);
	return sum;
}

static int
compare_rates(const void *one, const void *two)
{
	double a = *(const double *)one, b = *(const double *)two;

	return a < b ? -1 : a > b;
}

void
series_figures(const struct series *s, size_t line, enum amount amount, struct series_figures *f)
{
	double *rate = xcalloc(s->n + 1, sizeof(*rate)), sum = 0;

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < s->n; i++) {
		struct totals all = line < s->nlines ? s->at[line * s->n + i] : series_bucket(s, i);
		uint64_t n = totals_amount(&all, amount);

		rate[i] = (double)n * amounts[amount].factor / (double)series_seconds(s, i);
		sum += (double)n * amounts[amount].factor;
		if (rate[i] > f->most) {
			f->most = rate[i];
			f->peak = i;
		}
	}
	if (s->n > 0) {
		f->last = rate[s->n - 1];
		f->average = sum / (double)(s->to - s->from);
		qsort(rate, s->n, sizeof(*rate), compare_rates);
		f->p95 = rate[(s->n * 95 + 99) / 100 - 1];
	}
	free(rate);
}

static const struct unit { char letter; uint32_t seconds; } units[] = { { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

int
bucket_parse(const char *text, uint32_t *seconds, struct err *e)
{
	char *end;
	unsigned long n, unit = 1;

	errno = 0;
	n = strtoul(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end[0] == units[i].letter && end[1] == '\0') {
			unit = units[i].seconds;
			end++;
		}
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n == 0 || n > BUCKET_MAX / unit)
		return err_set(e, ERR_INPUT, "expected a bucket from 1s to 1h like 10s or 5m, not \"%.40s\"", text);
	*seconds = (uint32_t)(n * unit);
	return 0;
}

void
bucket_print(uint32_t seconds, struct strbuf *sb)
{
	const struct unit *u = units;

	while (seconds % u->seconds != 0)
		u++;
	strbuf_addu(sb, seconds / u->seconds);
	strbuf_addc(sb, u->letter);
}

uint32_t
bucket_for(int64_t seconds, size_t buckets)
{
	static const uint32_t usual[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, BUCKET_MAX };
	size_t i = 0;

	while (usual[i] < BUCKET_MAX && (uint64_t)seconds > (uint64_t)usual[i] * buckets)
		i++;
	return usual[i];
}
