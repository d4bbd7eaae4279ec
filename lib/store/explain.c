#include "store/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "flow/names.h"

#define BASELINE_MAX	64
#define BASELINE_MIN	3
#define FACTOR_LOUD	1.25	/* nor is a smaller change than this one worth a word */
#define POWER_LEAST	0.05	/* keys that explain less are left out */
#define POWER_ENOUGH	0.67
#define KEYS_MOST	5	/* more than these explain nothing in a sentence */
#define OWNER_SHARE	0.25

const char *const explain_metric_names[EXPLAIN_METRICS] = {
	"flows", "packets", "bytes", "sources", "destinations", "destination ports",
};

const char *const incident_names[INCIDENT_KINDS] = {
	[INCIDENT_NONE] = "nothing unusual", [INCIDENT_AMPLIFICATION] = "reflection and amplification",
	[INCIDENT_FLOOD] = "flood at one host", [INCIDENT_PORT_SCAN] = "port scan",
	[INCIDENT_NET_SCAN] = "network scan", [INCIDENT_WORM] = "worm-like spread",
	[INCIDENT_STORM] = "connection storm", [INCIDENT_COPY] = "bulk copy",
	[INCIDENT_OTHER] = "a change without a name",
};

/* The dimensions that explain, and which of equally good ones reads best. */
static const struct {
	enum top_dim dim;
	int rank;
	const char *noun;
} dims[] = {
	{ TOP_PAIR, 5, "One pair of hosts" }, { TOP_SERVICE, 4, "One host and port" },
	{ TOP_SRCIP, 3, "One host" }, { TOP_DSTIP, 3, "One target" },
	{ TOP_DSTPORT, 2, "One destination port" }, { TOP_SRCPORT, 1, "One source port" },
	{ TOP_SRCNET, 0, "One network" }, { TOP_DSTNET, 0, "One target network" },
	{ TOP_PROTO, 0, "One protocol" },
};

#define NDIMS	(sizeof(dims) / sizeof(dims[0]))

/* Ports of services that answer with more than they are asked. */
static const uint16_t reflectors[] = { 17, 19, 53, 69, 111, 123, 137, 161, 389, 520, 1900, 5353, 11211 };

struct view {
	const struct explain_slot *now;
	const struct explain_slot *const *baseline;
	size_t n;
};

static double
median(double *v, size_t n)
{
	/* A dozen values at most, and so often that a call for each comparison is felt. */
	for (size_t i = 1; i < n; i++) {
		double x = v[i];
		size_t k = i;

		for (; k > 0 && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
	return n == 0 ? 0 : n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void
measure(const struct view *v, enum explain_metric m, struct change *c)
{
	double values[BASELINE_MAX], deviation;

	for (size_t i = 0; i < v->n; i++)
		values[i] = (double)v->baseline[i]->total[m];
	c->metric = m;
	c->actual = (double)v->now->total[m];
	c->usual = median(values, v->n);
	for (size_t i = 0; i < v->n; i++)
		values[i] = fabs((double)v->baseline[i]->total[m] - c->usual);
	deviation = fmax(fmax(1.4826 * median(values, v->n), 0.02 * c->usual), 1);
	c->z = (c->actual - c->usual) / deviation;
}

static int
compare_keys(const void *key, const void *member)
{
	return memcmp(key, ((const struct top_row *)member)->key, TOP_KEY_MAX);
}

static const struct top_row *
row_of(const struct toptable *t, const uint8_t *key)
{
	return t->n > 0 ? bsearch(key, t->row, t->n, sizeof(*t->row), compare_keys) : NULL;
}

/* The usual value of a key, and what the tables' cuts may hide of it. */
static double
usual_value(const struct view *v, enum top_dim dim, const uint8_t *key, enum top_metric m, double *hidden)
{
	double values[BASELINE_MAX], cuts[BASELINE_MAX];

	for (size_t i = 0; i < v->n; i++) {
		const struct toptable *t = &v->baseline[i]->top[dim];
		const struct top_row *row = row_of(t, key);

		values[i] = row != NULL ? (double)row->value[m] : 0;
		cuts[i] = row != NULL ? (double)row->over[m] : (double)t->cut[m];
	}
	*hidden = median(cuts, v->n);
	return median(values, v->n);
}

static double
half_term(double p, double sum)
{
	return p > 0 ? p * log(2 * p / sum) : 0;
}

static void
weigh(const struct view *v, const struct change *c, enum top_dim dim, const struct top_row *row,
    struct evidence *ev)
{
	enum top_metric m = (enum top_metric)c->metric;
	double hidden, difference = c->actual - c->usual, p, q;

	memset(ev, 0, sizeof(*ev));
	ev->dim = dim;
	ev->metric = m;
	memcpy(ev->key, row->key, TOP_KEY_MAX);
	ev->actual = (double)row->value[m];
	ev->usual = usual_value(v, dim, row->key, m, &hidden);
	ev->power_low = (ev->actual - ev->usual - hidden) / difference;
	ev->power_high = (ev->actual + (double)row->over[m] - ev->usual) / difference;
	p = c->usual > 0 ? ev->usual / c->usual : 0;
	q = c->actual > 0 ? ev->actual / c->actual : 0;
	ev->surprise = p + q > 0 ? (half_term(p, p + q) + half_term(q, p + q)) / 2 : 0;
}

static int
by_surprise(const void *one, const void *two)
{
	const struct evidence *a = one, *b = two;

	if (a->surprise != b->surprise)
		return a->surprise > b->surprise ? -1 : 1;
	return memcmp(a->key, b->key, TOP_KEY_MAX);
}

/* Even if it is usually absent: so that its usual value, which takes longer, is looked up only for the few that matter. */
static bool
may_explain(const struct change *c, const struct top_row *row)
{
	return ((double)row->value[c->metric] + (double)row->over[c->metric]) / (c->actual - c->usual) >= POWER_LEAST;
}

/* The few keys of a dimension that explain a change; 0 when they are not few. */
static size_t
explain_dim(const struct view *v, const struct change *c, enum top_dim dim, struct evidence out[KEYS_MOST],
    double *surprise, double *power)
{
	const struct toptable *t = &v->now->top[dim];
	struct evidence *all = xcalloc(t->n + 1, sizeof(*all));
	size_t nall = 0, n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (may_explain(c, &t->row[i]))
			weigh(v, c, dim, &t->row[i], &all[nall++]);
	qsort(all, nall, sizeof(*all), by_surprise);
	*surprise = *power = 0;
	for (size_t i = 0; i < nall && *power < POWER_ENOUGH && n <= KEYS_MOST; i++) {
		if (all[i].power_high < POWER_LEAST)
			continue;
		if (n < KEYS_MOST)
			out[n] = all[i];
		n++;
		*surprise += all[i].surprise;
		*power += all[i].power_high;
	}
	free(all);
	return *power >= POWER_ENOUGH && n <= KEYS_MOST ? n : 0;
}

/* A dimension's explanation of a metric's change. */
struct candidate {
	size_t dim;		/* in dims[] */
	struct evidence key[KEYS_MOST];
	size_t n;
	double surprise;
};

/* Greater surprise first; about the same: fewer keys, then what reads best. */
static int
by_merit(const void *one, const void *two)
{
	const struct candidate *a = one, *b = two;

	if (fabs(a->surprise - b->surprise) > 0.1 * fmax(a->surprise, b->surprise))
		return a->surprise > b->surprise ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return dims[b->dim].rank - dims[a->dim].rank;
}

static void
explain_change(const struct view *v, const struct change *c, struct explanation *ex)
{
	struct candidate *cand = xcalloc(NDIMS, sizeof(*cand));
	size_t n = 0;
	double power;

	for (size_t d = 0; d < NDIMS; d++) {
		cand[n].dim = d;
		cand[n].n = explain_dim(v, c, dims[d].dim, cand[n].key, &cand[n].surprise, &power);
		n += cand[n].n > 0;
	}
	qsort(cand, n, sizeof(*cand), by_merit);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < cand[i].n; k++)
			ex->evidence[ex->nevidence++] = cand[i].key[k];
	free(cand);
}

/* A host's share of a slot's metric, by the table of hosts. */
static double
share_of(const struct explain_slot *s, const struct addr *host, enum top_metric m)
{
	uint8_t key[TOP_KEY_MAX] = { 0 };
	const struct top_row *row;

	memcpy(key, host->b, sizeof(host->b));
	row = row_of(&s->top[TOP_IP], key);
	return row != NULL && s->total[m] > 0 ? (double)row->value[m] / (double)s->total[m] : 0;
}

static double
share_owned(const struct explain_slot *s, enum top_metric m)
{
	return s->total[m] > 0 ? (double)s->digest.owned[m] / (double)s->total[m] : 0;
}

/* By digests alone: its usual share is not known yet. */
static bool
has_owner(const struct view *v, enum top_metric m, struct owner *o)
{
	*o = (struct owner){ .host = v->now->digest.owner[m], .metric = m, .share = share_owned(v->now, m) };
	for (size_t i = 0; i < v->n; i++)
		o->usual_most = fmax(o->usual_most, share_owned(v->baseline[i], m));
	return o->share > OWNER_SHARE && o->share > 2 * o->usual_most;
}

static void
find_owner(const struct view *v, enum top_metric m, struct explanation *ex)
{
	double shares[BASELINE_MAX];
	struct owner o;

	if (!has_owner(v, m, &o))
		return;
	for (size_t i = 0; i < v->n; i++)
		shares[i] = share_of(v->baseline[i], &o.host, m);
	o.usual_share = median(shares, v->n);
	ex->owner[ex->nowners++] = o;
}

static int
by_z(const void *one, const void *two)
{
	const struct change *a = one, *b = two;

	return a->z > b->z ? -1 : a->z < b->z;
}

static bool
is_loud(const struct explain_slot *now, const struct change *c)
{
	bool heavy = c->metric == EXPLAIN_PACKETS || c->metric == EXPLAIN_BYTES;

	return c->z >= EXPLAIN_LOUD && c->actual >= FACTOR_LOUD * c->usual &&
	    (!heavy || c->actual >= FACTOR_LOUD * (double)now->most[c->metric]);
}

static const struct change *
change_of(const struct explanation *ex, enum explain_metric m)
{
	for (size_t i = 0; i < EXPLAIN_METRICS; i++)
		if (ex->change[i].metric == m)
			return &ex->change[i];
	return NULL;
}

static double
factor_of(const struct explanation *ex, enum explain_metric m)
{
	const struct change *c = change_of(ex, m);

	return c->usual > 0 ? c->actual / c->usual : c->actual > 0 ? INFINITY : 1;
}

/* The one key of a dimension that explains at least half of a metric's change. */
static const struct evidence *
one_key(const struct explanation *ex, enum top_dim dim, enum top_metric m)
{
	const struct evidence *found = NULL;

	for (size_t i = 0; i < ex->nevidence; i++)
		if (ex->evidence[i].dim == dim && ex->evidence[i].metric == m && ex->evidence[i].power_high >= 0.5)
			found = found == NULL ? &ex->evidence[i] : found;
	return found;
}

static uint16_t
port_of(const uint8_t *key)
{
	return (uint16_t)(key[0] << 8 | key[1]);
}

static bool
is_reflector(const struct evidence *ev)
{
	for (size_t i = 0; ev != NULL && i < sizeof(reflectors) / sizeof(reflectors[0]); i++)
		if (port_of(ev->key) == reflectors[i])
			return true;
	return false;
}

/* Names the shape; the culprit is the key that the name speaks of. */
static enum incident_kind
classify(struct explanation *ex)
{
	const struct evidence *src = one_key(ex, TOP_SRCIP, TOP_FLOWS), *dst = one_key(ex, TOP_DSTIP, TOP_FLOWS);
	const struct evidence *pair = one_key(ex, TOP_PAIR, TOP_FLOWS);
	const struct evidence *target = one_key(ex, TOP_DSTIP, TOP_BYTES), *copy = one_key(ex, TOP_PAIR, TOP_BYTES);
	const struct evidence *port = one_key(ex, TOP_DSTPORT, TOP_FLOWS);

	if (target != NULL && is_reflector(one_key(ex, TOP_SRCPORT, TOP_BYTES)))
		return ex->culprit = target, INCIDENT_AMPLIFICATION;
	if (dst != NULL && src == NULL && factor_of(ex, EXPLAIN_SOURCES) >= 1.5)
		return ex->culprit = dst, INCIDENT_FLOOD;
	if (src != NULL && (pair != NULL || dst != NULL) && factor_of(ex, EXPLAIN_PORTS) >= 1.5)
		return ex->culprit = src, INCIDENT_PORT_SCAN;
	if (src != NULL && factor_of(ex, EXPLAIN_DESTINATIONS) >= 1.5)
		return ex->culprit = src, INCIDENT_NET_SCAN;
	if (src == NULL && port != NULL && factor_of(ex, EXPLAIN_DESTINATIONS) >= 1.3)
		return ex->culprit = port, INCIDENT_WORM;
	if (src != NULL)
		return ex->culprit = src, INCIDENT_STORM;
	if (copy != NULL && factor_of(ex, EXPLAIN_FLOWS) < 1.5)
		return ex->culprit = copy, INCIDENT_COPY;
	for (size_t i = 0; i < ex->nevidence && ex->culprit == NULL; i++)
		if (ex->evidence[i].power_high >= 0.5)
			ex->culprit = &ex->evidence[i];
	return INCIDENT_OTHER;
}

bool
explain_is_loud(const struct explain_slot *now, const struct explain_slot *const *baseline, size_t nbaseline)
{
	struct view v = { now, baseline, nbaseline < BASELINE_MAX ? nbaseline : BASELINE_MAX };
	struct change c;
	struct owner o;

	if (v.n < BASELINE_MIN)
		return false;
	for (enum explain_metric m = 0; m < EXPLAIN_METRICS; m++) {
		measure(&v, m, &c);
		if (is_loud(now, &c))
			return true;
	}
	return has_owner(&v, TOP_FLOWS, &o);
}

uint32_t
explain_tables(const struct explain_slot *now, const struct explain_slot *const *baseline, size_t nbaseline)
{
	struct view v = { now, baseline, nbaseline < BASELINE_MAX ? nbaseline : BASELINE_MAX };
	uint32_t set = 0;
	struct change c;
	struct owner o;

	for (enum top_metric m = 0; m < TOP_METRICS && v.n >= BASELINE_MIN; m++) {
		measure(&v, (enum explain_metric)m, &c);
		for (size_t d = 0; d < NDIMS && is_loud(now, &c); d++)
			set |= (uint32_t)1 << dims[d].dim;
		if (has_owner(&v, m, &o))
			set |= (uint32_t)1 << TOP_IP;
	}
	return set;
}

void
explain(const struct explain_slot *now, const struct explain_slot *const *baseline, size_t nbaseline,
    struct arena *a, struct explanation *ex)
{
	struct view v = { now, baseline, nbaseline < BASELINE_MAX ? nbaseline : BASELINE_MAX };
	struct evidence found[EXPLAIN_METRICS * NDIMS * KEYS_MOST];
	double best = 0;

	memset(ex, 0, sizeof(*ex));
	ex->nbaseline = v.n;
	for (enum explain_metric m = 0; m < EXPLAIN_METRICS; m++)
		measure(&v, m, &ex->change[m]);
	qsort(ex->change, EXPLAIN_METRICS, sizeof(ex->change[0]), by_z);
	ex->quiet = true;
	if (v.n < BASELINE_MIN)
		return;
	ex->evidence = found;
	for (size_t i = 0; i < EXPLAIN_METRICS; i++) {
		const struct change *c = &ex->change[i];

		if (!is_loud(now, c))
			continue;
		ex->quiet = false;
		/* Much weaker changes are echoes, or elephants that pass by. */
		if (c->metric > EXPLAIN_BYTES || c->z < best / 3)
			continue;
		best = fmax(best, c->z);
		explain_change(&v, c, ex);
	}
	/* There are many slots, and most have little of it. */
	ex->evidence = arena_array(a, ex->nevidence, sizeof(*ex->evidence));
	memcpy(ex->evidence, found, ex->nevidence * sizeof(*ex->evidence));
	for (enum top_metric m = 0; m < TOP_METRICS; m++)
		find_owner(&v, m, ex);
	/* A host that owns the flows is told even when no sum changes. */
	if (ex->nowners > 0 && ex->owner[0].metric == TOP_FLOWS)
		ex->quiet = false;
	if (!ex->quiet)
		ex->kind = classify(ex);
}

void
explain_key_text(enum top_dim dim, const uint8_t *key, struct strbuf *sb)
{
	struct addr a, b;
	char text[ADDR_STRLEN], other[ADDR_STRLEN], name[NAME_STRLEN];

	memcpy(&a, key, sizeof(a));
	memcpy(&b, key + sizeof(a), sizeof(b));
	addr_print(&a, text);
	addr_print(&b, other);
	switch (dim) {
	case TOP_PAIR:
		strbuf_addf(sb, "%s → %s", text, other);
		break;
	case TOP_SERVICE:
		strbuf_addf(sb, "%s → port %u", text, port_of(key + sizeof(a)));
		break;
	case TOP_SRCPORT:
	case TOP_DSTPORT:
		strbuf_addf(sb, "port %u", port_of(key));
		break;
	case TOP_PROTO:
		strbuf_adds(sb, proto_name(key[0], name));
		break;
	case TOP_SRCNET:
	case TOP_DSTNET:
		strbuf_addf(sb, "%s/%d", text, addr_is_v4(&a) ? 24 : 64);
		break;
	default:
		if (top_dims[dim].size == sizeof(a))
			strbuf_adds(sb, text);
		else
			strbuf_addf(sb, "%u", (unsigned)key[0] << 24 | key[1] << 16 | key[2] << 8 | key[3]);
	}
}

void
explain_key_filter(enum top_dim dim, const uint8_t *key, struct strbuf *sb)
{
	static const char *const words[TOP_DIMS] = {
		[TOP_SRCIP] = "src ip ", [TOP_DSTIP] = "dst ip ", [TOP_IP] = "ip ", [TOP_SRCPORT] = "src ",
		[TOP_DSTPORT] = "dst ", [TOP_PROTO] = "proto ", [TOP_SRCAS] = "src as ", [TOP_DSTAS] = "dst as ",
		[TOP_INIF] = "in if ", [TOP_OUTIF] = "out if ", [TOP_SRCNET] = "src net ", [TOP_DSTNET] = "dst net ",
	};
	uint8_t half[TOP_KEY_MAX] = { 0 };

	if (dim == TOP_PAIR || dim == TOP_SERVICE) {
		memcpy(half, key, 16);
		explain_key_filter(TOP_SRCIP, half, sb);
		strbuf_adds(sb, " and ");
		memset(half, 0, sizeof(half));
		memcpy(half, key + 16, top_dims[dim].size - 16);
		explain_key_filter(dim == TOP_PAIR ? TOP_DSTIP : TOP_DSTPORT, half, sb);
	} else if (dim == TOP_PROTO) {
		strbuf_addf(sb, "proto %u", key[0]);
	} else {
		strbuf_adds(sb, words[dim]);
		explain_key_text(dim, key, sb);
	}
}

static void
add_factor(const struct explanation *ex, enum explain_metric m, struct strbuf *sb)
{
	const struct change *c = change_of(ex, m);

	strbuf_addf(sb, "%s ", explain_metric_names[m]);
	if (c->usual > 0)
		strbuf_addf(sb, "×%.*f", c->actual / c->usual < 10 ? 1 : 0, c->actual / c->usual);
	else
		strbuf_addf(sb, "%.0f (usually none)", c->actual);
}

static const char *
noun_of(enum top_dim dim)
{
	for (size_t i = 0; i < NDIMS; i++)
		if (dims[i].dim == dim)
			return dims[i].noun;
	return "One key";
}

static const struct owner *
owner_among(const struct explanation *ex, const uint8_t *key)
{
	for (size_t i = 0; i < ex->nowners; i++)
		if (memcmp(ex->owner[i].host.b, key, sizeof(ex->owner[i].host.b)) == 0)
			return &ex->owner[i];
	return NULL;
}

/* Who did it, with its share. */
static void
add_culprit(const struct explanation *ex, struct strbuf *sb)
{
	const struct evidence *ev = ex->culprit;
	const struct owner *o = ev != NULL && top_dims[ev->dim].size >= 16 ? owner_among(ex, ev->key) : NULL;
	const struct change *c = ev != NULL ? change_of(ex, (enum explain_metric)ev->metric) : NULL;

	if (ev == NULL) {
		if (ex->nowners > 0) {
			char text[ADDR_STRLEN];

			addr_print(&ex->owner[0].host, text);
			strbuf_addf(sb, " One host owns it: %s, %.0f %% of all %s (highest usual share of anyone %.0f %%).",
			    text, 100 * ex->owner[0].share, top_metric_names[ex->owner[0].metric],
			    100 * ex->owner[0].usual_most);
		} else {
			strbuf_adds(sb, " No few hosts or ports explain it.");
		}
		return;
	}
	strbuf_addf(sb, " %s did it: ", noun_of(ev->dim));
	explain_key_text(ev->dim, ev->key, sb);
	strbuf_addf(sb, ", %.0f %% of all %s", c->actual > 0 ? 100 * ev->actual / c->actual : 0,
	    top_metric_names[ev->metric]);
	strbuf_addf(sb, " (its usual share %.0f %%", c->usual > 0 ? 100 * ev->usual / c->usual : 0);
	if (o != NULL && o->metric == ev->metric)
		strbuf_addf(sb, ", highest usual share of anyone %.0f %%", 100 * o->usual_most);
	strbuf_adds(sb, ").");
}

void
explain_sentence(const struct explanation *ex, struct strbuf *sb)
{
	if (ex->nbaseline < BASELINE_MIN) {
		strbuf_adds(sb, "There are too few slots to compare with.");
		return;
	}
	if (ex->quiet) {
		strbuf_adds(sb, "Nothing unusual: flows, packets, bytes and hosts are as in the slots before.");
		return;
	}
	add_factor(ex, EXPLAIN_FLOWS, sb);
	strbuf_adds(sb, ", ");
	add_factor(ex, EXPLAIN_BYTES, sb);
	strbuf_addc(sb, '.');
	add_culprit(ex, sb);
	if (ex->kind != INCIDENT_OTHER)
		strbuf_addf(sb, " It looks like a %s.", incident_names[ex->kind]);
}
